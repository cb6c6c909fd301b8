UNSHARE, SETNS, CLONE, CLONE3 = 272, 308, 56, 435
for name, flag in (
    ("user", 0x10000000),
    ("mount", 0x00020000),
    ("pid", 0x20000000),
    ("network", 0x40000000),
    ("ipc", 0x08000000),
):
    attempt(name, lambda flag=flag: call(UNSHARE, flag))
attempt("setns", lambda: call(SETNS, 0, 0))
attempt("clone_user", lambda: call(CLONE, 0x10000000 | 17, 0, 0, 0, 0))
attempt("clone3", lambda: call(CLONE3, ctypes.create_string_buffer(88), 88))
