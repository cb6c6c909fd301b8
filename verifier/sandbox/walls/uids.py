"""Uids that are nobody's: of those, a run may have one for itself.

After a run everything of its uid is ended, and of its janitor's too, for that one may signal
both; and all that its uid may read is a script's to read. So none is taken of which either is
a user's or a group's of this machine, also where users come from a directory that no file lists.
Of those left, `free` passes over what processes and files here have.
"""

from __future__ import annotations

import contextlib
import functools
import grp
import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.sandbox.descriptor import read_file
from verifier.sandbox.walls.privilege import JANITOR_OFFSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STATUS_BYTES = 4096
_SUBORDINATE = ("/etc/subuid", "/etc/subgid")
_FOLDERS = ("/run/user", "/home", "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - looked at only
"""Where whoever has a uid has something, if anywhere."""


class NoFreeUidError(OSError):
    """Every uid there is to choose from is somebody's."""


def free(candidates: range, *, since: int) -> int:
    """Choose a uid that is nobody's.

    Args:
        candidates: To choose from.
        since: Which of them to try first, counted round: two servers on one host, which must
            not end each other's runs, begin at different ones.
    Raises:
        NoFreeUidError: All are somebody's.
    """
    taken = seen()
    uid = first_of_nobody(
        candidates, since=since, is_taken=lambda uid: not taken.isdisjoint(_with_janitor(uid))
    )
    if uid is not None:
        return uid
    msg = (
        f"every uid of {candidates[0]} to {candidates[-1]} belongs to a user, a group or a process "
        "of this machine, and a run needs one that is nobody's"
    )
    raise NoFreeUidError(msg)


def seen() -> frozenset[int]:
    """Collect the uids that processes of this machine have, and files where whoever has one may."""
    return frozenset({*_of_processes(), *_of_files()})


def first_of_nobody(
    candidates: range, *, since: int, is_taken: Callable[[int], bool]
) -> int | None:
    """Find the first that `is_nobodys` and not taken, counted round from number ``since``."""
    in_turn = (candidates[(since + step) % len(candidates)] for step in range(len(candidates)))
    return next((uid for uid in in_turn if not is_taken(uid) and is_nobodys(uid)), None)


def is_nobodys(uid: int) -> bool:
    """Whether a run may have the uid: neither it nor its janitor's `is_somebodys`."""
    return not any(is_somebodys(each) for each in _with_janitor(uid))


def _with_janitor(uid: int) -> tuple[int, int]:
    return uid, uid + JANITOR_OFFSET


def is_somebodys(uid: int) -> bool:
    """Whether a user or a group of this machine has the number, or may give it to containers."""
    for ask in (pwd.getpwuid, grp.getgrgid):
        try:
            ask(uid)
        except KeyError:
            continue
        except OSError:  # whoever could say so did not answer
            pass
        return True
    return any(uid in span for span in _subordinate())


def _of_processes() -> Iterator[int]:
    """Give all uids of every process: real, effective, saved, and for files."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - fast
        if name.isdigit():
            with contextlib.suppress(OSError):
                status = read_file(f"/proc/{name}/status", at_most=_STATUS_BYTES)
                yield from map(int, status.partition(b"\nUid:")[2].partition(b"\n")[0].split())


def _of_files() -> Iterator[int]:
    for folder in _FOLDERS:
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    yield entry.stat(follow_symlinks=False).st_uid


@functools.cache
def _subordinate() -> tuple[range, ...]:
    """Read which uids and gids users of this machine may give to containers of theirs."""
    spans = []
    for path in _SUBORDINATE:
        with contextlib.suppress(OSError):
            for line in Path(path).read_bytes().splitlines():
                with contextlib.suppress(ValueError):
                    _, first, count = line.rsplit(b":", 2)
                    spans.append(range(int(first), int(first) + int(count)))
    return tuple(spans)
