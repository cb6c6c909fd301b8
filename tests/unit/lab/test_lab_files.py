"""A lab's files are regular, bounded, and inside of the lab: others are bad data, at once."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, FakeRunner, run_result
from verifier import pipeline
from verifier.authoring import fresh
from verifier.errors import BadDataError
from verifier.lab.load import load_labs
from verifier.lab.revision import lab_revision
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Lab

pytestmark = pytest.mark.timeout(20)
FILES = ("lab.toml", "diagnoses.toml", "golden/baseline.json", "golden/mistakes.json")
KINDS = ("pipe", "device", "folder", "large", "deep")
REFERENCE = "forward_backward_lab.py"


@pytest.fixture
def lab_folder(tmp_path: Path) -> Path:
    """The lesson's lab, to be spoilt."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "lab" / "forward-backward")
    return tmp_path / "lab" / "forward-backward"


def _spoil(path: Path, kind: str) -> None:
    path.unlink()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "large":
            with path.open("wb") as file:
                file.truncate(5 << 30)
        case "deep":
            path.write_text("a = " * (path.suffix == ".toml") + "[" * 100_000)
        case _:
            path.symlink_to("nowhere")


def _lab(folder: Path) -> Lab:
    return load_labs(folder.parent)["forward-backward"]


def _everything(folder: Path) -> None:
    lab = _lab(folder)
    load_task(lab, "baseline")
    lab_revision(lab)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FILES)
def test_lab_file_that_is_no_small_regular_file_is_bad_data(
    lab_folder: Path, name: str, kind: str
) -> None:
    """No command waits for it, reads without end, or fills the memory."""
    _spoil(lab_folder / name, kind)

    with pytest.raises(BadDataError):
        _everything(lab_folder)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "large", "gone"])
def test_reference_that_is_no_small_regular_file_is_bad_data(lab_folder: Path, kind: str) -> None:
    """And no empty script, which would be told to have failed."""
    _spoil(lab_folder / REFERENCE, kind)

    with pytest.raises(BadDataError):
        pipeline.verify(load_task(_lab(lab_folder), "baseline"), runner=FakeRunner(run_result()))


def test_reference_outside_of_the_lab_is_bad_data(lab_folder: Path, tmp_path: Path) -> None:
    """A link leads to anybody's script."""
    outside = tmp_path / "elsewhere.py"
    shutil.move(lab_folder / REFERENCE, outside)
    (lab_folder / REFERENCE).symlink_to(outside)

    with pytest.raises(BadDataError, match="outside"):
        _lab(lab_folder)


def test_reference_that_cannot_be_run_gives_no_golden(lab_folder: Path) -> None:
    """A golden of an empty script would be worse than none."""
    lab = _lab(lab_folder)
    (lab_folder / REFERENCE).write_bytes(b"\0")

    with pytest.raises(BadDataError, match="cannot be run"):
        fresh.fresh_golden(
            lab, lab.exercise("baseline"), runner=FakeRunner(run_result()), reason="a test"
        )
