import os

opened = [os.dup(1) for _ in range(5000)]
os.closerange(3, 6000)
print("opened", len(opened))
