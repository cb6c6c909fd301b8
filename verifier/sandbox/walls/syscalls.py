"""The table of system calls: every number up to the newest that was judged, each with a verdict.

It lies in ``syscalls.txt``; what its verdicts mean is said there, what is made of them in
`seccomp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("syscalls.txt")
_COLUMNS = 5
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One system call; or a span of numbers that have none."""

    x86_64: range
    """Its number there; a span where there is no call."""
    arm64: int | None
    """Its number there; None where there is no such call."""
    verdict: str
    name: str
    reason: str

    def numbers(self, machine: str) -> range:
        """Give its numbers on a machine, as `os.uname` names it."""
        if machine == "x86_64":
            return self.x86_64
        return range(0) if self.arm64 is None else range(self.arm64, self.arm64 + 1)


@cache
def table() -> tuple[Call, ...]:
    """Read the table, in the order of the numbers on x86-64."""
    lines = _TABLE.read_text(encoding="ascii").splitlines()
    return tuple(_call(line) for line in lines if not line.startswith("#"))


def newest() -> int:
    """Give the largest number that was judged; newer calls have one on every architecture."""
    return table()[-1].x86_64[-1]


def number_of(name: str, machine: str) -> int:
    """Find the number of a call by its name."""
    return next(call.numbers(machine)[0] for call in table() if call.name == name)


def _call(line: str) -> Call:
    x86_64, arm64, verdict, name, reason = line.split(maxsplit=_COLUMNS - 1)
    first, _, last = x86_64.partition("-")
    return Call(
        x86_64=range(int(first), int(last or first) + 1),
        arm64=None if arm64 == _NONE else int(arm64),
        verdict=verdict,
        name=name,
        reason=reason,
    )
