"""What judging needs is there, and whole, before the first submission is run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier.errors import BadDataError, UsageError
from verifier.golden.golden import load_golden
from verifier.lab.load import load_lab, load_labs
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.golden.golden import Golden
    from verifier.lab.spec import Exercise

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASK = load_task(LAB, "baseline")


def test_a_task_answers_every_field_under_its_own_seed_and_under_others() -> None:
    """The golden record's eight other seeds included."""
    assert list(TASK.answers) == list(TASK.exercise.fields)
    assert [each.shift for each in TASK.reseeded] == [each.shift for each in TASK.golden.reseeded]
    assert all(list(each.answers) == list(TASK.exercise.fields) for each in TASK.reseeded)


def test_other_seeds_follow_from_the_submissions_bytes_and_a_secret() -> None:
    """The same again each time; what has no digest is run under its own seed alone."""
    digests = [f"{number:064x}" for number in range(64)]
    one, other = (replace(TASK, seeds=secret) for secret in (b"one", b"other"))

    assert {str(one.other_seeds(each)) for each in digests} == {str(e) for e in TASK.reseeded}
    assert [one.other_seeds(each) for each in digests] == [one.other_seeds(e) for e in digests]
    assert [one.other_seeds(each) for each in digests] != [other.other_seeds(e) for e in digests]
    assert TASK.other_seeds(None) is None


def test_a_golden_that_lacks_a_field_fails_when_the_task_is_loaded(tmp_path: Path) -> None:
    """No learner is judged against half a golden; nobody waits for the first submission."""
    folder = tmp_path / LAB.folder.name
    shutil.copytree(LAB.folder, folder)
    golden = folder / "golden" / "baseline.json"
    document = json.loads(golden.read_text())
    del document["record"]["readings"][0]
    golden.write_text(json.dumps(document))

    with pytest.raises(BadDataError, match="0 values for prediction_before"):
        load_task(load_lab(folder / "lab.toml"), "baseline")
    # And where a relation of another exercise names that golden.
    with pytest.raises(BadDataError, match="0 values for prediction_before"):
        load_task(load_lab(folder / "lab.toml"), "logits")


def test_every_golden_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """That which a relation names is one of the other exercises' as well."""
    read: list[str] = []

    def noted(*, lab: str, exercise: Exercise) -> Golden:
        read.append(exercise.id)
        return load_golden(lab=lab, exercise=exercise)

    monkeypatch.setattr("verifier.task.load_golden", noted)
    task = load_task(LAB, "logits")
    assert sorted(read) == sorted(LAB.exercises)
    assert task.related["baseline"] == TASK.answers
    assert {"logits", *(each.id for each, _ in task.others)} == set(LAB.exercises)


def test_an_exercise_that_is_not_there_is_named() -> None:
    """With those to choose from."""
    with pytest.raises(UsageError, match="no exercise 'other'"):
        load_task(LAB, "other")
