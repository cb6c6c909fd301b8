"""What a manifest says otherwise of fields that follow from the reference's run: its ``fields``."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from verifier.lab.field import is_at
from verifier.lab.stage import Stage
from verifier.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from verifier.lab.field import Field
    from verifier.toml import Place

_EXACT = frozenset({"text", "truth"})
_OF_NUMBERS = ("atol", "rtol", "decimals")
_OF_JUDGED = (*_OF_NUMBERS, "stage")


def overridden(
    fields: Sequence[Field], tables: Sequence[Mapping[str, Any]], *, stages: Sequence[Stage]
) -> tuple[list[Field], list[tuple[Place, str]]]:
    """Change fields as the tables say, one after the other.

    Args:
        fields: As the run gave them; none before the first run.
        tables: Of the manifest, which satisfy its schema.
        stages: Of the lab.
    Returns:
        The fields; and what is wrong, with its place within the tables.
    """
    problems: list[tuple[Place, str]] = []
    changed = list(fields)
    for number, table in enumerate(tables):
        at = table["at"]
        found = [field for field in changed if is_at(field.at, at)]
        told = [*_said_in_vain(table, tables[:number]), *_about_stage(table, stages)]
        if not fields or found:
            told += _about_numbers(table, found)
            told += [("at", f"the table says nothing of {at!r}")] if len(table) == 1 else []
        elif table.get("judged", True):
            near = nearest(at, [field.at for field in changed])
            told.append(("at", f"no field is at {at!r}{near}"))
        problems += [((number, key), message) for key, message in told]
        stage = next((each for each in stages if each == table.get("stage")), None)
        changed = [
            _with(field, table, stage) if field in found else field
            for field in changed
            if field not in found or table.get("judged", True)
        ]
    return changed, problems


def _said_in_vain(
    table: Mapping[str, Any], above: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    at = table["at"]
    if any(each["at"] == at for each in above):
        yield "at", f"there is a table of {at!r} already"
    for key in _OF_JUDGED if not table.get("judged", True) else ():
        if key in table:
            yield key, f"{at!r} is not judged, so {key} says nothing"


def _about_stage(table: Mapping[str, Any], stages: Sequence[Stage]) -> Iterator[tuple[str, str]]:
    stage = table.get("stage", Stage.OUTPUT)
    if stage not in stages:
        yield "stage", f"{stage} is no stage{nearest(stage, stages)}"
    elif stage == Stage.RUN:
        yield "stage", "run is about how the script ends, and about no value"


def _about_numbers(table: Mapping[str, Any], found: Sequence[Field]) -> Iterator[tuple[str, str]]:
    are_exact = bool(found) and all(field.kind in _EXACT for field in found)
    for key in _OF_NUMBERS if are_exact else ():
        if key in table:
            yield key, f"{found[0].name} is no number, and is exact"


def _with(field: Field, table: Mapping[str, Any], stage: Stage | None) -> Field:
    said = replace(field, stage=stage or field.stage, why=table.get("why", field.why))
    if field.kind in _EXACT:
        return said
    decimals = table.get("decimals", field.decimals)
    atol = field.atol
    if decimals != field.decimals:
        atol = Decimal(1).scaleb(-decimals)
    return replace(
        said,
        decimals=decimals,
        atol=Decimal(table["atol"]) if "atol" in table else atol,
        rtol=Decimal(table.get("rtol", "0")),
    )
