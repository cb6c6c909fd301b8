import os
import sys

print("PYTHONPATH=", os.environ.get("PYTHONPATH"))
print("path=", "/nowhere" not in sys.path)
print(
    "hooks=", all(each.__module__ != "__main__" for each in sys.meta_path if isinstance(each, type))
)
