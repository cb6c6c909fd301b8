LAB = "/opt/labcheck/lib/verifier/_lab/forward-backward"
GOLDEN = f"{LAB}/golden/baseline.json"


def symbolic_link():
    os.symlink(GOLDEN, "golden")
    open("golden").read()


attempt("golden", lambda: open(GOLDEN).read())
attempt("signatures", lambda: open(f"{LAB}/golden/mistakes.json").read())
attempt("stamp", lambda: open("/opt/labcheck/stamp.json").read())
attempt("checker", lambda: open("/opt/labcheck/lib/verifier/pipeline.py").read())
attempt("list", lambda: os.listdir("/opt/labcheck"))
attempt("size", lambda: os.stat(GOLDEN))
attempt("symbolic_link", symbolic_link)
attempt("hard_link", lambda: os.link(GOLDEN, "hard"))
for name in ("environ", "mem"):
    attempt(f"of_checker_{name}", lambda name=name: open(f"/proc/1/{name}", "rb").close())
attempt("of_checker_descriptors", lambda: os.listdir("/proc/1/fd"))
