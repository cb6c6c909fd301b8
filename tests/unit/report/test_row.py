"""A row: what is kept of one submission, and what is believed of a line."""

from __future__ import annotations

import io
import json

import pytest

from tests.fakes import ENVIRONMENT, LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import pipeline
from verifier.errors import BadDataError
from verifier.lab.load import load_labs
from verifier.report.row import HEAD_BYTES, TAIL_BYTES, Row, parse_row, row_line, row_of
from verifier.run.interface import Exited, Killed, Outcome, OutputFlood, RunResult, TimedOut
from verifier.submission import read_stream
from verifier.task import load_task

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
REVISION = "0" * 64


def _row(result: RunResult | None = None, source: bytes = b"print(1)", path: str = "a.py") -> Row:
    submission = read_stream(io.BytesIO(source), name=path)
    if not submission.gradable:
        return row_of(pipeline.refuse(submission, task=TASK), (), lab_revision=REVISION)
    graded = pipeline.grade(submission, task=TASK, runner=FakeRunner(result or run_result()))
    return row_of(graded.report, graded.runs, lab_revision=REVISION)


def test_row_says_what_was_graded_by_what_and_how_it_went() -> None:
    """Enough to judge it again, and to know whether it still holds."""
    row = _row(run_result(stderr=b"a warning\n"))

    assert (row["path"], row["lab_revision"], row["image"]) == ("a.py", REVISION, ENVIRONMENT.image)
    assert row["outcome"] == {"kind": "exited", "code": 0, "signal": None, "stream": None}
    assert row["stdout"] == {"bytes": len(PUBLISHED), "head": PUBLISHED.decode(), "tail": ""}
    assert row["stderr"]["head"] == "a warning\n"
    assert (row["wall_s"], row["cpu_s"]) == (1.0, 0.8)


def test_row_of_what_was_never_run_has_neither_outcome_nor_times() -> None:
    """Nothing is made up."""
    row = _row(source=b"")

    assert (row["outcome"], row["image"], row["wall_s"], row["cpu_s"]) == (None,) * 4
    assert row["report"]["verdict"] == "not_gradable"


def test_times_of_several_runs_are_added() -> None:
    """A later run of the same submission costs too."""
    graded = pipeline.grade(
        read_stream(io.BytesIO(b"x"), name="a.py"), task=TASK, runner=FakeRunner(run_result())
    )
    row = row_of(graded.report, graded.runs[:1] * 3, lab_revision=REVISION)

    assert (row["wall_s"], row["cpu_s"]) == pytest.approx((1.5, 1.2))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Exited(code=3), ("exited", 3, None, None)),
        (Killed(signal=9), ("killed", None, 9, None)),
        (TimedOut(), ("timed_out", None, None, None)),
        (OutputFlood(stream="stderr"), ("output_flood", None, None, "stderr")),
    ],
)
def test_every_outcome_has_its_words(
    outcome: Outcome, said: tuple[str, int | None, int | None, str | None]
) -> None:
    """All four keys, always."""
    assert tuple(_row(run_result(outcome=outcome))["outcome"].values()) == said


def test_long_output_is_kept_at_both_ends() -> None:
    """A row is bounded, whatever a script prints."""
    row = _row(run_result(b"a" * 500_000 + b"z" * 500_000))

    assert row["stdout"] == {
        "bytes": 1_000_000,
        "head": "a" * HEAD_BYTES,
        "tail": "z" * TAIL_BYTES,
    }


def test_line_is_strict_json_of_ascii_and_reads_back() -> None:
    """Undecodable bytes are replaced; a newline in a row is none of the file."""
    row = _row(run_result(b"\xff\xed\xa0\x80\x1b[2J\n\xe2\x80\xae NaN= nan\n"))
    line = row_line(row)

    assert line.isascii()
    assert line.count(b"\n") == 1
    assert parse_row(line) == row


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"{}", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a": 1e999'],
)
def test_what_is_no_row_is_bad_data(line: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(BadDataError):
        parse_row(line)


@pytest.mark.parametrize("key", ["path", "sha256", "image"])
def test_row_that_contradicts_its_report_is_bad_data(key: str) -> None:
    """A report pasted under another's name."""
    row = _row()
    row[key] = {"path": "b.py", "sha256": "1" * 64, "image": None}[key]

    with pytest.raises(BadDataError, match="different submissions or images"):
        parse_row(json.dumps(row).encode())


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400, "1" + "0" * 5000])
def test_row_with_a_number_that_no_float_holds_is_bad_data(number: str) -> None:
    """It would stop the gradebook, or stand there as inf."""
    line = json.dumps(_row() | {"wall_s": 0.125}).replace('"wall_s": 0.125', f'"wall_s": {number}')

    with pytest.raises(BadDataError):
        parse_row(line.encode())


def test_row_that_says_a_thing_twice_is_bad_data() -> None:
    """One reader would take the first, another the last."""
    line = json.dumps(_row())

    with pytest.raises(BadDataError, match="twice"):
        parse_row(line.replace('"verdict":', '"verdict": "passed", "verdict":', 1).encode())
