import fcntl
import struct

import torch

shared = os.open(torch.__file__, os.O_RDONLY)
lock = struct.pack("hhqqi", fcntl.F_RDLCK, 0, 0, 0, 0)
attempt("whole", lambda: fcntl.flock(shared, fcntl.LOCK_EX | fcntl.LOCK_NB))
attempt("part", lambda: fcntl.fcntl(shared, fcntl.F_SETLK, lock))
attempt("open_file", lambda: fcntl.fcntl(shared, 37, lock))
attempt("lease", lambda: fcntl.fcntl(shared, 1024, fcntl.F_RDLCK))
attempt("notify", lambda: fcntl.fcntl(os.open(".", os.O_RDONLY), 1026, 1))
