import mmap

# mov eax, edi; mov ebx, esi; mov ecx, edx; mov edx, 0; int 0x80; ret, with rbx saved
CODE = bytes.fromhex("53 89 f8 89 f3 89 d1 31 d2 cd 80 5b c3")
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(CODE)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
int80 = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int)(address)


def old_call(number, first=0, second=0):
    returned = int80(number, first, second)
    if returned < 0:
        raise OSError(-returned, "int 0x80")


attempt("getpid", lambda: old_call(20))
attempt("socket", lambda: old_call(359, 2, 1))
