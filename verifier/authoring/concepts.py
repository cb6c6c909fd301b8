"""What each printed value of a reference is about, by what the trace of its run says.

A value belongs to the step whose numbers it prints: an output of the forward pass, a loss, a
gradient, what comes after an update. Rows that count steps are the loop's. What the trace does not
know, such as a shape or an accuracy, goes with what is printed around it. Pure.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from verifier.output.value import numbers_in, printed_decimals
from verifier.trace.event import Backward, Forward, Loss, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from verifier.lab.stage import Concept
    from verifier.output.transcript import Reading
    from verifier.trace.event import Trace

_FEWEST_DIGITS = 2
"""Numbers with fewer decimals are found by chance anywhere."""
_KEPT = 16
"""So many first elements of a tensor are in a trace."""
_HALF = 0.51
"""Of the last printed digit: rounding takes no more."""


def concepts_of(
    readings: Sequence[Reading], *, in_loop: Sequence[bool], trace: Trace
) -> tuple[Concept, ...]:
    """Tell what each reading is about.

    Args:
        readings: In printed order.
        in_loop: For each, whether it stands on a row that a count names.
        trace: Of the same run.
    Returns:
        One a reading; ``none`` for all where the trace explains no value.
    """
    known = list(_values(trace))
    found: list[Concept | None] = [
        "loop" if looped and known else _concept(reading, known)
        for reading, looped in zip(readings, in_loop, strict=True)
    ]
    if not any(found):
        return tuple(repeat("none", len(found)))
    concepts: list[Concept] = []
    last: Concept = "data"
    for concept in found:
        if concept is None and last == "loop":
            last = "evaluation"
        last = concept or last
        concepts.append(last)
    return tuple(concepts)


def _concept(reading: Reading, known: Iterable[tuple[Concept, Sequence[float]]]) -> Concept | None:
    numbers = list(numbers_in(reading.value))
    digits = [printed_decimals(number) for number in numbers if number.is_finite()]
    if not digits or max(digits) < _FEWEST_DIGITS:
        return None
    return next((concept for concept, values in known if _shows(numbers, values)), None)


def _shows(numbers: Sequence[Decimal], values: Sequence[float]) -> bool:
    """Whether the numbers are the values, rounded; as far as a trace keeps them."""
    if len(numbers) != len(values) and len(values) < _KEPT:
        return False
    return all(
        number.is_finite()
        and abs(float(number) - value) <= 0.51 * 10.0 ** -printed_decimals(number)
        for number, value in zip(numbers, values, strict=False)
    )


def _values(trace: Trace) -> Iterator[tuple[Concept, Sequence[float]]]:
    """Give what the steps calculated, each with what it is about; the earliest first."""
    updated = False
    for event in trace.events:
        match event:
            case Forward(depth=0, out=out) if out is not None:
                yield ("update" if updated else "forward"), out.values
            case Loss(out=out) if out is not None:
                yield ("update" if updated else "loss"), out.values
            case Backward(root=root, params=params):
                yield ("update" if updated else "loss"), root.values
                yield from (("gradient", each.after) for each in params if each.after)
            case Update(params=params):
                updated = True
                yield from (("update", each.after) for each in params if each.after)
            case _:
                pass
