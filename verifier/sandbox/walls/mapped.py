"""What files are mapped where in this process: torch's libraries, above all.

They are mapped and counted before a script begins, and `RLIMIT_AS` allows so much besides. A
script that could take them away, or write over them, would have their hundreds of megabytes
as memory of its own.
"""

from __future__ import annotations

from pathlib import Path

from verifier.sandbox.walls import bpf

PAGE_BITS = 12
_ADDRESS, _LENGTH, _FLAGS = 0, 1, 3
_NUMBERS = 1 << 32
_HIGHEST_LENGTH = 1 << 8
"""In units of 4 GiB: a thousand of which nobody has."""

_MAP_FIXED = 0x10
_MREMAP_FIXED_OR_DONTUNMAP = 0x6


def spans_of_files() -> list[tuple[int, int]]:
    """Give first and end of every span of pages that files are mapped at, by page number."""
    spans: list[tuple[int, int]] = []
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
        addresses, _, _, _, inode, *_ = line.split(maxsplit=5)
        if inode == "0":
            continue
        first, end = (int(each, 16) >> PAGE_BITS for each in addresses.split("-"))
        if spans and spans[-1][1] == first:
            first = spans.pop()[0]
        spans.append((first, end))
    return spans


def guard(spans: list[tuple[int, int]], *, mmap: int, mremap: int, denied: int) -> bpf.Block:
    """Deny a call that changes what is mapped in one of ``spans``; allow it elsewhere.

    The kernel's filter counts to 2^32 only, so pages are counted from the first span on, round
    a circle of 2^44 bytes. Where two places of the address space fall on one, both are kept.

    Args:
        spans: First and end of each, by page number, in order.
        mmap: Its number: it changes what is there with one flag alone.
        mremap: Its number: it changes what is elsewhere with two flags.
        denied: What to answer.
    """
    base = spans[0][0] if spans else 0
    counted = sorted(
        part for first, end in spans for part in _round_circle(first - base, end - first)
    )
    return [
        *_flags_first(mmap=mmap, mremap=mremap, denied=denied),
        *_pages_of(_LENGTH, over=_HIGHEST_LENGTH, denied=denied),
        bpf.instruction(bpf.STORE, 0),
        *_pages_of(_ADDRESS),
        bpf.instruction(bpf.SUBTRACT, base),
        bpf.instruction(bpf.STORE, 1),
        bpf.instruction(bpf.TO_X, 0),
        bpf.instruction(bpf.LOAD_STORED, 0),
        bpf.instruction(bpf.ADD_X, 0),
        bpf.instruction(bpf.TO_X, 0),  # the end
        bpf.instruction(bpf.LOAD_STORED, 1),  # the first page
        bpf.instruction(bpf.JUMP_AT_LEAST_X, 0, otherwise=1),  # nothing, or once round
        bpf.answer(denied),
        *(line for first, end in counted for line in _apart_from(first, end, denied=denied)),
        bpf.answer(bpf.ALLOW),
    ]


def _round_circle(first: int, pages: int) -> list[tuple[int, int]]:
    """Count a span round the circle, in two parts where it lies across its seam.

    The last page of the circle is in none: a call that reaches it ends at 0, and is denied.
    """
    first %= _NUMBERS
    parts = ((first, min(first + pages, _NUMBERS - 1)), (0, first + pages - _NUMBERS))
    return [(start, end) for start, end in parts if start < end]


def _flags_first(*, mmap: int, mremap: int, denied: int) -> bpf.Block:
    return [
        bpf.instruction(bpf.LOAD, bpf.AT_NUMBER),
        bpf.instruction(bpf.JUMP_EQUAL, mmap, otherwise=3),
        *bpf.argument(_FLAGS),
        bpf.instruction(bpf.JUMP_ANY_BIT, _MAP_FIXED, then=1),
        bpf.answer(bpf.ALLOW),
        bpf.instruction(bpf.LOAD, bpf.AT_NUMBER),
        bpf.instruction(bpf.JUMP_EQUAL, mremap, otherwise=3),
        *bpf.argument(_FLAGS),
        bpf.instruction(bpf.JUMP_ANY_BIT, _MREMAP_FIXED_OR_DONTUNMAP, otherwise=1),
        bpf.answer(denied),
    ]


def _pages_of(place: int, *, over: int | None = None, denied: int = 0) -> bpf.Block:
    """Load an argument in pages; a length (``over``) rounded up, and denied from there on."""
    high = [bpf.instruction(bpf.LOAD, bpf.at_high_half(place))]
    if over is not None:
        high += bpf.if_at_least(over, denied)
    whole = [
        *high,
        bpf.instruction(bpf.SHIFT_LEFT, 32 - PAGE_BITS),
        bpf.instruction(bpf.TO_X, 0),
        *bpf.argument(place),
        bpf.instruction(bpf.SHIFT_RIGHT, PAGE_BITS),
        bpf.instruction(bpf.OR_X, 0),
    ]
    if over is None:
        return whole
    return [
        *whole,
        bpf.instruction(bpf.TO_X, 0),
        *bpf.argument(place),
        bpf.instruction(bpf.JUMP_ANY_BIT, (1 << PAGE_BITS) - 1, then=2),
        bpf.instruction(bpf.FROM_X, 0),
        bpf.instruction(bpf.JUMP, 2),
        bpf.instruction(bpf.FROM_X, 0),
        bpf.instruction(bpf.ADD, 1),
    ]


def _apart_from(first: int, end: int, *, denied: int) -> bpf.Block:
    """Go on if the first page is not before ``end``; else answer, as all other spans are later."""
    return [
        bpf.instruction(bpf.JUMP_AT_LEAST, end, then=4),
        bpf.instruction(bpf.FROM_X, 0),
        *bpf.if_at_least(first + 1, denied),
        bpf.answer(bpf.ALLOW),
    ]
