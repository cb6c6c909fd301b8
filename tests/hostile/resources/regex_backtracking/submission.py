import re

print("matched", re.match(r"(a+)+$", "a" * 25 + "b"))
