"""A golden is a record with provenance, and every change of it is named."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.exercises import matched
from tests.fakes import LAB_ROOT, PUBLISHED
from verifier.errors import BadDataError
from verifier.golden.golden import (
    Change,
    Golden,
    Provenance,
    golden_answers,
    golden_changes,
    golden_text,
    load_golden,
    reading_name,
)
from verifier.golden.record import build_record
from verifier.lab.load import load_lab, load_labs

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Exercise

EXERCISE = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline")
PROVENANCE = Provenance(
    torch="2.13.0+cpu",
    python="3.11.2",
    platform="Linux",
    cpu_capability="AVX2",
    threads=1,
    runtime_image="sha256:" + "0" * 64,
    pins_sha256="1" * 64,
    script_sha256="2" * 64,
    stdout_sha256="3" * 64,
    date="2026-11-22",
    reason="a test",
)


def _golden(stdout: bytes = PUBLISHED) -> Golden:
    record = build_record(matched(stdout, EXERCISE), EXERCISE)
    return Golden(
        lab="forward-backward", exercise=EXERCISE.id, provenance=PROVENANCE, record=record
    )


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    """An exercise in a copy of the lab, so that its golden may be altered."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    return load_lab(tmp_path / "forward-backward" / "lab.toml").exercise("baseline")


def _load(exercise: Exercise) -> Golden:
    return load_golden(lab="forward-backward", exercise=exercise)


def test_golden_survives_its_file(exercise: Exercise) -> None:
    """What is written is what is read."""
    exercise.golden.write_text(golden_text(_golden()))
    loaded = _load(exercise)

    assert golden_text(loaded) == golden_text(_golden())
    assert loaded.provenance == PROVENANCE


def test_every_field_has_its_golden_reading() -> None:
    """Tolerance is looked up by field."""
    answers = golden_answers(_golden(), EXERCISE)

    assert {field.name: reading.text for field, reading in answers.items()}[
        "loss at step=4"
    ] == "0.0560"
    assert tuple(answers) == EXERCISE.fields


@pytest.mark.parametrize(
    "stdout", [PUBLISHED.replace(b"loss_before= 0.1927\n", b""), PUBLISHED + PUBLISHED, b""]
)
def test_record_that_does_not_answer_every_field_once_is_no_golden(stdout: bytes) -> None:
    """A reference that prints too little or too much is a bad lab."""
    with pytest.raises(BadDataError, match="values for"):
        golden_answers(_golden(stdout), EXERCISE)


def test_sectionless_lines_in_a_golden_are_kept() -> None:
    """A lab may print before its first section."""
    golden = _golden(b"device: cpu\n" + PUBLISHED)

    assert golden.record.readings[0].section is None
    assert golden_answers(golden, EXERCISE)


def test_missing_golden_says_how_to_make_one(exercise: Exercise) -> None:
    """The remedy is a command."""
    exercise.golden.unlink()

    with pytest.raises(BadDataError, match="there is no golden") as caught:
        _load(exercise)
    assert "labcheck golden update" in caught.value.remedy


@pytest.mark.parametrize(
    "content", [b"{", b"\xff", b"{}", b'{"schema_version": 2}', b"[" * 100_000]
)
def test_malformed_golden_is_refused(exercise: Exercise, content: bytes) -> None:
    """Exit 5, whatever the file holds."""
    exercise.golden.write_bytes(content)

    with pytest.raises(BadDataError):
        _load(exercise)


def test_golden_that_is_a_folder_is_refused(exercise: Exercise) -> None:
    """Any trouble in reading is bad data."""
    exercise.golden.unlink()
    exercise.golden.mkdir()

    with pytest.raises(BadDataError, match="no regular file"):
        _load(exercise)


def test_value_nested_beyond_all_sense_is_bad_data(exercise: Exercise) -> None:
    """The schema allows any depth; the values do not."""
    document = json.loads(golden_text(_golden()))
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    document["record"]["readings"][0]["value"] = deep
    exercise.golden.write_text(json.dumps(document))

    with pytest.raises(BadDataError, match="record: "):
        _load(exercise)


def test_golden_of_another_exercise_is_refused(exercise: Exercise) -> None:
    """A file copied under the wrong name must not judge anybody."""
    document = json.loads(golden_text(_golden()))
    exercise.golden.write_text(json.dumps(document | {"exercise": "logits"}))

    with pytest.raises(BadDataError, match="says it belongs to forward-backward/logits"):
        _load(exercise)


def test_changes_are_listed_old_and_new_in_printed_order() -> None:
    """What an author reads before accepting new goldens."""
    new = _golden(PUBLISHED.replace(b"0.1927", b"0.1928").replace(b"pred=0.945", b"pred=0.946"))

    assert golden_changes(_golden(), new) == (
        Change(name="one_training_step/loss_before", old="0.1927", new="0.1928"),
        Change(name="mini_training_loop/pred[4]", old="0.945", new="0.946"),
    )
    assert golden_changes(new, new) == ()


def test_other_bytes_with_the_same_values_are_a_change() -> None:
    """`verify` compares the bytes too: the two must not contradict each other."""
    origin = dataclasses.replace(PROVENANCE, stdout_sha256="4" * 64)
    new = dataclasses.replace(_golden(), provenance=origin)

    assert golden_changes(_golden(), new) == (
        Change(name="sha256 of the whole output", old="3" * 64, new="4" * 64),
    )


def test_first_golden_is_all_new_and_vanished_values_are_named() -> None:
    """Both directions of a change of the reference itself."""
    more = _golden(PUBLISHED + b"extra\nnote= 1\n")

    assert len(golden_changes(None, _golden())) == len(_golden().record.readings)
    assert golden_changes(more, _golden()) == (Change(name="extra/note", old="1", new=None),)


def test_name_of_a_reading_holds_its_whole_address() -> None:
    """Section, row label, key and occurrence."""
    reading = _golden().record.readings[-1]

    assert reading_name(dataclasses.replace(reading, row="sgd")) == "mini_training_loop/sgd/pred[5]"
