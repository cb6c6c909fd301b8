"""Telling a story to its end, and asking for its diagnoses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.exercises import matched
from tests.fakes import LAB_ROOT, LIMITS, run_result
from tests.unit.diagnosis.story import Story
from verifier.checks.check import in_debug_order
from verifier.checks.ending import ending_checks
from verifier.checks.grade import grade_output
from verifier.diagnosis.diagnose import diagnose
from verifier.lab.catalogue import load_catalogue
from verifier.lab.load import load_labs
from verifier.run.interface import Exited
from verifier.task import load_task
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.golden.signature import Signature
    from verifier.run.interface import Outcome
    from verifier.task import Task

LAB = load_labs(LAB_ROOT)["forward-backward"]
CATALOGUE = load_catalogue(LAB)
EXERCISE = LAB.exercise("baseline")


TASKS = {name: replace(load_task(LAB, name), signatures=()) for name in LAB.exercises}
"""Without signatures: a story is told from what it did."""
TASK = TASKS["baseline"]


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
    task: Task = TASK,
    warned: bytes = b"",
) -> tuple[Diagnosis, ...]:
    """Diagnose a run from its parts; a script may warn on standard error and end well."""
    run = run_result(
        stdout, outcome=outcome or Exited(code=1 if stderr else 0), stderr=stderr.encode() or warned
    )
    match = matched(stdout, task.exercise)
    checks = in_debug_order(
        [
            *ending_checks(run, limits=LIMITS, match=match, exercise=task.exercise),
            *grade_output(match, answers=task.answers),
        ]
    )
    return diagnose(
        source=source,
        run=run,
        match=match,
        checks=checks,
        task=replace(task, signatures=signatures),
        trace=read_trace(trace),
    )


def ids(source: bytes = b"", **switches: Any) -> list[str]:  # noqa: ANN401 - fields of a Story
    """Name the diagnoses of a story."""
    story = told(**switches)
    found = diagnosed(
        story.stdout,
        trace=story.trace,
        source=source,
        stderr=story.crash,
        task=TASKS[story.exercise],
    )
    return [each.id for each in found]
