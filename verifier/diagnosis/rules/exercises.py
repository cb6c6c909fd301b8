"""The rule of stage output for a script that is right for another exercise of the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.checks.check import Status
from verifier.checks.grade import grade_output
from verifier.diagnosis.diagnosis import Suspicion, suspect
from verifier.output.match import match_output
from verifier.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from verifier.diagnosis.subject import Subject
    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise
    from verifier.output.transcript import Reading


def suspicions(
    subject: Subject, others: Iterable[tuple[Exercise, Mapping[Field, Reading]]]
) -> Iterator[Suspicion]:
    """Name the exercise that was answered in place of this one.

    Not where this one asks for all of that and more: then lines are missing.
    """
    if subject.crashed:
        return
    printed = {reading.key for reading in subject.match.transcript.readings}
    asked = {_address(field) for field in subject.answers}
    for exercise, answers in others:
        keys = {field.key for field in answers}
        if not keys <= printed or {_address(field) for field in answers} <= asked:
            continue
        checks = grade_output(match_output(subject.match.transcript, exercise), answers=answers)
        if all(check.status is Status.PASSED for check in checks):
            fact = (
                f"{counted(len(answers), 'value')} of the exercise {exercise.id}, and all are right"
            )
            words = {"observed": exercise.id, "asked": subject.exercise.id}
            yield suspect("exercise-other", fact, words=words)
            return


def _address(field: Field) -> tuple[str, int | None, str]:
    return field.section, field.row, field.key
