import sys

for _ in range(2000):
    sys.stdout.write("x" * 999 + "\n")
print("all of it")
