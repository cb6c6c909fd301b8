import os

counts = dict.fromkeys(("files", "lab_files", "checker_files", "test_files"), 0)
for top in (
    "/",
    "/usr/local/lib",
    "/usr/lib",
    "/usr/share",
    "/opt",
    "/var",
    "/work",
    "/root",
    "/home",
    "/slot",
):
    for folder, folders, names in os.walk(top):
        if top == "/" and folder == "/":
            folders[:] = [each for each in folders if each not in ("proc", "sys")]
        for name in names:
            path = f"{folder}/{name}"
            counts["files"] += 1
            counts["lab_files"] += "forward_backward" in path or "/_lab/" in path
            counts["checker_files"] += "/verifier/" in path and "/verifier/sandbox/" not in path
            counts["test_files"] += "/hostile/" in path or name.startswith("test_sandbox_")
for name, count in counts.items():
    print(f"{name}=", count)
