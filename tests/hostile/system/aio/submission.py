held = 0


def setup():
    global held
    for _ in range(8):
        context = ctypes.c_ulong(0)
        call(206, 16, ctypes.byref(context))
        held += 16


attempt("io_setup", setup)
attempt("io_submit", lambda: call(209, 99, 0, None))
attempt("io_getevents", lambda: call(208, 99, 0, 1, None, None))
attempt("io_pgetevents", lambda: call(333, 99, 0, 1, None, None, None))
attempt("io_cancel", lambda: call(210, 99, None, None))
attempt("io_destroy", lambda: call(207, 99))
print("held", held)
