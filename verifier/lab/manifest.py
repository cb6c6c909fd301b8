"""A manifest of schema 2: what an author has to say, where all else follows from a run.

The fields are those that the golden holds, with what the manifest says otherwise of some. All
mistakes are told at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from verifier.lab.derived import read_derived
from verifier.lab.field import is_at, sections_of
from verifier.lab.references import listed_references
from verifier.lab.stage import STAGES, Concept, Stage
from verifier.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from verifier.lab.derived import Derived
    from verifier.lab.field import Field, SectionSpec
    from verifier.toml import Place

Problems = list["tuple[Place, str]"]
"""Where something is wrong, and what."""

POINTS = 100
"""Spread over the stages of a lab that does not say what they are worth."""
VALUES = "values"
"""The stage of values that no trace explains."""
OF_EXERCISE = (
    "title", "page", "script", "instructions", "published", "before_after", "fields", "relations",
    "evidence",
)  # fmt: skip
"""What a manifest with one exercise says of it beside the lab's own keys."""
_ORDER: tuple[Concept, ...] = (
    "data",
    "forward",
    "loss",
    "gradient",
    "update",
    "loop",
    "evaluation",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the script of an exercise is written."""

    page: Path
    number: int
    """Of the script on the page, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An exercise before its stages are known."""

    table: dict[str, Any]
    place: Place
    """Of the table in the manifest."""
    script: Path
    source: Source | None
    golden: Path
    derived: Derived | None


def exercise_tables(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the table of each exercise; a lab's only one may stand among the lab's own keys."""
    if "exercises" in document:
        return dict(document["exercises"])
    return {"baseline": {key: each for key, each in document.items() if key in OF_EXERCISE}}


def place_in(document: dict[str, Any], name: str) -> Place:
    """Say where the table of an exercise stands in its manifest."""
    return ("exercises", name) if "exercises" in document else ()


def planned(
    name: str, table: dict[str, Any], *, place: Place, folder: Path, problems: Problems
) -> Planned | None:
    """Find the script of an exercise; None, and a problem more, where there is none."""
    given = [key for key in table if key in {"page", "script"}]  # in the order of the file
    if len(given) != 1:
        what = "not both" if given else "for there is neither"
        told = f'{name}: name its page (page = "lesson.md#1") or its script, {what}'
        problems.append(((*place, *given[1:]), told))
        return None
    source = None
    golden = folder / "golden" / f"{name}.json"
    script = folder / table.get("script", f"golden/{name}.py")
    if "page" in table:
        page, _, number = table["page"].partition("#")
        source = Source(page=folder / page, number=int(number or 1))
    file = script if source is None else source.page
    relative = file.relative_to(folder).as_posix()
    if not file.is_file() and relative not in listed_references(folder):
        near = nearest(relative, [each.name for each in folder.iterdir()])
        problems.append(((*place, given[0]), f"{name}: there is no {relative}{near}"))
        return None
    if not file.resolve().is_relative_to(folder.resolve()):
        problems.append(((*place, given[0]), f"{name}: {relative} leads outside of the lab"))
        return None
    return Planned(
        table=table,
        place=place,
        script=script,
        source=source,
        golden=golden,
        derived=read_derived(golden),
    )


def stages_of(
    document: dict[str, Any], exercises: Sequence[Planned], *, problems: Problems
) -> tuple[Stage, ...]:
    """List the stages of a lab: its own, or those that its values are about."""
    if "stages" in document:
        names = [table["name"] for table in document["stages"]]
        for number, each in enumerate(names):
            if each in names[:number] or each in STAGES[:2]:
                problems.append((("stages", number), f"the stage {each} is there already"))
        own = (
            (
                table["name"],
                table.get("title", ""),
                table.get("concept", _own_concept(table["name"])),
            )
            for table in document["stages"]
        )
        return (*STAGES[:2], *(_stage(*each, place) for place, each in enumerate(own, start=2)))
    concepts = {each.concept for one in exercises if one.derived for each in one.derived.fields}
    named = {
        table["stage"]
        for one in exercises
        for key in ("fields", "relations")
        for table in one.table.get(key, ())
        if "stage" in table
    } | set(document.get("points", ()))
    used = [each for each in _ORDER if each in concepts or each in named]
    found: list[tuple[str, str, str]] = [(each, "", each) for each in used]
    if "none" in concepts or VALUES in named:
        found.insert(0, (VALUES, "", "none"))
    return (*STAGES[:2], *(_stage(*each, place) for place, each in enumerate(found, start=2)))


def _own_concept(name: str) -> str:
    """A stage that is called as a concept is about that."""
    return name if name in _ORDER else "none"


def _stage(name: str, title: str, concept: str, place: int) -> Stage:
    known = next(each for each in get_args(Concept) if each == concept)
    made = Stage(name, place=place, heading=title, concept=known)
    usual = next((each for each in STAGES if each == made), made)
    is_usual = (usual.place, usual.heading, usual.concept) == (place, made.heading, known)
    return usual if is_usual else made


def points_of(
    document: dict[str, Any], stages: Sequence[Stage], *, problems: Problems
) -> dict[Stage, int]:
    """Say what each stage is worth: as written, else the same for all; the last take the rest."""
    if "points" not in document:
        each, rest = divmod(POINTS, len(stages))
        return {stage: each + (stage.place >= len(stages) - rest) for stage in stages}
    written: dict[str, int] = document["points"]
    problems += [
        (("points", name), f"{name} is no stage{nearest(name, stages)}")
        for name in written
        if name not in stages
    ]
    problems += [
        (("points",), f"the stage {stage} has no points")
        for stage in stages
        if stage not in written
    ]
    return {stage: written.get(stage, 0) for stage in stages}


def sections_with(
    name: str, one: Planned, *, stages: Sequence[Stage], problems: Problems
) -> tuple[SectionSpec, ...]:
    """Give the fields that the golden holds, as the manifest changes them, in their sections."""
    derived = () if one.derived is None else one.derived.fields
    fields = [replace(each.field, stage=_of_concept(each.concept, stages)) for each in derived]
    for number, table in enumerate(one.table.get("fields", ())):
        place = (*one.place, "fields", number)
        fields = _changed(name, fields, table, place=place, stages=stages, problems=problems)
    return sections_of(fields)


def evidence_of(
    one: Planned, sections: Sequence[SectionSpec], *, problems: Problems
) -> tuple[tuple[str, Field | str], ...]:
    """Find the fields that the closing lines name; what is no address is a text."""
    fields = {field.at: field for section in sections for field in section.fields}
    there = {section.name for section in sections}
    written: Mapping[str, str] = one.table.get("evidence", {})
    for label, text in written.items():
        section, slash, _ = text.partition("/")
        # With another word before its slash it is a text: cpu/cuda, 5/5.
        if slash and section in there and text not in fields:
            near = nearest(text, list(fields))
            problems.append(((*one.place, "evidence", label), f"no field is at {text!r}{near}"))
    return tuple((label, fields.get(text, text)) for label, text in written.items())


def _of_concept(concept: Concept, stages: Sequence[Stage]) -> Stage:
    own = [stage for stage in stages[2:] if stage.concept == concept]
    others = [stage for stage in stages[2:] if stage.concept == "none"]
    return (own or others or list(stages[2:]) or [Stage.OUTPUT])[0]


def _changed(
    name: str,
    fields: Sequence[Field],
    table: Mapping[str, Any],
    *,
    place: Place,
    stages: Sequence[Stage],
    problems: Problems,
) -> list[Field]:
    at = table["at"]
    found = [field for field in fields if is_at(field.at, at)]
    stage = next((each for each in stages if each == table.get("stage")), None)
    if fields and not found and table.get("judged", True):
        near = nearest(at, [field.at for field in fields])
        problems.append(((*place, "at"), f"{name}: no field is at {at!r}{near}"))
    if "stage" in table and stage is None:
        told = f"{name}: {table['stage']} is no stage{nearest(table['stage'], stages)}"
        problems.append(((*place, "stage"), told))
    exact = next((each for each in found if each.kind in {"text", "truth"}), None)
    for key in ("atol", "rtol", "decimals"):
        if key in table and exact is not None and "*" not in at:
            problems.append(((*place, key), f"{name}: {exact.name} is no number, and is exact"))
    if not table.get("judged", True):
        return [field for field in fields if field not in found]
    return [_with(field, table, stage) if field in found else field for field in fields]


def _with(field: Field, table: Mapping[str, Any], stage: Stage | None) -> Field:
    decimals = table.get("decimals", field.decimals)
    atol = field.atol
    if decimals != field.decimals:
        atol = Decimal(1).scaleb(-decimals)
    return replace(
        field,
        stage=stage or field.stage,
        decimals=decimals,
        atol=Decimal(table["atol"]) if "atol" in table else atol,
        rtol=Decimal(table.get("rtol", "0")),
        why=table.get("why", field.why),
    )
