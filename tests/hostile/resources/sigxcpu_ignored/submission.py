import resource
import signal
import time

for each in (signal.SIGXCPU, signal.SIGVTALRM, signal.SIGPROF):
    signal.signal(each, signal.SIG_IGN)
_, hard = resource.getrlimit(resource.RLIMIT_CPU)
resource.setrlimit(resource.RLIMIT_CPU, (1, hard))
while time.process_time() < 1.3:
    pass
print("outlived SIGXCPU")
