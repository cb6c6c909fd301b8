"""The enclosure of a server's runs: every wall that can be raised here, each tried once."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.sandbox import errand, request, slot
from verifier.sandbox.walls import landlock, privilege, seccomp, uids
from verifier.sandbox.walls.tier import Tier, tier_of
from verifier.sandbox.walls.walls import Walls, hide_files
from verifier.sandbox.warm import description

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.sandbox.request import Limits
    from verifier.sandbox.slot import Slot

_LOOPBACK = "lo"


class ExposedError(OSError):
    """Behind every wall there is, a submission could still read a hidden file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """What stands around every run of this server."""

    walls: Walls
    slot: Slot
    tier: Tier
    """Those walls by name, and with them what the server itself watches over."""

    def limits(self, asked: Limits) -> Limits:
        """Give the limits that the server keeps to: a wall left down has the highest there are."""
        if "wall_time" in self.tier.missing:
            asked = replace(asked, time_limit_s=request.MAX_TIME_S)
        if "output_caps" in self.tier.missing:
            half = request.MAX_OUTPUT_BYTES // 2
            asked = replace(asked, stdout_limit_bytes=half, stderr_limit_bytes=half)
        return asked


def find(*, hide: tuple[str, ...], without: frozenset[str]) -> Enclosure:
    """Try each wall in a child, and make sure that they hide what is to be hidden.

    Args:
        hide: Folders whose files no submission may read.
        without: Walls to leave down, for tests of the lower tiers.
    Raises:
        ExposedError: With all the walls there are, a file in ``hide`` can still be read.
        uids.NoFreeUidError: All uids that runs may have are somebody's.
    """
    uid = None if "uid" in without else _run_uid()
    made = slot.make(uid, bounded="disk" not in without)
    try:
        return _around(made, hide=hide, without=without)
    except BaseException:
        made.remove()
        raise


def _around(made: Slot, *, hide: tuple[str, ...], without: frozenset[str]) -> Enclosure:
    walls = Walls(
        uid=made.uid,
        landlock_abi=0 if "landlock" in without else landlock.abi(),
        seccomp="seccomp" not in without and _can_filter(),
        rlimits="rlimits" not in without,
        hide=hide,
        slot=made.path,
    )
    exposed = errand.send(lambda: first_readable(walls))
    if exposed is not None:
        msg = f"a submission could read {exposed}: neither a uid nor Landlock can hide it here"
        raise ExposedError(msg)
    stands = {
        "uid": walls.uid is not None,
        "landlock": walls.landlock_abi > 0,
        "seccomp": walls.seccomp,
        "rlimits": _bounds_processes(walls),
        "disk": made.ground.bounded,
        "wall_time": "wall_time" not in without,
        "output_caps": "output_caps" not in without,
        "no_network": not _has_network(),
    }
    tier = tier_of([name for name, stood in stands.items() if stood])
    return Enclosure(walls=walls, slot=made, tier=tier)


def _bounds_processes(walls: Walls) -> bool:
    """Whether a run can make no others; of uid 0 the kernel counts none, but the filter refuses."""
    unprivileged = walls.uid is not None or os.geteuid() != 0
    return walls.rlimits and (unprivileged or walls.seccomp)


def _can_filter() -> bool:
    def task() -> None:
        privilege.forbid_new_privileges()
        seccomp.load(pid=os.getpid(), own_uid=False)

    try:
        errand.send(task)
    except errand.ErrandError:
        return False
    return True


def _run_uid() -> int | None:
    """Find a uid of nobody's that can run Python and torch; None if there is none.

    Raises:
        uids.NoFreeUidError: All uids that runs may have are somebody's.
    """
    if os.geteuid() != 0:
        return None
    uid = slot.own_slot_uid()
    if uid is None or not uids.is_nobodys(uid):
        uid = uids.free(slot.RUN_UIDS, since=os.getpid())
    try:
        usable = errand.send(lambda: _can_run_as(uid))
    except errand.ErrandError:
        return None
    return uid if usable else None


def _can_run_as(uid: int) -> bool:
    privilege.give_up(uid)
    torch = description.torch_file()
    return os.access(sys.executable, os.X_OK) and os.access(str(torch), os.R_OK)


def first_readable(walls: Walls) -> str | None:
    """Hide files from this process, then look for a hidden file that opens.

    Their names are looked up before: a folder that may be entered, but not listed, hides nothing
    from who knows them. Of a folder that cannot be listed here, nobody can say what it hides.
    """
    found = [each for path in walls.hide for each in _files_in(path)]
    hide_files(walls)
    for path, is_listed in found:
        if is_listed:
            with contextlib.suppress(OSError):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW))
                return path
        elif not walls.landlock_abi and os.access(path, os.X_OK):
            return path
    return None


def _files_in(path: str) -> Iterator[tuple[str, bool]]:
    """Give every file in a folder, and every folder in it that cannot be listed, as False."""
    waiting = [path]
    while waiting:
        here = waiting.pop()
        try:
            if stat.S_ISDIR(os.lstat(here).st_mode):
                waiting += [entry.path for entry in os.scandir(here)]
            else:
                yield here, True
        except PermissionError:
            yield here, False
        except OSError:
            continue


def _has_network() -> bool:
    """Whether anything but loopback has a route."""
    for table, column in (("/proc/net/route", 0), ("/proc/net/ipv6_route", -1)):
        with contextlib.suppress(OSError):
            rows = [line.split() for line in Path(table).read_text().splitlines()]
            if any(row and row[column] not in (_LOOPBACK, "Iface") for row in rows):
                return True
    return False
