X32 = 0x40000000
attempt("getpid", lambda: call(X32 | 39))
attempt("socket", lambda: call(X32 | 41, 2, 1, 0))
attempt("ptrace", lambda: call(X32 | 521, 0, 0, None, None))
attempt("execve", lambda: call(X32 | 520, None, None, None))
