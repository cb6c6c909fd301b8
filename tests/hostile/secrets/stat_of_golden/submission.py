GOLDEN = "/opt/labcheck/lib/verifier/_lab/forward-backward/golden/baseline.json"


def access():
    if libc.access(GOLDEN.encode(), 4) != 0:
        raise OSError(ctypes.get_errno(), "access")


attempt("size", lambda: os.stat(GOLDEN).st_size)
attempt("exists", lambda: os.lstat(GOLDEN))
attempt("access", access)
attempt("extended", lambda: os.listxattr(GOLDEN))
