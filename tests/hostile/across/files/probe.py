import os

print(*sorted(os.listdir()))
try:
    print("read=", open("answer").read())
except OSError as error:
    print("read=", type(error).__name__)
