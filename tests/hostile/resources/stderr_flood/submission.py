import sys

for _ in range(2000):
    sys.stderr.write("x" * 999 + "\n")
sys.stderr.write("all of it")
