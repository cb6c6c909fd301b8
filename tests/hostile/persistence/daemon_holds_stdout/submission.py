import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for each in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        time.sleep(60)
    os._exit(0)
os.wait()
print("end of the script")
