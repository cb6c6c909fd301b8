"""Command history: steps are kept in order, and only those of a version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.unit.drift.observing import DROPOUT, observation_of, run_of
from verifier import cli
from verifier.drift.observation import Observation, Shown, load_observation, observation_text
from verifier.errors import ExitCode

if TYPE_CHECKING:
    import pytest


def _kept(folder: Path, name: str, found: Observation) -> str:
    path = folder / name
    path.write_text(observation_text(found))
    return str(path)


def _dropout(folder: Path, torch: str, *, moved: bool = False) -> str:
    shown = {"few": Shown(text="[9, 9, 9, 9, 9, 9, 9, 9]", exact=None)} if moved else None
    found = observation_of(run_of(DROPOUT, other=shown), key=DROPOUT, torch=torch)
    return _kept(folder, f"{torch}.json", found)


def test_steps_are_kept_in_order_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line each, whichever was added first; as a table, or as it is kept."""
    path = tmp_path / "history.jsonl"
    files = [
        _dropout(tmp_path, torch, moved=torch != "2.6.0+cu124")
        for torch in ("2.6.0+cu124", "2.7.1", "2.11.0")
    ]
    for pair in ((files[1], files[2]), (files[0], files[1])):
        assert cli.run(["history", "--file", str(path), "--add", *pair]) == ExitCode.PASSED
    added = capsys.readouterr().out

    assert cli.run(["history", "--file", str(path)]) == ExitCode.PASSED
    rows = capsys.readouterr().out.splitlines()[2:]
    assert rows == [
        "| 2.6.0 → 2.7.1 | 0 of 1 | canary-dropout (beyond_tolerance) |",
        "| 2.7.1 → 2.11.0 | 1 of 1 | nothing |",
    ]
    assert all(row in added for row in rows)
    assert cli.run(["history", "--file", str(path), "--format", "json"]) == ExitCode.PASSED
    assert capsys.readouterr().out == path.read_text()


def test_no_history_is_an_empty_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing has been added yet."""
    assert cli.run(["history", "--file", str(tmp_path / "none.jsonl")]) == ExitCode.PASSED
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_step_that_is_not_the_versions_is_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file stays as it was."""
    path = tmp_path / "history.jsonl"
    before = _dropout(tmp_path, "2.6.0")
    other = load_observation(Path(_dropout(tmp_path, "2.7.1")))
    elsewhere = _kept(
        tmp_path, "b.json",
        replace(other, environment=replace(other.environment, cpu_capability="DEFAULT")),
    )  # fmt: skip
    path.write_text("")

    for pair in ((before, elsewhere), (before, before), (before, str(tmp_path / "none.json"))):
        assert cli.run(["history", "--file", str(path), "--add", *pair]) == ExitCode.BAD_DATA
        assert "→" in capsys.readouterr().err
    assert path.read_text() == ""


def test_a_history_that_cannot_be_written_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there."""
    files = [_dropout(tmp_path, torch) for torch in ("2.6.0", "2.7.1")]
    where = ["--file", str(tmp_path / "no" / "history.jsonl")]

    assert cli.run(["history", *where, "--add", *files]) == ExitCode.USAGE
    assert "cannot be written" in capsys.readouterr().err
