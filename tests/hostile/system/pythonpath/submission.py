import os
import sys

os.environ["PYTHONPATH"] = "/slot"
sys.path[:] = ["/nowhere", *sys.path]
sys.meta_path.insert(0, type("Finder", (), {"find_spec": staticmethod(lambda *_: None)}))
print("set")
