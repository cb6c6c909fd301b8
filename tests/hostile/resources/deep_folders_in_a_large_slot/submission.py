import os

for depth in range(1, 10_001):
    os.mkdir("d")
    os.chdir("d")
print("depth=", depth)
