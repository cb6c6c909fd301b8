"""Every reference of the lesson prints its golden, and every mistake stops where it should."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.exercises import PRINTED
from tests.fakes import LAB_ROOT
from verifier import pipeline
from verifier.lab_spec import load_labs
from verifier.report.report import Verdict
from verifier.submission import read_submission

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

LAB = load_labs(LAB_ROOT)["forward-backward"]
EXPECTED = {
    path: json.loads(path.read_text())
    for path in sorted((LAB.folder / "mistakes").glob("*.expected.json"))
}
OF_EXERCISES = [path for path, expected in EXPECTED.items() if expected["exercise"] != "baseline"]


@pytest.mark.parametrize("name", PRINTED)
def test_reference_prints_its_golden_to_the_byte(name: str, boxed: SandboxRunner) -> None:
    """And makes its exercise's point."""
    report = pipeline.verify(pipeline.load_task(LAB, name), runner=boxed)

    assert report.verdict is Verdict.PASSED, report.start_here


@pytest.mark.parametrize("path", OF_EXERCISES, ids=lambda path: path.name)
def test_mistake_fails_at_the_stage_to_start_with(path: Path, boxed: SandboxRunner) -> None:
    """By the checks alone, before any diagnosis."""
    script = path.with_name(path.name.replace(".expected.json", ".py"))
    task = pipeline.load_task(LAB, EXPECTED[path]["exercise"])
    report = pipeline.grade(read_submission(script), task=task, runner=boxed).report

    assert report.verdict is Verdict.FAILED
    assert report.start_here == EXPECTED[path]["start_here"]
