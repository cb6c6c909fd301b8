"""``--format github`` and ``markdown`` of every command that judges, and of drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, PUBLISHED, FakeRunner, run_result
from tests.github import commands_in
from tests.unit.batch.batches import ScriptedRunner, hand_in
from tests.unit.drift.observing import observation_of, run_of
from verifier import cli
from verifier.cli import grade
from verifier.drift.observation import Shown, observation_text
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

WRONG = PUBLISHED.replace(b"0.1927", b"0.5")


@pytest.mark.parametrize("command", ["grade", "check", "verify"])
def test_every_command_that_judges_writes_both(
    command: str,
    fake: FakeRunner,
    script: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One to standard output, the other to a file, or the other way round."""
    fake.result = run_result(WRONG)
    captured = tmp_path / "out.txt"
    captured.write_bytes(WRONG)
    argument = {"grade": [script], "check": [str(captured)], "verify": []}[command]
    annotations, summary = tmp_path / "annotations.txt", tmp_path / "summary.md"
    outputs = ["-o", f"github={annotations}", "-o", f"markdown={summary}"]
    assert cli.run([command, *argument, *outputs]) == ExitCode.FAILED
    capsys.readouterr()

    for name, path in (("github", annotations), ("markdown", summary)):
        assert cli.run([command, *argument, "--format", name]) == ExitCode.FAILED
        assert capsys.readouterr().out == path.read_text()
    first, *_ = commands_in(annotations.read_text())
    assert first.name == "error"
    assert first.properties["title"].endswith("start here: loss")
    assert summary.read_text().startswith("## labcheck: 1 failed")


def test_a_batch_writes_both_for_all_its_rows(
    fake: FakeRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Named from the folder that was graded, for `labcheck grade .` at a repository's root."""
    del fake
    monkeypatch.chdir(tmp_path)
    hand_in(tmp_path / "class", "a.py", "b/wrong.py")
    runner = ScriptedRunner(lambda source: run_result(WRONG if b"wrong" in source else PUBLISHED))
    monkeypatch.setattr(grade, "chosen_runner", lambda *_args, **_kwargs: runner)
    outputs = ["-o", "github=r/annotations.txt", "-o", "markdown=r/summary.md"]
    assert cli.run(["grade", ".", "--results", "r", *outputs]) == ExitCode.PASSED
    capsys.readouterr()

    commands = commands_in((tmp_path / "r" / "annotations.txt").read_text())
    told = [each for each in commands if each.name != "notice"]
    assert {each.properties["file"] for each in told} == {"class/b/wrong.py"}
    summary = (tmp_path / "r" / "summary.md").read_text().splitlines()
    assert summary[0] == "## labcheck: 1 failed, 1 passed"
    assert summary[4].startswith("| class/a.py | forward-backward/baseline | passed |")


@pytest.mark.parametrize(
    ("fail_on", "level", "code"),
    [("printed", "error", ExitCode.FAILED), ("tolerance", "warning", ExitCode.PASSED)],
)
def test_drift_compare_annotates_the_script_that_moved(
    fail_on: str,
    level: str,
    code: ExitCode,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By its path from where the command was given."""
    monkeypatch.chdir(CHECKOUT)
    moved = run_of(other={"loss_before": Shown(text="0.1928", exact=None)})
    for name, observation in (
        ("a.json", observation_of()),
        ("b.json", observation_of(moved, torch="2.14.1")),
    ):
        (tmp_path / name).write_text(observation_text(observation))
    files = [str(tmp_path / "a.json"), str(tmp_path / "b.json")]

    assert cli.run(["drift", "compare", *files, "--format", "github", "--fail-on", fail_on]) == code
    (only,) = commands_in(capsys.readouterr().out)
    assert only.name == level
    assert only.properties["file"] == "lab/forward-backward/forward_backward_lab.py"
    monkeypatch.chdir(tmp_path)
    cli.run(["drift", "compare", *files, "--format", "github"])
    (only,) = commands_in(capsys.readouterr().out)
    assert only.properties["file"].startswith("/")
