parameters = ctypes.create_string_buffer(120)
attempt("setup", lambda: call(425, 2, parameters))
attempt("enter", lambda: call(426, 99, 0, 0, 0, None, 0))
attempt("register", lambda: call(427, 99, 0, None, 0))
