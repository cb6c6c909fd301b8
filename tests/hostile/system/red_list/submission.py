import fcntl
import mmap
import time

parent = ~os.getppid() << 3 | 2
own = ~os.getpid() << 3 | 2
memory = mmap.mmap(-1, 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
place = ctypes.addressof(ctypes.c_char.from_buffer(memory))


def control(option, value):
    ctypes.set_errno(0)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "prctl")


attempt("membarrier", lambda: call(324, 0, 0, 0))
attempt("mbind", lambda: call(237, place, 4096, 0, None, 0, 0))
attempt("set_mempolicy", lambda: call(238, 0, None, 0))
attempt("get_mempolicy", lambda: call(239, None, None, 0, None, 0))
attempt("home_node", lambda: call(450, place, 4096, 0, 0))
attempt("uselib", lambda: call(134, b"/nothing"))
attempt("ustat", lambda: call(136, os.stat("/").st_dev, ctypes.create_string_buffer(64)))
attempt("sysfs", lambda: call(139, 3))
attempt("core_scheduling", lambda: control(62, 1))
attempt("memory_merge", lambda: control(67, 1))
attempt("mergeable", lambda: memory.madvise(12))
attempt("futex_hash", lambda: control(78, 1))
attempt("map_layout", lambda: control(35, 1))
attempt("pipe_size", lambda: fcntl.fcntl(os.pipe()[0], 1031, 65536 * 2))
attempt("clock_of_parent", lambda: time.clock_gettime(parent))
attempt("resolution_of_parent", lambda: time.clock_getres(parent))
attempt("timer_of_parent", lambda: call(222, parent, None, (ctypes.c_int * 1)()))
attempt("session_of_parent", lambda: os.getsid(os.getppid()))
attempt("processors_of_parent", lambda: os.sched_getaffinity(os.getppid()))
attempt("own_clock", lambda: time.clock_gettime(own))
attempt("newer", lambda: call(470, -1, None, 0, 0))
