"""Processes of a run are found, ended and collected, whatever they did to stay alive."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

from verifier.sandbox.descriptor import read_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_STATUS_BYTES = 4096


def uids(*, spare: Collection[int] = ()) -> Iterator[tuple[int, int]]:
    """Give the pid and real uid of every process but ``spare``, zombies included."""
    for pid in set(_pids()).difference(spare):
        with contextlib.suppress(OSError):
            # Not the owner of the folder: that is root's while a process is not dumpable.
            yield pid, int(_read(pid, "status").partition(b"\nUid:")[2].split(maxsplit=1)[0])


def kill_all_that_may_be() -> None:
    """Kill every process that this one may signal, but itself, in one system call.

    That it succeeds does not mean that there was one.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)


def kill_descendants(spare: Collection[int]) -> bool:
    """Kill every descendant of this process but ``spare``; True if there was any."""
    parents = _parents()
    victims: set[int] = set()
    found = {os.getpid()}
    while found:
        found = {pid for pid, parent in parents.items() if parent in found}
        victims |= found - set(spare)
    for pid in victims:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return bool(victims)


def reap_orphans(spare: Collection[int]) -> None:
    """Collect every dead process that this one adopted; others wait for those in ``spare``."""
    with contextlib.suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid in spare:
                return  # all is over: a process that this server needs has died
            os.waitpid(found.si_pid, os.WNOHANG)


def _parents() -> dict[int, int]:
    parents = {}
    for pid in _pids():
        with contextlib.suppress(OSError):
            # The command's name, in parentheses, may hold anything; what follows may not.
            parents[pid] = int(_read(pid, "stat").rpartition(b")")[2].split()[1])
    return parents


def _pids() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208 - fast


def _read(pid: int, name: str) -> bytes:
    return read_file(f"/proc/{pid}/{name}", at_most=_STATUS_BYTES)
