"""The machine fails, now and then or for good: nobody gets a verdict for it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Self

import pytest

from tests.fakes import PUBLISHED, FakeRunner, run_result
from tests.unit.batch.batches import (
    TASK,
    WRONG,
    Notes,
    ScriptedRunner,
    configured,
    fails_on,
    grade,
    hand_in,
    rows,
    verdicts,
)
from verifier import pipeline
from verifier.batch import crew
from verifier.errors import (
    BadDataError,
    EngineError,
    EngineUnavailableError,
    EnvironmentFailure,
    WallMissingError,
    WorkerError,
)
from verifier.report.row import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.report.report import Report
    from verifier.report.row import Row
    from verifier.run.interface import RunResult


def test_runner_that_fails_twice_is_tried_a_third_time(folder: Path, results: Path) -> None:
    """It begins anew each time."""
    said: list[RunResult | BaseException] = [WorkerError("gone"), EngineError(reason="busy")]
    answers = iter([*said, run_result()])
    runner = ScriptedRunner(lambda source: next(answers) if b"a.py" in source else run_result())
    summary = grade([folder], results, configured(runner))

    assert (summary.complete, summary.troubled) == (True, ())
    assert verdicts(results)["a.py"] == "passed"


def test_submission_that_the_machine_alone_fails_on_is_named_and_the_rest_is_graded(
    folder: Path, results: Path
) -> None:
    """The lab's own script fails as well: no verdict, and no row, for the machine's fault."""
    runner = ScriptedRunner(
        lambda source: (
            WorkerError("the server died")
            if b"a.py" in source or source == TASK.exercise.script.read_bytes()
            else run_result()
        )
    )
    summary = grade([folder], results, configured(runner))

    assert sorted(verdicts(results)) == ["b/wrong.py", "c/crash.py", "empty.py"]
    assert [(each.path, each.problem) for each in summary.troubled] == [("a.py", "the server died")]
    assert (summary.complete, summary.error) == (False, None)
    assert len([source for source in runner.sources if b"a.py" in source]) == crew.TRIES

    assert grade([folder], results).complete


@pytest.mark.parametrize("error", [ZeroDivisionError("ours"), WorkerError("it died")], ids=repr)
def test_fault_that_one_submission_brings_out_is_its_row(
    folder: Path, results: Path, error: Exception
) -> None:
    """The lab's own script works, so the class goes on, and everybody has a row."""
    notes = Notes()
    summary = grade([folder], results, configured(fails_on(b"a.py", error)), notes)

    assert (summary.complete, summary.troubled, summary.error) == (True, (), None)
    assert summary.faults == 1
    row = rows(results)[0]
    (finding,) = row["report"]["findings"]
    assert (row["path"], row["report"]["verdict"]) == ("a.py", "not_gradable")
    assert (finding["kind"], row["report"]["score"]) == ("internal", 0)
    (reference,) = re.findall(r"reference ([0-9a-f]{8})$", finding["message"])
    (said,) = notes.said
    assert f"a.py: a fault in labcheck, reference {reference}: " in said
    kept = (results / "internal-errors.txt").read_text()
    assert f"a.py: reference {reference}\nTraceback" in kept


def test_three_faults_in_a_row_end_nothing(tmp_path: Path, results: Path) -> None:
    """As an integer of 400 digits did, in three hand-ins of a class."""
    hand_in(tmp_path / "class", *(f"{number}.py" for number in range(9)))
    runner = ScriptedRunner(
        lambda source: OverflowError("too large") if source[7:8] in b"0123" else run_result()
    )
    summary = grade([tmp_path / "class"], results, configured(runner))

    assert (summary.complete, summary.error, summary.faults) == (True, None, 4)
    assert Counter(verdicts(results).values()) == {"not_gradable": 4, "passed": 5}


def test_submission_with_a_fault_is_tried_again_the_next_time(folder: Path, results: Path) -> None:
    """Labcheck may have been mended since."""
    grade([folder], results, configured(fails_on(b"a.py", ZeroDivisionError("ours"))))
    summary = grade([folder], results)

    assert (summary.complete, summary.repair.superseded) == (True, 1)
    assert verdicts(results)["a.py"] == "passed"


def test_row_that_breaks_its_schema_is_a_fault_of_ours(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stop who reads the results, so it is not written."""

    def broken(report: Report, runs: Sequence[RunResult], *, lab_revision: str) -> Row:
        if report.submission.path == "a.py" and report.checks:
            raise BadDataError("no row", remedy="none")
        return row_of(report, runs, lab_revision=lab_revision)

    monkeypatch.setattr(crew, "row_of", broken)
    summary = grade([folder], results)

    assert (summary.complete, summary.faults) == (True, 1)
    assert verdicts(results)["a.py"] == "not_gradable"


def test_advice_that_fails_takes_no_verdict_down(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the checks found stands; only why it happened is not told."""

    def broken(**_given: object) -> tuple[Diagnosis, ...]:
        raise RecursionError

    monkeypatch.setattr(pipeline, "diagnose", broken)
    notes = Notes()
    runner = ScriptedRunner(lambda source: run_result(WRONG if b"wrong" in source else PUBLISHED))
    summary = grade([folder], results, configured(runner), notes)

    assert summary.complete
    assert verdicts(results)["b/wrong.py"] == "failed"
    wrong = rows(results)[1]["report"]
    assert (wrong["diagnoses"], wrong["findings"][-1]["kind"]) == ([], "no_advice")
    assert all("RecursionError" in said for said in notes.said)


def test_broken_machine_ends_the_batch(tmp_path: Path, results: Path) -> None:
    """Three different submissions in a row: a fourth would be no wiser."""
    hand_in(tmp_path / "class", *(f"{number}.py" for number in range(9)))
    runner = ScriptedRunner(
        lambda source: run_result() if source[7:8] == b"0" else WorkerError("dead")
    )
    summary = grade([tmp_path / "class"], results, configured(runner))

    assert isinstance(summary.error, EnvironmentFailure)
    assert "3 submissions in a row could not be graded; the last: dead" in str(summary.error)
    assert "goes on from there" in summary.error.remedy
    assert (len(summary.troubled), list(verdicts(results))) == (3, ["0.py"])


@pytest.mark.parametrize(
    "error",
    [EngineUnavailableError(reason="no socket"), WallMissingError("none"), KeyboardInterrupt()],
)
def test_what_another_try_cannot_mend_ends_the_batch_at_once(
    folder: Path, results: Path, error: BaseException
) -> None:
    """Rows that are finished stay."""
    runner = fails_on(b"crash", error)
    summary = grade([folder], results, configured(runner))

    assert summary.error is error
    assert runner.closed
    assert {"a.py", "empty.py"} <= verdicts(results).keys()
    assert "a.py" in (results / "gradebook.csv").read_text()


def test_runner_that_does_not_start_is_tried_again(folder: Path, results: Path) -> None:
    """On a busy machine the first hello may come too late; a missing engine is told at once."""
    tries: list[int] = []

    class Slow(FakeRunner):
        def __enter__(self) -> Self:
            tries.append(1)
            if len(tries) < crew.TRIES:
                raise WorkerError("too slow")
            return self

    assert grade([folder], results, configured(Slow(run_result()))).complete
    assert len(tries) == crew.TRIES


def test_runner_that_cannot_be_closed_is_a_warning(folder: Path, results: Path) -> None:
    """Every submission has its row."""

    class Sticky(FakeRunner):
        def __exit__(self, *_: object) -> None:
            raise EngineError(reason="cannot remove")

    summary = grade([folder], results, configured(Sticky(run_result())))

    assert summary.complete
    assert "cannot remove" in summary.warnings[0]


def test_fault_that_the_labs_own_script_brings_out_too_is_kept(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be ours all the same: its traceback is there for whoever mends it."""

    def broken(*_given: object, **_named: object) -> tuple[object, ...]:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(pipeline, "grade_output", broken)
    summary = grade([folder], results)

    assert summary.troubled
    assert "ZeroDivisionError: ours" in (results / "internal-errors.txt").read_text()
