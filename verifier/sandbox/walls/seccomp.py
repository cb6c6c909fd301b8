"""A filter on system calls: it refuses those that an attack needs and no lesson does.

A deny-list, loaded by a run into itself as the last wall, after which it cannot be taken
off. Training, ``torch.save`` and ``torch.load``, and a `DataLoader` without workers pass.
What is refused fails with EPERM (new processes and threads with EAGAIN, as at the limit
of `RLIMIT_NPROC`), so that a script gets an exception and not a mysterious end.

Source: ``linux/seccomp.h``, ``linux/filter.h``, ``linux/audit.h`` and the kernel's tables
of system calls for x86-64 and arm64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from dataclasses import dataclass
from functools import cache

from verifier.sandbox.walls.libc import failure, libc

_SET_MODE_FILTER = 1
_TSYNC = 1
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_DENIED = _ERRNO | errno.EPERM
_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_AT_LEAST = 0x35
_RETURN = 0x06
_AT_NUMBER = 0
_AT_ARCHITECTURE = 4
_AT_ARGUMENTS = 16
_ARGUMENT_BYTES = 8
_X32_BIT = 0x40000000
_FARTHEST_JUMP = 255
_GROUP = 8
_ANY_PID = 0x5EA1C0DE
"""Stands for the pid until it is known; larger than any, and no other number here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Machine:
    """The numbers of one architecture."""

    audit: int
    """Its AUDIT_ARCH: a call that comes by another table has other numbers."""
    seccomp: int
    denied: dict[str, int]
    """System calls that are refused."""
    processes: dict[str, int]
    """System calls that make a process or thread."""
    to_itself: dict[str, int]
    """Refused unless the first argument is the caller's own pid."""
    to_itself_or_0: dict[str, int]
    """The same, where 0 means the caller as well."""
    prctl: int
    fcntl: int
    ioctl: int


# The generic table, which arm64 uses and newer calls share on every architecture.
_NEWER = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447,
    "process_mrelease": 448, "statmount": 457, "listmount": 458, "open_tree_attr": 467,
}  # fmt: skip

_X86_64 = _Machine(
    audit=0xC000003E,
    seccomp=317,
    denied=_NEWER
    | {
        # other processes' memory, descriptors and state
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
        "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "tkill": 200,
        "migrate_pages": 256, "move_pages": 279,
        # the scheduling of others
        "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144,
        "sched_setaffinity": 203, "ioprio_set": 251, "sched_setattr": 314,
        # wide doors into the kernel
        "userfaultfd": 323, "bpf": 321, "perf_event_open": 298, "personality": 135,
        "add_key": 248, "request_key": 249, "keyctl": 250, "seccomp": 317,
        "modify_ldt": 154, "fanotify_init": 300, "name_to_handle_at": 303,
        "open_by_handle_at": 304, "syslog": 103, "lookup_dcookie": 212, "vmsplice": 278,
        # mounts and namespaces
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272,
        "setns": 308, "quotactl": 179, "swapon": 167, "swapoff": 168,
        # the machine
        "reboot": 169, "kexec_load": 246, "kexec_file_load": 320, "init_module": 175,
        "finit_module": 313, "delete_module": 176, "acct": 163, "settimeofday": 164,
        "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305, "sethostname": 170,
        "setdomainname": 171, "iopl": 172, "ioperm": 173, "vhangup": 153,
        "sync": 162, "syncfs": 306,
        # sockets, and what outlives a process or passes between two
        "socket": 41, "socketpair": 53, "memfd_create": 319, "flock": 73,
        "shmget": 29, "shmat": 30, "shmctl": 31, "shmdt": 67, "semget": 64, "semop": 65,
        "semctl": 66, "semtimedop": 220, "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71,
        "mq_open": 240, "mq_unlink": 241, "mq_timedsend": 242, "mq_timedreceive": 243,
        "mq_notify": 244, "mq_getsetattr": 245,
        # other programs, other rights
        "execve": 59, "execveat": 322, "setuid": 105, "setgid": 106, "setreuid": 113,
        "setregid": 114, "setgroups": 116, "setresuid": 117, "setresgid": 119, "setfsuid": 122,
        "setfsgid": 123, "capset": 126,
    },
    processes={"clone": 56, "fork": 57, "vfork": 58, "clone3": 435},
    to_itself={"kill": 62, "tgkill": 234},
    to_itself_or_0={"prlimit64": 302},
    prctl=157,
    fcntl=72,
    ioctl=16,
)  # fmt: skip

_ARM64 = _Machine(
    audit=0xC00000B7,
    seccomp=277,
    denied=_NEWER
    | {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "tkill": 130,
        "migrate_pages": 238, "move_pages": 239,
        "setpriority": 140, "sched_setparam": 118, "sched_setscheduler": 119,
        "sched_setaffinity": 122, "ioprio_set": 30, "sched_setattr": 274,
        "userfaultfd": 282, "bpf": 280, "perf_event_open": 241, "personality": 92,
        "add_key": 217, "request_key": 218, "keyctl": 219, "seccomp": 277,
        "fanotify_init": 262, "name_to_handle_at": 264, "open_by_handle_at": 265, "syslog": 116,
        "lookup_dcookie": 18, "vmsplice": 75,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
        "quotactl": 60, "swapon": 224, "swapoff": 225,
        "reboot": 142, "kexec_load": 104, "kexec_file_load": 294, "init_module": 105,
        "finit_module": 273, "delete_module": 106, "acct": 89, "settimeofday": 170,
        "clock_settime": 112, "adjtimex": 171, "clock_adjtime": 266, "sethostname": 161,
        "setdomainname": 162, "vhangup": 58, "sync": 81, "syncfs": 267,
        "socket": 198, "socketpair": 199, "memfd_create": 279, "flock": 32,
        "shmget": 194, "shmctl": 195, "shmat": 196, "shmdt": 197, "semget": 190, "semctl": 191,
        "semtimedop": 192, "semop": 193, "msgget": 186, "msgctl": 187, "msgrcv": 188,
        "msgsnd": 189, "mq_open": 180, "mq_unlink": 181, "mq_timedsend": 182,
        "mq_timedreceive": 183, "mq_notify": 184, "mq_getsetattr": 185,
        "execve": 221, "execveat": 281, "setregid": 143, "setgid": 144, "setreuid": 145,
        "setuid": 146, "setresuid": 147, "setresgid": 149, "setfsuid": 151, "setfsgid": 152,
        "setgroups": 159, "capset": 91,
    },
    processes={"clone": 220, "clone3": 435},
    to_itself={"kill": 129, "tgkill": 131},
    to_itself_or_0={"prlimit64": 261},
    prctl=167,
    fcntl=25,
    ioctl=29,
)  # fmt: skip

_MACHINES = {"x86_64": _X86_64, "aarch64": _ARM64}

_PRCTL_DENIED = (
    1,  # PR_SET_PDEATHSIG: a run dies with the fork server
    4,  # PR_SET_DUMPABLE: its memory stays closed
    22,  # PR_SET_SECCOMP
    36,  # PR_SET_CHILD_SUBREAPER
    0x59616D61,  # PR_SET_PTRACER
)
_FCNTL_DENIED = (
    6, 7, 37, 38,  # F_SETLK, F_SETLKW and their OFD kin: locks reach other runs
    8, 10, 15,  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by way of a descriptor
    1024, 1026,  # F_SETLEASE, F_NOTIFY
)  # fmt: skip
_IOCTL_DENIED = (
    0x5412, 0x541C,  # TIOCSTI, TIOCLINUX: typing into somebody's terminal
    0x8901, 0x8902,  # FIOSETOWN, SIOCSPGRP: as F_SETOWN
    0x5452,  # FIOASYNC
)  # fmt: skip


def available() -> bool:
    """Whether there is a table for this architecture; whether it loads, a child must try."""
    return os.uname().machine in _MACHINES


class _Filter:
    """A program that is ready to be loaded, but for the pid in it."""

    def __init__(self, machine: _Machine) -> None:
        program = _template(machine)
        unknown = struct.pack("I", _ANY_PID)
        self._call = machine.seccomp
        self._code = ctypes.create_string_buffer(program, len(program))
        self._head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self._code))
        self._pids = tuple(
            at for at in range(0, len(program), 4) if program.startswith(unknown, at)
        )

    def load(self, pid: int) -> None:
        for at in self._pids:
            struct.pack_into("I", self._code, at, pid)
        if libc.syscall(self._call, _SET_MODE_FILTER, _TSYNC, self._head) != 0:
            raise failure("seccomp")


@cache
def prepare() -> _Filter:
    """Assemble the filter here, so that the processes to be forked need not.

    Raises:
        KeyError: There is no table for this architecture.
    """
    return _Filter(_MACHINES[os.uname().machine])


def load(*, pid: int) -> None:
    """Put the filter on this process, all its threads and whatever it starts, for good.

    Needs no-new-privs.

    Args:
        pid: The caller's own, the only one that it may signal.
    Raises:
        OSError: The kernel refused.
        KeyError: There is no table for this architecture.
    """
    prepare().load(pid)


def _template(machine: _Machine) -> bytes:
    """Assemble the filter for `_ANY_PID`: over the numbers in order, a few at a time.

    When it is loaded, the kernel runs it for every number there is, to remember which pass
    whatever their arguments are; so a number skips those that are far from it.
    """
    rules = sorted(_rules(machine).items())
    groups = [rules[at : at + _GROUP] for at in range(0, len(rules), _GROUP)]
    code = [
        _instruction(_LOAD, _AT_ARCHITECTURE),
        *_unless(_JUMP_EQUAL, machine.audit, _DENIED),
        _instruction(_LOAD, _AT_NUMBER),
        *_if(_JUMP_AT_LEAST, _X32_BIT, _DENIED),
    ]
    for group, following in zip(groups, [*groups[1:], None], strict=True):
        block = [line for number, answer in group for line in _where(number, answer)]
        block.append(_return(_ALLOW))
        if following is not None:
            code.append(_skip_from(following[0][0], block))
        code += block
    return b"".join(code)


def _rules(machine: _Machine) -> dict[int, list[bytes]]:
    """What is answered to each number that is not simply allowed."""
    rules = {number: [_return(_DENIED)] for number in machine.denied.values()}
    rules |= {number: [_return(_ERRNO | errno.EAGAIN)] for number in machine.processes.values()}
    own = _if(_JUMP_EQUAL, _ANY_PID, _ALLOW)
    for number in machine.to_itself.values():
        rules[number] = [*_argument(0), *own, _return(_DENIED)]
    for number in machine.to_itself_or_0.values():
        rules[number] = [*_argument(0), *_if(_JUMP_EQUAL, 0, _ALLOW), *own, _return(_DENIED)]
    for number, place, values in (
        (machine.prctl, 0, _PRCTL_DENIED),
        (machine.fcntl, 1, _FCNTL_DENIED),
        (machine.ioctl, 1, _IOCTL_DENIED),
    ):
        tests = [line for value in values for line in _if(_JUMP_EQUAL, value, _DENIED)]
        rules[number] = [*_argument(place), *tests, _return(_ALLOW)]
    return rules


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value & 0xFFFFFFFF)


def _return(value: int) -> bytes:
    return _instruction(_RETURN, value)


def _if(test: int, value: int, verdict: int) -> list[bytes]:
    return [_instruction(test, value, otherwise=1), _return(verdict)]


def _unless(test: int, value: int, verdict: int) -> list[bytes]:
    return [_instruction(test, value, then=1), _return(verdict)]


def _where(number: int, block: list[bytes]) -> list[bytes]:
    """Run ``block``, which returns, for one system call only."""
    return [_instruction(_JUMP_EQUAL, number, otherwise=_length(block)), *block]


def _skip_from(number: int, block: list[bytes]) -> bytes:
    """Jump over ``block`` for every system call from ``number`` on."""
    return _instruction(_JUMP_AT_LEAST, number, then=_length(block))


def _length(block: list[bytes]) -> int:
    if len(block) > _FARTHEST_JUMP:
        msg = f"a block of {len(block)} instructions cannot be jumped over"
        raise ValueError(msg)
    return len(block)


def _argument(place: int) -> list[bytes]:
    """Load the low half of an argument: all that the kernel looks at, of a pid or a command."""
    return [_instruction(_LOAD, _AT_ARGUMENTS + _ARGUMENT_BYTES * place)]
