import os
import signal
import time

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
# The CPU limit is 5 s more than the wall limit times the number of processors.
end = 1.5 + 5 + os.cpu_count()
while time.process_time() < end:
    pass
print("used", end)
