import fcntl
import struct

SET_FLAGS, GET_FLAGS, SET_MORE = 0x40086602, 0x80086601, 0x401C5820
NODUMP, NOATIME = 0x40, 0x80


def on(path, request, argument):
    folder = os.open(path, os.O_RDONLY)
    try:
        return fcntl.ioctl(folder, request, argument)
    finally:
        os.close(folder)


def change(path):
    return lambda: on(path, SET_FLAGS, struct.pack("l", NODUMP | NOATIME))


for name, path in (("own", os.getcwd()), ("parent", "/slot"), ("script", "submission.py")):
    attempt(name, change(path))
attempt("frozen", lambda: on(os.getcwd(), SET_FLAGS, struct.pack("l", 0x10)))
attempt("project", lambda: on(os.getcwd(), SET_MORE, struct.pack("5I8x", 0x80, 0, 0, 0, 0)))
try:
    print("kept=", on(os.getcwd(), GET_FLAGS, bytes(8))[0] & NODUMP)
except OSError:
    print("kept=", 0)
