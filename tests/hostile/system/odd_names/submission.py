import os

names = [b"\xff\xfe", b"a\nb", b"\x1b[2J", b"-rf", b"x" * 255, b" ", b".moved-1"]
for name in names:
    open(name, "w").close()
print("made", len(names))
