import os
import signal
import time

for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
os.kill(os.getpid(), signal.SIGTERM)
print("ignored SIGTERM")
end = time.monotonic() + 1
while time.monotonic() < end:
    pass
print("outlived")
