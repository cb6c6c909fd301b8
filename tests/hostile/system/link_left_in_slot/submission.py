attempt("to_file", lambda: os.symlink("/etc/passwd", "passwd"))
attempt("to_folder", lambda: os.symlink("/etc", "etc"))
attempt("to_itself", lambda: os.symlink("loop", "loop"))
attempt("to_nowhere", lambda: os.symlink("/nowhere", "nowhere"))
attempt("to_parent", lambda: os.symlink("..", "aaa"))
attempt("hard", lambda: os.link("/etc/passwd", "hard"))
for name in ("passwd", "loop", "nowhere", "aaa"):
    os.unlink(name)
