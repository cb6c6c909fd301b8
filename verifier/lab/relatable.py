"""Whether a relation could be judged at all, by what the reference prints.

One that no output can meet fails whoever is right; one that every output meets says nothing. Both
are an author's mistake, told while the lab is loaded.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from verifier.lab.relation import RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from verifier.lab.field import Field
    from verifier.lab.relation import Place, RelationSpec

_FROM_ROW_TO_ROW = {RelationKind.FALLS: "fall", RelationKind.RISES: "rise"}
_SINGLE = frozenset({RelationKind.FALLS, RelationKind.RISES, RelationKind.ORDERED})
"""What compares numbers by their size."""
_ANY = frozenset({RelationKind.EQUAL, RelationKind.CHANGED, RelationKind.SAME_SHAPE})
"""What takes truths as well; a mask may be one, too."""
_ALIKE = frozenset(
    {
        RelationKind.EQUAL, RelationKind.SAME_SHAPE, RelationKind.ZERO_OUTSIDE, RelationKind.RATIO,
        RelationKind.MOVED_BY, RelationKind.RUNNING_SUM, RelationKind.SIGMOID_OF,
    }
)  # fmt: skip
"""What goes through its operands element by element."""
_STRICT = frozenset({RelationKind.SAME_SHAPE, RelationKind.ZERO_OUTSIDE})
"""What does not take a list of one number for that number."""


def unjudgeable(
    relation: RelationSpec, known: Mapping[str, Mapping[Place, Field]], *, own: str
) -> str | None:
    """Say why a relation cannot be judged; None where nothing speaks against it.

    Args:
        relation: As its table says it.
        known: The fields of every exercise, by section, key and row, and by address.
        own: The exercise whose relation it is.
    """
    curves = [
        [known[operand.exercise or own][place] for place in operand.places]
        for operand in relation.operands
    ]
    if relation.kind in _FROM_ROW_TO_ROW and len(curves[0]) == 1:
        return f"one value cannot {_FROM_ROW_TO_ROW[relation.kind]}; name several rows"
    if relation.kind is RelationKind.WITHIN:
        if relation.low is None and relation.high is None:
            return "there is neither low nor high to be within"
        if None not in (relation.low, relation.high) and relation.low > relation.high:  # type: ignore[operator]
            return "low is above high, so nothing is within"
    if _names_twice(relation, curves):
        return "an operand is compared with itself"
    return next(
        (
            said
            for row in zip(*curves, strict=True)
            for said in (*_of_each(relation, row), *_of_row(relation, row))
        ),
        None,
    )


def _names_twice(relation: RelationSpec, curves: Sequence[Sequence[Field]]) -> bool:
    named = [
        (operand.exercise, *(field.at for field in curve))
        for operand, curve in zip(relation.operands, curves, strict=True)
    ]
    if relation.kind is RelationKind.CHANGED:
        return any(one == other for one, other in zip(named[::2], named[1::2], strict=True))
    if relation.kind is RelationKind.MOVED_BY:  # by itself, as in a decay, it may be moved
        return named[0] in named[1:]
    return len(set(named)) < len(named)


def _of_each(relation: RelationSpec, row: Sequence[Field]) -> Iterator[str]:
    """Tell of values that this kind of relation takes nothing from."""
    for number, field in enumerate(row):
        depth = len(field.shape)
        is_mask = relation.kind is RelationKind.ZERO_OUTSIDE and number == 1
        if field.kind == "text":
            yield f"{field.name} is a text, which no relation can be about"
        elif field.kind == "truth" and relation.kind not in _ANY and not is_mask:
            yield f"{field.name} is a truth, and no number"
        elif relation.kind in _SINGLE and prod(field.shape) != 1:
            yield f"{field.name} is a list, and no single number"
        elif relation.kind is RelationKind.SUMS_TO and not -depth <= relation.axis < depth:
            yield f"{field.name} has no axis {relation.axis}: it is {_shaped(field)}"
        elif relation.kind is RelationKind.EQUAL_FIRST_DIMENSION and not prod(
            field.shape[:1] or [0]
        ):
            yield f"{field.name} is no shape"


def _of_row(relation: RelationSpec, row: Sequence[Field]) -> Iterator[str]:
    """Tell of values that cannot be laid beside each other."""
    first = row[0]
    for other in row[1:] if relation.kind in _ALIKE else ():
        are_single = prod(first.shape) == prod(other.shape) == 1 and relation.kind not in _STRICT
        if first.shape != other.shape and not are_single:
            yield (
                f"{first.name} is {_shaped(first)} and {other.name} is {_shaped(other)}, "
                "so it cannot hold"
            )


def _shaped(field: Field) -> str:
    return f"of shape [{', '.join(map(str, field.shape))}]" if field.shape else "a single value"
