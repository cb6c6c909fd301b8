KEY, CREATE = 0x6C616263, 0o1600
attempt("shm", lambda: call(29, KEY, 4096, CREATE))
attempt("sem", lambda: call(64, KEY, 1, CREATE))
attempt("msg", lambda: call(68, KEY, CREATE))
attempt("mq", lambda: call(240, b"labcheck-hostile", os.O_CREAT | os.O_RDWR, 0o600, None))
