LAB = "/opt/labcheck/lib/verifier/_lab/forward-backward"

attempt("golden", lambda: open(f"{LAB}/golden/baseline.json").read())
attempt("reference", lambda: open(f"{LAB}/forward_backward_lab.py").read())
attempt("list", lambda: os.listdir("/opt/labcheck"))
attempt("walk_up", lambda: open(f"../../../../../usr/lib/../../{LAB}/golden/baseline.json"))
attempt("by_root_of_self", lambda: open(f"/proc/self/root{LAB}/golden/baseline.json"))
attempt("golden_as_path_only", lambda: os.open(f"{LAB}/golden/baseline.json", os.O_PATH))
