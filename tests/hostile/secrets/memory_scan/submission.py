HALVES = []
attempt("maps", lambda: open("/proc/self/maps").read())
attempt("mem", lambda: open("/proc/self/mem", "rb").close())
scan(HALVES)
