import stat
import subprocess

found, searched = [], 0
for folder, _, names in os.walk("/usr"):
    if "/lib/python" in folder:
        continue
    for name in names:
        try:
            mode = os.lstat(f"{folder}/{name}").st_mode
        except OSError:
            continue
        searched += 1
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            found.append(f"{folder}/{name}")
print("searched=", searched)
for path in found:
    try:
        subprocess.run([path], timeout=2, stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.TimeoutExpired):
        pass
if os.geteuid() == 0:
    print("became root")
with open("own", "w") as file:
    file.write("#!/bin/sh\nid -u\n")
os.chmod("own", 0o6755)
attempt("own", lambda: os.execv("./own", ["own"]))
print("no_new_privileges=", "set" if libc.prctl(39, 0, 0, 0, 0) == 1 else "missing")
