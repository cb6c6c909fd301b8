"""A lab as its ``lab.toml`` describes it: exercises, fields, tolerances, limits, points."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from verifier.errors import BadDataError, UsageError
from verifier.lab.canary import CanarySpec, read_canary
from verifier.lab.feedback import Feedback
from verifier.lab.field import Field, SectionSpec
from verifier.lab.references import listed_references
from verifier.lab.relatable import unjudgeable
from verifier.lab.relation import read_relation
from verifier.lab.stage import STAGES, Stage
from verifier.resources import CANARIES
from verifier.sandbox.request import GENERATORS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from verifier.lab.derived import Derived
    from verifier.lab.manifest import Source
    from verifier.lab.relation import FieldRows, RelationSpec, Rows

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One script to write, and what it prints."""

    id: str
    title: str
    script: Path
    """The reference; an image for learners has none."""
    golden: Path
    before_after: dict[str, tuple[str, str]]
    """Name in the before/after record → (section, key)."""
    sections: tuple[SectionSpec, ...]
    instructions: tuple[str, ...] = ()
    """What the learner is to do, a step each."""
    relations: tuple[RelationSpec, ...] = ()
    """What must hold between the printed values."""
    published: bool = False
    """Whether its golden numbers stand on the lesson's page."""
    evidence: tuple[tuple[str, Field | str], ...] = ()
    """The closing lines of the lesson: label → a field, or a text as it stands."""
    source: Source | None = None
    """The page that its script is taken from; None where the lab has the script itself."""
    is_derived: bool = False
    """Whether its fields follow from the reference's run."""
    derived: Derived | None = None
    """What that run gave; None where it was not made yet, or where they are written down."""

    @property
    def is_whole(self) -> bool:
        """Whether its output has no value to be judged by itself, and is compared as a whole."""
        return self.derived is not None and not self.derived.fields

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in printed order."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def stages(self) -> frozenset[Stage]:
        """The stages that a submission to it is asked about."""
        asked = {field.stage for field in self.fields}
        asked |= {relation.stage for relation in self.relations}
        return frozenset({Stage.RUN, Stage.OUTPUT} | asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A folder ``lab/<id>/``, or ``lab/canary/<mechanism>/`` with the id ``canary-<mechanism>``."""

    id: str
    lesson: str | None
    """Its number in the course; None for a canary."""
    title: str
    folder: Path
    root: Path
    """The folder of all labs: no submission may read it."""
    limits: Limits
    points: dict[Stage, int]
    exercises: dict[str, Exercise]
    stages: tuple[Stage, ...] = STAGES
    """In the order in which a learner debugs."""
    is_default: bool = False
    """Whether it is meant where no lab is named."""
    computed_required: bool = False
    """Whether numbers that the script did not compute fail its verdict."""
    seeds: tuple[str, ...] = GENERATORS
    """Of which generators the second run raises the seeds."""
    feedback: Feedback | None = None
    """How much its learners are told; None where that depends on who asks."""
    canary: CanarySpec | None = None
    """What its numbers show about torch; None for a lesson."""

    @property
    def kind(self) -> Literal["lesson", "canary"]:
        """A lesson is there for learners, a canary for who changes the pinned torch."""
        return "lesson" if self.canary is None else "canary"

    def exercise(self, exercise_id: str) -> Exercise:
        """Pick an exercise.

        Raises:
            UsageError: This lab has none of that name.
        """
        if exercise_id not in self.exercises:
            known = ", ".join(self.exercises)
            raise UsageError(
                f"lab {self.id} has no exercise {exercise_id!r}", remedy=f"choose one of: {known}"
            )
        return self.exercises[exercise_id]


def written_lab(document: dict[str, Any], manifest: Path) -> Lab:
    """Make a lab of a manifest of schema 1, in which every field is written down.

    Raises:
        BadDataError: It contradicts its folder.
    """
    folder = manifest.parent
    own_id = id_of(folder)
    if document["id"] != own_id:
        raise BadDataError(
            f"{manifest}: id {document['id']!r} is not the name of its folder, {own_id!r}",
            remedy="rename one of them",
        )
    return Lab(
        id=document["id"],
        lesson=document.get("lesson"),
        title=document["title"],
        folder=folder,
        root=folder.parent.parent if _is_among_canaries(folder) else folder.parent,
        limits=limits_of(document["limits"]),
        points={stage: document.get("points", {}).get(stage.value, 0) for stage in STAGES},
        exercises=_exercises(document["exercises"], manifest=manifest),
        computed_required=document.get("computed") == "required",
        feedback=Feedback(document["feedback"]) if "feedback" in document else None,
        canary=read_canary(document["canary"]) if "canary" in document else None,
        is_default=document.get("default", False),
    )


def id_of(folder: Path) -> str:
    """Say what the lab in a folder is called."""
    return f"canary-{folder.name}" if _is_among_canaries(folder) else folder.name


def _is_among_canaries(folder: Path) -> bool:
    return folder.parent.name == CANARIES


def limits_of(table: dict[str, Any]) -> Limits:
    """Read the limits of a run, in seconds and bytes."""
    return Limits(
        time_limit_s=float(table["time_limit_s"]),
        memory_limit_bytes=table["memory_limit_mib"] * _MIB,
        stdout_limit_bytes=table["stdout_limit_kib"] * _KIB,
        stderr_limit_bytes=table["stderr_limit_kib"] * _KIB,
        file_limit_bytes=table["file_limit_mib"] * _MIB,
    )


def _exercises(tables: dict[str, Any], *, manifest: Path) -> dict[str, Exercise]:
    plain = {name: _exercise(name, table, manifest=manifest) for name, table in tables.items()}
    return with_relations(plain, tables, stages=STAGES, tell=partial(_refuse_relation, manifest))


def _refuse_relation(manifest: Path, exercise: str, _number: int, message: str) -> None:
    raise BadDataError(f"{manifest}: {exercise}: {message}", remedy="mend the relation")


def with_relations(
    plain: dict[str, Exercise],
    tables: dict[str, Any],
    *,
    stages: tuple[Stage, ...],
    tell: Callable[[str, int, str], None],
    waiting: AbstractSet[str] = frozenset(),
) -> dict[str, Exercise]:
    """Give exercises the relations of their tables.

    Args:
        plain: The exercises without them.
        tables: Of the exercises, as the manifest has them.
        stages: Of the lab.
        tell: Called with exercise, place and message of each relation that cannot be read.
        waiting: Other exercises, of which nothing is known before their first run; what names
            one of them is left out.
    """
    fields = {name: _field_rows(exercise) for name, exercise in plain.items()}
    addresses = {name: exercise.fields for name, exercise in plain.items() if exercise.is_derived}
    known = {
        name: {
            place: field
            for field in exercise.fields
            for place in ((field.section, field.key, field.row), field.at)
        }
        for name, exercise in plain.items()
    }
    return {
        name: replace(
            exercise,
            relations=_relations(
                tables[name],
                partial(
                    read_relation,
                    exercise=name,
                    fields=fields,
                    stages=stages,
                    addresses=addresses,
                ),
                partial(unjudgeable, known=known, own=name),
                tell=partial(tell, name),
                waiting=waiting,
            ),
        )
        for name, exercise in plain.items()
    }


def _field_rows(exercise: Exercise) -> FieldRows:
    found: dict[tuple[str, str], Rows] = {}
    for field in exercise.fields:
        place = (field.section, field.key)
        found[place] = tuple(dict.fromkeys((*found.get(place, ()), field.row)))
    return found


def _relations(
    table: dict[str, Any],
    read: Callable[[dict[str, Any]], RelationSpec],
    why_not: Callable[[RelationSpec], str | None],
    *,
    tell: Callable[[int, str], None],
    waiting: AbstractSet[str],
) -> tuple[RelationSpec, ...]:
    found: list[RelationSpec] = []
    for number, relation in enumerate(table.get("relations", ())):
        if any(operand.partition(":")[0] in waiting for operand in relation["operands"]):
            continue
        if any(each.name == relation["name"] for each in found):
            tell(number, f"the relation {relation['name']} is there already")
        try:
            found.append(read(relation))
        except ValueError as error:
            tell(number, str(error))
            continue
        reason = why_not(found[-1])
        if reason is not None:
            tell(number, f"{found.pop().name}: {reason}")
    return tuple(found)


def _exercise(name: str, table: dict[str, Any], *, manifest: Path) -> Exercise:
    folder = manifest.parent
    script = folder / table["script"]
    if not script.is_file() and table["script"] not in listed_references(folder):
        raise BadDataError(f"{manifest}: there is no {table['script']}", remedy="mend the path")
    if not script.resolve().is_relative_to(folder.resolve()):
        raise BadDataError(
            f"{manifest}: {table['script']} leads outside of the lab",
            remedy="copy the script there",
        )
    sections = _sections(table["sections"])
    places = {(field.section, field.key) for section in sections for field in section.fields}
    before_after = {
        evidence: place_of(where, places=places, manifest=manifest)
        for evidence, where in table.get("before_after", {}).items()
    }
    return Exercise(
        id=name,
        title=table["title"],
        script=script,
        golden=folder / "golden" / f"{name}.json",
        before_after=before_after,
        sections=sections,
        instructions=tuple(table.get("instructions", ())),
        published=table.get("published", False),
    )


def place_of(where: str, *, places: set[tuple[str, str]], manifest: Path) -> tuple[str, str]:
    """Split section/key, which has to be a field.

    Raises:
        BadDataError: It is none.
    """
    section, _, key = where.partition("/")
    if (section, key) not in places:
        raise BadDataError(
            f"{manifest}: before_after names {where!r}, which is no field", remedy="mend it"
        )
    return section, key


def _sections(tables: list[dict[str, Any]]) -> tuple[SectionSpec, ...]:
    uses = Counter(field["key"] for table in tables for field in table["fields"])
    repeated = frozenset(key for key, count in uses.items() if count > 1)
    return tuple(_section(table, repeated=repeated) for table in tables)


def _section(table: dict[str, Any], *, repeated: frozenset[str]) -> SectionSpec:
    rows: tuple[int, ...] = tuple(table.get("rows", ()))
    row_key: str | None = table.get("row_key")
    fields = tuple(
        replace(
            _field(field, section=table["name"], row_key=row_key, row=row),
            names_section=field["key"] in repeated,
        )
        for row in (rows or (None,))
        for field in table["fields"]
    )
    return SectionSpec(name=table["name"], row_key=row_key, rows=rows, fields=fields)


def _field(table: dict[str, Any], *, section: str, row_key: str | None, row: int | None) -> Field:
    one_unit = Decimal(1).scaleb(-table["decimals"])
    return Field(
        section=section,
        key=table["key"],
        row_key=row_key,
        row=row,
        stage=Stage(table["stage"]),
        decimals=table["decimals"],
        atol=Decimal(table["atol"]) if "atol" in table else one_unit,
        rtol=Decimal(table.get("rtol", "0")),
        why=table["why"],
        shape=tuple(table.get("shape", ())),
    )
