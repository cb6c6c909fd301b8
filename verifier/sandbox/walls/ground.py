"""The ground that slots stand on: which file system it is, whether it is bounded, how it was left.

A run owns its slot alone, so attributes, ACLs, times and flags of what is around it are not its
to set; whether that held is looked at after every run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1 << 30
"""A file system larger than this bounds nobody."""

MOST_INODES = 1 << 16
"""The same in files: each takes about a kilobyte of the kernel's memory, whatever is in it."""

_PLACES = ("/slot", *(f"/slot{number}" for number in range(2, 17)), "/dev/shm", "/tmp")  # noqa: S108 - a folder is made inside
_GOING = 16
_GET_FLAGS = 0x80086601
_GET_MORE_FLAGS = 0x801C581F
_LONG = 8
_FSXATTR = struct.Struct("5I8x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A folder in which a server may make one for its runs."""

    folder: str
    small: bool
    """Whether the file system holds so few bytes that one run could leave others no room."""
    bounded: bool
    """Whether nothing but slots, bounded in bytes and in files, is on it."""
    in_memory: bool

    def rank(self) -> tuple[bool, bool, bool]:
        """Give what sorts the better before the worse."""
        return not self.bounded, not self.small, not self.in_memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that a run could leave on a folder's own inode, but times; no two runs see it differ."""

    mode: int
    owner: tuple[int, int]
    attributes: tuple[tuple[str, bytes], ...]
    """Access control lists included."""
    flags: tuple[int, ...]


def grounds() -> list[Ground]:
    """List the folders that there are, best first."""
    memory = _file_systems_in_memory()
    found = [ground for place in _PLACES if (ground := _ground(place, memory)) is not None]
    return sorted(found, key=Ground.rank)


def look_at(folder: int) -> Look:
    """See how an open folder is.

    Raises:
        OSError: It cannot be seen.
    """
    found = os.fstat(folder)
    return Look(
        mode=found.st_mode,
        owner=(found.st_uid, found.st_gid),
        attributes=_attributes(folder),
        flags=_flags(folder),
    )


def has_acl(folder: int) -> bool:
    """Whether what is made in an open folder may get rights that nobody gave it."""
    return any(name.startswith("system.posix_acl") for name, _ in _attributes(folder))


def room_left(folder: int) -> tuple[int, int]:
    """Count the free inodes and blocks of an open folder's file system."""
    found = os.fstatvfs(folder)
    return found.f_ffree, found.f_bfree


def has_room(folder: int, before: tuple[int, int]) -> bool:
    """Whether as much is free as `room_left` said before, but for folders of runs just ended.

    The kernel keeps a run's folder, attributes and all, until a moment after its Landlock domain
    has gone with the last that held it.
    """
    inodes, blocks = room_left(folder)
    return inodes >= before[0] - _GOING and blocks >= before[1]


def _ground(place: str, memory: frozenset[int]) -> Ground | None:
    try:
        found, room = os.lstat(place), os.statvfs(place)
    except OSError:
        return None
    shared = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
    if not stat.S_ISDIR(found.st_mode) or shared or found.st_uid not in (0, os.geteuid()):
        return None
    small = room.f_blocks * room.f_frsize <= MOST_BYTES
    in_memory = found.st_dev in memory
    bounded = in_memory and small and 0 < room.f_files <= MOST_INODES
    return Ground(folder=place, small=small, bounded=bounded, in_memory=in_memory)


def _file_systems_in_memory() -> frozenset[int]:
    devices = set()
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            mount, _, file_system = line.partition(" - ")
            if file_system.split(" ", 1)[0] == "tmpfs":
                major, minor = mount.split(" ")[2].split(":")
                devices.add(os.makedev(int(major), int(minor)))
    return frozenset(devices)


def _attributes(folder: int) -> tuple[tuple[str, bytes], ...]:
    try:
        names = sorted(os.listxattr(folder))
    except OSError:  # a file system that has none
        return ()
    return tuple((name, _attribute(folder, name)) for name in names)


def _attribute(folder: int, name: str) -> bytes:
    try:
        return os.getxattr(folder, name)
    except OSError:  # who may not list a folder may not read them
        return b""


def _flags(folder: int) -> tuple[int, ...]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        found += fcntl.ioctl(folder, _GET_FLAGS, bytes(_LONG))
    with contextlib.suppress(OSError):
        flags, _, _, project, _ = _FSXATTR.unpack(
            fcntl.ioctl(folder, _GET_MORE_FLAGS, bytes(_FSXATTR.size))
        )
        found += flags, project
    return tuple(found)
