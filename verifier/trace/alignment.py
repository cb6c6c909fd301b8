"""The alignment of printed numbers with the numbers that left torch, both in order. Pure.

A printed number stands for an interval: every float that prints as its text does. The alignment is
a longest common subsequence of intervals and values. One row of its table is one whole number with
a bit for each value, so a row costs a few operations on whole numbers: 10,000 intervals and 2,000
values, the most there can be, take a quarter of a second.

Source:
    H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DOUBTS = 20_000
"""So many pairs that another alignment might hold are looked at; beyond that, all are doubtful."""


class Span(NamedTuple):
    """The floats that one printed number can be: from ``low`` to ``high``, or NaN for both."""

    low: float
    high: float


class Found(NamedTuple):
    """The value that a printed number is."""

    place: int
    """Where it stands among the values."""
    is_sure: bool
    """Whether no alignment as long gives the printed number a value of other bits."""


def align(spans: Sequence[Span], values: Sequence[float]) -> list[Found | None]:
    """Find the values of printed numbers, in order; as many as there can be.

    Args:
        spans: What each printed number can be, in printed order.
        values: In the order in which they left torch.
    Returns:
        One for each span, None where it has no value. Where there is a choice, the earliest
        printed numbers have the earliest values.
    """
    masks = _masks(spans, values)
    rows = _rows(masks, len(values))
    places = _first(rows, len(values))
    doubts = _Doubts(spans, values, masks, rows)
    return [
        None if place is None else Found(place, not doubts.has(index, place))
        for index, place in enumerate(places)
    ]


def _masks(spans: Sequence[Span], values: Sequence[float]) -> list[int]:
    """Give, for each span, a whole number with a bit for every value inside."""
    order = sorted((value, index) for index, value in enumerate(values) if not math.isnan(value))
    ordered = [value for value, _ in order]
    up_to = [0]
    for _, index in order:
        up_to.append(up_to[-1] | 1 << index)
    nans = (1 << len(values)) - 1 ^ up_to[-1]
    return [
        nans
        if math.isnan(low)
        else up_to[bisect_right(ordered, high)] & ~up_to[bisect_left(ordered, low)]
        for low, high in spans
    ]


def _rows(masks: Sequence[int], width: int) -> list[int]:
    """Give a row before the first span and after each.

    A bit of a row is 0 where the longest alignment of the spans so far and of the values up to
    that one is longer than without that value.
    """
    row = everything = (1 << width) - 1
    rows = [row]
    for mask in masks:
        both = row & mask
        row = ((row + both) | (row - both)) & everything
        rows.append(row)
    return rows


def _length(rows: Sequence[int], spans: int, values: int) -> int:
    """Give how many can be aligned of so many first spans and so many first values."""
    return values - (rows[spans] & (1 << values) - 1).bit_count()


def _first(rows: Sequence[int], width: int) -> list[int | None]:
    """Walk back from the end; a span or a value that can be spared is left to the earlier ones."""
    places: list[int | None] = [None] * (len(rows) - 1)
    end = width
    for index in range(len(places) - 1, -1, -1):
        if _length(rows, index + 1, end) > _length(rows, index, end):
            end = (~rows[index + 1] & (1 << end) - 1).bit_length() - 1
            places[index] = end
    return places


class _Doubts:
    """Looks for another alignment as long that gives a printed number another value."""

    def __init__(
        self,
        spans: Sequence[Span],
        values: Sequence[float],
        masks: Sequence[int],
        rows: Sequence[int],
    ) -> None:
        self._spans = spans
        self._values = values
        self._masks = masks
        self._rows = rows
        self._alike: dict[str, int] = {}
        """By a value's bits, where it is found; made for the first doubt."""
        self._rows_back: list[int] = []
        """Of both sequences reversed; made for the first that stays one."""
        self._looked = 0

    def has(self, index: int, place: int) -> bool:
        """Whether a span could have another value than the one at a place."""
        mask = self._masks[index]
        if mask & mask - 1 == 0:
            return False
        others = mask & ~self._alike_to(self._values[place])
        while others:
            self._looked += 1
            other = others.bit_length() - 1
            if self._looked > MAX_DOUBTS or self._is_as_good(index, other):
                return True
            others ^= 1 << other
        return False

    def _alike_to(self, value: float) -> int:
        if not self._alike:
            for place, each in enumerate(self._values):
                bits = each.hex()
                self._alike[bits] = self._alike.get(bits, 0) | 1 << place
        return self._alike[value.hex()]

    def _is_as_good(self, index: int, place: int) -> bool:
        """Whether some longest alignment holds this pair."""
        if not self._rows_back:
            masks = _masks(self._spans[::-1], self._values[::-1])
            self._rows_back = _rows(masks, len(self._values))
        spans, values = len(self._spans), len(self._values)
        before = _length(self._rows, index, place)
        after = _length(self._rows_back, spans - index - 1, values - place - 1)
        return before + 1 + after == _length(self._rows, spans, values)
