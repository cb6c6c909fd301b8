"""The table of system calls is complete, and the filter answers as it says."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from tests.system_calls import errno_of
from verifier.sandbox.walls import bpf, seccomp, syscalls

NEWEST = 469
MACHINES = ("x86_64", "aarch64")
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
SIZE_DEPENDENT = {"fstatat": "newfstatat"}
"""Names of the generic header that are others on a machine of 64 bits."""

LOOKS_AT_ARGUMENTS = {
    "own-pid", "own-pid-or-0", "own-pid-or-0-second",
    "prctl", "fcntl", "ioctl", "madvise", "clock",
}  # fmt: skip
NOT_OF_ARM64 = {"arch_specific_syscall", "sync_file_range2", "syscalls"}
PID = 4242
ALLOWED = "allowed"


def answer(machine: str, number: int, *arguments: int, own_uid: bool = True) -> str:
    """Run the filter as the kernel would; give the errno that a call fails with, or `ALLOWED`."""
    program = bytes(seccomp._template(machine, own_uid=own_uid)).replace(
        struct.pack("I", seccomp._ANY_PID), struct.pack("I", PID)
    )
    code = list(struct.iter_unpack("HBBI", program))
    arguments += (0,) * (6 - len(arguments))
    words = struct.pack("iIQ6Q", number, seccomp._AUDIT_ARCH[machine], 0, *arguments)
    loaded, at = 0, 0
    while True:
        operation, then, otherwise, value = code[at]
        at += 1
        match operation:
            case bpf.LOAD:
                (loaded,) = struct.unpack_from("I", words, value)
            case bpf.JUMP:
                at += value
            case bpf.JUMP_EQUAL:
                at += then if loaded == value else otherwise
            case bpf.JUMP_AT_LEAST:
                at += then if loaded >= value else otherwise
            case bpf.XOR:
                loaded ^= value
            case bpf.SHIFT_RIGHT:
                loaded >>= value
            case bpf.RETURN:
                return ALLOWED if value == bpf.ALLOW else errno.errorcode[value ^ bpf.ERRNO]
            case _:
                pytest.fail(f"an unknown instruction {operation:#x}")


def number(name: str, machine: str = "x86_64") -> int:
    """Find a call's number."""
    return syscalls.number_of(name, machine)


def test_every_number_is_judged_once() -> None:
    """Debian's headers end at 450; kernels do not."""
    numbers = [number for call in syscalls.table() for number in call.x86_64]

    assert numbers == list(range(NEWEST + 1))
    assert syscalls.newest() == NEWEST


def test_every_verdict_is_known_and_has_a_reason() -> None:
    """A verdict that is misspelt would be no verdict."""
    for call in syscalls.table():
        assert call.reason
        assert call.verdict in {"allow", "own-uid", *LOOKS_AT_ARGUMENTS} or hasattr(
            errno, call.verdict
        )


@pytest.mark.parametrize("machine", MACHINES)
def test_names_and_numbers_are_those_of_the_kernel_s_headers(machine: str) -> None:
    """As far as the headers go."""
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"no {header}")
    known = {
        SIZE_DEPENDENT.get(name, name): int(found)
        for name, found in re.findall(
            r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.MULTILINE
        )
        if int(found) <= NEWEST
    }
    judged = {call.name: list(call.numbers(machine)) for call in syscalls.table()}

    for name in judged.keys() & known.keys():
        assert judged[name] == [known[name]], name
    if machine == "x86_64":
        assert known.keys() <= judged.keys()
    else:  # the generic header also has names for machines of 32 bits
        left = known.keys() - judged.keys()
        assert all("64" in name or name in NOT_OF_ARM64 for name in left), left


@pytest.mark.parametrize("own_uid", [True, False])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_answers_what_the_table_says(machine: str, *, own_uid: bool) -> None:
    """They cannot differ, whatever halves the program is searched by."""
    judged = {n: call.verdict for call in syscalls.table() for n in call.numbers(machine)}
    for each in range(NEWEST + 1):
        verdict = judged.get(each, "ENOSYS")
        if verdict in LOOKS_AT_ARGUMENTS:
            continue  # below
        due = errno_of(verdict, shared_uid=not own_uid)
        word = errno.errorcode[due] if due else ALLOWED
        assert answer(machine, each, own_uid=own_uid) == word, each


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("beyond", [NEWEST + 1, 512, 547, 1000, 0x3FFFFFFF])
def test_a_number_that_nobody_judged_is_not_there(machine: str, beyond: int) -> None:
    """Newer kernels have calls that this version knows nothing of; programs can do without."""
    assert answer(machine, beyond) == "ENOSYS"


@pytest.mark.parametrize("number", [0x40000000, 0x40000000 + 520, -1])
def test_x32_stays_closed(number: int) -> None:
    """Its numbers are those of another table."""
    assert answer("x86_64", number) == "EPERM"


@pytest.mark.parametrize(
    ("name", "arguments", "due"),
    [
        ("kill", (PID, 9), ALLOWED),
        ("kill", (PID + 1, 9), "EPERM"),
        ("kill", (0, 9), "EPERM"),
        ("tgkill", (PID, PID, 6), ALLOWED),
        ("prlimit64", (0, 0), ALLOWED),
        ("prlimit64", (PID + 1, 0), "EPERM"),
        ("sched_getaffinity", (0,), ALLOWED),
        ("sched_getaffinity", (1,), "EPERM"),
        ("getpgid", (1,), "EPERM"),
        ("getpriority", (0, 0), ALLOWED),
        ("getpriority", (0, 1), "EPERM"),
        ("prctl", (15,), ALLOWED),
        ("prctl", (62,), "EPERM"),  # PR_SCHED_CORE
        ("prctl", (67,), "EPERM"),  # PR_SET_MEMORY_MERGE
        ("prctl", (78,), "EPERM"),  # PR_FUTEX_HASH
        ("prctl", (4, 1), "EPERM"),  # PR_SET_DUMPABLE
        ("prctl", (35,), "EPERM"),  # PR_SET_MM
        ("prctl", (0x1_0000_000F,), ALLOWED),  # the kernel looks at the low half only
        ("fcntl", (1, 1030), ALLOWED),
        ("fcntl", (1, 6), "EPERM"),  # F_SETLK
        ("fcntl", (1, 1031), "EPERM"),  # F_SETPIPE_SZ
        ("ioctl", (1, 0x5401), ALLOWED),
        ("ioctl", (1, 0x40086602), "EPERM"),  # FS_IOC_SETFLAGS
        ("ioctl", (1, 0x40046602), "EPERM"),  # FS_IOC32_SETFLAGS
        ("ioctl", (1, 0x401C5820), "EPERM"),  # FS_IOC_FSSETXATTR
        ("ioctl", (1, 0x5412), "EPERM"),  # TIOCSTI
        ("madvise", (0, 4096, 4), ALLOWED),
        ("madvise", (0, 4096, 12), "EPERM"),  # MADV_MERGEABLE
        ("clock_gettime", (1,), ALLOWED),
        ("clock_gettime", (2,), ALLOWED),  # its own CPU
        ("clock_gettime", (~PID << 3 & 0xFFFFFFFF | 2,), ALLOWED),
        ("clock_gettime", (~PID << 3 & 0xFFFFFFFF | 6,), ALLOWED),  # its one thread's
        ("clock_gettime", (~0 << 3 & 0xFFFFFFFF | 2,), ALLOWED),  # the caller's, as pid 0
        ("clock_gettime", (~1 << 3 & 0xFFFFFFFF | 2,), "EPERM"),  # of process 1
        ("clock_getres", (~1 << 3 & 0xFFFFFFFF | 2,), "EPERM"),
        ("clock_nanosleep", (~1 << 3 & 0xFFFFFFFF | 2,), "EPERM"),
        ("timer_create", (~1 << 3 & 0xFFFFFFFF | 2,), "EPERM"),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_what_a_call_is_asked_decides(
    machine: str, name: str, arguments: tuple[int, ...], due: str
) -> None:
    """Some calls reach others by an argument alone."""
    assert answer(machine, number(name, machine), *arguments) == due


@pytest.mark.parametrize("machine", MACHINES)
def test_where_runs_share_a_uid_they_share_no_modes_owners_and_times(machine: str) -> None:
    """Neither wall nor limit else says whose file is changed."""
    for name in ("fchmod", "fchmodat2", "fchownat", "utimensat"):
        assert answer(machine, number(name, machine), own_uid=True) == ALLOWED
        assert answer(machine, number(name, machine), own_uid=False) == "EPERM"


def test_the_program_is_one_that_the_kernel_takes() -> None:
    """At most 4096 instructions, and no jump beyond them."""
    for machine in MACHINES:
        assert len(seccomp._template(machine, own_uid=False)) <= 4096 * bpf.INSTRUCTION_BYTES
