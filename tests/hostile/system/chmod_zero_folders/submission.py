import os

for name in ("a", "b"):
    os.makedirs(f"{name}/inner/deeper")
    open(f"{name}/inner/file", "w").close()
    os.chmod(f"{name}/inner/file", 0)
    os.chmod(f"{name}/inner/deeper", 0)
    os.chmod(f"{name}/inner", 0)
    os.chmod(name, 0o500)
os.chmod(".", 0)
print("locked")
