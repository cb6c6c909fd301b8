"""Relations that say how printed values are built: sums, zeros, bounds, shapes, ratios.

As those of `checks.relations`: each gives what contradicts it, or None. Exact, on printed digits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.checks.closeness import shape
from verifier.checks.contradiction import Contradiction, apart, combined, said, shown
from verifier.output.value import EXACT, NAN, numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.checks.contradiction import Curve
    from verifier.lab.relation import RelationSpec
    from verifier.output.value import Value

Index = tuple[int, ...]


def ratio(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    """Find a first operand that is not `factor` times the second one, within `atol`."""
    for one, other in zip(*curves, strict=True):
        expected = combined(lambda number: EXACT.multiply(spec.factor, number), other.value)
        found = apart(spec, one, expected, called=f"{spec.factor} × {other.name}")
        if found is not None:
            return found
    return None


def sums_to(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    """Find a sum along the axis that is not `factor`, within `atol`."""
    for each in (each for curve in curves for each in curve):
        lengths = _lengths(each.value)
        if lengths is None or not -len(lengths) <= spec.axis < len(lengths):
            return Contradiction(evidence=f"{said(each)}, which has no axis {spec.axis}")
        axis = spec.axis % len(lengths)
        sums: dict[Index, Decimal] = {}
        for index, number in _elements(each.value):
            rest = (*index[:axis], *index[axis + 1 :])
            sums[rest] = EXACT.add(sums.get(rest, Decimal(0)), number)
        for index, total in sums.items():
            if abs(EXACT.subtract(total, spec.factor)) > spec.atol:
                place = ", ".join(map(str, index))
                where = f" at [{place}]" if index else ""
                return Contradiction(
                    evidence=f"the sum of {each.name} along axis {spec.axis}{where} is "
                    f"{shown(total)}, not {shown(spec.factor)}",
                    expected=shown(spec.factor),
                    observed=shown(total),
                )
    return None


def zero_outside(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    """Find a number that is not 0, within `atol`, where the mask is 0 or False."""
    for each, mask in zip(*curves, strict=True):
        if _lengths(each.value) is None or _lengths(each.value) != _lengths(mask.value):
            shapes = f"{shape(each.value)} and {shape(mask.value)}"
            return Contradiction(
                evidence=f"{each.name} and the mask {mask.name} have the shapes {shapes}"
            )
        is_open = dict(_elements(mask.value))
        for index, number in _elements(each.value):
            if not is_open[index] and abs(number) > spec.atol:
                return Contradiction(
                    evidence=f"{each.element(index)} is {shown(number)}, where the mask has 0",
                    expected="0",
                    observed=shown(number),
                )
    return None


def within(spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    """Find a number below `low` or above `high`."""
    for each in (each for curve in curves for each in curve):
        for number in numbers_in(each.value):
            if spec.low is not None and number < spec.low:
                return Contradiction(evidence=f"{each.name} has {shown(number)}, below {spec.low}")
            if spec.high is not None and number > spec.high:
                return Contradiction(evidence=f"{each.name} has {shown(number)}, above {spec.high}")
    return None


def same_shape(_spec: RelationSpec, curves: tuple[Curve, ...]) -> Contradiction | None:
    """Find two operands of which the brackets differ."""
    for first, *others in zip(*curves, strict=True):
        for other in others:
            if _outline(first.value) != _outline(other.value):
                return Contradiction(
                    evidence=f"{first.name} has the shape {shape(first.value)} and {other.name} "
                    f"the shape {shape(other.value)}",
                    expected=shape(first.value),
                    observed=shape(other.value),
                )
    return None


def _lengths(value: Value) -> Index | None:
    """Give the shape of a list of numbers; None where its brackets are not of one shape."""
    if not isinstance(value, tuple):
        return () if isinstance(value, (Decimal, bool)) else None
    inner = {_lengths(each) for each in value}
    if len(inner) != 1:
        return None
    (rest,) = inner
    return None if rest is None else (len(value), *rest)


def _outline(value: Value) -> object:
    """Give the brackets alone."""
    return tuple(map(_outline, value)) if isinstance(value, tuple) else None


def _elements(value: Value, index: Index = ()) -> Iterator[tuple[Index, Decimal]]:
    """Give the numbers of a value, truths as 1 and 0, each with its place."""
    if isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _elements(each, (*index, number))
    else:  # nothing else is left where the brackets have a shape
        yield index, Decimal(value) if isinstance(value, (Decimal, bool)) else NAN
