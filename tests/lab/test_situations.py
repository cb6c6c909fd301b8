"""What real learners handed in, and neighbours of it: each is told what is true of it, first."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab.corpus import CATALOGUE, LAB
from verifier import pipeline
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.run.sandbox import SandboxRunner

FOLDER = Path(__file__).parent / "situations"
TASK = load_task(LAB, "baseline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A script, and what its learner is told."""

    id: str
    source: str
    diagnosis: str
    says: tuple[str, ...]
    never: tuple[str, ...]


def _tables(file: str) -> dict[str, dict[str, Any]]:
    tables = tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))
    del tables["schema_version"]
    return tables


def _source(name: str, table: dict[str, Any]) -> str:
    source = (FOLDER / f"{table.get('of', name)}.py").read_text(encoding="utf-8")
    for old, new in table.get("replace", ()):
        assert old in source, (name, old)
        source = source.replace(old, new)
    return source


def _situation(name: str, table: dict[str, Any]) -> Situation:
    return Situation(
        id=name,
        source=_source(name, table),
        diagnosis=table["diagnosis"],
        says=tuple(table["says"]),
        never=tuple(table.get("never", ())),
    )


SITUATIONS = [_situation(name, table) for name, table in _tables("situations.toml").items()]
RIGHT = {name: _source(name, table) for name, table in _tables("right.toml").items()}


@pytest.mark.torch
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.id)
def test_learner_is_told_what_is_true(
    sandbox: SandboxRunner, tmp_path: Path, situation: Situation
) -> None:
    """The first diagnosis names it, with the words that a learner needs."""
    script = tmp_path / "submission.py"
    script.write_text(situation.source, encoding="utf-8")
    found = pipeline.grade(read_submission(script), task=TASK, runner=sandbox).report.diagnoses
    told = [f"{each.message} {each.fix}" for each in found]

    assert [each.id for each in found][:1] == [situation.diagnosis], told
    assert [each for each in situation.says if each not in told[0]] == [], told[0]
    assert [each for each in situation.never if each in " ".join(told)] == []
    assert "another value" not in told[0]


@pytest.mark.torch
@pytest.mark.parametrize("name", RIGHT)
def test_right_neighbour_is_told_nothing(sandbox: SandboxRunner, tmp_path: Path, name: str) -> None:
    """What looks like a mistake, and is none."""
    script = tmp_path / "submission.py"
    script.write_text(RIGHT[name], encoding="utf-8")
    report = pipeline.grade(read_submission(script), task=TASK, runner=sandbox).report

    assert (report.verdict, report.diagnoses) == ("passed", ())


@pytest.mark.torch
def test_plain_script_that_others_are_made_of_is_right(sandbox: SandboxRunner) -> None:
    """What a neighbour is told comes from what was changed in it."""
    report = pipeline.grade(read_submission(FOLDER / "plain.py"), task=TASK, runner=sandbox).report

    assert (report.verdict, report.diagnoses) == ("passed", ())


def test_every_diagnosis_that_is_named_exists() -> None:
    """A name in the table is one of the lab's."""
    assert {each.diagnosis for each in SITUATIONS} <= CATALOGUE.wordings.keys()
