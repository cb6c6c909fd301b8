import mmap

print("taking")
size = 2304 * 1024 * 1024
memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_HUGEPAGE)
for place in range(0, size, 4096):
    memory[place] = 1
print("took", size >> 20, "MiB")
