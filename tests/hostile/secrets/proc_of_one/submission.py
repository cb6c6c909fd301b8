attempt("environ", lambda: open("/proc/1/environ", "rb").read())
attempt("cmdline", lambda: open("/proc/1/cmdline", "rb").read())
attempt("root", lambda: os.readlink("/proc/1/root"))
attempt("mounts", lambda: open("/proc/1/mounts").read())
