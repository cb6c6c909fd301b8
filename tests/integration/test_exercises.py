"""Every reference of the lesson prints its golden; its mistakes are in tests/lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.exercises import PRINTED
from tests.fakes import LAB_ROOT
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.report.report import Verdict
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

LAB = load_labs(LAB_ROOT)["forward-backward"]


@pytest.mark.parametrize("name", PRINTED)
def test_reference_prints_its_golden_to_the_byte(name: str, boxed: SandboxRunner) -> None:
    """And makes its exercise's point."""
    report = pipeline.verify(load_task(LAB, name), runner=boxed)

    assert report.verdict is Verdict.PASSED, report.start_here
