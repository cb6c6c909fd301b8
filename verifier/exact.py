"""What was printed, before it was rounded: readings joined with the numbers that left torch.

Pure. A trace is evidence and never authority: a value from it is taken only where it prints as the
script printed it, in order. From it follows how near the printed text was to another one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from verifier.alignment import Found, Span, align
from verifier.checks.closeness import EXACT
from verifier.stdout_value import parse_value
from verifier.trace_event import Item
from verifier.ulp import steps_up_to, ulps_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.stdout import Reading, Transcript, Value
    from verifier.trace_event import Trace

__all__ = ["Margin", "exact_values", "rounding_margin", "ulps_between", "with_exact"]

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
        meant. Numbers with decimals are aligned first; whole ones are sought between them, for
        ``step=1`` is seldom a tensor's.
    """
    numbers = [tuple(_numbers(reading.value)) for reading in readings]
    printed = [number for each in numbers for number in each]
    found = iter(_align(list(map(_as_printed, printed)), items))
    return tuple(_all_sure([next(found) for _ in each], items) for each in numbers)


def _all_sure(found: list[Found | None], items: Sequence[float]) -> tuple[float, ...] | None:
    sure = [items[each.place] for each in found if each is not None and each.is_sure]
    # One NaN is as good as another, and equal readings must compare equal.
    values = tuple(math.nan if math.isnan(value) else value for value in sure)
    return values if values and len(values) == len(found) else None


def _numbers(value: Value) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _numbers(each)


class _Printed(NamedTuple):
    """One printed number."""

    span: Span
    is_whole: bool
    """Whether it stands there without decimals."""


def _as_printed(number: Decimal) -> _Printed:
    """Say which floats are printed so: with as many digits, rounded either way from a tie."""
    near = float(number)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return _Printed(Span(near, near), is_whole=False)
    if exponent == 0:
        return _Printed(Span(near, near) if number == near else _NOTHING, is_whole=True)
    half = _HALF.scaleb(exponent)
    low, high = EXACT.subtract(number, half), EXACT.add(number, half)
    # The nearest float belongs to it in any case: a repr need not be rounded to its last digit.
    return _Printed(
        Span(min(near, _at_least(low)), max(near, -_at_least(high.copy_negate()))), is_whole=False
    )


def _at_least(bound: Decimal) -> float:
    near = float(bound)
    return near if near >= bound else math.nextafter(near, math.inf)


def _align(printed: Sequence[_Printed], items: Sequence[float]) -> list[Found | None]:
    fractions = [place for place, number in enumerate(printed) if not number.is_whole]
    found: list[Found | None] = [None] * len(printed)
    for place, match in zip(
        fractions, align([printed[place].span for place in fractions], items), strict=True
    ):
        found[place] = match
    return _with_whole(printed, found, items)


def _with_whole(
    printed: Sequence[_Printed], found: list[Found | None], items: Sequence[float]
) -> list[Found | None]:
    """Align the whole numbers with what lies between the items that are found."""
    complete = list(found)
    whole: list[int] = []
    begin = 0
    for place in range(len(printed) + 1):
        match = found[place] if place < len(printed) else Found(len(items), is_sure=True)
        if match is not None:
            between = items[begin : match.place]
            if whole and between:
                spans = [printed[each].span for each in whole]
                for each, inner in zip(whole, align(spans, between), strict=True):
                    complete[each] = inner and inner._replace(place=begin + inner.place)
            whole = []
            begin = match.place + 1
        elif printed[place].is_whole:
            whole.append(place)
    return complete


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
    printed = [] if parsed is None else list(_numbers(parsed.value))
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
