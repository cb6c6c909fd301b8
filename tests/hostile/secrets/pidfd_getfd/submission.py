OPEN, TAKE, SIGNAL = 434, 438, 424

attempt("open_itself", lambda: call(OPEN, os.getpid(), 0))
attempt("open_parent", lambda: call(OPEN, os.getppid(), 0))
attempt("take_own", lambda: call(TAKE, call(OPEN, os.getpid(), 0), 1, 0))
attempt("take", lambda: call(TAKE, call(OPEN, os.getppid(), 0), 0, 0))
attempt("signal", lambda: call(SIGNAL, call(OPEN, os.getppid(), 0), 0, None, 0))
