import os

print(*sorted(os.listdir()))
try:
    os.listdir("/etc")
except OSError as error:
    print("etc=", type(error).__name__)
