"""A batch: every submission one row, whatever happens, and the same command goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from typing import TYPE_CHECKING, Self

import pytest

from tests.fakes import LAB_ROOT, FakeRunner, run_result
from tests.unit.batch.batches import (
    ORDER,
    TASK,
    WRONG,
    Notes,
    ScriptedRunner,
    grade,
    hand_in,
    order,
    rows,
    untimed,
    verdicts,
)
from verifier.batch import batch, crew, journal
from verifier.batch.revision import lab_revision
from verifier.errors import (
    EngineError,
    EngineUnavailableError,
    EnvironmentFailure,
    WallMissingError,
    WorkerError,
)
from verifier.lab.spec import load_labs
from verifier.report.row import parse_row
from verifier.report.tally import Tally
from verifier.run.interface import Exited
from verifier.run.required_walls import WalledRunner
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult


def _by_name(source: bytes) -> RunResult:
    if b"wrong" in source:
        return run_result(WRONG)
    if b"crash" in source:
        return run_result(b"", outcome=Exited(code=1), stderr=b"ValueError: <b>\x1b[2J\n")
    return run_result()


def _fails_on(word: bytes, error: BaseException) -> ScriptedRunner:
    return ScriptedRunner(lambda source: error if word in source else run_result())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of four: one right, one wrong, one crashing, one empty."""
    made = hand_in(tmp_path / "class", "a.py", "b/wrong.py", "c/crash.py")
    (made / "empty.py").touch()
    return made


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Where the results go."""
    return tmp_path / "results"


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_submission_gets_one_valid_row(folder: Path, results: Path, jobs: int) -> None:
    """With its verdict, its output, and what it was graded by."""
    notes = Notes()
    summary = grade([folder], results, order(lambda: ScriptedRunner(_by_name), jobs=jobs), notes)

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
    assert "<b>" not in (results / "report.html").read_text()


def test_same_command_again_runs_nothing(folder: Path, results: Path) -> None:
    """Nothing is graded twice, and no runner is even made."""
    grade([folder], results, order(ScriptedRunner(_by_name)))
    before = (results / "results.jsonl").read_bytes()

    def refuse() -> FakeRunner:
        raise AssertionError

    notes = Notes()
    summary = grade([folder], results, order(refuse), notes)

    assert (summary.before, summary.jobs, notes.begun) == (4, 0, [(4, 4)])
    assert (results / "results.jsonl").read_bytes() == before
    assert not (results / "superseded.jsonl").exists()


def test_only_what_is_new_or_changed_is_graded_again(folder: Path, results: Path) -> None:
    """The old row moves out, so that each submission has one; so does that of a file gone."""
    grade([folder], results, order(ScriptedRunner(_by_name)))
    hand_in(folder, "new.py")
    (folder / "a.py").write_text("print('wrong now')\n")
    (folder / "b" / "wrong.py").unlink()
    runner = ScriptedRunner(_by_name)
    summary = grade([folder], results, order(runner))

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
    grade([folder], results, order(runner, image="sha256:" + "c" * 64))
    assert len(runner.sources) == 3

    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    script = tmp_path / "forward-backward" / "forward_backward_lab.py"
    script.write_text(script.read_text() + "# changed\n")
    task = load_task(load_labs(tmp_path)["forward-backward"], "baseline")
    runner = FakeRunner(run_result())
    summary = grade([folder], results, order(runner, task=task))

    assert (len(runner.sources), summary.repair.superseded) == (3, 4)


def test_rows_below_the_required_tier_are_graded_again(folder: Path, results: Path) -> None:
    """They were made when less was asked for; now the machine cannot give more, and none is."""
    grade([folder], results)
    required = frozenset({"landlock"})
    runner = WalledRunner(FakeRunner(run_result()), required=required)
    summary = grade([folder], results, order(runner, required=required))

    assert isinstance(summary.error, WallMissingError)
    assert verdicts(results) == {"empty.py": "not_gradable"}


@pytest.mark.parametrize("cut", [1, 40, 2000])
def test_torn_last_line_is_dropped_and_graded_again(folder: Path, results: Path, cut: int) -> None:
    """As a grader leaves it that is killed while it writes."""
    grade([folder], results)
    whole = untimed(results)
    file = results / "results.jsonl"
    file.write_bytes(file.read_bytes()[:-cut])
    summary = grade([folder], results)

    assert untimed(results) == whole
    assert (summary.repair.torn, summary.repair.superseded, summary.repair.set_aside) == (1, 0, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"\xff\n",
        b"[" * 100_000 + b"\n",
        b'{"schema_version": NaN}\n',
    ],
)
def test_line_that_is_no_row_is_set_aside(folder: Path, results: Path, line: bytes) -> None:
    """Never trusted, never lost."""
    grade([folder], results)
    file = results / "results.jsonl"
    file.write_bytes(line + file.read_bytes())
    summary = grade([folder], results)

    assert summary.repair.set_aside == 1
    assert (results / "set-aside.txt").read_bytes() == line
    assert len(rows(results)) == 4


def test_row_edited_by_hand_against_the_schema_is_graded_again(folder: Path, results: Path) -> None:
    """A score of minus one, or another submission's report."""
    grade([folder], results)
    first, second = rows(results)[:2]
    first["report"]["score"] = -1
    second["report"]["submission"]["path"] = "somebody.py"
    kept = rows(results)[2:]
    text = "".join(json.dumps(row) + "\n" for row in (first, second, *kept))
    (results / "results.jsonl").write_text(text)
    runner = FakeRunner(run_result())
    summary = grade([folder], results, order(runner))

    assert (len(runner.sources), summary.repair.set_aside) == (2, 2)
    assert len(rows(results)) == 4


def test_row_that_stands_twice_is_kept_once(folder: Path, results: Path) -> None:
    """The later one counts."""
    grade([folder], results)
    file = results / "results.jsonl"
    file.write_bytes(file.read_bytes() * 2)
    summary = grade([folder], results)

    assert (len(rows(results)), summary.repair.superseded) == (4, 4)


def test_line_longer_than_any_row_is_set_aside(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pieces, in bounded memory."""
    grade([folder], results)
    longest = max(len(line) for line in (results / "results.jsonl").read_bytes().splitlines())
    monkeypatch.setattr(journal, "_LINE_LIMIT_BYTES", longest + 2)
    with (results / "results.jsonl").open("ab") as file:
        file.write(b"x" * 3 * longest + b"\n")
    summary = grade([folder], results)

    assert len(rows(results)) == 4
    assert summary.repair.set_aside >= 3


def test_runner_that_fails_twice_is_tried_a_third_time(folder: Path, results: Path) -> None:
    """It begins anew each time."""
    said: list[RunResult | BaseException] = [WorkerError("gone"), EngineError(reason="busy")]
    answers = iter([*said, run_result()])
    runner = ScriptedRunner(lambda source: next(answers) if b"a.py" in source else run_result())
    summary = grade([folder], results, order(runner))

    assert (summary.complete, summary.troubled) == (True, ())
    assert verdicts(results)["a.py"] == "passed"


def test_submission_that_the_machine_fails_on_is_named_and_the_rest_is_graded(
    folder: Path, results: Path
) -> None:
    """It has no row: no verdict for the machine's fault."""
    runner = _fails_on(b"a.py", WorkerError("the server died"))
    summary = grade([folder], results, order(runner))

    assert sorted(verdicts(results)) == ["b/wrong.py", "c/crash.py", "empty.py"]
    assert [(each.path, each.problem) for each in summary.troubled] == [("a.py", "the server died")]
    assert (summary.complete, summary.error) == (False, None)
    assert len([source for source in runner.sources if b"a.py" in source]) == crew.TRIES

    assert grade([folder], results).complete


def test_fault_of_ours_costs_one_submission_only(folder: Path, results: Path) -> None:
    """And says where it is."""
    summary = grade([folder], results, order(_fails_on(b"a.py", ZeroDivisionError("ours"))))

    assert [each.path for each in summary.troubled] == ["a.py"]
    assert "a fault in labcheck: ZeroDivisionError('ours') in " in summary.troubled[0].problem


def test_broken_machine_ends_the_batch(tmp_path: Path, results: Path) -> None:
    """Three different submissions in a row: a fourth would be no wiser."""
    hand_in(tmp_path / "class", *(f"{number}.py" for number in range(9)))
    runner = ScriptedRunner(lambda source: run_result() if b"0" in source else WorkerError("dead"))
    summary = grade([tmp_path / "class"], results, order(runner))

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
    runner = _fails_on(b"crash", error)
    summary = grade([folder], results, order(runner))

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

    assert grade([folder], results, order(Slow(run_result()))).complete
    assert len(tries) == crew.TRIES


def test_runner_that_cannot_be_closed_is_a_warning(folder: Path, results: Path) -> None:
    """Every submission has its row."""

    class Sticky(FakeRunner):
        def __exit__(self, *_: object) -> None:
            raise EngineError(reason="cannot remove")

    summary = grade([folder], results, order(Sticky(run_result())))

    assert summary.complete
    assert "cannot remove" in summary.warnings[0]


def test_submission_that_changes_under_our_eyes_has_the_row_of_what_was_run(
    folder: Path, results: Path
) -> None:
    """The sha256 is of the bytes that were graded; an emptied file is refused."""

    def empty_the_rest(source: bytes) -> RunResult:
        (folder / "b" / "wrong.py").write_bytes(b"")
        return run_result()

    grade([folder], results, order(ScriptedRunner(empty_the_rest)))

    assert verdicts(results)["b/wrong.py"] == "not_gradable"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_batch_keeps_what_is_finished_and_goes_on(
    tmp_path: Path, results: Path, number: signal.Signals
) -> None:
    """The run under way ends by itself and counts; nothing more is handed out."""
    hand_in(tmp_path / "class", *(f"{number}.py" for number in range(20)))
    told = threading.Event()

    def interrupt(source: bytes) -> RunResult:
        if b"3.py" in source and not told.is_set():
            told.set()
            os.kill(os.getpid(), number)
            time.sleep(0.2)
        return run_result()

    before = signal.getsignal(number)
    notes = Notes()
    summary = grade([tmp_path / "class"], results, order(ScriptedRunner(interrupt)), notes)

    assert summary.interrupted
    assert 1 <= len(rows(results)) < 20
    assert "interrupted" in notes.said[0]
    assert signal.getsignal(number) is before
    assert len((results / "gradebook.csv").read_text().splitlines()) == len(rows(results)) + 1
    assert grade([tmp_path / "class"], results).complete


def test_run_that_does_not_end_is_given_up_after_an_interrupt(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time to drain, or at the second interrupt; its thread is a daemon."""
    monkeypatch.setattr(batch, "DRAIN_S", 0.2)
    release = threading.Event()

    def hang(_source: bytes) -> RunResult:
        os.kill(os.getpid(), signal.SIGINT)
        release.wait(20)
        return run_result()

    began = time.monotonic()
    summary = grade([folder], results, order(ScriptedRunner(hang)))
    assert (summary.interrupted, time.monotonic() - began < 10) == (True, True)

    def insist(source: bytes) -> RunResult:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        return hang(source)

    monkeypatch.setattr(batch, "DRAIN_S", 60.0)
    assert grade([folder], results, order(ScriptedRunner(insist))).interrupted
    assert time.monotonic() - began < 10
    release.set()


def test_batch_in_a_thread_leaves_signals_alone(folder: Path, results: Path) -> None:
    """Only the main thread may handle them."""
    thread = threading.Thread(target=grade, args=([folder], results))
    thread.start()
    thread.join(20)

    assert len(rows(results)) == 4


def test_full_disk_loses_no_finished_row(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The half row is cut off again, and the message says what helps."""
    write = os.pwrite

    def fill(descriptor: int, data: bytes, at: int) -> int:
        """Take a half of what is given, and nothing from the 5000th byte on."""
        room = min(1 + len(data) // 2, 5000 - at)
        if room <= 0:
            raise OSError(28, "No space left on device")
        return write(descriptor, bytes(data)[:room], at)

    monkeypatch.setattr(os, "pwrite", fill)
    with pytest.raises(EnvironmentFailure, match="No space left on device") as caught:
        grade([folder], results)
    assert "free some space" in caught.value.remedy
    monkeypatch.setattr(os, "pwrite", write)

    assert verdicts(results) == {"empty.py": "not_gradable"}
    summary = grade([folder], results)
    assert (summary.complete, summary.repair.torn) == (True, 0)


def test_headline_counts_in_words() -> None:
    """One submission is no plural."""
    tally = Tally()
    assert batch.headline(tally) == "0 submissions: 0 passed, 0 failed, 0 not gradable"
    tally.verdicts["passed"] += 1
    assert batch.headline(tally).startswith("1 submission: 1 passed")


def test_order_is_what_the_tests_think() -> None:
    """The fakes' image is the one that is expected."""
    assert ORDER.image is not None
