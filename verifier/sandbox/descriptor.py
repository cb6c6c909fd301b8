"""Files by their descriptors, without the objects that Python builds around: runs wait for this."""

from __future__ import annotations

import os

_LAST = 1 << 20


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte.

    Raises:
        OSError: It takes no more.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def close_from(first: int) -> None:
    """Close every descriptor from this number on."""
    os.closerange(first, _LAST)


def read_file(path: str, *, at_most: int) -> bytes:
    """Read the beginning of a file, in one read.

    Raises:
        OSError: There is none, or it may not be read.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, at_most)
    finally:
        os.close(descriptor)
