"""The slot: the one folder that a submission may write to, made by itself and gone with it.

Each run makes its own, anew, in a folder that no run owns: nothing that an inode keeps beside
files reaches the next one. Every file operation in it runs with the run's own rights (see
`privilege`), in a child: nothing privileged ever touches a path that a submission could have made.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import itertools
import os
import stat
import time
from dataclasses import dataclass

from verifier.sandbox import errand
from verifier.sandbox.descriptor import write_all
from verifier.sandbox.walls import ground, privilege

RUN_UIDS = range(20_000, 30_000)
"""Uids that runs may have. A `/slot` of one of them was made for a run."""

SCRIPT = "submission.py"

_OWN_SLOT = "/slot"
_NAME = "run"
_FOLDER_MODE = 0o700
_AROUND_MODE = 0o1730
"""Of the folder around it: its group is the run's, which may make and remove, but not list or
change it. Sticky, for else attributes could be set by whoever may write."""

_REMOVE_S = 5.0
_MOST_SERVERS = 1000
_STALE_S = 3600.0
"""A folder in which nothing was made for so long, and that no server holds, was left behind."""


class NoSlotError(OSError):
    """There is no folder that a run could write to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where one run after another makes its folder."""

    around: str
    """The folder that it is made in; no run's own, where runs have a uid of their own."""
    descriptor: int
    """Of that folder; locked while the server or what it forked lives."""
    permanent: bool
    """A mount of this server's own, which stays; else made for it and removed with it."""
    uid: int | None
    """The runs' uid; None where it cannot be changed."""
    ground: ground.Ground

    @property
    def path(self) -> str:
        """The folder of a run."""
        return f"{self.around}/{_NAME}"

    @property
    def turns(self) -> str | None:
        """Where the file system lies on which one run could leave others no room; else None."""
        return self.ground.folder if self.ground.small and not self.permanent else None

    def remove(self) -> None:
        """Leave nothing of it but the mount."""
        with contextlib.suppress(errand.ErrandError):
            errand.send(self._empty_as_run, within_s=_REMOVE_S)
        os.close(self.descriptor)
        if not self.permanent:
            with contextlib.suppress(OSError):
                os.rmdir(self.around)  # noqa: PTH106 - of a name that no run could give away

    def _empty_as_run(self) -> None:
        privilege.give_up(self.uid)
        empty(self.descriptor)


def fill(path: str, source: bytes) -> None:
    """Make a slot, go there and write the script. To be called with the run's rights.

    Raises:
        OSError: There is one already, or none can be made.
    """
    os.umask(0o077)
    os.mkdir(path, _FOLDER_MODE)  # noqa: PTH102 - its mode is not to be widened later
    os.chdir(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    script = os.open(SCRIPT, flags, 0o600)
    write_all(script, source)
    os.close(script)


def without_folder(stderr: bytes, folder: str) -> bytes:
    """Make a traceback name ``submission.py``, not the folder it happened to lie in."""
    return stderr.replace(os.fsencode(folder) + b"/", b"")


def own_slot_uid() -> int | None:
    """Find the uid that `/slot` was mounted for, None where there is no such folder."""
    try:
        found = os.lstat(_OWN_SLOT)
    except OSError:
        return None
    private = stat.S_IMODE(found.st_mode) == _AROUND_MODE and found.st_uid not in RUN_UIDS
    is_slot = stat.S_ISDIR(found.st_mode) and private and found.st_gid in RUN_UIDS
    return found.st_gid if is_slot else None


def make(uid: int | None, *, bounded: bool = True) -> Slot:
    """Take `/slot` if it was mounted for ``uid``, else make a folder on the best ground there is.

    Args:
        uid: The runs'; None where it cannot be changed.
        bounded: False for ground that is not, if there is any: for tests of a lower tier.
    Raises:
        NoSlotError: On none can anything be written with the run's rights.
    """
    if bounded and uid is not None and own_slot_uid() == uid:
        own = ground.Ground(folder=_OWN_SLOT, small=False, bounded=True, in_memory=True)
        slot = _open(_OWN_SLOT, own, uid, permanent=True)
        if slot is not None:
            return slot
    found = [each for each in ground.grounds() if bounded or not each.bounded]
    for _, alike in itertools.groupby(found, ground.Ground.rank):
        slot = _make_on(list(alike), uid)
        if slot is not None:
            return slot
    msg = (
        "no folder to run in: neither /slot nor /dev/shm nor /tmp is writable, or each holds "
        f"labcheck-1 to labcheck-{_MOST_SERVERS - 1} already"
    )
    raise NoSlotError(msg)


def _make_on(grounds: list[ground.Ground], uid: int | None) -> Slot | None:
    """Make a folder on that ground which fewest other servers are on; None where none can be."""
    usable = list(grounds)
    for number in range(1, _MOST_SERVERS):
        for each in tuple(usable):
            around = f"{each.folder}/labcheck-{number}"
            if os.path.lexists(around) and not _reclaim(around, each):
                continue
            try:
                made = errand.send(functools.partial(_make_around, around, uid))
            except errand.ErrandError:
                usable.remove(each)
                continue
            if not made:
                continue
            slot = _open(around, each, uid, permanent=False)
            if slot is not None:
                return slot
            usable.remove(each)
    return None


def _reclaim(around: str, on: ground.Ground) -> bool:
    """Remove what a server left that was killed; False where one may still use it."""
    try:
        descriptor = os.open(around, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    found = os.fstat(descriptor)
    uid = found.st_gid if found.st_gid in RUN_UIDS else None
    left = Slot(around=around, descriptor=descriptor, permanent=False, uid=uid, ground=on)
    if found.st_uid != os.geteuid() or time.time() - found.st_mtime < _STALE_S:
        os.close(descriptor)
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        still_there = os.path.samestat(found, os.lstat(around))
    except OSError:
        still_there = False
    if not still_there:  # somebody was faster
        os.close(descriptor)
        return False
    left.remove()
    return not os.path.lexists(around)


def _make_around(around: str, uid: int | None) -> bool:
    """Make the folder that slots are made in; False where another server was faster."""
    if uid is not None:
        os.setgroups([])
        os.setegid(uid)
    try:
        os.mkdir(around, _FOLDER_MODE)  # noqa: PTH102 - its mode is not to be widened later
    except FileExistsError:
        return False
    if uid is not None:
        os.chmod(around, _AROUND_MODE)  # noqa: PTH101 - made in the line above
    return True


def _open(around: str, on: ground.Ground, uid: int | None, *, permanent: bool) -> Slot | None:
    """Take a folder to make slots in, if a run can; None, and nothing left of it, if not."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        descriptor = os.open(around, flags)
    except OSError:
        return None
    slot = Slot(around=around, descriptor=descriptor, permanent=permanent, uid=uid, ground=on)
    try:
        if not permanent:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not ground.has_acl(descriptor):
            errand.send(functools.partial(_try_as_run, slot))
            return slot
    except (errand.ErrandError, OSError):
        pass
    slot.remove()
    return None


def empty(top: int) -> None:
    """Remove everything in an open folder, however deep, following no link.

    Folders are moved up to the top before they are emptied, so neither recursion nor
    the length of a path grows with their depth.
    """
    moved = 0
    while names := os.listdir(top):
        for name in names:
            if _is_folder(name, top):
                moved = _remove_folder(name, top, moved)
            else:
                os.unlink(name, dir_fd=top)


def _remove_folder(name: str, top: int, moved: int) -> int:
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=top)
        return moved
    os.chmod(name, _FOLDER_MODE, dir_fd=top)
    here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for inner in os.listdir(here):  # noqa: PTH208 - of a descriptor
            if _is_folder(inner, here):
                # A folder that moves must itself be writable, as its ".." changes.
                os.chmod(inner, _FOLDER_MODE, dir_fd=here)
                moved = _move_up(inner, here, top, moved)
            else:
                os.unlink(inner, dir_fd=here)
    finally:
        os.close(here)
    os.rmdir(name, dir_fd=top)
    return moved


def _move_up(name: str, here: int, top: int, moved: int) -> int:
    while True:
        moved += 1
        try:
            os.rename(name, f".moved-{moved}", src_dir_fd=here, dst_dir_fd=top)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
            continue
        return moved


def _is_folder(name: str, parent: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


def _try_as_run(slot: Slot) -> None:
    privilege.give_up(slot.uid)
    fill(slot.path, b"")
    empty(slot.descriptor)
