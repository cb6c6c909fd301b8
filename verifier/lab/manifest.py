"""A manifest of schema 2: what an author has to say, where all else follows from a run.

The fields are those that the golden holds, with what the manifest says otherwise of some. All
mistakes are told at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from verifier.lab.derived import read_derived
from verifier.lab.field import sections_of
from verifier.lab.override import overridden
from verifier.lab.references import listed_references
from verifier.lab.stage import STAGES, Concept, Stage
from verifier.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from verifier.lab.derived import Derived
    from verifier.lab.field import Field, SectionSpec
    from verifier.lab.spec import Exercise
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
    manifest: Path
    """Of its lab, which names it."""
    said_at: Place
    """Where in that."""


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
        source = Source(
            page=folder / page,
            number=int(number or 1),
            manifest=folder / "lab.toml",
            said_at=(*place, "page"),
        )
    file = script if source is None else source.page
    wrong = _no_script(file, folder)
    if wrong:
        problems.append(((*place, given[0]), f"{name}: {wrong}"))
        return None
    return Planned(
        table=table,
        place=place,
        script=script,
        source=source,
        golden=golden,
        derived=read_derived(golden),
    )


def _no_script(file: Path, folder: Path) -> str:
    """Say why a page or script of a lab cannot be read; empty where it can be."""
    name = file.relative_to(folder).as_posix()
    try:
        if not file.is_file():
            if os.path.lexists(file):
                return f"{name} is no regular file"
            near = nearest(name, [each.name for each in folder.iterdir()])
            return "" if name in listed_references(folder) else f"there is no {name}{near}"
        leads_out = not file.resolve().is_relative_to(folder.resolve())
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"
    return f"{name} leads outside of the lab" if leads_out else ""


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


def unearned(
    document: dict[str, Any], exercises: Mapping[str, Exercise], *, problems: Problems
) -> None:
    """Tell of points that nobody could have, and of a stage that is judged and is worth none.

    Nothing is told before every exercise has had its first run, nor where it is not known which
    stage a value was meant for.
    """
    written: dict[str, int] = document.get("points", {})
    runs = [exercise.derived for exercise in exercises.values()]
    is_doubtful = any(place[-1:] in {("at",), ("stage",)} for place, _ in problems)
    if not written or is_doubtful or None in runs or len(runs) < len(exercise_tables(document)):
        return
    asked: set[str] = {stage for exercise in exercises.values() for stage in exercise.stages}
    asked |= {
        relation["stage"]
        for table in exercise_tables(document).values()
        for relation in table.get("relations", ())
    }
    for name, points in written.items():
        if points and name not in asked:
            told = f"nothing is judged in the stage {name}, so nobody could have its points"
            problems.append((("points", name), told))
        elif not points and name in asked - {"run", "output"}:
            problems.append((("points", name), f"the stage {name} is judged and worth no points"))
    if not any(written.values()):
        problems.append((("points",), "no stage is worth any points"))


def before_after_of(
    one: Planned,
    of_lab: Mapping[str, str],
    sections: Sequence[SectionSpec],
    *,
    problems: Problems,
) -> dict[str, tuple[str, str]]:
    """Find where evidence stands; the lab's counts for each exercise that prints all of it."""
    places = {(field.section, field.key) for section in sections for field in section.fields}
    known = [f"{section}/{key}" for section, key in places]
    own: Mapping[str, str] | None = one.table.get("before_after")
    wanted = of_lab if own is None else own
    missing = {name: where for name, where in wanted.items() if places and where not in known}
    if missing and own is None:
        return {}
    problems += [
        (
            (*one.place, "before_after", name),
            f"before_after names {where!r}, which is no field{nearest(where, known)}",
        )
        for name, where in missing.items()
    ]
    # Before its first run nobody knows what it prints.
    split = {name: where.partition("/") for name, where in wanted.items() if name not in missing}
    return {name: (section, key) for name, (section, _, key) in split.items()}


def sections_with(
    name: str, one: Planned, *, stages: Sequence[Stage], problems: Problems
) -> tuple[SectionSpec, ...]:
    """Give the fields that the golden holds, as the manifest changes them, in their sections."""
    derived = () if one.derived is None else one.derived.fields
    fields = [replace(each.field, stage=_of_concept(each.concept, stages)) for each in derived]
    fields, wrong = overridden(fields, one.table.get("fields", ()), stages=stages)
    problems += [((*one.place, "fields", *place), f"{name}: {told}") for place, told in wrong]
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
