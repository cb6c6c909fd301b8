import os
import signal
import time

for each in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
    signal.signal(each, signal.SIG_IGN)
end = time.monotonic() + 20  # bounded, for the control's sake
first = os.fork()
if first:
    print("storm")
for _ in range(4):
    try:
        os.fork()
    except OSError:
        pass
while time.monotonic() < end:
    try:
        # The parent ends, the child goes on: every process is always a new one.
        if os.fork() and os.getpid() != 1:
            time.sleep(0.001)
            if not first:
                os._exit(0)
    except OSError:
        time.sleep(0.001)
