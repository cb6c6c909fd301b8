import os
import shutil

start = os.open(".", os.O_RDONLY)
for depth in range(1, 10_001):
    os.mkdir("d")
    os.chdir("d")
print("depth=", depth)
try:
    os.fchdir(start)
    shutil.rmtree("d")
except BaseException as error:
    print("rmtree=", type(error).__name__)
