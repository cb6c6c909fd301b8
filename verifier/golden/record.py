"""The record: the lesson's before/after evidence, and all readings.

It has two forms: JSON (``schemas/record.schema.json``) and the five ``key: rest``
lines that the lesson asks a learner to keep; both are written and read back here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.output.match import match_output
from verifier.output.transcript import Reading, Section, Transcript
from verifier.output.value import value_from_json, value_to_json
from verifier.printable import printable
from verifier.schema import SCHEMA_VERSION, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise
    from verifier.output.match import Match
    from verifier.output.value import Value

GRADIENT_KEYS = ("weight_grad", "bias_grad")
NUMBER_KEYS = ("prediction_before", "loss_before", "prediction_after", "loss_after")
_SEEN = "weight_grad and bias_grad are not None"
_NOT_SEEN = "weight_grad and bias_grad are None"
_MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradients:
    """The gradients printed after ``backward()``; both None where only their being is known."""

    weight_grad: Value
    bias_grad: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    """One full training step, seen from outside. None where the output does not tell."""

    prediction_before: Value = None
    loss_before: Value = None
    gradient_seen: Gradients | None = None
    prediction_after: Value = None
    loss_after: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one output says."""

    before_after: BeforeAfter
    readings: tuple[Reading, ...]


EMPTY_RECORD = Record(before_after=BeforeAfter(), readings=())
"""The record of a submission that was never run."""


def build_record(match: Match, exercise: Exercise) -> Record:
    """Make the record of an output: of the lab's own lines, or of the five lines kept from it."""
    evidence = _evidence(match, exercise)
    gradient = [evidence.get(key) for key in GRADIENT_KEYS]
    seen = evidence.get("gradient_seen")
    return Record(
        before_after=BeforeAfter(
            **{key: evidence.get(key) for key in NUMBER_KEYS},
            gradient_seen=Gradients(weight_grad=gradient[0], bias_grad=gradient[1])
            if None not in gradient or seen == _SEEN
            else None,
        ),
        readings=match.transcript.readings,
    )


def _evidence(match: Match, exercise: Exercise) -> dict[str, Value]:
    kept = {
        reading.key: reading.value
        for reading in match.transcript.readings
        if reading.section is None and reading.key is not None and reading.text != _MISSING
    }
    printed = {
        (field.section, field.key): reading.value
        for field, reading in match.judged.items()
        if field.row is None
    }
    named = {
        evidence: printed[place]
        for evidence, place in exercise.before_after.items()
        if place in printed
    }
    return kept | named


def record_to_json(record: Record) -> dict[str, Any]:
    """Give the record as its schema has it."""
    evidence = record.before_after
    gradient = evidence.gradient_seen
    return {
        "schema_version": SCHEMA_VERSION,
        "before_after": {
            "prediction_before": value_to_json(evidence.prediction_before),
            "loss_before": value_to_json(evidence.loss_before),
            "gradient_seen": None
            if gradient is None
            else {
                "weight_grad": value_to_json(gradient.weight_grad),
                "bias_grad": value_to_json(gradient.bias_grad),
            },
            "prediction_after": value_to_json(evidence.prediction_after),
            "loss_after": value_to_json(evidence.loss_after),
        },
        "readings": [_reading_to_json(reading) for reading in record.readings],
    }


def _reading_to_json(reading: Reading) -> dict[str, Any]:
    return {
        "section": reading.section,
        "row": reading.row,
        "key": reading.key,
        "occurrence": reading.occurrence,
        "line": reading.line,
        "decimals": reading.decimals,
        "text": reading.text,
        "value": value_to_json(reading.value),
        "exact": kept_exact(reading),
    }


def kept_exact(reading: Reading) -> str | None:
    """Write the unrounded value of a single number; a list's are not kept in a record."""
    if reading.exact is None or not isinstance(reading.value, Decimal):
        return None
    (value,) = reading.exact
    return value.hex() if math.isfinite(value) else None


def record_from_json(document: Any) -> Record:  # noqa: ANN401 - whatever json.loads gave
    """Read a record back.

    Raises:
        BadDataError: The document is not what ``schemas/record.schema.json`` says.
    """
    try:
        validate("record", document)
        return _record_from_json(document)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadDataError(f"record: {error}", remedy="make the record again") from error


def _record_from_json(document: dict[str, Any]) -> Record:
    evidence = document["before_after"]
    gradient = evidence["gradient_seen"]
    return Record(
        before_after=BeforeAfter(
            **{key: value_from_json(evidence[key]) for key in NUMBER_KEYS},
            gradient_seen=None
            if gradient is None
            else Gradients(**{key: value_from_json(gradient[key]) for key in GRADIENT_KEYS}),
        ),
        readings=tuple(_reading_from_json(reading) for reading in document["readings"]),
    )


def _reading_from_json(document: dict[str, Any]) -> Reading:
    exact = document["exact"]
    read = {
        "value": value_from_json(document["value"]),
        "exact": None if exact is None else (float.fromhex(exact),),
    }
    return Reading(**document | read)


def record_to_text(record: Record, exercise: Exercise) -> str:
    """Give the lines of "Evidence to Keep", each ended by a newline.

    There are five; an exercise without some of that evidence leaves their lines out, and one with
    lines of its own has those.
    """
    if exercise.evidence:
        judged = match_output(transcript_of(record), exercise).judged
        return "".join(_evidence_line(*each, judged) for each in exercise.evidence)
    evidence = record.before_after
    lines = {
        "prediction_before": _kept(evidence.prediction_before),
        "loss_before": _kept(evidence.loss_before),
        "gradient_seen": _NOT_SEEN if evidence.gradient_seen is None else _SEEN,
        "prediction_after": _kept(evidence.prediction_after),
        "loss_after": _kept(evidence.loss_after),
    }
    asked = set(exercise.before_after)
    if not asked.isdisjoint(GRADIENT_KEYS):
        asked.add("gradient_seen")
    return "".join(f"{key}: {rest}\n" for key, rest in lines.items() if key in asked)


def _evidence_line(label: str, kept: Field | str, judged: Mapping[Field, Reading]) -> str:
    if isinstance(kept, str):
        return f"{label}: {kept}\n"
    reading = judged.get(kept)
    text = _MISSING if reading is None else " ".join(reading.text.split())
    return f"{label}: {printable(text, limit=len(text))}\n"


def transcript_of(record: Record) -> Transcript:
    """Give the readings of a record as what was read."""
    first_lines: dict[str, int] = {}
    for reading in record.readings:
        if reading.section is not None:
            first_lines.setdefault(reading.section, reading.line)
    sections = tuple(Section(name=name, line=line) for name, line in first_lines.items())
    return Transcript(sections=sections, readings=record.readings, findings=())


def _kept(value: Value) -> str:
    if value is None:
        return _MISSING
    if isinstance(value, tuple):
        return "[" + ", ".join(_kept(element) for element in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f").lower() if value.is_finite() else str(value_to_json(value))
    return printable(str(value))
