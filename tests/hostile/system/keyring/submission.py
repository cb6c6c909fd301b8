attempt("session", lambda: call(250, 1, None))
attempt("add", lambda: call(248, b"user", b"labcheck-hostile", b"x", 1, -1))
attempt("request", lambda: call(249, b"user", b"labcheck-none", None, -1))
