import resource
import signal
import struct


def to_others(action):
    """Do it to every process there may be but itself; it worked if it did for one."""
    error = None
    for pid in range(2, 200):
        if pid == os.getpid():
            continue
        try:
            action(pid)
        except PermissionError as refused:
            error = refused
        except ProcessLookupError:
            pass
        else:
            return
    if error:
        raise error


every_processor = struct.pack("Q", 1)
attempt("kill", lambda: to_others(lambda pid: os.kill(pid, signal.SIGKILL)))
attempt(
    "limit", lambda: to_others(lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (4, 4)))
)
attempt("trace", lambda: to_others(lambda pid: call(101, 0x4206, pid, None, None)))
attempt("niceness", lambda: to_others(lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19)))
attempt(
    "scheduler",
    lambda: to_others(lambda pid: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))),
)
attempt("processor", lambda: to_others(lambda pid: call(203, pid, 8, every_processor)))
attempt("disk", lambda: to_others(lambda pid: call(251, 1, pid, 3 << 13)))
