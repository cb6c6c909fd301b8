import os

print(*sorted(each.encode("utf-8").decode() for each in os.listdir()))
