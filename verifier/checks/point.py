"""The point of an exercise: do the relations that its lab asks for hold in what was printed?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.checks.check import Check, Status
from verifier.checks.relations import Curve, Printed, contradiction
from verifier.output.match import first_readings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.lab.relation import Place, RelationSpec
    from verifier.lab.spec import Exercise, Field
    from verifier.output.transcript import Reading, Transcript

_Values = dict[str | None, dict["Place", Printed]]
"""By exercise, None for the judged output, and place; what was not printed is not there."""


def point_checks(
    transcript: Transcript,
    *,
    exercise: Exercise,
    related: Mapping[str, Mapping[Field, Reading]],
) -> tuple[Check, ...]:
    """Check every relation of an exercise.

    Args:
        transcript: What was printed.
        exercise: Whose relations they are.
        related: Golden readings of the other exercises that they name, by exercise and field.
    Returns:
        A check for each. It is skipped where one of its values was not printed: every operand
        is a field, so the field's own check fails, and at the field's own stage.
    """
    values: _Values = {
        None: {
            _place(field): _printed(field, reading)
            for field, reading in first_readings(transcript, exercise).items()
        }
    }
    for name, answers in related.items():
        values[name] = {
            _place(field): _printed(field, reading, prefix=f"the {name}'s ")
            for field, reading in answers.items()
        }
    names = {_place(field): field.name for field in exercise.fields}
    return tuple(_check(spec, values, names) for spec in exercise.relations)


def _place(field: Field) -> Place:
    return field.section, field.key, field.row


def _printed(field: Field, reading: Reading, *, prefix: str = "") -> Printed:
    where = field.name.removeprefix(field.key)
    return Printed(key=prefix + field.key, where=where, value=reading.value)


def _check(spec: RelationSpec, values: _Values, names: Mapping[Place, str]) -> Check:
    curves: list[Curve] = []
    for operand in spec.operands:
        known = values[operand.exercise]
        missing = next((place for place in operand.places if place not in known), None)
        if missing is not None:
            return _result(spec, Status.SKIPPED, f"not judged: {names[missing]} is not printed")
        curves.append(tuple(known[place] for place in operand.places))
    found = contradiction(spec, tuple(curves))
    if found is None:
        return _result(spec, Status.PASSED, spec.claim)
    message = f"it should hold that {spec.claim}, but {found.evidence}: {spec.hint}"
    return replace(
        _result(spec, Status.FAILED, message),
        expected=found.expected,
        observed=found.observed,
        difference=found.difference,
        allowed=found.allowed,
    )


def _result(spec: RelationSpec, status: Status, message: str) -> Check:
    return Check(stage=spec.stage, name=spec.name, status=status, message=message)
