"""Printed values alone: a sign, a factor, another order. For what torch has no part in, too."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from verifier.checks.closeness import Close, compare
from verifier.diagnosis.diagnosis import GUESSED, LIKELY, Suspicion, suspect
from verifier.diagnosis.parting.parting import as_factor
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from verifier.diagnosis.parting.parting import Wrong
    from verifier.lab.field import Field
    from verifier.output.transcript import Reading

_NAMED = (
    ("gradient", re.compile(r"grad")),
    ("loss", re.compile(r"loss")),
    ("evaluation", re.compile(r"acc|test|eval|pred|chosen|matrix")),
    ("forward", re.compile(r"prob|logit|score|output|hidden")),
    ("update", re.compile(r"weight|bias|\b[wb]\b|slope")),
    ("data", re.compile(r"data|row|size|share|\bx\b|\by\b|mean")),
)
"""What names of printed values are about."""
_ENOUGH = 2
"""So many numbers tell a factor from chance."""
_ROUNDED = 2e-3
_PLAIN = 64
"""Factors of samples, classes and the like are no larger."""


def suspicions(
    wrong: Sequence[Wrong], answers: Mapping[Field, Reading], *, concept: str | None
) -> Iterator[Suspicion]:
    """Say how the first wrong value differs from the reference's, where that is a plain relation.

    Args:
        wrong: Values that are printed wrong, in the reference's order; at least one.
        answers: The golden reading of every field.
        concept: What the first of them is about.
    """
    first = wrong[0]
    if first.printed is None:
        return
    mine, theirs = floats_in(first.printed.value), floats_in(first.golden.value)
    if not mine or len(mine) != len(theirs):
        return
    name = {"name": first.field.name}
    units = 1.1 * 10.0 ** -(first.printed.decimals or 0)
    if _same(mine, theirs, units):
        return  # what differs is not the number
    if all(abs(a + b) <= units for a, b in zip(mine, theirs, strict=True)):
        yield suspect("value-negated", sure=LIKELY, words=name, concept=concept)
    elif _is_transposed(mine, theirs, first, units):
        yield suspect("value-transposed", sure=LIKELY, words=name, concept=concept)
    elif len(mine) > _ENOUGH and _same(sorted(mine), sorted(theirs), units):
        yield suspect("value-reordered", sure=LIKELY, words=name, concept=concept)
    else:
        yield from _of_shift(wrong, answers)
        ratio = _ratio(mine, theirs, units)
        if ratio is not None:
            words = name | {"ratio": as_factor(ratio)}
            yield suspect("value-scaled", sure=LIKELY, words=words, concept=concept)


def first_difference(first: Wrong) -> Suspicion:
    """Say which value is the first that differs, where nothing else is known."""
    field = first.field
    words = " ".join((field.key or "", field.label or "", field.section or "")).lower()
    concept = next((each for each, names in _NAMED if names.search(words)), None)
    known = field.stage.concept
    if known not in {"run", "output", "loop", "none"}:
        concept = known
    return suspect("first-difference", sure=GUESSED, words={"name": field.name}, concept=concept)


def _same(mine: Sequence[float], theirs: Sequence[float], units: float) -> bool:
    return all(abs(a - b) <= units for a, b in zip(mine, theirs, strict=True))


def _is_transposed(
    mine: Sequence[float], theirs: Sequence[float], first: Wrong, units: float
) -> bool:
    shape = first.field.shape
    if len(shape) != 2 or math.prod(shape) != len(mine):  # noqa: PLR2004 - rows and columns
        return False
    rows, columns = shape
    turned = [theirs[row * columns + column] for column in range(columns) for row in range(rows)]
    return _same(mine, turned, units)


def _ratio(mine: Sequence[float], theirs: Sequence[float], units: float) -> float | None:
    """Give the whole number, or one over it, by which all numbers differ."""
    pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if abs(b) > 10 * units]
    if len(pairs) < _ENOUGH or any(abs(a) <= 10 * units for a, _ in pairs):
        return None
    ratio = pairs[0][0] / pairs[0][1]
    whole = round(ratio) if abs(ratio) > 1 else 1 / round(1 / ratio) if round(1 / ratio) else 0.0
    if whole in {0, 1} or not 1 / _PLAIN <= abs(whole) <= _PLAIN:
        return None
    slack = [_ROUNDED * abs(a) + units * max(1.0, abs(whole)) for a, _ in pairs]
    fits = all(abs(a - whole * b) <= most for (a, b), most in zip(pairs, slack, strict=True))
    return whole if fits else None


def _of_shift(wrong: Sequence[Wrong], answers: Mapping[Field, Reading]) -> Iterator[Suspicion]:
    """Rows that each show what is due for the next one, or for the one before."""
    for step in (1, -1):
        told = [
            (each, other)
            for each in wrong
            if each.field.where and (other := _neighbour(each.field, answers, step)) is not None
        ]
        if len(told) >= _ENOUGH and all(_shows(each, other, answers) for each, other in told):
            first, other = told[0]
            words = {"name": first.field.name, "other": other.name}
            yield suspect("value-shifted", sure=LIKELY, words=words)
            return


def _neighbour(field: Field, answers: Mapping[Field, Reading], step: int) -> Field | None:
    rows = [
        each
        for each in answers
        if (each.section, each.label, each.key) == (field.section, field.label, field.key)
        and each.where
        and [key for key, _ in each.where] == [key for key, _ in field.where]
    ]
    place = rows.index(field) + step
    return rows[place] if 0 <= place < len(rows) else None


def _shows(wrong: Wrong, other: Field, answers: Mapping[Field, Reading]) -> bool:
    if wrong.printed is None:
        return False
    return isinstance(
        compare(observed=wrong.printed.value, golden=answers[other].value, bound=other), Close
    )
