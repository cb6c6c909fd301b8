class Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


text = ctypes.create_string_buffer(b"text")
room = ctypes.create_string_buffer(8)
local = Vector(ctypes.addressof(room), 4)
remote = Vector(ctypes.addressof(text), 4)
READ, WRITE = 310, 311


def reach(number, pid):
    return call(number, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)


attempt("itself", lambda: reach(READ, os.getpid()))
attempt("parent", lambda: reach(READ, os.getppid()))
attempt("one", lambda: reach(READ, 1))
attempt("write", lambda: reach(WRITE, os.getppid()))
