"""Mistakes in the lessons: a table for each says what is wrong, where, and what is due; each fails.

Rules of diagnosis may be tuned on those in ``wrong``; those in ``held-out`` are for measuring.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.report.report import Verdict
from verifier.run.interface import Exited
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.sandbox import SandboxRunner

SCRIPTS = CHECKOUT / "tests" / "lessons"
LABS = load_labs(LAB_ROOT)
LESSONS = sorted(path.name for path in SCRIPTS.iterdir() if path.name in LABS)
TASKS = {name: load_task(LABS[name], "baseline") for name in LESSONS}
AT_LEAST = {"wrong": 14, "held-out": 8}
CONCEPTS = {
    *("run", "output", "data", "seed", "forward"),
    *("loss", "gradient", "update", "loop", "evaluation"),
}
KEYS = {"title": str, "concept": str, "also": list, "lines": list, "due": str, "crash": bool}


def _folders() -> list[Path]:
    return [
        folder
        for kind in AT_LEAST
        for lesson in LESSONS
        if (folder := SCRIPTS / lesson / kind).is_dir()
    ]


def _scripts() -> list[Path]:
    return [script for folder in _folders() for script in sorted(folder.glob("*.py"))]


def _name(path: Path) -> str:
    return str(path.relative_to(SCRIPTS))


def _tables(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / "mistakes.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_has_known_mistakes(lesson: str) -> None:
    """Fourteen at least; three or more end in a crash whose cause lies in the training."""
    tables = _tables(SCRIPTS / lesson / "wrong").values()

    assert len(tables) >= AT_LEAST["wrong"]
    assert sum(table["crash"] and table["concept"] != "run" for table in tables) >= 3


@pytest.mark.parametrize("folder", _folders(), ids=_name)
def test_every_script_has_its_table(folder: Path) -> None:
    """And no table is without its script; no two say the same."""
    scripts = sorted(path.stem for path in folder.glob("*.py"))
    tables = _tables(folder)

    assert sorted(tables) == scripts
    assert len(scripts) >= AT_LEAST[folder.name]
    assert len({table["title"] for table in tables.values()}) == len(tables)


@pytest.mark.parametrize("folder", _folders(), ids=_name)
def test_every_table_says_what_is_wrong(folder: Path) -> None:
    """In known keys of their types, with concepts that there are, and a whole sentence."""
    for stem, table in _tables(folder).items():
        missing = KEYS.keys() - table.keys() - {"also"}
        assert (missing, table.keys() - KEYS.keys()) == (set(), set()), stem
        assert all(type(table[key]) is KEYS[key] for key in table), stem
        concepts = [table["concept"], *table.get("also", [])]
        assert set(concepts) <= CONCEPTS, stem
        assert len(set(concepts)) == len(concepts), stem
        assert table["title"].strip(), stem
        assert table["due"].endswith("."), stem


@pytest.mark.parametrize("folder", _folders(), ids=_name)
def test_every_line_stands_in_its_script(folder: Path) -> None:
    """Counted from one, rising."""
    for stem, table in _tables(folder).items():
        end = len((folder / f"{stem}.py").read_text("utf-8").splitlines())
        lines = table["lines"]
        assert all(type(line) is int and 1 <= line <= end for line in lines), stem
        assert lines == sorted(set(lines)), stem


@pytest.mark.torch
@pytest.mark.parametrize("script", _scripts(), ids=_name)
def test_a_wrong_script_fails(sandbox: SandboxRunner, script: Path) -> None:
    """It runs to its end, or Python ends it with an exception, as its table says."""
    task = TASKS[script.parts[-3]]
    graded = pipeline.grade(read_submission(script), task=task, runner=sandbox)

    assert graded.report.verdict is Verdict.FAILED
    assert graded.runs[0].outcome == Exited(code=int(_tables(script.parent)[script.stem]["crash"]))
