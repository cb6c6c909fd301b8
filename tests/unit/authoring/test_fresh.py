"""Fresh golden records of a reference, with where they came from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import ENVIRONMENT, ITEMS, LAB_ROOT, PUBLISHED, TRACE, FakeRunner, run_result
from verifier import pipeline
from verifier.authoring import fresh
from verifier.errors import BadDataError
from verifier.lab.load import load_labs
from verifier.report.report import Verdict
from verifier.run.interface import Exited
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.golden.record import Record

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASK = load_task(LAB, "baseline")


def _exact(record: Record) -> list[float]:
    return [value for reading in record.readings for value in reading.exact or ()]


def test_fresh_golden_holds_unrounded_values_and_verify_does_without() -> None:
    """The text is what is published; bits differ from one CPU to another."""
    runner = FakeRunner(run_result(trace=TRACE))
    golden = fresh.fresh_golden(LAB, TASK.exercise, runner=runner, reason="a test")
    report = pipeline.verify(replace(TASK, golden=golden), runner=runner)

    assert _exact(golden.record) == list(map(float.fromhex, ITEMS))
    assert report.verdict is Verdict.PASSED
    assert _exact(report.record) == []


def test_fresh_golden_carries_its_provenance() -> None:
    """Where, with what, from which script, and why."""
    golden = fresh.fresh_golden(
        LAB, TASK.exercise, runner=FakeRunner(run_result()), reason="because"
    )

    assert golden.provenance.reason == "because"
    assert golden.provenance.runtime_image == ENVIRONMENT.image
    assert golden.provenance.torch == "2.13.0+cpu"
    assert golden.record.readings[1].text == "0.1927"


def test_fresh_golden_of_a_crashing_reference_is_refused() -> None:
    """Its traceback is shown."""
    runner = FakeRunner(run_result(outcome=Exited(code=1), stderr=b"ValueError: x\n"))

    with pytest.raises(BadDataError, match="ValueError: x"):
        fresh.fresh_golden(LAB, TASK.exercise, runner=runner, reason="because")


def test_fresh_golden_of_an_incomplete_output_is_refused() -> None:
    """A golden must answer every field; an author may leave one out where all follow from a run."""
    runner = FakeRunner(run_result(PUBLISHED.replace(b"loss_before= 0.1927\n", b"")))
    written = replace(TASK.exercise, is_derived=False)
    with pytest.raises(BadDataError, match="0 values for loss_before"):
        fresh.fresh_golden(LAB, written, runner=runner, reason="because")
    with pytest.raises(BadDataError, match="0 values for loss_before"):
        fresh.fresh_golden(LAB, TASK.exercise, runner=runner, reason="x", keeps_fields=True)

    made = fresh.fresh_golden(LAB, TASK.exercise, runner=runner, reason="because")
    assert made.derived is not None
    assert len(made.derived.fields) == len(TASK.exercise.fields) - 1


def test_a_reference_that_prints_too_much_is_no_lab() -> None:
    """Nobody reads a report of more values."""
    printed = b"".join(b"a%d= 1\n" % number for number in range(fresh.MOST_FIELDS + 1))
    with pytest.raises(BadDataError, match="more than 1000"):
        fresh.fresh_golden(LAB, TASK.exercise, runner=FakeRunner(run_result(printed)), reason="x")
