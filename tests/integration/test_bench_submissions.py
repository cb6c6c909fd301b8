"""What the benchmark hands in really ends as its labels say, or its figures mean something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.speed.submissions import MISTAKES, SHORT_TIME_LIMIT_S, Submission, clean, mixture
from tests.fakes import LAB_ROOT, LIMITS
from verifier import pipeline
from verifier.lab.load import load_lab
from verifier.report.report import Verdict
from verifier.run.interface import Exited, OutputFlood, TimedOut
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

RIGHT = [submission for submission in clean() if submission.expected == "passed"][::5]
WRONG = {submission.kind: submission for submission in clean() if submission.expected == "failed"}
BAD = {
    submission.kind: submission
    for submission in mixture()
    if submission.expected not in ("passed", "failed")
}


def _verdict(submission: Submission, tmp_path: Path, runner: SandboxRunner) -> Verdict:
    file = tmp_path / submission.name
    file.write_bytes(submission.source)
    lab = load_lab(LAB_ROOT / "forward-backward" / "lab.toml")
    task = load_task(lab, "baseline")
    return pipeline.grade(read_submission(file), task=task, runner=runner).report.verdict


@pytest.mark.parametrize("submission", RIGHT, ids=lambda each: each.name)
def test_right_submission_passes(
    submission: Submission, tmp_path: Path, boxed: SandboxRunner
) -> None:
    """Every layout and way to print is one that labcheck reads."""
    assert _verdict(submission, tmp_path, boxed) is Verdict.PASSED


@pytest.mark.parametrize("kind", MISTAKES)
def test_wrong_submission_runs_to_its_end_and_fails(
    kind: str, tmp_path: Path, boxed: SandboxRunner
) -> None:
    """A crash would be cheaper or dearer than what it is to stand for."""
    submission = WRONG[kind]

    assert boxed.run(submission.source, limits=LIMITS).outcome == Exited(code=0)
    assert _verdict(submission, tmp_path, boxed) is Verdict.FAILED


@pytest.mark.parametrize("kind", BAD)
def test_bad_submission_ends_as_its_label_says(kind: str, boxed: SandboxRunner) -> None:
    """The mixture has crashes, floods and endless loops in it."""
    limits = replace(LIMITS, time_limit_s=SHORT_TIME_LIMIT_S)

    outcome = boxed.run(BAD[kind].source, limits=limits).outcome

    match BAD[kind].expected:
        case "timed_out":
            assert outcome == TimedOut()
        case "flooded":
            assert outcome == OutputFlood(stream="stdout")
        case _:
            assert isinstance(outcome, Exited)
            assert outcome.code != 0
