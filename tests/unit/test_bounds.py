"""Whatever one submission is and prints, grading it takes little time and memory."""

from __future__ import annotations

import hashlib
import resource
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.report.row import parse_row, row_line, row_of
from verifier.run.interface import PLAIN
from verifier.submission import Submission
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.run.interface import Examination, Limits, RunResult

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
ROW_BYTES = 1024 * 1024
SECONDS = 1.0
PRIME = 2**61 - 1
"""Python's hash of a number is taken modulo this."""
ASTRAL = "\U00020000".encode()
"""A character that takes twelve bytes in JSON."""


class _Stubborn(FakeRunner):
    """Gives the same numbers whatever the seed, as what is typed does."""

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        return super().run(source, limits=limits, examination=replace(examination, seed_shift=0))


def _submission(source: bytes) -> Submission:
    digest = hashlib.sha256(source).hexdigest()
    return Submission(path="a.py", sha256=digest, source=source, refusals=())


def _rows_of_steps(count: int) -> bytes:
    return b"".join(b"step=%d\n" % (PRIME * number) for number in range(1, count))


@pytest.mark.parametrize(
    ("source", "stdout"),
    [
        pytest.param(b"x = " + b"9" * 400, PUBLISHED, id="400 digits"),
        pytest.param(b"x = 0x" + b"f" * 30_000, PUBLISHED, id="a long hexadecimal"),
        pytest.param(b"x=1\n" * 262_144, PUBLISHED, id="a mebibyte of statements"),
        pytest.param(b"f(0);" * 200_000, PUBLISHED, id="a mebibyte of calls"),
        pytest.param(b'f"' + b"{a}" * 300_000 + b'"', PUBLISHED, id="quadratic f-string"),
        pytest.param(b"(" * 1_000_000, PUBLISHED, id="nested"),
        pytest.param(b"x=" + b"-" * 1_000_000 + b"1", PUBLISHED, id="signs"),
        pytest.param(b"", b"mini_training_loop\n" + _rows_of_steps(5_000), id="rows of one hash"),
        pytest.param(
            b"", b"mini_training_loop\n" * 999 + b"step=1 loss=1 " * 5_000, id="999 sections"
        ),
        pytest.param(b"", b"one_training_step\n" + b"loss_before=0.1927\n" * 9_999, id="repeats"),
        pytest.param(
            b"", ASTRAL * 200 + b"\n" + ASTRAL * 200 + b" " + b"a=1 " * 9_999, id="49 MB of names"
        ),
        pytest.param(b"", (b"\\" * 199 + b"= 1\n") * 5_000, id="escaped names"),
        pytest.param(
            b"",
            b"one_training_step\n" + (b"loss_before= " + ASTRAL * 3_999 + b"\n") * 24,
            id="texts",
        ),
        pytest.param(
            b"", b"one_training_step\n" + (b"a" + b"#" * 199 + b"=1\n") * 9_900, id="escaped signs"
        ),
    ],
)
def test_worst_of_its_kind_is_graded_within_bounds(source: bytes, stdout: bytes) -> None:
    """Within a second, and its row is less than a mebibyte."""
    runner = _Stubborn(run_result(stdout))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    graded = pipeline.grade(_submission(source), task=TASK, runner=runner)
    line = row_line(row_of(graded.report, graded.runs, lab_revision="0" * 64))
    seconds = time.process_time() - start
    grown_bytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024

    assert graded.fault is None
    assert seconds < SECONDS
    assert len(line) < ROW_BYTES
    assert grown_bytes < 150 * ROW_BYTES
    assert parse_row(line)["report"]["verdict"] == "failed"


def test_what_a_record_leaves_out_is_counted_in_a_finding() -> None:
    """It was judged all the same."""
    stdout = PUBLISHED + b"done\n" + b"a_long_name_of_a_value=1\n" * 9_000
    graded = pipeline.grade(_submission(b""), task=TASK, runner=FakeRunner(run_result(stdout)))
    report = graded.report
    (finding,) = [each for each in report.findings if each.kind == "record_cut"]

    kept = len(report.record.readings)
    assert f"the record keeps the first {kept} of " in finding.message
    assert 4_000 < kept < 9_000
    assert report.verdict == "passed"


@pytest.mark.parametrize("lines", [10, 1_000])
def test_record_of_a_long_loop_is_whole(lines: int) -> None:
    """A legitimate loop of a thousand steps keeps all of its values."""
    loop = b"".join(b"step=%d loss=0.1234 pred=0.567\n" % step for step in range(lines))
    stdout = PUBLISHED + b"my_own_loop\n" + loop
    graded = pipeline.grade(_submission(b""), task=TASK, runner=FakeRunner(run_result(stdout)))

    assert len(graded.report.record.readings) == 21 + 3 * lines


def test_captured_output_that_brings_out_a_fault_has_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As for a script."""

    def broken(_raw: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline, "read_stdout", broken)
    graded = pipeline.check_captured(_submission(b"x"), task=TASK)

    assert graded.report.verdict == "not_gradable"
    assert [each.kind for each in graded.report.findings] == ["internal"]
    assert graded.fault is not None
