"""A line of the lab that is not where it should be, and what was printed instead."""

from __future__ import annotations

import time

import pytest

from tests.exercises import PRINTED
from tests.fakes import PUBLISHED
from tests.unit.diagnosis.diagnosing import TASKS, diagnosed, told

TRACE = told().trace
SECTION = b"one_training_step\n"


def _first(stdout: bytes, stderr: bytes = b"") -> tuple[str, str]:
    found = diagnosed(stdout, trace=TRACE, warned=stderr)
    return (found[0].id, f"{found[0].message} {found[0].fix}") if found else ("", "")


def _each(prefix: bytes, lines: bytes = PUBLISHED) -> bytes:
    return b"".join(prefix + line + b"\n" for line in lines.splitlines())


@pytest.mark.parametrize("prefix", [b"", b"INFO:root:", b"2026-01-01 10:00:00,123 INFO "])
def test_lines_on_standard_error_are_found_there(prefix: bytes) -> None:
    """Logging writes there, unless it is told otherwise."""
    name, said = _first(b"", _each(prefix))

    assert name == "printed-to-stderr"
    assert "one_training_step" in said
    assert "standard error" in said


def test_one_value_on_standard_error_is_found_there() -> None:
    """It alone is missing."""
    name, said = _first(PUBLISHED.replace(b"loss_before= 0.1927\n", b""), b"loss_before= 0.1927\n")

    assert (name, said.startswith("loss_before ")) == ("printed-to-stderr", True)


@pytest.mark.parametrize(
    "stderr",
    [
        b"  loss_before = loss_fn(pred, y)\n",
        b"UserWarning: loss_before is a name\n",
        b'  print("loss_before=", 1)\n',
    ],
)
def test_warning_that_shows_a_line_of_the_script_is_no_output(stderr: bytes) -> None:
    """A name in it was not printed by the script."""
    name, _ = _first(PUBLISHED.replace(b"loss_before= 0.1927\n", b""), stderr)

    assert name == "line-missing"


@pytest.mark.parametrize(
    "prefix",
    [
        b"INFO:root:", b"INFO: ", b"[INFO] ", b"INFO ", b"2026-01-01 10:00:00,123 - INFO - ",
        b"root:12: ", b"[rank0]: ", b"12:30:01 | ", b"(main) ",
    ],
)  # fmt: skip
def test_prefix_of_every_line_is_named(prefix: bytes) -> None:
    """The names are there, behind it."""
    name, said = _first(_each(prefix))

    assert name == "lines-prefixed"
    assert [each.id for each in diagnosed(_each(prefix), trace=TRACE)] == [name]
    assert prefix.decode().strip() in said


@pytest.mark.parametrize("prefix", [b">>> ", b"| "])
def test_sign_in_front_of_every_line_is_a_prefix(prefix: bytes) -> None:
    """A section word behind it is read, a value is not."""
    name, said = _first(_each(prefix))

    assert name in {"lines-prefixed", ""}, said


@pytest.mark.parametrize(
    "printed",
    [
        b"one training step", b"One_Training_Step", b"one-training-step",
        b"=== One training step ===",
        b"one_traning_step", b"ONE TRAINING STEP:", b"one_training_steps",
    ],
)  # fmt: skip
def test_nearly_right_section_word_is_asked_about(printed: bytes) -> None:
    """What was printed instead is shown."""
    name, said = _first(PUBLISHED.replace(SECTION, printed + b"\n"))

    assert name == "line-missing"
    assert f"you printed `{printed.decode().strip('= :')}".lower() in said.lower().replace(
        "=== ", ""
    )
    assert "is `one_training_step` meant?" in said


@pytest.mark.parametrize(
    ("old", "new", "observed", "expected"),
    [
        (b"prediction_before=", b"prediction before=", "prediction before", "prediction_before"),
        (b"prediction_before=", b"Prediction before:", "Prediction before", "prediction_before"),
        (b"prediction_before=", b"predicton_before=", "predicton_before", "prediction_before"),
        (b" loss=", b" Loss=", "Loss", "loss"),
        (b" pred=", b" pread=", "pread", "pred"),
        (b"bias_grad=", b"bias.grad=", "bias.grad", "bias_grad"),
    ],
)
def test_nearly_right_key_is_asked_about(
    old: bytes, new: bytes, observed: str, expected: str
) -> None:
    """By the keys that nobody asked for."""
    name, said = _first(PUBLISHED.replace(old, new))

    assert name == "line-missing"
    assert f"You printed `{observed}`: is `{expected}` meant?" in said


@pytest.mark.parametrize("printed", [b"step one", b"training", b"start", b""])
def test_other_text_is_not_taken_for_the_line(printed: bytes) -> None:
    """No guess is better than a wrong one."""
    name, said = _first(PUBLISHED.replace(SECTION, printed + b"\n"))

    assert name == "line-missing"
    assert "meant?" not in said


def test_key_that_belongs_to_the_lab_is_no_misspelling_of_another() -> None:
    """Prediction_after stands where it should."""
    name, said = _first(PUBLISHED.replace(b"prediction_before= 0.825\n", b""))

    assert name == "line-missing"
    assert "meant?" not in said


@pytest.mark.parametrize("printed", ["lr_1", "LR_1.0", "lr 1.0", "lr=1.0", "lr: 1.0"])
def test_section_word_with_another_number_format_is_asked_about(printed: str) -> None:
    """As a loop over the learning rates prints them."""
    stdout = PRINTED["lr-sweep"].replace(b"lr_1.0", printed.encode())
    found = diagnosed(stdout, task=TASKS["lr-sweep"])

    assert f"You printed `{printed}`: is `lr_1.0` meant?" in found[0].message


def test_section_word_of_another_number_is_no_misspelling() -> None:
    """Another learning rate is another training."""
    stdout = PRINTED["lr-sweep"].replace(b"lr_1.0", b"lr_0.1")

    assert "meant?" not in diagnosed(stdout, task=TASKS["lr-sweep"])[0].message


@pytest.mark.parametrize(
    "noise", [b"x" * 60_000, b"one_training_step " * 3000 + b"!x", b" " * 60_000 + b"x", b"one_"]
)
def test_missing_line_is_looked_for_in_linear_time(noise: bytes) -> None:
    """A learner may print anything."""
    before = time.process_time()
    _first(noise + b"\n" + PUBLISHED.replace(SECTION, b""), noise)

    assert time.process_time() - before < 1


def _evidence(stdout: bytes) -> tuple[str, ...]:
    (first, *_) = diagnosed(stdout, trace=TRACE)
    assert first.id == "line-missing"
    return first.evidence


def test_value_under_another_section_is_said_to_stand_there() -> None:
    """It was printed, in the wrong place."""
    last = b"prediction_after= 0.888\nloss_after= 0.1183\n"
    moved = PUBLISHED.replace(last, b"").replace(b"training_loop\n", b"training_loop\n" + last)
    above = last + PUBLISHED.replace(last, b"")

    (fact,) = _evidence(moved)
    assert fact == (
        "prediction_after is not printed under one_training_step; it stands under "
        "mini_training_loop"
    )
    assert _evidence(above) == (
        "prediction_after is not printed under one_training_step; it stands above the lab's lines",
    )
    assert "prediction_after is not found under the line one_training_step" in _first(moved)[1]


def test_value_of_one_row_is_not_said_to_stand_where_it_should() -> None:
    """The other rows have one."""
    assert _evidence(PUBLISHED.replace(b" pred=0.918", b"")) == (
        "pred at step=2 is not among what was printed",
    )
