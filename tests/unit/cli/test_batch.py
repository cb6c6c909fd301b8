"""``labcheck grade`` of many: summary, results folder, exit codes, options of the walls."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from tests.unit.batch.batches import ScriptedRunner, hand_in
from verifier import cli
from verifier.batch.batch import Summary
from verifier.batch.crew import Troubled
from verifier.batch.journal import Repair
from verifier.cli import batch, grade, options, summary, verify
from verifier.errors import (
    EngineUnavailableError,
    ExitCode,
    WorkerError,
)
from verifier.report.fault import fault_of
from verifier.report.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult

WRONG = PUBLISHED.replace(b"0.1927", b"0.5")


def _use(monkeypatch: pytest.MonkeyPatch, runner: FakeRunner) -> None:
    monkeypatch.setattr(grade, "chosen_runner", lambda *_args, **_kwargs: runner)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class of three, and the working directory next to it."""
    monkeypatch.chdir(tmp_path)
    made = hand_in(tmp_path / "class", "a.py", "b/wrong.py", "n.ipynb")
    (made / "empty.py").touch()
    return made


@pytest.fixture
def scripted(fake: FakeRunner, monkeypatch: pytest.MonkeyPatch) -> ScriptedRunner:
    """A runner that finds a wrong submission wrong."""
    runner = ScriptedRunner(lambda source: run_result(WRONG if b"wrong" in source else PUBLISHED))
    _use(monkeypatch, runner)
    return runner


@pytest.mark.usefixtures("scripted")
def test_folder_is_graded_into_a_results_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary says what came out, what was left out, and where the files are."""
    assert cli.run(["grade", "class"]) == ExitCode.PASSED
    said = capsys.readouterr()

    assert said.out.splitlines()[:3] == [
        "3 submissions: 1 passed, 1 failed, 1 not gradable",
        "  score: median 62.5",
        "  most failed check: loss, loss_before (1 submission)",
    ]
    assert "left out: 1 × no .py file: n.ipynb" in said.out
    assert "files: labcheck-results/ results.jsonl, gradebook.csv, report.html" in said.out
    assert "labcheck: results go to labcheck-results/\nlabcheck: 3 submissions\n" in said.err
    assert sorted(path.name for path in (folder.parent / "labcheck-results").iterdir()) == [
        ".labcheck", ".lock", "gradebook.csv", "report.html", "results.jsonl",
    ]  # fmt: skip


def test_same_command_again_grades_nothing(
    folder: Path, scripted: ScriptedRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says so."""
    cli.run(["grade", "class"])
    before = len(scripted.sources)
    assert cli.run(["grade", "class"]) == ExitCode.PASSED

    assert len(scripted.sources) == before == 2
    assert "3 were graded before, and have not changed" in capsys.readouterr().out


@pytest.mark.usefixtures("scripted", "folder")
def test_bare_folder_archive_and_pattern_mean_grade(tmp_path: Path) -> None:
    """With a slash or a dot in them, as for a file."""
    with zipfile.ZipFile("week.zip", "w") as archive:
        archive.writestr("a.py", "print(1)")

    assert cli.run(["class/", "--results", "r"]) == ExitCode.PASSED
    assert cli.run(["week.zip", "--results", "r"]) == ExitCode.PASSED
    assert cli.run(["class/*.py", "--results", "r"]) == ExitCode.PASSED
    assert cli.run(["class/a.py", "class/b/wrong.py", "--results", "r"]) == ExitCode.PASSED
    assert (tmp_path / "r" / "superseded.jsonl").exists()


@pytest.mark.usefixtures("scripted", "folder")
def test_fail_on_failed_exits_1_if_anybody_failed() -> None:
    """Else a complete batch exits 0, whatever the verdicts."""
    assert cli.run(["grade", "class", "--fail-on", "failed"]) == ExitCode.FAILED
    assert cli.run(["grade", "class/a.py", "--results", "r", "--fail-on", "failed"]) == 0


@pytest.mark.usefixtures("scripted", "folder")
def test_json_is_one_report_a_line_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sorted by path; the summary goes to standard error, and anything to files."""
    outputs = ["-o", f"json={tmp_path}/r.json", "-o", f"text={tmp_path}/r.txt"]
    assert cli.run(["grade", "class", "--format", "json", *outputs]) == ExitCode.PASSED
    said = capsys.readouterr()
    reports = [json.loads(line) for line in said.out.splitlines()]

    assert [(report["submission"]["path"], report["verdict"]) for report in reports] == [
        ("a.py", "passed"),
        ("b/wrong.py", "failed"),
        ("empty.py", "not_gradable"),
    ]
    assert "3 submissions" in said.err
    assert (tmp_path / "r.json").read_text() == said.out
    assert (tmp_path / "r.txt").read_text().startswith("3 submissions")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "junit"],
        ["-o", "junit=x"],
        ["--jobs", "0"],
        ["--require-tier", "moat"],
        ["--require-tier", ","],
        ["--isolation", "none"],
    ],
)
def test_bad_choice_is_refused_before_a_run(
    folder: Path, fake: FakeRunner, arguments: list[str]
) -> None:
    """And before a results folder is made."""
    assert cli.run(["grade", "class", *arguments]) == ExitCode.USAGE
    assert fake.sources == []
    assert not (folder.parent / "labcheck-results").exists()


@pytest.mark.usefixtures("fake", "folder")
def test_nothing_to_grade_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """With what was there instead."""
    assert cli.run(["grade", "class/n.ipynb", "class/b/no.py"]) == ExitCode.USAGE
    assert cli.run(["grade", "-", "class"]) == ExitCode.USAGE
    assert cli.run(["grade"]) == ExitCode.USAGE
    assert "standard input is one submission" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_machine_that_fails_on_one_exits_4_and_names_it(
    fake: FakeRunner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The batch is not complete, and the same command goes on."""

    def fail(source: bytes) -> RunResult | BaseException:
        fails = b"wrong" in source or b"torch" in source  # the lab's own script imports it
        return WorkerError("died\x1b[2J") if fails else run_result()

    _use(monkeypatch, ScriptedRunner(fail))
    assert cli.run(["grade", "class"]) == ExitCode.ENVIRONMENT
    said = capsys.readouterr().out

    assert "not graded, by the machine's fault: b/wrong.py: died\\x1b[2J" in said
    assert "1 have no row yet: the same command goes on from there" in said
    _use(monkeypatch, fake)
    assert cli.run(["grade", "class"]) == ExitCode.PASSED


@pytest.mark.usefixtures("folder", "fake")
def test_missing_engine_exits_4_and_keeps_what_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before and during the batch."""
    _use(monkeypatch, FakeRunner(EngineUnavailableError(reason="it went away")))
    assert cli.run(["grade", "class"]) == ExitCode.ENVIRONMENT
    assert "it went away" in capsys.readouterr().err

    def gone(_name: str) -> str:
        raise EngineUnavailableError(reason="no socket")

    monkeypatch.setattr(batch, "chosen_image", gone)
    assert cli.run(["grade", "class"]) == ExitCode.ENVIRONMENT


@pytest.mark.usefixtures("folder", "fake")
def test_interrupt_exits_130_with_a_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what is finished."""

    def interrupt(_source: bytes) -> RunResult:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
        return run_result()

    _use(monkeypatch, ScriptedRunner(interrupt))
    assert cli.run(["grade", "class", "--jobs", "1"]) == ExitCode.INTERRUPTED
    said = capsys.readouterr()

    assert "not gradable" in said.out
    assert said.err.endswith("labcheck: interrupted\n")


@pytest.mark.usefixtures("folder", "fake")
def test_repairs_and_warnings_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not believed, and what could not be tidied up."""
    cli.run(["grade", "class", "--jobs", "1"])  # in order: the last row is not the one of a.py
    journal = tmp_path / "labcheck-results" / "results.jsonl"
    journal.write_bytes(b"{}\n" + journal.read_bytes()[:-5])
    hand_in(tmp_path / "class", "a.py")
    (tmp_path / "class" / "a.py").write_text("new = 1")

    class Sticky(FakeRunner):
        def __exit__(self, *_: object) -> None:
            raise WorkerError("cannot stop")

    _use(monkeypatch, Sticky(run_result()))
    capsys.readouterr()
    assert cli.run(["grade", "class"]) == ExitCode.PASSED
    said = capsys.readouterr().out

    for words in (
        "warning: 1 line of results.jsonl was no row: see set-aside.txt",
        "the last line of results.jsonl was cut off; its submission was graded again",
        "1 row no longer fits, and is in superseded.jsonl now",
        "warning: cannot stop",
    ):
        assert words in said


@pytest.mark.usefixtures("folder", "fake")
def test_many_troubles_are_told_in_few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ten."""
    monkeypatch.setattr(summary, "_SHOWN", 1)
    fault = fault_of(ValueError("died"))
    troubled = (Troubled(path=str(n), problem="died", fault=fault) for n in range(5))
    made = _summary_of(tuple(troubled))

    assert [line for line in summary._remarks(made) if "more like these" in line] == [
        "and 4 more like these"
    ]


def _summary_of(troubled: tuple[Troubled, ...]) -> Summary:
    """Make a summary of nothing but troubles."""
    return Summary(
        tally=Tally(),
        expected=len(troubled),
        before=0,
        repair=Repair(superseded=0, set_aside=0, torn=0),
        troubled=troubled,
        warnings=(),
        jobs=1,
        seconds=1.0,
        interrupted=False,
        error=None,
    )


def test_local_runner_refuses_a_strangers_folder(folder: Path, fake: FakeRunner) -> None:
    """Of several arguments, every one must be the lab's own."""
    own = str(LAB_ROOT / "forward-backward")

    assert cli.run(["grade", own, str(folder), "--runner", "local"]) == ExitCode.USAGE
    assert fake.sources == []
    assert cli.run(["grade", own, "--runner", "local"]) == ExitCode.PASSED


@pytest.mark.usefixtures("folder")
def test_isolation_and_required_walls_reach_the_runner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For one file, for a batch, and for verify."""
    asked: list[object] = []

    def choose(request: options.RunnerRequest, **_kwargs: object) -> FakeRunner:
        asked.append((request.isolation, request.required))
        return FakeRunner(run_result())

    for module in (grade, verify):
        monkeypatch.setattr(module, "chosen_runner", choose)
    monkeypatch.setattr(batch, "resolved_runner", lambda *_args, **_kwargs: "container")
    monkeypatch.setattr(batch, "chosen_image", lambda _name: None)
    walls = ["--isolation", "fresh-container", "--require-tier", "uid, container"]
    for command in (
        ["grade", "class/a.py"],
        ["grade", "class", "--jobs", "1"],
        ["verify", "--exercise", "baseline"],
    ):
        assert cli.run([*command, *walls]) == ExitCode.PASSED

    assert asked == [("fresh-container", frozenset({"uid", "container"}))] * 3
    assert tmp_path.exists()


@pytest.mark.usefixtures("scripted", "folder")
def test_bar_is_drawn_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With count and rate; nothing of it on standard output."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    assert cli.run(["grade", "class"]) == ExitCode.PASSED
    said = capsys.readouterr()

    assert "3/3" in said.err
    assert "per second" in said.err
    assert said.out.startswith("3 submissions")
