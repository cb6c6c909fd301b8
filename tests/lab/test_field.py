"""Scripts of learners from public reports are told what is true and helps."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab.corpus import LAB
from verifier import pipeline
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.run.sandbox import SandboxRunner

FIELD = Path(__file__).parent / "field"
CASES: dict[str, Any] = tomllib.loads((FIELD / "field.toml").read_text(encoding="utf-8"))
TASK = load_task(LAB, "baseline")


@pytest.mark.torch
@pytest.mark.parametrize("name", CASES)
def test_learner_is_told_what_happened(sandbox: SandboxRunner, name: str) -> None:
    """The first diagnosis if there is one, where to start, what the right steps are worth."""
    case = CASES[name]
    (script,) = FIELD.glob(f"{name}.*")
    submission = read_submission(script)
    if not submission.gradable:
        said = submission.refusals[0].message
        found: tuple[str | None, str | None, int | None] = (None, None, None)
    else:
        report = pipeline.grade(submission, task=TASK, runner=sandbox).report
        best = next(iter(report.diagnoses), None)
        said = f"{best.message} {best.fix}" if best else ""
        found = (best.id if best else None, report.start_here, report.score)

    assert found == (case.get("diagnosis"), case.get("start_here"), case.get("score"))
    assert [part for part in case["says"] if part not in said] == [], said
