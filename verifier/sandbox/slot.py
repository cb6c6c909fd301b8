"""The slot: the one folder that a submission may write to, made, filled, emptied.

Every file operation here runs with the run's own rights (see `privilege`), in a child:
nothing privileged ever touches a path that a submission could have made.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from verifier.sandbox import errand
from verifier.sandbox.descriptor import write_all
from verifier.sandbox.walls import privilege

RUN_UIDS = range(20_000, 30_000)
"""Uids that runs may have. A `/slot` of one of them was made for a run."""

SCRIPT = "submission.py"

_OWN_SLOT = "/slot"
_SHARED_FOLDERS = ("/tmp", "/dev/shm")  # noqa: S108 - a fresh 0700 folder is made inside
_FOLDER_MODE = 0o700
_REMOVE_S = 5.0


class NoSlotError(OSError):
    """There is no folder that a run could write to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A folder for one run after another."""

    path: str
    permanent: bool
    """A mount of its own, which stays; else a folder made for this server and removed with it."""
    uid: int | None
    """The runs' uid; None where it cannot be changed."""

    def remove(self) -> None:
        """Remove the folder itself, as the run's uid, unless it is permanent."""
        if not self.permanent:
            with contextlib.suppress(errand.ErrandError):
                errand.send(self._remove_as_run, within_s=_REMOVE_S)

    def _remove_as_run(self) -> None:
        privilege.give_up(self.uid)
        empty(self.path)
        Path(self.path).rmdir()


def fill(path: str, source: bytes) -> None:
    """Go to a slot and write the script there. To be called with the run's rights.

    Raises:
        OSError: The folder is not empty, or not writable.
    """
    os.umask(0o077)
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
    private = stat.S_IMODE(found.st_mode) == _FOLDER_MODE
    is_slot = stat.S_ISDIR(found.st_mode) and private and found.st_uid in RUN_UIDS
    return found.st_uid if is_slot else None


def make(uid: int | None) -> Slot:
    """Take `/slot` if it was mounted for ``uid``, else make a folder elsewhere, as the run's uid.

    Raises:
        NoSlotError: No candidate can be written to with the run's rights.
    """
    if uid is not None and own_slot_uid() == uid:
        return Slot(path=_OWN_SLOT, permanent=True, uid=uid)
    name = f"labcheck-{os.getpid()}-{secrets.token_hex(8)}"
    for folder in _SHARED_FOLDERS:
        slot = Slot(path=f"{folder}/{name}", permanent=False, uid=uid)
        try:
            errand.send(functools.partial(_make_as_run, slot))
        except errand.ErrandError:
            continue
        return slot
    msg = f"no folder to run in: {_OWN_SLOT}, {', '.join(_SHARED_FOLDERS)} are not writable"
    raise NoSlotError(msg)


def empty(folder: str) -> None:
    """Remove everything in ``folder``, however deep, following no link.

    Folders are moved up to the top before they are emptied, so neither recursion nor
    the length of a path grows with their depth.
    """
    os.chmod(folder, _FOLDER_MODE)  # noqa: PTH101 - after every run
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    moved = 0
    try:
        while names := os.listdir(top):  # noqa: PTH208 - of a descriptor
            for name in names:
                if _is_folder(name, top):
                    moved = _remove_folder(name, top, moved)
                else:
                    os.unlink(name, dir_fd=top)
    finally:
        os.close(top)


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


def _make_as_run(slot: Slot) -> None:
    privilege.give_up(slot.uid)
    os.umask(0o077)
    os.mkdir(slot.path, _FOLDER_MODE)  # noqa: PTH102 - its mode is not to be widened later
    fill(slot.path, b"")
    empty(slot.path)
