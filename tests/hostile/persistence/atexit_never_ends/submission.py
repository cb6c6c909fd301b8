import atexit
import time


def hold():
    end = time.monotonic() + 1
    while time.monotonic() < end:
        time.sleep(0.1)
    print("ended")


atexit.register(hold)
print("done")
