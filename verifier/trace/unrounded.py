"""Unrounded readings: what was printed, joined with the numbers that left torch.

Pure. A trace is evidence and never authority: a value from it is taken only where it prints as the
script printed it, in order. From it follows how near the printed text was to another one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.output.transcript import read_stdout
from verifier.output.value import EXACT, numbers_in, parse_value
from verifier.trace.alignment import Found, Span, align
from verifier.trace.event import Item
from verifier.trace.reader import read_trace
from verifier.trace.ulp import steps_up_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.output.transcript import Reading, Transcript
    from verifier.trace.event import Trace

_HALF = Decimal("0.5")
_NOTHING = Span(math.inf, -math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """How far a value may move before another text is printed; 0 where it lies on the edge."""

    ulps: int
    """Steps to the nearest float, of its own width, that is printed otherwise or lies just between
    two texts."""
    units: float
    """The same way in units of the last printed digit; at most 0.5."""


def traced_transcript(stdout: bytes, trace: bytes) -> Transcript:
    """Read what a traced run printed, with the numbers that it rounded."""
    return with_exact(read_stdout(stdout), read_trace(trace, only="item"))


def with_exact(transcript: Transcript, trace: Trace) -> Transcript:
    """Give every reading its unrounded numbers, as far as the trace of the same run tells them."""
    items = [event.value for event in trace.events if isinstance(event, Item)]
    if not items:
        return transcript
    found = exact_values(transcript.readings, items)
    readings = tuple(
        reading if exact is None else replace(reading, exact=exact)
        for reading, exact in zip(transcript.readings, found, strict=True)
    )
    return replace(transcript, readings=readings)


def exact_values(
    readings: Sequence[Reading], items: Sequence[float]
) -> tuple[tuple[float, ...] | None, ...]:
    """Find the unrounded numbers of readings among the numbers that left torch.

    Args:
        readings: In printed order.
        items: In the order in which the trace has them.
    Returns:
        For each reading its numbers, flattened; None where it has none, where one of them is not
        among the items in the order of the printed ones, or where two different ones could be
        meant. Numbers with decimals are aligned first; whole ones, ``1.234e+03`` among them, are
        sought between those and have to be equal, for ``step=1`` is seldom a tensor's.
    """
    numbers = [
        (reading.value,) if isinstance(reading.value, Decimal) else tuple(numbers_in(reading.value))
        for reading in readings
    ]
    printed = _Printed([number for each in numbers for number in each], items)
    printed.align()
    found = iter(printed.found)
    return tuple(_all_sure([next(found) for _ in each], items) for each in numbers)


def _all_sure(found: list[Found | None], items: Sequence[float]) -> tuple[float, ...] | None:
    sure = [items[each.place] for each in found if each is not None and each.is_sure]
    if not sure or len(sure) != len(found):
        return None
    # One NaN is as good as another, and equal readings must compare equal.
    return tuple([math.nan if math.isnan(value) else value for value in sure])


class _Printed:
    """The numbers of an output, joined with the items that they may be."""

    def __init__(self, numbers: Sequence[Decimal], items: Sequence[float]) -> None:
        self._numbers = numbers
        self._exponents = [number.as_tuple().exponent for number in numbers]
        self._items = items
        self._known = frozenset(items)
        self.found: list[Found | None] = [None] * len(numbers)
        """By number; None where it is none of the items."""

    def align(self) -> None:
        """Find the numbers with decimals, and between those the whole ones."""
        fractions = [place for place, each in enumerate(self._exponents) if each != 0]
        self._align(fractions, range(len(self._items)))
        place = item = 0
        for fraction in fractions:
            match = self.found[fraction]
            if match is not None:
                self._align_whole(range(place, fraction), range(item, match.place))
                place, item = fraction + 1, match.place + 1
        self._align_whole(range(place, len(self._numbers)), range(item, len(self._items)))

    def _align_whole(self, places: range, among: range) -> None:
        if places and among:
            self._align([place for place in places if self._exponents[place] == 0], among)

    def _align(self, places: Sequence[int], among: range) -> None:
        spans = [self._span(place) for place in places]
        matches = align(spans, self._items[among.start : among.stop])
        for place, match in zip(places, matches, strict=True):
            if match is not None:
                self.found[place] = Found(among.start + match.place, is_sure=match.is_sure)

    def _span(self, place: int) -> Span:
        """Say which items are printed so: with as many digits, rounded either way from a tie."""
        number, exponent = self._numbers[place], self._exponents[place]
        near = float(number)
        if not isinstance(exponent, int):
            return Span(near, near)
        if exponent == 0:
            return Span(near, near) if number == near else _NOTHING
        half = _HALF.scaleb(exponent)
        low = self._edge(EXACT.subtract(number, half), math.inf)
        high = self._edge(EXACT.add(number, half), -math.inf)
        # The nearest float belongs to it in any case: a repr need not be rounded to its last digit.
        return Span(min(near, low), max(near, high))

    def _edge(self, bound: Decimal, inward: float) -> float:
        """Give a float that parts the items inside a bound from those outside."""
        near = float(bound)
        if near not in self._known:  # comparing exactly takes longer than all the rest
            return near
        is_inside = near >= bound if inward > 0 else near <= bound
        return near if is_inside else math.nextafter(near, inward)


def rounding_margin(
    exact: Sequence[float], text: str, *, decimals: int | None = None
) -> Margin | None:
    """Say how far the numbers of a printed text were from printing otherwise.

    Args:
        exact: The unrounded numbers, flattened.
        text: What was printed.
        decimals: Digits that they were rounded to, where that is known; ``round`` leaves zeros out.
            Otherwise the digits of the longest of its numbers are taken for all of them.
    Returns:
        That of the number with the fewest steps; None where one of them has no decimals, is not
        finite or is not printed so.
    """
    parsed = parse_value(text, 0, len(text))
    printed = [] if parsed is None else list(numbers_in(parsed.value))
    if not printed or len(printed) != len(exact):
        return None
    exponents = [number.as_tuple().exponent for number in printed]
    behind_point = [each for each in exponents if isinstance(each, int) and each < 0]
    if len(behind_point) != len(printed):
        return None
    last = min(behind_point) if decimals is None else min(*behind_point, -decimals)
    margins = [_margin(*pair, exponent=last) for pair in zip(exact, printed, strict=True)]
    known = [margin for margin in margins if margin is not None]
    fewest = min(known, key=lambda margin: margin.ulps, default=None)
    return fewest if len(known) == len(printed) else None


def _margin(value: float, printed: Decimal, *, exponent: int) -> Margin | None:
    if not math.isfinite(value):
        return None
    half, number = _HALF.scaleb(exponent), Decimal(value)
    low, high = EXACT.subtract(printed, half), EXACT.add(printed, half)
    if printed.is_zero():  # "-0.000" is another text than "0.000"
        low, high = (low, printed) if printed.is_signed() else (printed, high)
    if not low <= number <= high:
        return Margin(ulps=0, units=0.0) if value == float(printed) else None
    way = min(EXACT.subtract(number, low), EXACT.subtract(high, number))
    return Margin(
        ulps=min(steps_up_to(value, high), steps_up_to(-value, low.copy_negate())),
        units=float(way.scaleb(-exponent)),
    )
