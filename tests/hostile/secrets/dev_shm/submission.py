attempt("list", lambda: os.listdir("/dev/shm"))
attempt("write", lambda: open("/dev/shm/was-here", "w").close())
attempt("list_queues", lambda: os.listdir("/dev/mqueue"))
attempt("queue", lambda: open("/dev/mqueue/was-here", "w").close())
