"""What real runs of wrong scripts bring about tells no golden number, where none is to be told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.lab.corpus import LAB, MISTAKES
from tests.unit.cli.answers import HandIn, numbers_of
from verifier import pipeline
from verifier.lab.feedback import Feedback
from verifier.lab.stage import Stage
from verifier.report.feedback import told
from verifier.report.report import report_to_json
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.lab.mistake import Mistake
    from verifier.report.report import Report
    from verifier.run.sandbox import SandboxRunner

TASKS = {name: load_task(LAB, name) for name in LAB.exercises}
TRAINED = [each for each in MISTAKES if each.stage != Stage.RUN]
_OWN = ("record", "submission", "environment")


def _numbers(report: Report) -> frozenset[str]:
    document = report_to_json(report)
    shown = {key: value for key, value in document.items() if key not in _OWN}
    return numbers_of(json.dumps(shown))


@pytest.mark.torch
def test_a_mistake_tells_no_golden_number(sandbox: SandboxRunner) -> None:
    """Of some hundred mistakes none does; in full most of them do."""
    leaks: dict[str, frozenset[str]] = {}
    in_full = 0
    for mistake in TRAINED:
        full, secrets = _graded(mistake, sandbox)
        in_full += bool(_numbers(full) & secrets)
        for policy in (Feedback.NO_VALUES, Feedback.VERDICT):
            found = _numbers(told(full, policy)) & secrets
            leaks |= {f"{mistake.id}, {policy}": found} if found else {}

    assert leaks == {}
    assert in_full > len(TRAINED) / 2


def _graded(mistake: Mistake, sandbox: SandboxRunner) -> tuple[Report, frozenset[str]]:
    task = replace(TASKS[mistake.exercise], feedback=Feedback.FULL)
    submission = read_submission(mistake.script)
    graded = pipeline.grade(submission, task=task, runner=sandbox)
    handed_in = HandIn(name=mistake.id, source=submission.source, run=graded.runs[0])
    return graded.report, handed_in.secrets(task)
