"""What the reference did: its milestones, kept beside the golden, that scripts are compared with.

`labcheck golden update` writes them. They never come near a submission.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.golden.unit import unit_of_json, unit_to_json
from verifier.printable import printable
from verifier.schema import SCHEMA_VERSION, read_document, validate
from verifier.trace.milestone import milestone_of, milestone_to_json

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.golden.golden import Golden
    from verifier.golden.unit import Unit
    from verifier.lab.spec import Exercise
    from verifier.trace.milestone import Milestone

MAX_BYTES = 100_000
"""Of a file; what is longer is cut where it is written, and not read."""
_REMEDY = "make it again: `labcheck golden update --reason …`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The milestones of a reference's run."""

    lab: str
    exercise: str
    script_sha256: str
    """Of the script that was run."""
    milestones: tuple[Milestone, ...]
    unit: Unit | None = None
    """What it did as one unit, where its lab asks for the formulas of that."""


def reference_file(exercise: Exercise) -> Path:
    """Name the file, which need not be there."""
    return exercise.golden.with_suffix(".trace.json")


def load_reference(exercise: Exercise, golden: Golden) -> Reference | None:
    """Read what the reference of a golden did; None where that is not kept, or of another run.

    Raises:
        BadDataError: The file breaks its schema, is too long, or holds numbers that are none.
    """
    file = reference_file(exercise)
    if not file.exists():
        return None
    document = read_document(file, schema="reference", remedy=_REMEDY, limit_bytes=MAX_BYTES)
    if document["script_sha256"] != golden.provenance.script_sha256:
        return None
    try:
        return _of_json(document)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadDataError(
            f"{printable(str(file))}: a milestone holds a number that is none", remedy=_REMEDY
        ) from error


def _of_json(document: dict[str, Any]) -> Reference:
    return Reference(
        lab=document["lab"],
        exercise=document["exercise"],
        script_sha256=document["script_sha256"],
        milestones=tuple(map(milestone_of, document["milestones"])),
        unit=unit_of_json(document["unit"]) if "unit" in document else None,
    )


def reference_text(reference: Reference) -> str:
    """Give the file's content: a line a milestone, the last ones left out where it grows too long.

    Raises:
        BadDataError: It would break its own schema.
    """
    head: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "lab": reference.lab,
        "exercise": reference.exercise,
        "script_sha256": reference.script_sha256,
        **({} if reference.unit is None else {"unit": unit_to_json(reference.unit)}),
    }
    shown = [milestone_to_json(each) for each in reference.milestones]
    lines = [json.dumps(each, separators=(",", ":"), allow_nan=False) for each in shown]
    room = MAX_BYTES - len(json.dumps(head)) - 100
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 2
        if room < 0:
            break
        kept.append(line)
    validate("reference", head | {"milestones": shown[: len(kept)]})
    members = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    body = ",\n".join(kept)
    return "{" + ",\n ".join(members) + f',\n "milestones": [\n{body}\n]}}\n'
