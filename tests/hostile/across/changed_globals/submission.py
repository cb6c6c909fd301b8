import builtins
import math
import sys

builtins.round = lambda value, digits=0: 0.825
builtins.len = lambda value: 42
math.sqrt = lambda value: -1.0
sys.modules["json"] = math
sys.excepthook = lambda *_: None
sys.setrecursionlimit(100)
print("changed")
