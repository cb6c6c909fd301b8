import os

SAID = (1_234_567_890_123_456_789, 987_654_321_012_345_678)
for path in (".", "/slot", "submission.py"):
    found = os.stat(path)
    print(path, found.st_atime_ns in SAID or found.st_mtime_ns in SAID)
