import os

print(PUBLISHED, flush=True)
os.kill(os.getpid(), 9)
