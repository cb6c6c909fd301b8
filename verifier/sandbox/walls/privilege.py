"""A process gives up rights for good: uid, capabilities, new privileges, life after its parent."""

from __future__ import annotations

import ctypes
import os
import signal

from verifier.sandbox.walls.libc import failure, libc

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
JANITOR_OFFSET = 10_000
"""From the uid of runs to that of their janitor, whose real and saved one it is."""


class StillPrivilegedError(OSError):
    """A right that was given up could be taken back."""


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32 * 2),
        ("permitted", ctypes.c_uint32 * 2),
        ("inheritable", ctypes.c_uint32 * 2),
    )


def give_up(uid: int | None) -> None:
    """Become ``uid`` (and the group of that number) alone, with no way back.

    Args:
        uid: The run's own uid; None to keep this one and lose its capabilities only.
    Raises:
        OSError: The kernel refused; `StillPrivilegedError` if uid 0 could be had again.
    """
    if uid is None:
        _drop_capabilities()
        return
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    try:
        os.setuid(0)
    except PermissionError:
        return
    msg = "uid 0 could be taken back"
    raise StillPrivilegedError(msg)


def take_over_from(uid: int | None) -> None:
    """Become a user that may signal ``uid`` and use its files, but not be signalled by it.

    Args:
        uid: The effective one from here on, the real and saved ones being another; None to keep
            this one and lose its capabilities only.
    """
    if uid is None:
        _drop_capabilities()
        return
    own = uid + JANITOR_OFFSET
    os.setgroups([])
    os.setresgid(own, uid, own)
    os.setresuid(own, uid, own)


def forbid_new_privileges() -> None:
    """No set-uid program gives anything from here on. Landlock needs it too."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with(parent: int) -> None:
    """Be killed when ``parent`` dies; at once if it is dead already.

    To be called after the last change of uid, which would undo it.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def forbid_dumping() -> None:
    """Close this process's memory to itself and to others of its uid, under /proc too."""
    _prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose own parent dies."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _drop_capabilities() -> None:
    # With no-new-privs, an exec as uid 0 gets no more than what was permitted before it.
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    if libc.capset(ctypes.byref(header), ctypes.byref(_CapabilitySets())) != 0:
        raise failure("capset")


def _prctl(option: int, value: int) -> None:
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise failure(f"prctl {option}")
