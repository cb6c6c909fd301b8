"""Mistakes are scripts with the diagnosis that they must get."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier.errors import BadDataError
from verifier.lab.load import load_lab, load_labs
from verifier.lab.mistake import Mistake, load_mistakes
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Lab

TABLE = """
title = "Learning rate 500: the prediction is exactly 1, and 0 · log 0 is nan"
exercise = "baseline"
symptom = "loss-is-nan"
diagnosis = { id = "loss-nan", stage = "loop" }
also = ["lr-too-high", "lr-wrong"]
params = { cause = "lr" }
start_here = "update"
"""


def _lab(tmp_path: Path, tables: str, *names: str) -> Lab:
    """Copy the lab with other mistakes: scripts of some names, and what is said about them."""
    folder = tmp_path / "forward-backward"
    shutil.copytree(
        LAB_ROOT / "forward-backward", folder, ignore=shutil.ignore_patterns("mistakes")
    )
    (folder / "mistakes").mkdir()
    for name in names:
        (folder / "mistakes" / f"{name}.py").touch()
    (folder / "mistakes" / "mistakes.toml").write_text(tables, encoding="utf-8")
    return load_lab(folder / "lab.toml")


def test_mistake_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Its id is its file's name; what a mistake has not is left out."""
    shortest = TABLE.replace('symptom = "loss-is-nan"', "").replace('params = { cause = "lr" }', "")
    shortest = shortest.replace('also = ["lr-too-high", "lr-wrong"]', "")
    tables = f"schema_version = 1\n[other]{shortest}[nan]{TABLE}"
    lab = _lab(tmp_path, tables, "other", "nan")
    (mistake, other) = load_mistakes(lab)

    assert mistake == Mistake(
        script=lab.folder / "mistakes" / "nan.py",
        title="Learning rate 500: the prediction is exactly 1, and 0 · log 0 is nan",
        exercise="baseline",
        symptom="loss-is-nan",
        diagnosis="loss-nan",
        stage=Stage.LOOP,
        also=("lr-too-high", "lr-wrong"),
        params={"cause": "lr"},
        start_here=Stage.UPDATE,
    )
    assert mistake.id == "nan"
    assert (other.id, other.symptom, other.also, other.params) == ("other", None, (), {})


def test_mistakes_of_a_lab_come_by_name() -> None:
    """Every script of the folder, and nothing else."""
    lab = load_labs(LAB_ROOT)["forward-backward"]
    names = [mistake.id for mistake in load_mistakes(lab)]

    assert names == sorted(path.stem for path in (lab.folder / "mistakes").glob("*.py"))
    assert len(names) > 200


def test_lab_without_a_folder_of_mistakes_has_none() -> None:
    """A canary is nobody's exercise."""
    assert load_mistakes(load_labs(LAB_ROOT)["canary-dropout"]) == ()


@pytest.mark.parametrize(
    "tables",
    [
        "[",
        f"[some]{TABLE}",
        f"schema_version = 1\n[some]{TABLE}".replace("loop", "nowhere"),
        f"schema_version = 1\n[some]{TABLE}".replace("start_here", "start_there"),
        f"schema_version = 1\n[Some]{TABLE}",
    ],
)
def test_bad_tables_are_bad_data_and_their_file_is_named(tmp_path: Path, tables: str) -> None:
    """Exit 5; an author mends the file."""
    with pytest.raises(BadDataError, match=r"mistakes\.toml"):
        load_mistakes(_lab(tmp_path, tables, "some"))


@pytest.mark.parametrize(
    ("names", "problem", "remedy"),
    [
        (("some", "alone"), "nothing says what alone.py must get", "write a table [alone]"),
        ((), "there is no some.py for the table [some]", "write the script"),
    ],
)
def test_scripts_and_tables_belong_together(
    tmp_path: Path, names: tuple[str, ...], problem: str, remedy: str
) -> None:
    """Nobody knows what the script should get; a table alone tests nothing."""
    with pytest.raises(BadDataError) as caught:
        load_mistakes(_lab(tmp_path, f"schema_version = 1\n[some]{TABLE}", *names))

    assert problem in caught.value.problem
    assert remedy in caught.value.remedy
