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

from verifier.lab.stage import STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Place = tuple[str, str, int | None]
"""Section, key and row of a field; the row is None where the key stands once."""
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
    """What `MOVED_BY` multiplies with; 0 for the other kinds."""
    atol: Decimal
    """How far the printed digits may be from what holds exactly; 0 where nothing is measured."""
    claim: str
    """What holds, to stand after "it should hold that"."""
    hint: str
    """Where to look if it does not."""
    why: str
    """Why this tolerance; empty where nothing is measured."""

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
) -> RelationSpec:
    """Read one ``[[exercises.<id>.relations]]`` table, which satisfies its schema.

    Args:
        table: As ``lab.toml`` has it.
        exercise: Whose relation it is.
        fields: Of every exercise of the lab.
        stages: Of the lab.
    Raises:
        ValueError: An operand is no field, the operands have different rows, one of a pair is
            missing, or its stage is none of the lab's.
    """
    rows = tuple(table["rows"]) if "rows" in table else None
    operands = tuple(
        _operand(text, rows=rows, own=exercise, fields=fields) for text in table["operands"]
    )
    if len({len(operand.places) for operand in operands}) > 1:
        raise ValueError(f"{table['name']}: its operands have different numbers of rows")
    if table["kind"] == RelationKind.CHANGED and len(operands) % 2:
        raise ValueError(f"{table['name']}: one operand has no partner to be compared with")
    stage = next((each for each in stages[2:] if each == table["stage"]), None)
    if stage is None:
        raise ValueError(f"{table['name']}: {table['stage']} is no stage")
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
    )


def _operand(text: str, *, rows: Rows | None, own: str, fields: Mapping[str, FieldRows]) -> Operand:
    found = _OPERAND.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} names no section and key")
    exercise: str | None = found["exercise"]
    section, key = str(found["section"]), str(found["key"])
    known = fields.get(exercise or own, {}).get((section, key), ())
    wanted = known if rows is None else rows
    if not known or not set(wanted) <= set(known):
        raise ValueError(f"{text!r} is no field, or not on these rows")
    return Operand(exercise=exercise, places=tuple((section, key, row) for row in wanted))
