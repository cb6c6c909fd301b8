import ctypes
import os

print("names=", ",".join(sorted(os.environ)))
# What libc still has, although os.environ was cleared.
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
if any(libc.getenv(name) for name in (b"HOSTNAME", b"LABCHECK_LAB", b"TORCHINDUCTOR_CACHE_DIR")):
    print("by C= 1")
