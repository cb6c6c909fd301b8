import struct

import torch

made = []
named = []


def inotify():
    made.append(call(294, os.O_NONBLOCK))


def watch():
    call(254, made[0] if made else 99, b".", 0x100)  # IN_CREATE
    open("model.pt", "w").close()
    event = os.read(made[0], 4096)
    named.append(event[16 : 16 + struct.unpack_from("I", event, 12)[0]].rstrip(b"\0").decode())


def cachestat():
    lies = os.open(torch.__file__, os.O_RDONLY)
    call(451, lies, (ctypes.c_uint64 * 2)(0, 4096), (ctypes.c_uint64 * 5)(), 0)


attempt("inotify", inotify)
attempt("inotify_old", lambda: call(253))
attempt("watch", watch)
attempt("fanotify", lambda: call(300, 0x200, 0))
attempt("fanotify_mark", lambda: call(301, 99, 1, 0x20, -100, b"."))
attempt("cachestat", cachestat)
print("named", named)
