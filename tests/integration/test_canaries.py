"""Canaries are repeatable, as their goldens have them, and exact numbers can be had from them."""

from __future__ import annotations

import io
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.output.value import numbers_in
from verifier.report.report import Verdict
from verifier.run.interface import Examination, Exited
from verifier.submission import read_stream
from verifier.task import load_task
from verifier.trace.event import Item
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.lab.spec import Lab
    from verifier.run.interface import RunResult
    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

CANARIES = [lab for lab in load_labs(LAB_ROOT).values() if lab.canary is not None]

WATCH = """\
import sys

opened = []
sys.addaudithook(lambda event, arguments: event == "open" and opened.append(str(arguments[0])))

from verifier.sandbox.warm import warmup

warmup.warm_up()
warmup.reseed()
before = [name for name in opened if name.startswith(sys.argv[1])]
open(sys.argv[2]).close()
after = [name for name in opened if name.startswith(sys.argv[1])]
print(len(opened) > 100, before, after)
"""


@pytest.mark.parametrize("canary", CANARIES, ids=lambda lab: lab.id)
def test_a_canary_prints_the_same_twice_and_what_its_golden_holds(
    canary: Lab, boxed: SandboxRunner
) -> None:
    """Within tolerance: how matrix products are rounded depends on the processor's maker, too."""
    task = load_task(canary, "baseline")
    first, second = _run(canary, boxed), _run(canary, boxed)

    assert first.outcome == Exited(code=0), first.stderr
    assert second.stdout == first.stdout
    captured = read_stream(io.BytesIO(first.stdout), name="-", is_script=False)
    report = pipeline.check_captured(captured, task=task).report
    assert report.verdict is Verdict.PASSED, report.start_here
    assert report.findings == ()


@pytest.mark.parametrize("canary", CANARIES, ids=lambda lab: lab.id)
def test_exact_numbers_of_a_canary_stand_in_its_trace(canary: Lab, boxed: SandboxRunner) -> None:
    """One for each that is printed, in their order; printed text is theirs, rounded."""
    run = _run(canary, boxed, examination=Examination(trace=True))
    exercise = canary.exercise("baseline")
    readings = match_output(read_stdout(run.stdout), exercise).judged
    printed = [
        (number, field.decimals)
        for field, reading in readings.items()
        for number in numbers_in(reading.value)
    ]
    trace = read_trace(run.trace, only="item")
    exact = [event.value for event in trace.events if isinstance(event, Item)]

    assert len(printed) == len(exact)
    for (number, decimals), value in zip(printed, exact, strict=True):
        assert number == Decimal(f"{value:.{decimals}f}")


def test_warm_up_reads_no_lab() -> None:
    """The fork server holds nothing of a canary that is later run in its children."""
    canary = CANARIES[0].exercise("baseline").script
    command = [sys.executable, "-c", WATCH, str(LAB_ROOT), str(canary)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert done.stdout == f"True [] ['{canary}']\n"


def _run(lab: Lab, runner: SandboxRunner, **how: Examination) -> RunResult:
    return runner.run(lab.exercise("baseline").script.read_bytes(), limits=lab.limits, **how)
