"""Whether printed numbers were computed or typed: a second run, under other seeds, tells.

What is computed from the drawn weights follows the reference to the other seeds; what was typed
stays where it was. A script that draws nothing stays as well, and is not accused: its numbers
are those that its own training gave. Pure.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from verifier.checks.closeness import Close, compare
from verifier.checks.syntax import written_in
from verifier.output.value import numbers_in
from verifier.trace.event import Backward, Forward, Item, Loss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from verifier.lab.spec import Field
    from verifier.output.transcript import Reading
    from verifier.trace.event import Trace

Answer = Literal["yes", "no", "unclear"]

_MOST = 0.9
_SOME = 0.3
_TYPED = 2
"""So many printed numbers standing in the source, or staying as they were, are no accident."""
_CALLS_NEEDED = ({"exp", "sigmoid", "expit", "tanh"}, {"log", "log1p", "log2", "softplus"})
"""To compute the lab's numbers without torch's training, one of each is called."""
_MAX_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Whether the numbers were computed, and how that is known."""

    answer: Answer
    evidence: str
    """One sentence, of the lab's words and names alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRun:
    """The same script with its seeds shifted."""

    shift: int
    readings: Mapping[Field, Reading]
    """What it printed, for each field that it printed once or more."""
    expected: Mapping[Field, Reading]
    """What the reference prints under the same shift."""
    trace: Trace


def unclear(evidence: str) -> Computed:
    """Say that nobody can tell, and why."""
    return Computed(answer="unclear", evidence=evidence)


def discriminating_fields(
    first: Mapping[Field, Reading],
    *,
    answers: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
) -> tuple[Field, ...]:
    """Find the fields that a second run can tell computed from typed by.

    Args:
        first: What the first run printed.
        answers: The golden reading of every field.
        expected: What the reference prints under the seeds of the second run.
    Returns:
        Those that the first run printed right, and that must change.
    """
    return tuple(
        field
        for field, golden in answers.items()
        if _close(first.get(field), golden, field)
        and not _close(expected.get(field), golden, field)
    )


def unchanged_fields(
    fields: Sequence[Field],
    *,
    answers: Mapping[Field, Reading],
    readings: Mapping[Field, Reading],
) -> tuple[Field, ...]:
    """Find the fields that did not change although they should have.

    Args:
        fields: What `discriminating_fields` found.
        answers: The golden reading of every field.
        readings: What was printed under other seeds.
    """
    return tuple(field for field in fields if _close(readings.get(field), answers[field], field))


def judge_followed(
    fields: Sequence[Field],
    *,
    readings: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
    shift: int,
) -> Computed | None:
    """Say that a script's numbers were computed, where all of them followed the reference.

    Args:
        fields: What `discriminating_fields` found, one at least.
        readings: What was printed under other seeds.
        expected: What the reference prints under them.
        shift: How far they were raised.
    """
    if len(_followed(fields, readings=readings, expected=expected)) < len(fields):
        return None
    return Computed(
        answer="yes",
        evidence=f"with every seed raised by {shift}, all {len(fields)} right values "
        "changed as the reference's do",
    )


def _followed(
    fields: Sequence[Field],
    *,
    readings: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
) -> list[Field]:
    return [field for field in fields if _close(readings.get(field), expected[field], field)]


def judge(
    *,
    fields: Sequence[Field],
    answers: Mapping[Field, Reading],
    second: SecondRun,
    source: bytes,
) -> Computed:
    """Compare what a script printed under its own seed and under others.

    Args:
        fields: What `discriminating_fields` found, one at least.
        answers: The golden reading of every field.
        second: The second run.
        source: The script, to see whether its numbers stand there.
    """
    found = judge_followed(
        fields, readings=second.readings, expected=second.expected, shift=second.shift
    )
    if found is not None:
        return found
    unchanged = unchanged_fields(fields, answers=answers, readings=second.readings)
    if not unchanged:
        followed = _followed(fields, readings=second.readings, expected=second.expected)
        return unclear(
            f"with every seed raised by {second.shift}, {len(fields) - len(followed)} of "
            f"{len(fields)} right values changed, but not as the reference's do"
        )
    return _of_unchanged(unchanged, fields=fields, second=second, source=source)


def _of_unchanged(
    unchanged: Sequence[Field], *, fields: Sequence[Field], second: SecondRun, source: bytes
) -> Computed:
    """Judge values that did not change although they should have."""
    numbers = [
        number
        for field in unchanged
        for number in numbers_in(second.readings[field].value)
        if number.is_finite()
    ]
    names = ", ".join(field.name for field in unchanged[:_MAX_SHOWN])
    more = f" and {len(unchanged) - _MAX_SHOWN} more" if len(unchanged) > _MAX_SHOWN else ""
    seen = (
        f"with every seed raised by {second.shift}, {names}{more} stayed as printed before "
        f"({len(unchanged)} of {len(fields)} right values)"
    )
    if len(unchanged) < _TYPED and not _standing(numbers, written_in(source).numbers):
        return unclear(f"{seen}, which may be chance: it does not stand in the script")
    trained = _explained(numbers, _trained(second.trace))
    if trained >= _SOME and _explained(numbers, _shown(second.trace)) >= _MOST:
        return unclear(
            f"{seen}, and the script's own training gave these numbers again: "
            "it does not draw its weights by torch.manual_seed"
        )
    if len(unchanged) == len(fields) and not trained and _by_hand(numbers, source):
        return unclear(
            f"{seen}, but they do not stand in the script, which calculates without torch"
        )
    return Computed(
        answer="no", evidence=f"{seen}, and nothing that the script trained gave these numbers"
    )


def _close(observed: Reading | None, expected: Reading | None, field: Field) -> bool:
    if observed is None or expected is None:
        return False
    found = compare(observed=observed.value, golden=expected.value, bound=field)
    return isinstance(found, Close)


def _explained(numbers: Iterable[Decimal], values: list[float]) -> float:
    """Give the share of printed numbers that some value prints as."""
    wanted = set(numbers)
    found = sum(_is_among(number, values) for number in wanted)
    return found / len(wanted) if wanted else 0.0


def _is_among(number: Decimal, values: list[float]) -> bool:
    exponent = number.as_tuple().exponent
    unit = 10.0 ** min(0, exponent) if isinstance(exponent, int) else 1.0
    at = float(number)
    place = bisect_left(values, at - 0.51 * unit)  # half a unit, and what float64 rounds
    return place < len(values) and values[place] <= at + 0.51 * unit


def _trained(trace: Trace) -> list[float]:
    """Collect what backward passes gave: the losses that they started from, and gradients.

    A backward pass that left every gradient zero trained nothing.
    """
    found: list[float] = []
    for event in trace.events:
        if isinstance(event, Backward):
            gradients = [value for leaf in event.params for value in leaf.after or ()]
            if any(gradients) or not gradients:
                found += [*event.root.values, *gradients]
    return sorted(value for value in found if not math.isnan(value))


def _shown(trace: Trace) -> list[float]:
    """Collect every value that the training, or what left it, had."""
    found = _trained(trace)
    for event in trace.events:
        if isinstance(event, (Forward, Loss)) and event.out is not None:
            found += event.out.values
        elif isinstance(event, Item):
            found.append(event.value)
    return sorted(value for value in found if not math.isnan(value))


def _by_hand(numbers: Iterable[Decimal], source: bytes) -> bool:
    """Tell whether a script calculates with functions, from numbers that are not those printed."""
    written = written_in(source)
    standing = _standing(numbers, written.numbers)
    return standing < _TYPED and all(written.called & needed for needed in _CALLS_NEEDED)


def _standing(numbers: Iterable[Decimal], typed: list[float]) -> int:
    return sum(_is_among(abs(number), typed) for number in set(numbers))
