import signal

PARENT = os.getppid()


def others():
    refused = 0
    for pid in range(2, 400):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGKILL)
            except PermissionError:
                refused += 1
            except ProcessLookupError:
                pass
    if refused:
        raise PermissionError(1, "others")


attempt("one", lambda: os.kill(1, signal.SIGKILL))
attempt("group", lambda: os.killpg(os.getpgid(PARENT) if os.getuid() == 0 else 7, signal.SIGKILL))
attempt("thread", lambda: call(234, PARENT, PARENT, 9))
attempt(
    "queue",
    lambda: call(
        129,
        PARENT,
        9,
        ctypes.create_string_buffer(b"\0" * 8 + (-1).to_bytes(4, "little", signed=True), 128),
    ),
)
attempt("parent", lambda: os.kill(PARENT, signal.SIGKILL))
attempt("all", lambda: os.kill(-1, signal.SIGKILL))
attempt("others", others)
