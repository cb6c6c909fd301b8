"""What a learner did right is said first, in every format, and only what was seen to be right."""

from __future__ import annotations

import dataclasses
import io

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.report.markdown import markdown_reports
from verifier.report.report import Report, report_to_json, right_so_far
from verifier.report.text import text_reports
from verifier.run.interface import Exited, Outcome, RunnerName
from verifier.submission import read_stream
from verifier.task import load_task

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
ALL = "The script ran; prediction, loss, gradients and update are right."


def _report(stdout: bytes, outcome: Outcome | None = None) -> Report:
    submission = read_stream(io.BytesIO(b"print(1)"), name="submission.py")
    result = run_result(stdout, outcome=outcome or Exited(code=0))
    return pipeline.grade(submission, task=TASK, runner=FakeRunner(result)).report


def _changed(old: bytes, new: bytes) -> Report:
    return _report(PUBLISHED.replace(old, new))


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (_changed(b"one_training_step\n", b""), "The script ran to its end."),
        (_changed(b"0.825", b"0.5"), "The script ran, and prints the lab's section lines."),
        (_changed(b"0.1927", b"0.5"), "The script ran; prediction is right."),
        (_changed(b"[-0.1753]", b"[0.5]"), "The script ran; prediction and loss are right."),
        (_changed(b"0.0861", b"0.5"), ALL),
        (_report(PUBLISHED, Exited(code=1)), ALL),
        (_report(b"", Exited(code=7)), None),
        (_report(PUBLISHED), None),
    ],
)
def test_what_passed_before_the_first_wrong_stage_is_told(report: Report, said: str | None) -> None:
    """Nothing is told of what passed as a whole, nor where nothing was right."""
    assert right_so_far(report_to_json(report)) == said


def test_text_and_markdown_begin_with_it() -> None:
    """Before what went wrong."""
    report = _changed(b"0.0861", b"0.5")
    text = text_reports([report])
    page = markdown_reports([report_to_json(report)])

    assert text.splitlines()[2] == ALL
    assert page.index(ALL) < page.index("| stage |")


def test_captured_output_has_no_script_that_ran() -> None:
    """Only what was judged is told."""
    stdout = read_stream(
        io.BytesIO(PUBLISHED.replace(b"0.0861", b"0.5")), name="-", is_script=False
    )
    report = pipeline.check_captured(stdout, task=TASK).report

    assert right_so_far(report_to_json(report)) == (
        "Prediction, loss, gradients and update are right."
    )


@pytest.mark.parametrize(
    ("runner", "command"),
    [("sandbox", "docker run --rm labcheck explain"), ("container", "labcheck explain")],
)
def test_command_that_explains_is_one_that_the_reader_has(runner: RunnerName, command: str) -> None:
    """Who ran the image alone has no labcheck beside it."""
    stdout = PUBLISHED.replace(b"loss_before= 0.1927\n", b"")
    report = _report(stdout)
    environment = dataclasses.replace(report.environment, runner=runner)

    lines = text_reports([dataclasses.replace(report, environment=environment)]).splitlines()

    assert any(line.startswith(f"  {command} ") for line in lines)
