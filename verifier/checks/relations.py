"""The checks of relations between printed values, which are the point of an exercise.

Each kind of relation is a pure function that gives what contradicts it, or None. Arithmetic is
exact, on the printed digits.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from verifier.checks.check import Check, Discreet, Status
from verifier.checks.closeness import only_element
from verifier.checks.contradiction import (
    Contradiction,
    Curve,
    Printed,
    apart,
    combined,
    said,
    shown,
)
from verifier.checks.structure import (
    ratio,
    same_shape,
    sums_to,
    within,
    zero_outside,
)
from verifier.lab.relation import RelationKind
from verifier.output.value import EXACT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from verifier.lab.field import Field
    from verifier.lab.relation import Place, RelationSpec
    from verifier.lab.spec import Exercise
    from verifier.output.match import Match
    from verifier.output.transcript import Reading
    from verifier.output.value import Value

_SIGMOID = Context(prec=30)
_SATURATED = 60
"""Beyond this the sigmoid is 0 or 1 to more digits than are shown."""
_SHOWN_SIGMOID = Decimal("1e-6")


_Values = dict[str | None, dict["Place", Printed]]
"""By exercise, None for the judged output, and place; what was not printed is not there."""


def relation_checks(
    match: Match, *, exercise: Exercise, related: Mapping[str, Mapping[Field, Reading]]
) -> tuple[Check, ...]:
    """Check every relation of an exercise.

    Args:
        match: What was printed, and which fields it answers.
        exercise: Whose relations they are.
        related: Golden readings of the other exercises that they name, by exercise and field.
    Returns:
        A check for each. It is skipped where one of its values was not printed: every operand
        is a field, so the field's own check fails, and at the field's own stage.
    """
    operands = [each for spec in exercise.relations for each in spec.operands]
    asked = {place for each in operands for place in each.places}
    if not asked:
        return ()
    values: _Values = {None: _values(match.judged, asked)}
    for name, answers in related.items():
        values[name] = _values(answers, asked, prefix=f"the {name}'s ")
    names = {place: field.name for field in exercise.fields for place in _places(field)}
    return tuple(_check(spec, values, names) for spec in exercise.relations)


def _values(
    answers: Mapping[Field, Reading], asked: Collection[Place], *, prefix: str = ""
) -> dict[Place, Printed]:
    return {
        place: _printed(field, reading, prefix=prefix)
        for field, reading in answers.items()
        for place in _places(field)
        if place in asked
    }


def _places(field: Field) -> tuple[Place, Place]:
    return (field.section, field.key, field.row), field.at


def _printed(field: Field, reading: Reading, *, prefix: str = "") -> Printed:
    where = field.name.removeprefix(field.called)
    return Printed(key=prefix + field.called, where=where, value=reading.value)


def _check(spec: RelationSpec, values: _Values, names: Mapping[Place, str]) -> Check:
    curves: list[Curve] = []
    for operand in spec.operands:
        known = values[operand.exercise]
        missing = next((place for place in operand.places if place not in known), None)
        if missing is not None:
            return _result(spec, Status.SKIPPED, f"not judged: {names[missing]} is not printed")
        curves.append(tuple(known[place] for place in operand.places))
    found = contradiction(spec, tuple(curves))
    if found is None:
        return _result(spec, Status.PASSED, spec.claim)
    message = f"it should hold that {spec.claim}, but {found.evidence}: {spec.hint}"
    return replace(
        _result(spec, Status.FAILED, message),
        # What it shows of an operand may be another exercise's golden value.
        discreet=Discreet(message=f"it should hold that {spec.claim}: {spec.hint}"),
        expected=found.expected,
        observed=found.observed,
        difference=found.difference,
        allowed=found.allowed,
    )


def _result(spec: RelationSpec, status: Status, message: str) -> Check:
    return Check(stage=spec.stage, name=spec.name, status=status, message=message)


def contradiction(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    """Find what contradicts a relation.

    Args:
        spec: The relation.
        curves: Its operands; all have the same number of rows.
    Returns:
        The first contradiction in printed order; None where the relation holds. What is no
        finite number contradicts every relation.
    """
    for curve in curves:
        for each in curve:
            if not _is_finite(each.value):
                return Contradiction(evidence=f"{said(each)}, which is no finite number")
    return _KINDS[spec.kind](spec, curves)


def _is_finite(value: Value) -> bool:
    """Whether it holds nothing but finite numbers; the grammar bounds its depth."""
    if isinstance(value, tuple):
        return all(map(_is_finite, value))
    return isinstance(value, bool) or (isinstance(value, Decimal) and value.is_finite())


def _falls(_spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    steps = ((earlier, later) for curve in curves for earlier, later in pairwise(curve))
    return _first_not_greater(steps)


def _rises(_spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    steps = ((later, earlier) for curve in curves for earlier, later in pairwise(curve))
    return _first_not_greater(steps)


def _ordered(_spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    return _first_not_greater(pair for row in zip(*curves, strict=True) for pair in pairwise(row))


def _first_not_greater(pairs: Iterator[tuple[Printed, Printed]]) -> Contradiction | None:
    for greater, smaller in pairs:
        numbers = only_element(greater.value), only_element(smaller.value)
        for each, number in zip((greater, smaller), numbers, strict=True):
            if not isinstance(number, Decimal):
                return Contradiction(evidence=f"{said(each)}, which is no single number")
        if not _is_greater(*numbers):
            return Contradiction(evidence=f"{said(smaller)} and {said(greater)}")
    return None


def _is_greater(first: Value, second: Value) -> bool:
    return isinstance(first, Decimal) and isinstance(second, Decimal) and first > second


def _equal(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    for first, *others in zip(*curves, strict=True):
        for other in others:
            found = apart(spec, other, first.value, called=first.name)
            if found is not None:
                return found
    return None


def _running_sum(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    sums, parts = curves
    found = apart(spec, sums[0], parts[0].value, called=parts[0].name)
    for (before, now), part in zip(pairwise(sums), parts[1:], strict=True):
        if found is not None:
            break
        total = combined(EXACT.add, before.value, part.value)
        found = apart(spec, now, total, called=f"{before.name} plus {part.name}")
    return found


def _sigmoid_of(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    for probability, logit in zip(*curves, strict=True):
        squashed = combined(_sigmoid, logit.value)
        found = apart(spec, probability, squashed, called=f"the sigmoid of {logit.name}")
        if found is not None:
            return found
    return None


def _sigmoid(logit: Decimal) -> Decimal:
    if abs(logit) > _SATURATED:
        return Decimal(int(logit > 0))
    odds = _SIGMOID.exp(-logit)
    return _SIGMOID.divide(Decimal(1), _SIGMOID.add(Decimal(1), odds)).quantize(_SHOWN_SIGMOID)


def _equal_first_dimension(_spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    for row in zip(*curves, strict=True):
        for each in row:
            if not isinstance(each.value, tuple) or not each.value:
                return Contradiction(evidence=f"{said(each)}, which is no shape")
        for other in row[1:]:
            first, second = _first_dimension(row[0]), _first_dimension(other)
            if first != second:
                return Contradiction(
                    evidence=f"{said(row[0])} and {said(other)}",
                    expected=shown(first),
                    observed=shown(second),
                )
    return None


def _first_dimension(each: Printed) -> Value:
    return each.value[0] if isinstance(each.value, tuple) else None


def _moved_by(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    for after, before, gradient in zip(*curves, strict=True):
        moved = combined(
            lambda start, slope: EXACT.add(start, EXACT.multiply(spec.factor, slope)),
            before.value,
            gradient.value,
        )
        sign = "-" if spec.factor < 0 else "+"
        called = f"{before.name} {sign} {abs(spec.factor)} × {gradient.name}"
        found = apart(spec, after, moved, called=called)
        if found is not None:
            return found
    return None


def _changed(_spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    pairs = list(zip(curves[::2], curves[1::2], strict=True))
    if any(
        before.value != after.value
        for befores, afters in pairs
        for before, after in zip(befores, afters, strict=True)
    ):
        return None
    same = " and ".join(
        f"{befores[0].name} is the same as {afters[0].name}" for befores, afters in pairs
    )
    return Contradiction(evidence=same)


_KINDS: Mapping[RelationKind, Callable[[RelationSpec, tuple[Curve, ...]], Contradiction | None]] = {
    RelationKind.FALLS: _falls,
    RelationKind.ORDERED: _ordered,
    RelationKind.EQUAL: _equal,
    RelationKind.RUNNING_SUM: _running_sum,
    RelationKind.SIGMOID_OF: _sigmoid_of,
    RelationKind.EQUAL_FIRST_DIMENSION: _equal_first_dimension,
    RelationKind.MOVED_BY: _moved_by,
    RelationKind.CHANGED: _changed,
    RelationKind.RISES: _rises,
    RelationKind.RATIO: ratio,
    RelationKind.SUMS_TO: sums_to,
    RelationKind.ZERO_OUTSIDE: zero_outside,
    RelationKind.WITHIN: within,
    RelationKind.SAME_SHAPE: same_shape,
}
