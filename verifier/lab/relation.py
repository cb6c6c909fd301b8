"""A relation: what must hold between printed values, as ``lab.toml`` says it.

>>> fields = {name: {("loop", "loss"): (1, 2)} for name in ("baseline", "logits")}
>>> table = {"name": "alike", "kind": "equal", "stage": "loop", "claim": "…", "hint": "…"}
>>> table["operands"] = ["loop/loss", "baseline:loop/loss"]
>>> read_relation(table, exercise="logits", fields=fields).operands[1]
Operand(exercise='baseline', places=(('loop', 'loss', 1), ('loop', 'loss', 2)))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from verifier.lab.field import is_at
from verifier.lab.stage import STAGES, Stage
from verifier.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.lab.field import Field

Place = tuple[str, str, int | None] | str
"""Section, key and row of a field, the row None where the key stands once; or its address."""
Rows = tuple[int | None, ...]
FieldRows = dict[tuple[str, str], Rows]
"""Section and key of every field of an exercise → the rows that it is printed on."""

_OPERAND = re.compile(r"(?:(?P<exercise>[a-z0-9-]+):)?(?P<section>[^/]+)/(?P<key>[^/]+)")


class RelationKind(StrEnum):
    """What must hold between the operands, in their order."""

    FALLS = "falls"
    """From row to row, each operand becomes smaller."""
    ORDERED = "ordered"
    """On every row, each operand is greater than the next one."""
    EQUAL = "equal"
    """On every row, all operands are the first one."""
    RUNNING_SUM = "running_sum"
    """The first operand is, on every row, itself on the row before plus the second operand."""
    SIGMOID_OF = "sigmoid_of"
    """The first operand is the sigmoid of the second one."""
    EQUAL_FIRST_DIMENSION = "equal_first_dimension"
    """The operands are shapes, and all start with the same number."""
    MOVED_BY = "moved_by"
    """The first operand is the second one plus `factor` times the third one."""
    CHANGED = "changed"
    """The operands are pairs, and in at least one pair the two differ."""
    RISES = "rises"
    """From row to row, each operand becomes greater."""
    RATIO = "ratio"
    """On every row, the first operand is `factor` times the second one."""
    SUMS_TO = "sums_to"
    """The sums of each operand along `axis` are `factor`."""
    ZERO_OUTSIDE = "zero_outside"
    """The first operand is 0 where the second one, a mask of truths or of 0 and 1, is 0."""
    WITHIN = "within"
    """Every number of the operands is at least `low` and at most `high`."""
    SAME_SHAPE = "same_shape"
    """On every row, all operands have one shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """A printed value, or one a row."""

    exercise: str | None
    """The exercise whose golden gives it; None for the output that is judged."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationSpec:
    """One thing that must hold."""

    name: str
    kind: RelationKind
    stage: Stage
    operands: tuple[Operand, ...]
    factor: Decimal
    """What `MOVED_BY` and `RATIO` multiply with, and what `SUMS_TO` adds up to; else 0."""
    atol: Decimal
    """How far the printed digits may be from what holds exactly; 0 where nothing is measured."""
    claim: str
    """What holds, to stand after "it should hold that"."""
    hint: str
    """Where to look if it does not."""
    why: str
    """Why this tolerance; empty where nothing is measured."""
    axis: int = -1
    """That `SUMS_TO` adds along; from the outermost bracket, or negative from the innermost."""
    low: Decimal | None = None
    high: Decimal | None = None
    """Bounds of `WITHIN`, themselves within."""

    @property
    def rtol(self) -> Decimal:
        """Rounding to printed digits is absolute."""
        return Decimal(0)

    @property
    def exercises(self) -> frozenset[str]:
        """The other exercises whose goldens are needed."""
        return frozenset(
            operand.exercise for operand in self.operands if operand.exercise is not None
        )


def read_relation(
    table: dict[str, Any],
    *,
    exercise: str,
    fields: Mapping[str, FieldRows],
    stages: Sequence[Stage] = STAGES,
    addresses: Mapping[str, Sequence[Field]] | None = None,
) -> RelationSpec:
    """Read one ``[[exercises.<id>.relations]]`` table, which satisfies its schema.

    Args:
        table: As ``lab.toml`` has it.
        exercise: Whose relation it is.
        fields: Of every exercise of the lab.
        stages: Of the lab.
        addresses: The fields of every exercise, where operands may be addresses as well.
    Raises:
        ValueError: An operand is no field, the operands have different rows, one of a pair is
            missing, or its stage is none of the lab's.
    """
    rows = tuple(table["rows"]) if "rows" in table else None
    operands = tuple(
        _addressed(text, rows=rows, own=exercise, addresses=addresses or {})
        or _operand(text, rows=rows, own=exercise, fields=fields, known=(addresses or {}))
        for text in table["operands"]
    )
    contradiction = _contradiction(table, operands)
    if contradiction:
        raise ValueError(f"{table['name']}: {contradiction}")
    stage = next((each for each in stages[2:] if each == table["stage"]), None)
    if stage is None:
        near = nearest(table["stage"], stages[2:])
        raise ValueError(f"{table['name']}: {table['stage']} is no stage{near}")
    return RelationSpec(
        name=table["name"],
        kind=RelationKind(table["kind"]),
        stage=stage,
        operands=operands,
        factor=Decimal(table.get("factor", "0")),
        atol=Decimal(table.get("atol", "0")),
        claim=table["claim"],
        hint=table["hint"],
        why=table.get("why", ""),
        axis=table.get("axis", -1),
        low=Decimal(table["low"]) if "low" in table else None,
        high=Decimal(table["high"]) if "high" in table else None,
    )


def _contradiction(table: dict[str, Any], operands: Sequence[Operand]) -> str:
    """Say why nothing could ever satisfy a relation; empty where something can."""
    places = [len(each.places) for each in operands]
    if len(set(places)) > 1:
        return "its operands have different numbers of rows"
    if table["kind"] == RelationKind.CHANGED and len(operands) % 2:
        return "one operand has no partner to be compared with"
    return ""


def _addressed(
    text: str, *, rows: Rows | None, own: str, addresses: Mapping[str, Sequence[Field]]
) -> Operand | None:
    """Read an operand that is an address, a pattern, or section and key of rows with addresses.

    None where it is none of them.

    Raises:
        ValueError: It is, and only some rows of it are asked for.
    """
    head, colon, rest = text.partition(":")
    exercise, wanted = (head, rest) if colon and head in addresses else (None, text)
    fields = addresses.get(exercise or own, ())
    found = [field for field in fields if is_at(field.at, wanted)] or [
        field for field in fields if field.row is None and f"{field.section}/{field.key}" == wanted
    ]
    if found and rows is not None:
        raise ValueError(f"{text!r} has no numbered rows; name those that are meant in operands")
    places = tuple(field.at for field in found)
    return Operand(exercise=exercise, places=places) if found else None


def _operand(
    text: str,
    *,
    rows: Rows | None,
    own: str,
    fields: Mapping[str, FieldRows],
    known: Mapping[str, Sequence[Field]],
) -> Operand:
    found = _OPERAND.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} names no section and key{_near(text, known)}")
    exercise: str | None = found["exercise"]
    section, key = str(found["section"]), str(found["key"])
    there = fields.get(exercise or own, {}).get((section, key), ())
    wanted = there if rows is None else rows
    if not there or not set(wanted) <= set(there):
        raise ValueError(f"{text!r} is no field, or not on these rows{_near(text, known)}")
    return Operand(exercise=exercise, places=tuple((section, key, row) for row in wanted))


def _near(text: str, known: Mapping[str, Sequence[Field]]) -> str:
    return nearest(text, [field.at for fields in known.values() for field in fields])
