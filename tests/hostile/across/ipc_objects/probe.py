import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
for name, number, arguments in (("shm", 29, (0, 0)), ("sem", 64, (0, 0)), ("msg", 68, (0,))):
    found = libc.syscall(number, 0x6C616263, *arguments)
    print(f"{name}=", "found" if found >= 0 else errno.errorcode[ctypes.get_errno()])
