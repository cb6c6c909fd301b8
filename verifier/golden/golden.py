"""Golden: the record that the pinned environment gives, with where it came from.

Tolerances are not repeated here: they belong to the fields of ``lab.toml``, which
`golden_answers` joins with their golden readings. A golden file changes only through
``labcheck golden update``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.golden.record import (
    Record,
    kept_exact,
    record_from_json,
    record_to_json,
    transcript_of,
)
from verifier.lab.derived import derived_from_json, derived_to_json
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.printable import counted
from verifier.sandbox.request import GENERATORS
from verifier.schema import SCHEMA_VERSION, read_document, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.lab.derived import Derived
    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise
    from verifier.output.transcript import Reading


OTHER_SEEDS = " with seeds raised by "
"""Stands in the names of values that a script prints then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a golden came from; None where the runner could not tell."""

    torch: str | None
    python: str | None
    platform: str | None
    cpu_capability: str | None
    threads: int | None
    runtime_image: str | None
    """Id of the runtime image; None for the local runner."""
    pins_sha256: str | None
    script_sha256: str
    stdout_sha256: str
    """Of everything the script printed, to the byte."""
    date: str
    """ISO date."""
    reason: str
    """Why the golden was made or changed, in the author's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseeded:
    """What the reference prints with every seed of its own raised."""

    shift: int
    stdout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """The reference's record for one exercise."""

    lab: str
    exercise: str
    provenance: Provenance
    record: Record
    reseeded: tuple[Reseeded, ...] = ()
    """The same script under other seeds."""
    seeds: tuple[str, ...] = GENERATORS
    """Of which generators they are."""
    derived: Derived | None = None
    """What its run says of the fields, where no manifest writes them down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One golden value, before and after an update; None where it is new or gone."""

    name: str
    old: str | None
    new: str | None


def golden_answers(golden: Golden, exercise: Exercise) -> Mapping[Field, Reading]:
    """Find the golden reading of every field.

    Raises:
        BadDataError: The golden lacks a field of the exercise, or has it twice.
    """
    match = match_output(transcript_of(golden.record), exercise)
    for section in match.sections:
        for field, readings in section.fields.items():
            if len(readings) != 1:
                raise BadDataError(
                    f"the golden of {golden.lab}/{golden.exercise} has "
                    f"{counted(len(readings), 'value')} for {field.name}",
                    remedy="mend lab.toml or the reference, "
                    "then run `labcheck golden update --reason …`",
                )
    return match.judged


def load_golden(*, lab: str, exercise: Exercise) -> Golden:
    """Read the golden of an exercise.

    Raises:
        BadDataError: There is none, it breaks its schema, or it belongs to another exercise.
    """
    remedy = f"run `labcheck golden update --lab {lab} --reason …`"
    if not exercise.golden.exists():
        raise BadDataError(f"there is no golden {exercise.golden}", remedy=remedy)
    document = read_document(exercise.golden, schema="golden", remedy=remedy)
    if (document["lab"], document["exercise"]) != (lab, exercise.id):
        raise BadDataError(
            f"{exercise.golden} says it belongs to {document['lab']}/{document['exercise']}",
            remedy=remedy,
        )
    return Golden(
        lab=lab,
        exercise=exercise.id,
        provenance=Provenance(**document["provenance"]),
        record=record_from_json(document["record"]),
        reseeded=tuple(Reseeded(**each) for each in document.get("reseeded", ())),
        seeds=tuple(document.get("seeds", GENERATORS)),
        derived=derived_from_json(document["derived"]) if "derived" in document else None,
    )


def golden_to_json(golden: Golden) -> dict[str, Any]:
    """Give the golden as its schema has it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "lab": golden.lab,
        "exercise": golden.exercise,
        "provenance": asdict(golden.provenance),
        "record": record_to_json(golden.record),
        "reseeded": [asdict(each) for each in golden.reseeded],
        **({} if golden.seeds == GENERATORS else {"seeds": list(golden.seeds)}),
        **({"derived": derived_to_json(golden.derived)} if golden.derived else {}),
    }


def golden_text(golden: Golden) -> str:
    """Give the file's content.

    Raises:
        BadDataError: It would break its own schema.
    """
    document = golden_to_json(golden)
    validate("golden", document)
    return strict_json(document, indent=2) + "\n"


def golden_changes(old: Golden | None, new: Golden) -> tuple[Change, ...]:
    """List every value that differs between two goldens, in printed order; the bytes last."""
    before = {} if old is None else _texts(old)
    after = _texts(new)
    changes = [
        Change(name=name, old=before.get(name), new=after.get(name))
        for name in [*after, *(name for name in before if name not in after)]
        if before.get(name) != after.get(name)
    ]
    if old is not None and old.provenance.stdout_sha256 != new.provenance.stdout_sha256:
        changes.append(
            Change(
                name="sha256 of the whole output",
                old=old.provenance.stdout_sha256,
                new=new.provenance.stdout_sha256,
            )
        )
    return tuple(changes)


def unrounded_changes(old: Golden, new: Golden) -> tuple[Change, ...]:
    """List every unrounded value that has other bits, or that one of the two does not know."""
    before, after = _unrounded(old), _unrounded(new)
    return tuple(
        Change(name=name, old=before[name], new=after[name])
        for name in after
        if name in before and before[name] != after[name]
    )


def _unrounded(golden: Golden) -> dict[str, str | None]:
    return {reading_name(reading): kept_exact(reading) for reading in golden.record.readings}


def _texts(golden: Golden) -> dict[str, str]:
    texts = {reading_name(reading): reading.text for reading in golden.record.readings}
    for each in golden.reseeded:
        transcript = read_stdout(each.stdout.encode())
        texts |= {
            f"{reading_name(reading)}{OTHER_SEEDS}{each.shift}": reading.text
            for reading in transcript.readings
        }
    return texts


def reading_name(reading: Reading) -> str:
    """Name a reading by its address, as ``mini_training_loop/loss[3]`` for the third one."""
    parts = (reading.section, reading.row, reading.key)
    name = "/".join(part for part in parts if part is not None)
    return name if reading.occurrence == 1 else f"{name}[{reading.occurrence}]"
