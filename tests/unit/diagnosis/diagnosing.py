"""Telling a story to its end, and asking for its diagnoses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes import LAB_ROOT, LIMITS, run_result
from tests.unit.diagnosis.story import Story
from verifier.checks.check import in_debug_order
from verifier.checks.ending import check_ending
from verifier.checks.grade import grade_output
from verifier.diagnosis.catalogue import load_catalogue
from verifier.diagnosis.diagnose import Assignment, diagnose
from verifier.golden.golden import golden_answers, load_golden
from verifier.lab.spec import load_labs
from verifier.output.transcript import read_stdout
from verifier.run.interface import Exited
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.diagnosis.signature import Signature
    from verifier.run.interface import Outcome

LAB = load_labs(LAB_ROOT)["forward-backward"]
CATALOGUE = load_catalogue(LAB)
EXERCISE = LAB.exercise("baseline")


def assignment(name: str) -> Assignment:
    """Give what an exercise asks for."""
    exercise = LAB.exercise(name)
    answers = golden_answers(load_golden(lab=LAB.id, exercise=exercise), exercise)
    return Assignment(exercise=exercise, answers=answers, catalogue=CATALOGUE)


ASSIGNMENT = assignment("baseline")
ASSIGNMENTS = {name: assignment(name) for name in LAB.exercises}


def told(**switches: Any) -> Story:  # noqa: ANN401 - fields of a Story
    """Tell a story to its end."""
    story = Story(**switches)
    story.tell()
    return story


def diagnosed(
    stdout: bytes,
    *,
    trace: bytes = b"",
    source: bytes = b"",
    stderr: str = "",
    outcome: Outcome | None = None,
    signatures: tuple[Signature, ...] = (),
    task: Assignment = ASSIGNMENT,
) -> tuple[Diagnosis, ...]:
    """Diagnose a run from its parts."""
    run = run_result(
        stdout, outcome=outcome or Exited(code=1 if stderr else 0), stderr=stderr.encode()
    )
    transcript = read_stdout(stdout)
    checks = in_debug_order(
        [
            check_ending(run, limits=LIMITS),
            *grade_output(transcript, exercise=task.exercise, answers=task.answers),
        ]
    )
    return diagnose(
        source=source,
        run=run,
        transcript=transcript,
        checks=checks,
        task=task,
        trace=read_trace(trace),
        signatures=signatures,
    )


def ids(source: bytes = b"", **switches: Any) -> list[str]:  # noqa: ANN401 - fields of a Story
    """Name the diagnoses of a story."""
    story = told(**switches)
    found = diagnosed(
        story.stdout,
        trace=story.trace,
        source=source,
        stderr=story.crash,
        task=ASSIGNMENTS[story.exercise],
    )
    return [each.id for each in found]
