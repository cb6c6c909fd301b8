"""Programs for the kernel's packet filter, as a filter on system calls is written.

Source: ``linux/filter.h``, ``linux/bpf_common.h``, ``linux/seccomp.h``.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
"""With an errno in its low bits: the call is not made, and fails with that."""

LOAD = 0x20
LOAD_STORED = 0x60
STORE = 0x02
TO_X = 0x07
FROM_X = 0x87
JUMP = 0x05
JUMP_EQUAL = 0x15
JUMP_AT_LEAST = 0x35
JUMP_AT_LEAST_X = 0x3D
JUMP_ANY_BIT = 0x45
RETURN = 0x06
ADD = 0x04
ADD_X = 0x0C
SUBTRACT = 0x14
OR_X = 0x4C
XOR = 0xA4
SHIFT_LEFT = 0x64
SHIFT_RIGHT = 0x74
AT_NUMBER = 0
AT_ARCHITECTURE = 4
INSTRUCTION_BYTES = 8
_AT_ARGUMENTS = 16
_ARGUMENT_BYTES = 8
_FARTHEST = 255
"""Of a jump with a condition."""

Block = list[bytes]
"""Instructions, each packed; most blocks return on every way through them."""


def instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """Pack one instruction."""
    return struct.pack("HBBI", code, then, otherwise, value & 0xFFFFFFFF)


def answer(value: int) -> bytes:
    """Return ``value``."""
    return instruction(RETURN, value)


def if_equal(value: int, verdict: int) -> Block:
    """Return ``verdict`` if what was loaded is ``value``."""
    return [instruction(JUMP_EQUAL, value, otherwise=1), answer(verdict)]


def unless_equal(value: int, verdict: int) -> Block:
    """Return ``verdict`` if what was loaded is another than ``value``."""
    return [instruction(JUMP_EQUAL, value, then=1), answer(verdict)]


def if_at_least(value: int, verdict: int) -> Block:
    """Return ``verdict`` if what was loaded is ``value`` or more."""
    return [instruction(JUMP_AT_LEAST, value, otherwise=1), answer(verdict)]


def unless_at_least(value: int, verdict: int) -> Block:
    """Return ``verdict`` if what was loaded is less than ``value``."""
    return [instruction(JUMP_AT_LEAST, value, then=1), answer(verdict)]


def argument(place: int) -> Block:
    """Load the low half of an argument: all that the kernel looks at, of a pid or a command."""
    return [instruction(LOAD, _AT_ARGUMENTS + _ARGUMENT_BYTES * place)]


def at_high_half(place: int) -> int:
    """Say where the high half of an argument lies."""
    return _AT_ARGUMENTS + _ARGUMENT_BYTES * place + _ARGUMENT_BYTES // 2


def search(spans: Sequence[tuple[int, Block]]) -> Block:
    """Choose by halves the last block whose first number is not above what was loaded.

    When a filter is loaded, the kernel runs it for every number there is, to remember which
    pass whatever their arguments are: what is quick there is loaded quickly.
    """
    if len(spans) == 1:
        return spans[0][1]
    middle = len(spans) // 2
    below, above = search(spans[:middle]), search(spans[middle:])
    first = spans[middle][0]
    if len(below) <= _FARTHEST:
        return [instruction(JUMP_AT_LEAST, first, then=len(below)), *below, *above]
    far = instruction(JUMP, len(below))
    return [instruction(JUMP_AT_LEAST, first, otherwise=1), far, *below, *above]
