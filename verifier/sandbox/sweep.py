"""Ending everything a run started, whatever it did to stay alive."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import errand

if TYPE_CHECKING:
    from collections.abc import Iterator

_SWEEPER_UID_OFFSET = 10_000
_ROUNDS = 200
_PAUSE_S = 0.005


def sweep(*, uid: int | None, spare: int) -> bool:
    """Kill and reap until nothing of a run is left.

    Args:
        uid: The run's own uid, all of whose processes die; None: the server's descendants.
        spare: Pid of the fork server, which must not die; it collects its own children.
    Returns:
        True if nothing is left.
    """
    for round_number in range(_ROUNDS):
        left = _kill_descendants(spare) if uid is None else _kill_all_of(uid)
        _reap_orphans(spare)
        if not left:
            return True
        if round_number:
            time.sleep(_PAUSE_S)
    return False


def _reap_orphans(spare: int) -> None:
    """Collect every dead process that this one adopted; the fork server's death is not its."""
    for pid, parent in _parents().items():
        if parent == os.getpid() and pid != spare:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


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


def _kill_descendants(spare: int) -> bool:
    """Kill every descendant of this process but ``spare``; True if there was any."""
    parents = _parents()
    victims: set[int] = set()
    found = {os.getpid()}
    while found:
        found = {pid for pid, parent in parents.items() if parent in found}
        victims |= found - {spare}
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
