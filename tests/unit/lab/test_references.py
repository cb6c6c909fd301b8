"""A lab judges without its references, as in the image for learners; what runs them says so."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, FakeRunner, run_result
from tests.unit.batch.batches import ScriptedRunner, configured, fails_on, grade, hand_in, verdicts
from verifier import pipeline
from verifier.authoring import fresh
from verifier.errors import BadDataError, WorkerError
from verifier.lab.load import load_labs
from verifier.lab.revision import lab_revision
from verifier.run.interface import Exited
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Lab

LAB = load_labs(LAB_ROOT)["forward-backward"]


def _listed(folder: Path) -> str:
    """List the references as `sha256sum` does."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in (each.script for each in LAB.exercises.values())
    )


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A lab without its references; what they were is listed."""
    folder = tmp_path / "labs" / LAB.id
    shutil.copytree(LAB.folder, folder, ignore=shutil.ignore_patterns("mistakes", "bench", "*.py"))
    (folder / "references.sha256").write_text(_listed(LAB.folder))
    return folder


def _load(folder: Path) -> Lab:
    return load_labs(folder.parent)[LAB.id]


def test_its_revision_is_that_of_the_checkout(bare: Path) -> None:
    """Rows of the one fit the other."""
    assert lab_revision(_load(bare)) == lab_revision(LAB)


def test_a_list_beside_the_references_changes_nothing(tmp_path: Path) -> None:
    """What lies there counts, not what is said of it."""
    folder = tmp_path / "labs" / LAB.id
    shutil.copytree(LAB.folder, folder)
    (folder / "references.sha256").write_text(_listed(LAB.folder).replace("a", "b"))

    assert lab_revision(_load(folder)) == lab_revision(LAB)


def test_a_list_that_cannot_be_read_is_bad_data(bare: Path) -> None:
    """It is no regular file."""
    (bare / "references.sha256").unlink()
    (bare / "references.sha256").mkdir()

    with pytest.raises(BadDataError, match="no regular file"):
        _load(bare)


@pytest.mark.parametrize("text", ["", "no list\n"])
def test_a_reference_that_nothing_lists_is_missing(bare: Path, text: str) -> None:
    """As it is in a checkout, where somebody mistyped its name."""
    (bare / "references.sha256").write_text(text)

    with pytest.raises(BadDataError):
        _load(bare)


def test_what_runs_a_reference_says_that_it_is_not_here(bare: Path) -> None:
    """And where it is."""
    lab = _load(bare)
    runner = FakeRunner(run_result())
    with pytest.raises(BadDataError, match="is not here: an image for learners") as verified:
        pipeline.verify(load_task(lab, "baseline"), runner=runner)
    with pytest.raises(BadDataError, match="is not here"):
        fresh.fresh_golden(lab, lab.exercise("baseline"), runner=runner, reason="a test")

    assert "--lab-root" in str(verified.value.remedy)
    assert runner.sources == []


def test_a_fault_of_one_submission_still_is_its_row(bare: Path, tmp_path: Path) -> None:
    """A plain script tells whether the machine works, in place of the reference."""
    folder, results = hand_in(tmp_path / "class", "a.py", "b.py"), tmp_path / "results"
    task = load_task(_load(bare), "baseline")
    runner = fails_on(b"a.py", WorkerError("it died"))
    summary = grade([folder], results, configured(runner, task=task))

    assert verdicts(results) == {"a.py": "not_gradable", "b.py": "passed"}
    assert (summary.complete, summary.faults) == (True, 1)
    assert any(b"import torch" in source for source in runner.sources)


def test_a_machine_on_which_nothing_runs_is_no_submissions_fault(
    bare: Path, tmp_path: Path
) -> None:
    """Not even a plain script comes to its end."""
    folder, results = hand_in(tmp_path / "class", "a.py"), tmp_path / "results"
    task = load_task(_load(bare), "baseline")
    broken = run_result(b"", outcome=Exited(code=1))
    runner = ScriptedRunner(lambda source: WorkerError("it died") if b"a.py" in source else broken)
    summary = grade([folder], results, configured(runner, task=task))

    assert verdicts(results) == {}
    assert [each.problem for each in summary.troubled] == ["it died"]
