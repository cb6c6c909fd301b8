import fcntl
import os


def flags(path):
    try:
        return fcntl.ioctl(os.open(path, os.O_RDONLY), 0x80086601, bytes(8))[0] & 0xC0
    except OSError:
        return 0


for path in (".", "/slot", "submission.py"):
    print(path, flags(path))
