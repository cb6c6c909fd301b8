"""Landlock: a process takes away its own right to files, TCP ports and signals.

Source: ``linux/landlock.h`` and Documentation/userspace-api/landlock.rst. Constants are
the kernel's; the three system calls have the same numbers on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
from typing import TYPE_CHECKING

from verifier.sandbox.walls.libc import failure, libc

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
MAKE_SYM = 1 << 12
REFER = 1 << 13
TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15

_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | _IOCTL_DEV

_FS_RIGHTS_BY_ABI = ((1, (1 << 13) - 1), (2, REFER), (3, TRUNCATE), (5, _IOCTL_DEV))
_ABI_TCP = 4
_ABI_SCOPES = 6
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKET_AND_SIGNAL = 0b11


class _RulesetAttr(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """Version the kernel speaks; 0 where Landlock is missing, off or forbidden."""
    version: int = libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    return max(version, 0)


def build(rules: Iterable[tuple[str, int]], *, version: int) -> int:
    """Make a ruleset that denies everything this ABI can deny but ``rules``.

    Args:
        rules: Paths and the rights granted at and below them. A path that is not there,
            or that this process may not reach, grants nothing. A last link is followed.
        version: The ABI, at least 1.
    Returns:
        A descriptor, close-on-exec, for `restrict`.
    Raises:
        OSError: The kernel refused the ruleset or a rule.
    """
    handled = _handled(version)
    attr = _RulesetAttr(
        handled,
        _TCP_BIND_AND_CONNECT if version >= _ABI_TCP else 0,
        _ABSTRACT_SOCKET_AND_SIGNAL if version >= _ABI_SCOPES else 0,
    )
    # An older kernel refuses a longer struct only if the unknown part is not zero.
    ruleset = _checked(
        libc.syscall(_CREATE_RULESET, ctypes.byref(attr), ctypes.sizeof(attr), 0), "ruleset"
    )
    try:
        for path, rights in rules:
            _allow(ruleset, path, rights & handled)
    except OSError:
        os.close(ruleset)
        raise
    return ruleset


def restrict(ruleset: int) -> None:
    """Put this process and all it will start behind ``ruleset``, for good.

    Needs no-new-privs.

    Raises:
        OSError: The kernel refused.
    """
    _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0), "restrict")


def allow_beneath(ruleset: int, path: str, rights: int, *, version: int) -> None:
    """Grant rights at and below one more path, to a ruleset that restricts nobody yet.

    Raises:
        OSError: The kernel refused.
    """
    _allow(ruleset, path, rights & _handled(version))


def _handled(version: int) -> int:
    return sum(rights for since, rights in _FS_RIGHTS_BY_ABI if version >= since)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        rule = _PathBeneathAttr(rights, descriptor)
        _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0), path)
    finally:
        os.close(descriptor)


def _checked(returned: int, what: str) -> int:
    if returned < 0:
        raise failure("landlock", what)
    return returned
