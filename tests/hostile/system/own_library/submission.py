import mmap

with open("code", "wb") as file:
    file.write(b"\xc3" * 4096)
code = os.open("code", os.O_RDWR)


def protect():
    memory = mmap.mmap(code, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 5) != 0:
        raise OSError(ctypes.get_errno(), "mprotect")


attempt(
    "map",
    lambda: mmap.mmap(code, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC),
)
attempt("load", lambda: ctypes.CDLL("./code"))
attempt("protect", protect)
