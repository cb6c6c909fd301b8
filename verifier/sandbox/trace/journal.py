"""The file of a trace: a bounded number of lines, each written as soon as it is known."""

from __future__ import annotations

import builtins
import hashlib
import os
from typing import Any

from verifier.sandbox.trace.format import MAX_EVENTS, MAX_WRITTEN_BYTES, SEAL_BYTES

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_END_BYTES = 100
"""Kept free for the last line."""
_ITEM_BYTES = 12_000
_ITEM_EVENTS = 300
"""Kept free for numbers that leave torch, which a long training would leave no room for."""

_fstat = os.fstat
_lseek = os.lseek
_SEEK_CUR = os.SEEK_CUR
_write = os.write


def seal_of(key: bytes) -> hashlib.blake2b:
    """Begin to seal the lines of a trace: the digest after each is what stands behind it."""
    return hashlib.blake2b(key=key, digest_size=SEAL_BYTES)


class Journal:
    """Whole lines up to the first that does not fit, and none after that one.

    So nothing is skipped, but for numbers that leave torch: these have room of their own after it.
    """

    __slots__ = (
        *("_at", "_descriptor", "_file", "_items_full", "_room", "_seal"),
        *("closed", "dropped", "events", "full", "kept_free"),
    )

    def __init__(self, *, most_bytes: int = MAX_WRITTEN_BYTES) -> None:
        self._descriptor = -1
        self._file = (-1, -1)
        self._at = -1
        """Where the next line goes."""
        self._room = most_bytes - _END_BYTES
        self.events = 0
        self.dropped = 0
        """Events that are missing: beyond the bounds, or because something failed."""
        self.full = False
        """A line was refused."""
        self._items_full = False
        self.kept_free = 0
        """Bytes for numbers of the script's own arithmetic."""
        self._seal: Any = None
        self.closed = True
        """Nothing more is written: not open, at its end, or the descriptor is no longer ours."""

    def open(self, descriptor: int, *, key: bytes = b"") -> None:
        """Write to a file from now on, at its position.

        Args:
            descriptor: The file's.
            key: What lines are sealed with, each together with all before it; empty for no seals.
        """
        self._seal = seal_of(key) if key else None
        status = _fstat(descriptor)
        self._file = (status.st_dev, status.st_ino)
        self._descriptor = descriptor
        self._at = _lseek(descriptor, 0, _SEEK_CUR)
        self.closed = False

    def add(self, line: str) -> None:
        """Write one line of ASCII, or count it where it does not fit."""
        left = _ITEM_BYTES + self.kept_free
        if self.full or not self._fits(line, bytes_left=left, events_left=_ITEM_EVENTS):
            self.full = True
            self.dropped += 1
            return
        self._append(line)

    def add_item(self, line: str) -> None:
        """Do the same with a number that left torch."""
        if self._items_full or not self._fits(line, bytes_left=self.kept_free, events_left=0):
            self._items_full = True
            self.dropped += 1
            return
        self._append(line)

    def add_calculated(self, line: str) -> None:
        """Do the same with numbers of the script's own arithmetic."""
        if self._fits(line, bytes_left=0, events_left=0):
            self._append(line)
        else:
            self.dropped += 1

    def _fits(self, line: str, *, bytes_left: int, events_left: int) -> bool:
        room = self._room - bytes_left
        return len(line) + 2 * SEAL_BYTES < room and self.events < MAX_EVENTS - 1 - events_left

    def _append(self, line: str) -> None:
        self._room -= len(line) + 2 + 2 * SEAL_BYTES
        self.events += 1
        self._put(line)

    def end(self) -> None:
        """Write the last line."""
        self._put(f'{{"e":"end","events":{self.events},"dropped":{self.dropped}}}')
        self.closed = True

    def _put(self, line: str) -> None:
        if self.closed:
            return
        descriptor = self._descriptor
        if self._seal is not None:
            self._seal.update(line.encode())
            line = f"{line} {self._seal.hexdigest()}"
        try:
            # The script may have closed it, and opened a file of its own under the same number;
            # one in which just as much is written already, only if it means to.
            if _lseek(descriptor, 0, _SEEK_CUR) == self._at and (
                self.events > 1 or self._is_ours()
            ):
                self._at += _write(descriptor, f"{line}\n".encode())
                return
        except OSError:
            pass
        self.closed = True

    def _is_ours(self) -> bool:
        status = _fstat(self._descriptor)
        return (status.st_dev, status.st_ino) == self._file
