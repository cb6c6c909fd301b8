"""The table of system calls is complete, and the filter answers as it says."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from tests.system_calls import errno_of
from tests.unit.sandbox.kernel_filter import Run
from verifier.sandbox.walls import bpf, mapped, seccomp, syscalls

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
    "mapping", "prctl", "fcntl", "ioctl", "madvise", "clock",
}  # fmt: skip
NOT_OF_ARM64 = {"arch_specific_syscall", "sync_file_range2", "syscalls"}
PID = 4242
PROGRAM = 0x5555_5555_5000
LIBRARY = 0x7F12_FFFF_C000
"""Ends beyond where the high half of an address changes."""

KEPT = [
    (PROGRAM >> 12, (PROGRAM >> 12) + 16),
    (LIBRARY >> 12, (LIBRARY >> 12) + 8),
    ((LIBRARY >> 12) + 10, (LIBRARY >> 12) + 11),
]
ALLOWED = "allowed"


def answer(machine: str, number: int, *arguments: int, own_uid: bool = True) -> str:
    """Run the filter as the kernel would; give the errno that a call fails with, or `ALLOWED`."""
    program = seccomp._template(machine, own_uid=own_uid, kept=KEPT).replace(
        struct.pack("I", seccomp._ANY_PID), struct.pack("I", PID)
    )
    arguments += (0,) * (6 - len(arguments))
    call = struct.pack("iIQ6Q", number, seccomp._AUDIT_ARCH[machine], 0, *arguments)
    value = Run(call).answer(program)
    return ALLOWED if value == bpf.ALLOW else errno.errorcode[value ^ bpf.ERRNO]


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
    """It has a bound on instructions."""
    for machine in MACHINES:
        assert (
            len(seccomp._template(machine, own_uid=False, kept=KEPT))
            <= 4096 * bpf.INSTRUCTION_BYTES
        )


PAGE = 4096
FIXED, PRIVATE_ANONYMOUS, DONTUNMAP, MAYMOVE = 0x10, 0x22, 4, 1


@pytest.mark.parametrize(
    ("address", "length", "due"),
    [
        (PROGRAM, PAGE, "EPERM"),
        (PROGRAM + 15 * PAGE, 1, "EPERM"),
        (PROGRAM + 16 * PAGE, PAGE, ALLOWED),
        (LIBRARY - PAGE, PAGE, ALLOWED),
        (LIBRARY - PAGE, PAGE + 1, "EPERM"),
        (LIBRARY - 100 * PAGE, 400 * PAGE, "EPERM"),
        (LIBRARY + 3 * PAGE, PAGE, "EPERM"),
        (LIBRARY + 7 * PAGE, PAGE, "EPERM"),
        (LIBRARY + 8 * PAGE, 2 * PAGE, ALLOWED),  # between two of them
        (LIBRARY + 8 * PAGE, 2 * PAGE + 1, "EPERM"),
        (LIBRARY + 10 * PAGE, PAGE, "EPERM"),
        (LIBRARY + 11 * PAGE, PAGE << 16, ALLOWED),
        (PROGRAM - PAGE, (1 << 47) - PAGE - PROGRAM, "EPERM"),  # all there is
        (LIBRARY - (1 << 44), (1 << 44) + PAGE, "EPERM"),  # once round the circle
        (LIBRARY - (1 << 39), (1 << 39) + PAGE, "EPERM"),
        (LIBRARY | 0x7E << 56, PAGE, "EPERM"),  # a tag, which the kernel takes off
        (LIBRARY + 8 * PAGE, 0, "EPERM"),  # of no length
        (0x7E00_0000_0000, 1 << 32, ALLOWED),
        (0x7E00_0000_0000, 1 << 40, "EPERM"),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_what_was_mapped_of_files_stays(machine: str, address: int, length: int, due: str) -> None:
    """Torch's libraries take more room than a script is given: it may not have theirs."""
    for name in ("munmap", "mprotect"):
        assert answer(machine, number(name, machine), address, length) == due
    mmap, mremap = number("mmap", machine), number("mremap", machine)
    for flags, wanted in ((PRIVATE_ANONYMOUS | FIXED, due), (PRIVATE_ANONYMOUS, ALLOWED)):
        assert answer(machine, mmap, address, length, 3, flags) == wanted
    assert answer(machine, mremap, address, length, PAGE, MAYMOVE) == due


def test_memory_moves_to_no_place_of_a_script_s_own_choice() -> None:
    """What lay there would be gone."""
    for flags in (MAYMOVE | 2, MAYMOVE | DONTUNMAP):
        assert answer("x86_64", number("mremap"), 0x7E00_0000_0000, PAGE, PAGE, flags) == "EPERM"


def test_every_file_that_is_mapped_here_is_found() -> None:
    """The interpreter's libraries among them; heap and stack are no files."""
    spans = mapped.spans_of_files()
    lines = Path("/proc/self/maps").read_text().splitlines()
    of_libc = [int(line.split("-")[0], 16) >> 12 for line in lines if "libc.so" in line]
    of_heap = [int(line.split("-")[0], 16) >> 12 for line in lines if "[heap]" in line]

    assert of_libc
    assert of_heap
    assert all(any(first <= page < end for first, end in spans) for page in of_libc)
    assert not any(first <= page < end for first, end in spans for page in of_heap)
    assert spans == sorted(spans)


@pytest.mark.parametrize("before", range(1, 8))
def test_what_lies_across_the_seam_of_the_circle_stays(
    monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """It begins at the end of the count, and ends at its beginning."""
    base = 0x1_0000
    seam = base + (1 << 32)
    kept = [(base + 20, base + 30), (seam + 20 - before, seam + 28 - before)]
    monkeypatch.setitem(globals(), "KEPT", kept)

    for page in range(seam + 10, seam + 35):
        due = "EPERM" if kept[1][0] <= page < kept[1][1] else ALLOWED
        # Of two places that fall on one, both are kept.
        due = "EPERM" if seam + 20 <= page < seam + 30 else due
        assert answer("x86_64", number("munmap"), page << 12, PAGE) == due, page - seam
