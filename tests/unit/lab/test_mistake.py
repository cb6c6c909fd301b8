"""Mistakes are scripts with the diagnosis that they must get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier.errors import BadDataError
from verifier.lab.mistake import Mistake, expected_path, load_mistake, load_mistakes
from verifier.lab.spec import load_labs
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = json.loads((CHECKOUT / "schemas" / "examples" / "mistake.json").read_text())


def _script(folder: Path, expected: str) -> Path:
    script = folder / "some-mistake.py"
    script.touch()
    expected_path(script).write_text(expected)
    return script


def test_mistake_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Its id is its file's name."""
    script = _script(tmp_path, json.dumps(EXAMPLE))
    mistake = load_mistake(script)

    assert mistake == Mistake(
        script=script,
        title=EXAMPLE["title"],
        exercise="baseline",
        symptom="loss-is-nan",
        diagnosis="loss-nan",
        stage=Stage.LOOP,
        also=("lr-too-high", "lr-wrong"),
        params={"cause": "lr"},
        start_here=Stage.UPDATE,
    )
    assert mistake.id == "some-mistake"


def test_mistakes_of_a_lab_come_by_name() -> None:
    """Every script of the folder, and nothing else."""
    lab = load_labs(LAB_ROOT)["forward-backward"]
    names = [mistake.id for mistake in load_mistakes(lab)]

    assert names == sorted(path.stem for path in (lab.folder / "mistakes").glob("*.py"))
    assert len(names) > 200


@pytest.mark.parametrize(
    "expected",
    [
        "{",
        "[" * 100_000,
        json.dumps(EXAMPLE | {"diagnosis": {"id": "loss-nan", "stage": "nowhere"}}),
        json.dumps({key: value for key, value in EXAMPLE.items() if key != "also"}),
        json.dumps(EXAMPLE | {"note": "x"}),
    ],
)
def test_bad_expectation_is_bad_data_and_names_its_file(tmp_path: Path, expected: str) -> None:
    """Exit 5; an author mends the file."""
    script = _script(tmp_path, expected)

    with pytest.raises(BadDataError, match=r"some-mistake\.expected\.json"):
        load_mistake(script)


def test_mistake_without_an_expectation_is_bad_data(tmp_path: Path) -> None:
    """Nobody knows what it should get."""
    script = tmp_path / "alone.py"
    script.touch()

    with pytest.raises(BadDataError, match=r"alone\.expected\.json"):
        load_mistake(script)
