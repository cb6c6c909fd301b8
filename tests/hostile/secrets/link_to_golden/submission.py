LAB = "/opt/labcheck/lib/verifier/_lab/forward-backward"
GOLDEN = f"{LAB}/golden/baseline.json"


def symbolic_link():
    os.symlink(GOLDEN, "golden")
    open("golden").read()


def link_to_folder():
    os.symlink(LAB, "lab")
    os.listdir("lab")


attempt("symbolic_link", symbolic_link)
attempt("link_to_folder", link_to_folder)
attempt("hard_link", lambda: os.link(GOLDEN, "hard"))
attempt(
    "link_at_descriptor", lambda: os.open("golden", os.O_RDONLY, dir_fd=os.open(".", os.O_RDONLY))
)
