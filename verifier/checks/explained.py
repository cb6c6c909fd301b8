"""Which printed numbers a run calculated: those of its training, or of its own arithmetic. Pure.

A number that was typed has no more digits than those printed, or stands in the script; so does
what goes through a tensor and out again. Neither explains what was printed.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

from verifier.trace.event import Backward, Calculated, Forward, Item, Loss, Model, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from verifier.trace.event import Trace

_SOME = 0.25
_INPUTS = 1 / 3
"""No more of the right numbers are what a training starts from."""
_FLOAT32 = 2.0**-22
_SHORT = 6
"""Digits that a typed number has at most."""


def unexplained(
    numbers: Iterable[Decimal],
    *,
    traces: Sequence[Trace],
    typed: Sequence[float],
    printed: Iterable[Decimal] = (),
) -> list[Decimal]:
    """Find the printed numbers that no run calculated.

    Args:
        numbers: Those asked about, finite.
        traces: Of runs that printed it.
        typed: Numbers that stand in the script, without their signs, in order.
        printed: What else was printed in answer to the lab. A training that explains some of it
            was no decoy, were the numbers asked about few, and right by chance.
    """
    wanted = sorted({abs(number) for number in numbers})
    trained = _magnitudes(value for each in traces for value in _trained(each))
    left = [number for number in wanted if not _gives(trained, number, typed)]
    answers = {*wanted, *map(abs, printed)}
    if sum(_gives(trained, number, typed) for number in answers) >= _SOME * len(answers):
        shown = _magnitudes(value for each in traces for value in _shown(each))
        left = [number for number in left if not _gives(shown, number, typed)]
    inputs = _magnitudes(value for each in traces for value in _inputs(each))
    started = [number for number in left if is_among(number, inputs)]
    if len(started) <= _INPUTS * len(wanted):
        left = [number for number in left if number not in started]
    return left


def is_among(number: Decimal, values: Sequence[float]) -> bool:
    """Tell whether one of the values, in order, prints as a number."""
    return any(True for _ in _near(values, number))


def _gives(values: Sequence[float], number: Decimal, typed: Sequence[float]) -> bool:
    return any(
        not _is_short(value, number) and not _is_typed(value, typed)
        for value in _near(values, number)
    )


def _near(values: Sequence[float], number: Decimal) -> Iterable[float]:
    exponent = number.as_tuple().exponent
    unit = 10.0 ** min(0, exponent) if isinstance(exponent, int) else 1.0
    at = float(number)
    place = bisect_left(values, at - 0.51 * unit)  # half a unit, and what float64 rounds
    while place < len(values) and values[place] <= at + 0.51 * unit:
        yield values[place]
        place += 1


def _is_short(value: float, number: Decimal) -> bool:
    few = len(number.as_tuple().digits) <= _SHORT
    return few and abs(value - float(number)) <= _FLOAT32 * float(number)


def _is_typed(value: float, typed: Sequence[float]) -> bool:
    place = bisect_left(typed, value * (1 - _FLOAT32))
    return place < len(typed) and typed[place] <= value * (1 + _FLOAT32)


def _magnitudes(values: Iterable[float]) -> list[float]:
    return sorted({abs(value) for value in values if math.isfinite(value)})


def _trained(trace: Trace) -> Iterable[float]:
    """Give what backward passes and steps gave, and what the script calculated itself.

    A backward pass that left every gradient zero trained nothing.
    """
    for event in trace.events:
        if isinstance(event, Backward):
            gradients = [value for leaf in event.params for value in leaf.after or ()]
            if any(gradients) or not gradients:
                yield from (*event.root.values, *gradients)
        elif isinstance(event, Update):
            yield from (value for leaf in event.params for value in leaf.after or ())
        elif isinstance(event, Calculated):
            yield from event.results


def _shown(trace: Trace) -> Iterable[float]:
    for event in trace.events:
        if isinstance(event, (Forward, Loss)) and event.out is not None:
            yield from event.out.values
        elif isinstance(event, Item):
            yield event.value


def _inputs(trace: Trace) -> Iterable[float]:
    for event in trace.events:
        if isinstance(event, Model):
            yield from (value for each in event.params for value in each.tensor.values)
        elif isinstance(event, Update):
            yield from (value for leaf in event.params for value in leaf.before or ())
        elif isinstance(event, Calculated):
            yield from event.used
