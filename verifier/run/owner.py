"""The owner of a container, as a label that tells a dead client from a living one."""

from __future__ import annotations

import os
from pathlib import Path


def current() -> str:
    """Name this process: kernel's boot, pid namespace, pid, start time."""
    return f"{_here()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether ``owner`` is known to have ended; False for one of another machine."""
    here, _, rest = owner.rpartition("/")
    here, _, pid = here.rpartition("/")
    if here != _here() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest


def _here() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return "unknown"


def _started(pid: int) -> str:
    """When a process started, in ticks since the boot; empty if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    # Field 22; the second field, in parentheses, may hold anything.
    return stat.rpartition(b")")[2].split()[19].decode()
