"""A filter on system calls: it refuses those that an attack needs and no lesson does.

Made of the table in `syscalls`, and loaded by a run into itself as the last wall, after which
it cannot be taken off. Training, ``torch.save`` and ``torch.load``, and a `DataLoader` without
workers pass. What is refused fails with an errno, so that a script gets an exception and not
a mysterious end: EPERM mostly, EAGAIN for new processes and threads, ENOTSUP for attributes
of files, which libraries take for "none here", ENOSYS for what a kernel may lack, and for every
number above the newest that was judged.

Source: ``linux/seccomp.h``, ``linux/audit.h``; of arguments, ``linux/prctl.h``, ``linux/fcntl.h``,
``asm-generic/ioctls.h``, ``linux/time.h``, ``asm-generic/mman-common.h``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from functools import cache

from verifier.sandbox.walls import bpf, mapped, syscalls
from verifier.sandbox.walls.libc import failure, libc

_SET_MODE_FILTER = 1
_TSYNC = 1
_DENIED = bpf.ERRNO | errno.EPERM
_UNKNOWN = bpf.ERRNO | errno.ENOSYS
_X32_BIT = 0x40000000
_ANY_PID = 0x5EA1C0DE
"""Stands for the pid until it is known; larger than any, and no other number here."""

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""A call that comes by another architecture's table has other numbers."""

_PRCTL_ALLOWED = (
    15, 16,  # PR_SET_NAME, PR_GET_NAME
    2, 3, 21, 23, 30, 39,  # what only asks: of its end, dumps, rights, timers
)  # fmt: skip
_FCNTL_ALLOWED = (
    0, 1, 2, 3, 4, 1030,  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
    5, 36, 9, 11, 16, 1025, 1027, 1028, 1032, 1034,  # what only asks; no lock, signal, lease, size
)  # fmt: skip
_IOCTL_ALLOWED = (
    0x5401, 0x802C542A,  # TCGETS, TCGETS2: is it a terminal?
    0x5413, 0x540F, 0x5429,  # TIOCGWINSZ, TIOCGPGRP, TIOCGSID: its size, whose it is
    0x541B, 0x5421,  # FIONREAD, FIONBIO
    0x5450, 0x5451,  # FIONCLEX, FIOCLEX
)  # fmt: skip
_MADV_MERGEABLE = 12
_NAMES_A_PROCESS = 0x80000000
"""A clock id from here on, as an unsigned number, names a process or a thread."""


def available() -> bool:
    """Whether there is a table for this architecture; whether it loads, a child must try."""
    return os.uname().machine in _AUDIT_ARCH


class _Filter:
    """A program that is ready to be loaded, but for the pid in it."""

    def __init__(self, machine: str, *, own_uid: bool) -> None:
        program = _template(machine, own_uid=own_uid, kept=mapped.spans_of_files())
        unknown = struct.pack("I", _ANY_PID)
        self._call = syscalls.number_of("seccomp", machine)
        self._code = ctypes.create_string_buffer(program, len(program))
        length = len(program) // bpf.INSTRUCTION_BYTES
        self._head = struct.pack("HxxxxxxP", length, ctypes.addressof(self._code))
        self._pids = tuple(
            at for at in range(0, len(program), 4) if program.startswith(unknown, at)
        )

    def load(self, pid: int) -> None:
        for at in self._pids:
            struct.pack_into("I", self._code, at, pid)
        if libc.syscall(self._call, _SET_MODE_FILTER, _TSYNC, self._head) != 0:
            raise failure("seccomp")


@cache
def prepare(*, own_uid: bool) -> _Filter:
    """Assemble the filter here, so that the processes to be forked need not.

    What files are mapped in this process by now stays mapped in them.

    Args:
        own_uid: Whether the run has a uid that no other process has.
    Raises:
        KeyError: There is no table for this architecture.
    """
    return _Filter(os.uname().machine, own_uid=own_uid)


def load(*, pid: int, own_uid: bool) -> None:
    """Put the filter on this process, all its threads and whatever it starts, for good.

    Needs no-new-privs.

    Args:
        pid: The caller's own, the only one that it may signal.
        own_uid: Whether it has a uid that no other process has.
    Raises:
        OSError: The kernel refused.
        KeyError: There is no table for this architecture.
    """
    prepare(own_uid=own_uid).load(pid)


def _template(machine: str, *, own_uid: bool, kept: list[tuple[int, int]]) -> bytes:
    """Assemble the filter for `_ANY_PID`.

    Args:
        machine: As `os.uname` names it.
        own_uid: Whether the run has a uid that no other process has.
        kept: Spans of pages that stay mapped as they are.
    """
    end = syscalls.newest() + 1
    blocks = [[bpf.answer(_UNKNOWN)]] * end
    mmap, mremap = (syscalls.number_of(name, machine) for name in ("mmap", "mremap"))
    mapping = mapped.guard(kept, mmap=mmap, mremap=mremap, denied=_DENIED)
    for call in syscalls.table():
        block = mapping if call.verdict == "mapping" else _block(call.verdict, own_uid=own_uid)
        for number in call.numbers(machine):
            blocks[number] = block
    blocks.append([bpf.answer(_UNKNOWN)])
    spans = [
        (number, block)
        for number, block in enumerate(blocks)
        if number == 0 or block != blocks[number - 1]
    ]
    code = [
        bpf.instruction(bpf.LOAD, bpf.AT_ARCHITECTURE),
        *bpf.unless_equal(_AUDIT_ARCH[machine], _DENIED),
        bpf.instruction(bpf.LOAD, bpf.AT_NUMBER),
        *bpf.if_at_least(_X32_BIT, _DENIED),
        *bpf.search(spans),
    ]
    return b"".join(code)


def _block(verdict: str, *, own_uid: bool) -> bpf.Block:
    """Give the instructions that answer as the table says."""
    if verdict == "own-uid":
        verdict = "allow" if own_uid else "EPERM"
    return _CHECKS.get(verdict) or [bpf.answer(bpf.ERRNO | getattr(errno, verdict))]


def _one_of(place: int, values: tuple[int, ...]) -> bpf.Block:
    """Allow a call by one of its arguments, and deny it with every other."""
    tests = [line for value in values for line in bpf.if_equal(value, bpf.ALLOW)]
    return [*bpf.argument(place), *tests, bpf.answer(_DENIED)]


_CHECKS = {
    "allow": [bpf.answer(bpf.ALLOW)],
    "own-pid": _one_of(0, (_ANY_PID,)),
    "own-pid-or-0": _one_of(0, (0, _ANY_PID)),
    "own-pid-or-0-second": _one_of(1, (0, _ANY_PID)),
    "prctl": _one_of(0, _PRCTL_ALLOWED),
    "fcntl": _one_of(1, _FCNTL_ALLOWED),
    "ioctl": _one_of(1, _IOCTL_ALLOWED),
    "madvise": [
        *bpf.argument(2),
        *bpf.if_equal(_MADV_MERGEABLE, _DENIED),
        bpf.answer(bpf.ALLOW),
    ],
    "clock": [
        *bpf.argument(0),
        *bpf.unless_at_least(_NAMES_A_PROCESS, bpf.ALLOW),
        # The id is the complement of a pid, shifted by the three bits of its kind.
        bpf.instruction(bpf.XOR, 0xFFFFFFFF),
        bpf.instruction(bpf.SHIFT_RIGHT, 3),
        *bpf.if_equal(0, bpf.ALLOW),
        *bpf.if_equal(_ANY_PID, bpf.ALLOW),
        bpf.answer(_DENIED),
    ],
}
"""What is made of each verdict that is not an errno."""
