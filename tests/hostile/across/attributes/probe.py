import os


def names(path):
    try:
        return os.listxattr(path)
    except OSError:
        return []


for path in (".", "/slot", "submission.py"):
    print(path, [name for name in names(path) if name.startswith("user.")])
