"""The rows of a batch on disk: appended one by one, kept through any death of the grader.

``results.jsonl`` holds one row for each submission that is finished. A line that was torn when
a grader was killed is dropped; one that is no row is set aside; one about another submission,
lab or image than now goes to ``superseded.jsonl``. None of these is believed.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from verifier.batch.folder import ROWS, SET_ASIDE, SUPERSEDED, writing
from verifier.errors import BadDataError
from verifier.report.row import parse_row, row_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from verifier.batch.folder import ResultsFolder
    from verifier.report.row import Row

_LINE_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest row is a fiftieth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was found in the journal and not kept."""

    superseded: int
    """Rows that no longer answer a submission of this batch."""
    set_aside: int
    """Lines that are no row."""
    torn: int
    """Last lines that were cut off in the middle of being written."""


class Journal:
    """The rows of one results folder.

    Args:
        folder: Entered, so that nobody else writes there.
    """

    def __init__(self, folder: ResultsFolder) -> None:
        self.folder = folder
        """Where the results of the rows belong too."""
        self._path = folder.path / ROWS
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0
        self._writer = -1

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._writer)

    @property
    def paths(self) -> frozenset[str]:
        """Keys of the rows that stand."""
        return frozenset(self._places)

    def settle(self, is_current: Callable[[Row], bool]) -> Repair:
        """Read what an earlier grader left; keep what is current and move the rest out.

        Args:
            is_current: Whether a row still answers a submission of this batch.
        Raises:
            EnvironmentFailure: A file cannot be written; nothing is lost.
        """
        found = _Findings()
        for line, place in self._lines():
            found.add(line, place, is_current)
        if found.superseded or found.set_aside or found.torn:
            # In this order: killed in between, a row stands twice, but never nowhere.
            self.folder.append(SUPERSEDED, self._read_all(found.superseded))
            self.folder.append(SET_ASIDE, self._read_all(found.set_aside))
            self.folder.replace(ROWS, self._read_all(found.kept.values()))
            os.close(self._writer)
            self._open()
        self._places, self._end = _moved_up(found.kept)
        return Repair(
            superseded=len(found.superseded), set_aside=len(found.set_aside), torn=found.torn
        )

    def append(self, row: Row) -> None:
        """Add a row; once this returns, no death of this process can lose it.

        Raises:
            EnvironmentFailure: It cannot be written; what was written before still stands.
        """
        line = row_line(row)
        with writing(self._path):
            try:
                _write_all(self._writer, line, at=self._end)
            except BaseException:
                os.ftruncate(self._writer, self._end)
                raise
        self._places[row["path"]] = (self._end, len(line))
        self._end += len(line)

    def rows(self) -> Iterator[Row]:
        """Read the rows that stand back, sorted by path."""
        for _, place in sorted(self._places.items()):
            row: Row = json.loads(self._read(place))
            yield row

    def _open(self) -> None:
        with writing(self._path):
            self._writer = self.folder.open(ROWS, os.O_RDWR | os.O_CREAT)

    def _lines(self) -> Iterator[tuple[bytes, tuple[int, int]]]:
        with os.fdopen(self.folder.open(ROWS, os.O_RDONLY), "rb") as file:
            at = 0
            while line := file.readline(_LINE_LIMIT_BYTES):
                yield line, (at, len(line))
                at += len(line)

    def _read_all(self, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        return (self._read(place) for place in places)

    def _read(self, place: tuple[int, int]) -> bytes:
        at, size = place
        return os.pread(self._writer, size, at)


class _Findings:
    """What the lines of a journal are, by their places: rows are not held in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, int]] = {}
        self.superseded: list[tuple[int, int]] = []
        self.set_aside: list[tuple[int, int]] = []
        self.torn = 0

    def add(self, line: bytes, place: tuple[int, int], is_current: Callable[[Row], bool]) -> None:
        if not line.endswith(b"\n") and len(line) < _LINE_LIMIT_BYTES:
            self.torn += 1
            return
        try:
            row = parse_row(line)
        except BadDataError:
            self.set_aside.append(place)
            return
        if not is_current(row):
            self.superseded.append(place)
            return
        if row["path"] in self.kept:
            self.superseded.append(self.kept[row["path"]])
        self.kept[row["path"]] = place


def _moved_up(kept: dict[str, tuple[int, int]]) -> tuple[dict[str, tuple[int, int]], int]:
    """Give the places that rows have once nothing else stands between them."""
    places, end = {}, 0
    for path, (_, size) in kept.items():
        places[path] = (end, size)
        end += size
    return places, end


def _write_all(descriptor: int, data: bytes, *, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written
