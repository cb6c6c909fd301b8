import time

print("before")
end = time.monotonic() + 1
while time.monotonic() < end:
    pass
print("still running")
