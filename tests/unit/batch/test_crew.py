"""The machine fails, now and then or for good: nobody gets a verdict for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pytest

from tests.fakes import FakeRunner, run_result
from tests.unit.batch.batches import (
    ScriptedRunner,
    configured,
    fails_on,
    grade,
    hand_in,
    verdicts,
)
from verifier.batch import crew
from verifier.errors import (
    EngineError,
    EngineUnavailableError,
    EnvironmentFailure,
    WallMissingError,
    WorkerError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult


def test_runner_that_fails_twice_is_tried_a_third_time(folder: Path, results: Path) -> None:
    """It begins anew each time."""
    said: list[RunResult | BaseException] = [WorkerError("gone"), EngineError(reason="busy")]
    answers = iter([*said, run_result()])
    runner = ScriptedRunner(lambda source: next(answers) if b"a.py" in source else run_result())
    summary = grade([folder], results, configured(runner))

    assert (summary.complete, summary.troubled) == (True, ())
    assert verdicts(results)["a.py"] == "passed"


def test_submission_that_the_machine_fails_on_is_named_and_the_rest_is_graded(
    folder: Path, results: Path
) -> None:
    """It has no row: no verdict for the machine's fault."""
    runner = fails_on(b"a.py", WorkerError("the server died"))
    summary = grade([folder], results, configured(runner))

    assert sorted(verdicts(results)) == ["b/wrong.py", "c/crash.py", "empty.py"]
    assert [(each.path, each.problem) for each in summary.troubled] == [("a.py", "the server died")]
    assert (summary.complete, summary.error) == (False, None)
    assert len([source for source in runner.sources if b"a.py" in source]) == crew.TRIES

    assert grade([folder], results).complete


def test_fault_of_ours_costs_one_submission_only(folder: Path, results: Path) -> None:
    """And says where it is."""
    summary = grade([folder], results, configured(fails_on(b"a.py", ZeroDivisionError("ours"))))

    assert [each.path for each in summary.troubled] == ["a.py"]
    assert "a fault in labcheck: ZeroDivisionError('ours') in " in summary.troubled[0].problem


def test_broken_machine_ends_the_batch(tmp_path: Path, results: Path) -> None:
    """Three different submissions in a row: a fourth would be no wiser."""
    hand_in(tmp_path / "class", *(f"{number}.py" for number in range(9)))
    runner = ScriptedRunner(lambda source: run_result() if b"0" in source else WorkerError("dead"))
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
