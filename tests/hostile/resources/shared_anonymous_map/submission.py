import mmap


def shared():
    size = 384 * 1024 * 1024
    memory = mmap.mmap(-1, size)  # shared and anonymous
    for place in range(0, size, 4096):
        memory[place] = 1


attempt("shared", shared)
