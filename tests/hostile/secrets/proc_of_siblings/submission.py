import os

try:
    os.listdir("/proc")
    print("list= worked")
except OSError as error:
    print("list=", type(error).__name__)
counts = dict.fromkeys(("cmdline", "environ", "mem", "descriptors"), 0)
for pid in range(1, 400):
    if pid == os.getpid():
        continue
    for name in counts:
        try:
            if name == "descriptors":
                os.listdir(f"/proc/{pid}/fd")
            else:
                open(f"/proc/{pid}/{name}", "rb").close()
        except OSError:
            continue
        counts[name] += 1
for name, count in counts.items():
    print(f"{name}=", count)
