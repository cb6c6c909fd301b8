"""A batch: every submission one row, whatever happens, and the same command goes on."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, FakeRunner, run_result
from tests.unit.batch.batches import (
    CONFIGURATION,
    TASK,
    Notes,
    ScriptedRunner,
    by_name,
    configured,
    grade,
    hand_in,
    rows,
    verdicts,
)
from verifier.batch import batch
from verifier.errors import (
    WallMissingError,
)
from verifier.lab.feedback import Feedback
from verifier.lab.load import load_labs
from verifier.lab.revision import lab_revision
from verifier.report.row import parse_row
from verifier.report.tally import Tally
from verifier.run.required_walls import WalledRunner
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_submission_gets_one_valid_row(folder: Path, results: Path, jobs: int) -> None:
    """With its verdict, its output, and what it was graded by."""
    notes = Notes()
    summary = grade(
        [folder], results, configured(lambda: ScriptedRunner(by_name), jobs=jobs), notes
    )

    assert verdicts(results) == {
        "a.py": "passed",
        "b/wrong.py": "failed",
        "c/crash.py": "failed",
        "empty.py": "not_gradable",
    }
    for line in (results / "results.jsonl").read_bytes().splitlines():
        assert parse_row(line)["lab_revision"] == lab_revision(TASK.lab)
    assert (summary.complete, summary.error, summary.interrupted) == (True, None, False)
    assert (notes.begun, notes.count) == ([(4, 0)], 4)
    assert "c/crash.py" in (results / "gradebook.csv").read_text()
    page = (results / "report.html").read_text()
    assert "<b>" not in page
    for said in dataclasses.asdict(TASK.basis).values():
        assert said in page


def test_same_command_again_runs_nothing(folder: Path, results: Path) -> None:
    """Nothing is graded twice, and no runner is even made."""
    grade([folder], results, configured(ScriptedRunner(by_name)))
    before = (results / "results.jsonl").read_bytes()

    def refuse() -> FakeRunner:
        raise AssertionError

    notes = Notes()
    summary = grade([folder], results, configured(refuse), notes)

    assert (summary.before, summary.jobs, notes.begun) == (4, 0, [(4, 4)])
    assert (results / "results.jsonl").read_bytes() == before
    assert not (results / "superseded.jsonl").exists()


def test_only_what_is_new_or_changed_is_graded_again(folder: Path, results: Path) -> None:
    """The old row moves out, so that each submission has one; so does that of a file gone."""
    grade([folder], results, configured(ScriptedRunner(by_name)))
    hand_in(folder, "new.py")
    (folder / "a.py").write_text("print('wrong now')\n")
    (folder / "b" / "wrong.py").unlink()
    runner = ScriptedRunner(by_name)
    summary = grade([folder], results, configured(runner))

    assert sorted(runner.sources) == [b"print('new.py')\n", b"print('wrong now')\n"]
    assert sorted(verdicts(results)) == ["a.py", "c/crash.py", "empty.py", "new.py"]
    assert verdicts(results)["a.py"] == "failed"
    assert summary.repair.superseded == 2
    old = [json.loads(line) for line in (results / "superseded.jsonl").read_bytes().splitlines()]
    assert sorted(row["path"] for row in old) == ["a.py", "b/wrong.py"]


def test_file_that_is_gradable_now_is_graded(folder: Path, results: Path) -> None:
    """And one that is refused for another reason says the new one."""
    grade([folder], results)
    (folder / "empty.py").unlink()
    (folder / "empty.py").symlink_to("a.py")
    grade([folder], results)
    assert "it is a link" in (results / "gradebook.csv").read_text()

    (folder / "empty.py").unlink()
    hand_in(folder, "empty.py")
    grade([folder], results)

    assert verdicts(results)["empty.py"] == "passed"


def test_other_image_lab_or_exercise_makes_rows_stale(
    folder: Path, results: Path, tmp_path: Path
) -> None:
    """What they say would not be said now."""
    grade([folder], results)
    runner = FakeRunner(run_result())
    grade([folder], results, configured(runner, image="sha256:" + "c" * 64))
    assert len(runner.sources) == 3

    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    script = tmp_path / "forward-backward" / "forward_backward_lab.py"
    script.write_text(script.read_text() + "# changed\n")
    task = load_task(load_labs(tmp_path)["forward-backward"], "baseline")
    runner = FakeRunner(run_result())
    summary = grade([folder], results, configured(runner, task=task))

    assert (len(runner.sources), summary.repair.superseded) == (3, 4)


def test_other_feedback_makes_rows_stale(folder: Path, results: Path) -> None:
    """Rows of before tell more, or less, than they should now; also why nothing was graded."""
    grade([folder], results)
    for feedback in (Feedback.NO_VALUES, Feedback.VERDICT):
        runner = ScriptedRunner(by_name)
        task = dataclasses.replace(TASK, feedback=feedback)
        summary = grade([folder], results, configured(runner, task=task))
        again = grade([folder], results, configured(FakeRunner(AssertionError()), task=task))

        assert (len(runner.answers), summary.repair.superseded, again.before) == (3, 4, 4)
        assert {row["report"]["feedback"] for row in rows(results)} == {feedback}


def test_rows_below_the_required_tier_are_graded_again(folder: Path, results: Path) -> None:
    """They were made when less was asked for; now the machine cannot give more, and none is."""
    grade([folder], results)
    required = frozenset({"landlock"})
    runner = WalledRunner(FakeRunner(run_result()), required=required)
    summary = grade([folder], results, configured(runner, required=required))

    assert isinstance(summary.error, WallMissingError)
    assert verdicts(results) == {"empty.py": "not_gradable"}


def test_submission_that_changes_under_our_eyes_has_the_row_of_what_was_run(
    folder: Path, results: Path
) -> None:
    """The sha256 is of the bytes that were graded; an emptied file is refused."""

    def empty_the_rest(source: bytes) -> RunResult:
        (folder / "b" / "wrong.py").write_bytes(b"")
        return run_result()

    grade([folder], results, configured(ScriptedRunner(empty_the_rest)))

    assert verdicts(results)["b/wrong.py"] == "not_gradable"


def test_headline_counts_in_words() -> None:
    """One submission is no plural."""
    tally = Tally()
    assert batch.headline(tally) == "0 submissions: 0 passed, 0 failed, 0 not gradable"
    tally.verdicts["passed"] += 1
    assert batch.headline(tally).startswith("1 submission: 1 passed")


def test_configuration_is_what_the_tests_think() -> None:
    """The fakes' image is the one that is expected."""
    assert CONFIGURATION.image is not None


def test_row_of_another_labcheck_is_graded_again(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What judges may have changed; a checkout's version does not tell."""
    grade([folder], results)
    first = grade([folder], results)
    monkeypatch.setattr("verifier.report.row.package_sha256", lambda: "0" * 64)
    monkeypatch.setattr(batch, "package_sha256", lambda: "0" * 64)
    again = grade([folder], results)

    assert (first.before, first.repair.superseded) == (4, 0)
    assert (again.before, again.repair.superseded) == (0, 4)
