"""Scripts that make every system call which the filter refuses, and say which went through."""

from __future__ import annotations

import errno
import platform

from verifier.sandbox.walls import syscalls

_UNASKED = ("uretprobe", "uprobe")
"""The kernel lets them past every filter, and refuses them by itself; the first with a signal."""

_PROBE = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
arguments = [ctypes.c_long(-1)] * 6
for number, name, due in {refused}:
    ctypes.set_errno(0)
    returned = libc.syscall(ctypes.c_long(number), *arguments)
    found = errno.errorcode.get(ctypes.get_errno()) if returned == -1 else "passed"
    if errno.errorcode[due] != found:
        print(number, name, found)
print("done")
"""

HONEST = """
import os, pathlib, shutil, sqlite3, tempfile, threading, time, zipfile
import torch
from torch.utils.data import DataLoader, TensorDataset

pathlib.Path("a").write_text("a")
pathlib.Path("a").touch()
shutil.copy("a", "b"); shutil.copy2("a", "c"); shutil.copystat("a", "b"); shutil.move("b", "d")
os.mkdir("folder"); shutil.copy("a", "folder"); shutil.copytree("folder", "other")
shutil.rmtree("other")
with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:
    file.write(b"x"); os.chmod(folder, 0o755)
with zipfile.ZipFile("z.zip", "w") as archive:
    archive.write("a")
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.Adam(model.parameters())
for (x,) in DataLoader(TensorDataset(torch.randn(8, 2)), batch_size=4, shuffle=True):
    optimizer.zero_grad(); model(x).sum().backward(); optimizer.step()
torch.save(model.state_dict(), "model.pt")
model.load_state_dict(torch.load("model.pt", weights_only=True, mmap=True))
os.isatty(1); os.cpu_count(); os.sched_getaffinity(0); os.getpriority(os.PRIO_PROCESS, 0)
time.process_time(); time.thread_time(); time.clock_gettime(time.CLOCK_MONOTONIC)
time.clock_gettime(time.pthread_getcpuclockid(threading.get_ident()))
os.set_inheritable(os.dup(1), True); os.get_terminal_size.__name__; shutil.get_terminal_size()
assert os.getpgid(0) == os.getpgrp(); assert shutil.disk_usage(".").total
print("done")
"""
"""Uses the system as scripts of lessons do, and of those around them."""


def refused(*, shared_uid: bool) -> list[tuple[int, str, int]]:
    """List number, name and errno of every call that fails whatever its arguments are.

    Args:
        shared_uid: Of a run that has no uid of its own.
    """
    numbered = [
        (number, call.name, errno_of(call.verdict, shared_uid=shared_uid))
        for call in syscalls.table()
        if call.name not in _UNASKED
        for number in call.numbers(platform.machine())
    ]
    beyond = [(syscalls.newest() + more, "beyond", errno.ENOSYS) for more in (1, 2, 40, 80)]
    return [(*each, due) for *each, due in [*numbered, *beyond] if due]  # type: ignore[misc]


def errno_of(verdict: str, *, shared_uid: bool) -> int:
    """Give the errno that a verdict of the table stands for; 0 where it may pass."""
    if verdict == "own-uid":
        return errno.EPERM if shared_uid else 0
    return getattr(errno, verdict, 0)


def probe(*, shared_uid: bool) -> bytes:
    """Write the script; it prints each number that was not refused as it should be, then "done"."""
    return _PROBE.format(refused=refused(shared_uid=shared_uid)).encode()
