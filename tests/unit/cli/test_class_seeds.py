"""A class is judged by the seeds of its results folder, and alike when it is graded again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fakes import FakeRunner, run_result
from tests.unit.batch.batches import TASK, hand_in
from verifier import cli
from verifier.batch.folder import ResultsFolder
from verifier.cli import grade
from verifier.run.interface import PLAIN

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from verifier.run.interface import Examination, Limits, RunResult

CLASS = [f"{name}.py" for name in ("alder", "birch", "cedar", "elm", "fir", "hazel", "larch")]


class ShiftRunner(FakeRunner):
    """Remembers how far the seeds of each source were raised."""

    def __init__(self) -> None:
        super().__init__(run_result())
        self.shifts: dict[str, int] = {}

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        shift = examination.rerun_shift or examination.seed_shift
        self.shifts[hashlib.sha256(source).hexdigest()] = shift
        return super().run(source, limits=limits, examination=examination)


def test_class_is_judged_by_the_seeds_of_its_results_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the folder's, not the user's: it can be graded again on another machine."""
    runner = ShiftRunner()
    monkeypatch.setattr(grade, "chosen_runner", lambda *_args, **_kwargs: runner)
    monkeypatch.chdir(hand_in(tmp_path / "class", *CLASS))
    results = tmp_path / "results"

    assert cli.run(["grade", ".", "--runner", "local", "--dangerously-run-without-walls",
                    "--results", str(results)]) == 0  # fmt: skip

    with ResultsFolder(results) as folder:
        task = replace(TASK, seeds=folder.seeds)
    expected = {sha256: task.other_seeds(sha256) for sha256 in runner.shifts}
    assert len(runner.shifts) == len(CLASS)
    assert runner.shifts == {sha256: each.shift for sha256, each in expected.items() if each}
