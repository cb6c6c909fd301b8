import ctypes
import os
import time

NAMES = (b"x\nUid:\t0\t0\t0", b") R 1 1 1 (", b"(((\xff", b"tini")
for name in NAMES:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
            null = os.open("/dev/null", os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            time.sleep(60)
        os._exit(0)
time.sleep(0.2)
print("named", len(NAMES))
