"""The fork server's memory, gathered in huge pages so that a fork is cheap.

A fork copies page tables, and a child's end takes them down again: of a process with
torch in it, that was half of a run's cost. Nothing here changes what a script
computes. Where the kernel cannot do it (before 6.1), runs are slower and no more.

Source: madvise(2), MADV_COLLAPSE; Documentation/admin-guide/mm/transhuge.rst.
"""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HUGE_PAGE_BYTES = 2 * 1024 * 1024
_MADV_COLLAPSE = 25

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def pause_collections() -> None:
    """Collect no garbage until `freeze`: all that is made meanwhile is there to stay."""
    gc.disable()


def freeze() -> None:
    """Take all objects there are out of reach of a child's garbage collections, which go on."""
    gc.freeze()
    gc.enable()


def gather() -> None:
    """Gather what this process has written in huge pages. Takes tenths of a second, once."""
    for start, end in list(_private_ranges()):
        first = -(-start // _HUGE_PAGE_BYTES) * _HUGE_PAGE_BYTES
        for at in range(first, end - _HUGE_PAGE_BYTES + 1, _HUGE_PAGE_BYTES):
            _libc.madvise(at, _HUGE_PAGE_BYTES, _MADV_COLLAPSE)


def _private_ranges() -> Iterator[tuple[int, int]]:
    """Give start and end of every writable mapping of no file, the stack left out."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, _, _, inode, *name = line.split(maxsplit=5)
        if rights == "rw-p" and inode == "0" and name != ["[stack]"]:
            start, _, end = span.partition("-")
            yield int(start, 16), int(end, 16)
