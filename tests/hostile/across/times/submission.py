SAID = (1_234_567_890_123_456_789, 987_654_321_012_345_678)

for name, path in (("own", os.getcwd()), ("parent", "/slot"), ("script", "submission.py")):
    attempt(name, lambda path=path: os.utime(path, ns=SAID))
found = os.stat(os.getcwd())
print("kept", (found.st_atime_ns, found.st_mtime_ns) == SAID)
