import math
import sys

print("round=", round(2.4))
print("sqrt=", math.sqrt(9))
print("len=", len("abc"))
import json

print("json=", hasattr(json, "loads"))
print("hook=", sys.excepthook is sys.__excepthook__)
print("recursion=", sys.getrecursionlimit())
