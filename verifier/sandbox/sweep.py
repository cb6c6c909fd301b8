"""Ending everything a run started, whatever it did to stay alive."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import errand

if TYPE_CHECKING:
    from collections.abc import Iterator

_SWEEPER_UID_OFFSET = 10_000
_ROUNDS = 200
_PAUSE_S = 0.005


@dataclass(slots=True, kw_only=True)
class Reaper:
    """Collects the dead: the run's own process and what it left, adopted by the server."""

    main: int
    """Pid of the run's own process."""
    status: int | None = None
    """Its wait status, once it is dead."""
    cpu_s: float | None = field(default=None)
    """Its user and system time."""

    def reap(self) -> None:
        """Collect every dead child, without waiting."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.main:
                    self.status = status
                    self.cpu_s = usage.ru_utime + usage.ru_stime


def sweep(reaper: Reaper, *, uid: int | None) -> bool:
    """Kill and reap until nothing of the run is left.

    Args:
        reaper: Gets the main process's status.
        uid: The run's own uid, all of whose processes die; None: the server's descendants.
    Returns:
        True if nothing is left and the main process is collected.
    """
    for round_number in range(_ROUNDS):
        left = _kill_descendants() if uid is None else _kill_all_of(uid)
        reaper.reap()
        if not left and reaper.status is not None:
            return True
        if round_number:
            time.sleep(_PAUSE_S)
    return False


def uids() -> Iterator[tuple[int, int]]:
    """Give the pid and real uid of every process, zombies included."""
    for pid, path in _processes():
        with contextlib.suppress(OSError):
            # Not the owner of the folder: that is root's while a process is not dumpable.
            status = (path / "status").read_bytes()
            yield pid, int(status.partition(b"\nUid:")[2].split(maxsplit=1)[0])


def _kill_all_of(uid: int) -> bool:
    """Kill every process of ``uid`` in one system call; True if one may be left."""

    def task() -> None:
        # Effective uid as the victims', the others not: it may signal, they may not.
        sweeper = uid + _SWEEPER_UID_OFFSET
        os.setgroups([])
        os.setresgid(sweeper, sweeper, sweeper)
        os.setresuid(sweeper, uid, sweeper)
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # its success does not mean that there was one

    try:
        errand.send(task)
    except OSError:
        return True
    return uid in {found for _, found in uids()}


def _kill_descendants() -> bool:
    """Kill every descendant of this process; True if there was any."""
    parents = _parents()
    victims: set[int] = set()
    found = {os.getpid()}
    while found:
        found = {pid for pid, parent in parents.items() if parent in found}
        victims |= found
    for pid in victims:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return bool(victims)


def _parents() -> dict[int, int]:
    parents = {}
    for pid, path in _processes():
        with contextlib.suppress(OSError):
            stat = (path / "stat").read_bytes()
            # The command's name, in parentheses, may hold anything; what follows may not.
            parents[pid] = int(stat.rpartition(b")")[2].split()[1])
    return parents


def _processes() -> Iterator[tuple[int, Path]]:
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            yield int(path.name), path
