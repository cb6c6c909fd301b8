"""Files that are never half written, and never anybody else's.

A folder that a stranger filled may hold links, second names of files elsewhere, pipes and
devices, under any name that labcheck will use. So every name is looked up in a folder that is
open, no link is followed, and what is opened is looked at before it is read or written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PARTIAL = re.compile(r"\.labcheck-[0-9a-f]{16}\.part", re.ASCII)
"""What a file is called until it is whole; one that is left over may be removed."""

_WALK = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_ALONE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""O_NONBLOCK: opening a pipe that nobody reads or writes would wait for ever."""

_DEEPEST = 200
"""Folders below one that was named: each costs a step whenever something in it is opened."""

_IN_PLACE = frozenset({errno.EBUSY, errno.EROFS, errno.EACCES, errno.EPERM})
"""A file that is a mount of its own, or lies where nothing can be added, cannot be replaced."""


@contextlib.contextmanager
def opened_folder(path: Path, *, make: bool = False) -> Iterator[int]:
    """Hold a folder open, as `open_folder` opens it."""
    folder = open_folder(path, make=make)
    try:
        yield folder
    finally:
        os.close(folder)


def open_folder(path: Path, *, make: bool = False) -> int:
    """Open a folder, following no link on the way but those that root made for everybody.

    Any other could have come with a repository that holds the folder or a part of the way to it.

    Args:
        path: The folder.
        make: Whether what is missing of it is made.
    Returns:
        A descriptor to look names up in; it cannot be listed.
    Raises:
        OSError: It is not there, or one of its parts is a link or no folder.
    """
    folder = os.open(path.anchor or ".", _WALK)
    for part in path.relative_to(path.anchor).parts:
        try:
            below = _open_below(folder, part, make=make)
        finally:
            os.close(folder)
        folder = below
    return folder


def _open_below(folder: int, part: str, *, make: bool) -> int:
    try:
        return os.open(part, _WALK | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        if not make:
            raise
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder)
        return os.open(part, _WALK | os.O_NOFOLLOW, dir_fd=folder)
    except NotADirectoryError:
        status = os.stat(part, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISLNK(status.st_mode):
            raise
        if status.st_uid == 0 != os.geteuid():
            return os.open(part, _WALK, dir_fd=folder)
        raise OSError(errno.ELOOP, f"{part} is a link") from None


def open_below(base: Path, parts: Sequence[str], flags: int) -> int:
    """Open what lies below a folder that the user named; no link below it is followed.

    Args:
        base: Named by the user, so it may be a link itself, unless ``parts`` is empty.
        parts: Names from there on, each in the one before.
        flags: Of `os.open`.
    Raises:
        OSError: It cannot be opened, or a part is a link, or it lies too deep.
    """
    if not parts:
        return os.open(base, flags | _ALONE)
    if len(parts) > _DEEPEST:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    folder = os.open(base, _WALK)
    try:
        for part in parts[:-1]:
            below = os.open(part, _WALK | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(parts[-1], flags | _ALONE, dir_fd=folder)
    finally:
        os.close(folder)


def read_regular(path: Path, *, limit_bytes: int) -> bytes:
    """Read a regular file whole, by whatever links; for what an author wrote.

    Raises:
        OSError: It cannot be read, is a pipe, a device or a folder, or is longer than that.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise OSError(errno.EFBIG, f"it is longer than {limit_bytes} bytes", str(path))
    return content


def open_alone(name: str, flags: int, *, folder: int) -> int:
    """Open a regular file that has this name and no other, for reading or writing.

    Args:
        name: Of the file in the folder.
        flags: Of `os.open`.
        folder: As `open_folder` gives it.
    Raises:
        OSError: It is a link, a pipe, a device or a folder; or it has a second name, under which
            it may be anybody's; or it cannot be opened.
    """
    try:
        descriptor = os.open(name, flags | _ALONE, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _not_alone(
                name, "is a link" if error.errno == errno.ELOOP else "is a pipe"
            ) from None
        raise
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    is_file = stat.S_ISREG(status.st_mode)
    raise _not_alone(name, "has a second name (a hard link)" if is_file else "is no regular file")


def _not_alone(name: str, what: str) -> OSError:
    return OSError(errno.ELOOP, f"{name} {what}")


def refuse_other_than_file(path: Path) -> None:
    """Make sure that what stands under a name, if anything does, is a regular file.

    Raises:
        OSError: It is something else, or the way there leads over a link.
    """
    with opened_folder(path.parent) as folder, contextlib.suppress(FileNotFoundError):
        status = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            is_link = stat.S_ISLNK(status.st_mode)
            raise _not_alone(path.name, "is a link" if is_link else "is no regular file")


def write_file(path: Path, content: bytes) -> None:
    """Write a file where the user says: as a whole where it can be, else in its place.

    Raises:
        OSError: It cannot be written, or is no regular file.
    """
    refuse_other_than_file(path)
    try:
        replace_file(path, [content])
    except OSError as error:
        if error.errno not in _IN_PLACE:
            raise
        try:
            with opened_folder(path.parent) as folder:
                descriptor = open_alone(path.name, os.O_WRONLY, folder=folder)
        except FileNotFoundError:  # there is none to write to, and none could be made
            raise error from None
        with os.fdopen(descriptor, "wb") as file:
            os.ftruncate(descriptor, 0)
            file.write(content)


def replace_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file so that its name stands for the whole old or the whole new content.

    Args:
        path: The file, in a folder that is there.
        chunks: Its content.
    Raises:
        OSError: It cannot be written; the old content is still there.
    """
    with opened_folder(path.parent) as folder:
        replace_in(folder, path.name, chunks)


def replace_in(folder: int, name: str, chunks: Iterable[bytes], *, mode: int | None = None) -> None:
    """Do as `replace_file`, in a folder that `open_folder` opened.

    Args:
        folder: Where the file is.
        name: Of the file; a link of that name is replaced, not what it leads to.
        chunks: Its content.
        mode: Of the file; by default that of the one that it replaces, or as usual for a new one.
    """
    partial = f".labcheck-{secrets.token_hex(8)}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(partial, flags, 0o666 if mode is None else mode, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is None:
                _take_mode(descriptor, folder, name)
            file.writelines(chunks)
        os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial, dir_fd=folder)
        raise


def _take_mode(descriptor: int, folder: int, name: str) -> None:
    """Give a new file the mode of the one that it will replace, if there is one."""
    with contextlib.suppress(OSError):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(status.st_mode):
            os.fchmod(descriptor, status.st_mode & 0o777)
