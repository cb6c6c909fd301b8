"""Verifying is exact: one wrong digit anywhere in a golden is found and named."""

from __future__ import annotations

import copy
import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.exercises import matched
from tests.fakes import LAB_ROOT, PUBLISHED
from tests.unit.golden.test_golden import PROVENANCE, _golden
from verifier.checks.check import Check, Status, in_debug_order
from verifier.checks.verify import verify_output
from verifier.golden.golden import Golden, golden_to_json
from verifier.golden.record import build_record, record_from_json
from verifier.lab.load import load_labs
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

EXERCISE = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline")
_ORIGIN = {field: getattr(PROVENANCE, field) for field in PROVENANCE.__slots__}
PROVENANCE_OF_PUBLISHED = type(PROVENANCE)(
    **_ORIGIN | {"stdout_sha256": hashlib.sha256(PUBLISHED).hexdigest()}
)


def _verify(stdout: bytes, record: dict[str, Any] | None = None) -> list[Check]:
    """Failed checks of an output against a golden made of the published one, or of ``record``."""
    document = golden_to_json(_golden())["record"] if record is None else record
    golden = Golden(
        lab="forward-backward",
        exercise=EXERCISE.id,
        provenance=PROVENANCE_OF_PUBLISHED,
        record=record_from_json(document),
    )
    observed = build_record(matched(stdout, EXERCISE), EXERCISE)
    checks = in_debug_order(
        verify_output(stdout, record=observed, exercise=EXERCISE, golden=golden)
    )
    return [check for check in checks if check.status is Status.FAILED]


def test_published_output_agrees_in_every_value_and_byte() -> None:
    """What the pinned environment prints is what the lesson shows."""
    assert _verify(PUBLISHED) == []


def _digits_changed(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Give every copy of a JSON value with one digit of one number or text changed."""
    if isinstance(value, list):
        for place, element in enumerate(value):
            for changed in _digits_changed(element):
                yield [*value[:place], changed, *value[place + 1 :]]
    elif isinstance(value, dict):
        for key, element in value.items():
            for changed in _digits_changed(element):
                yield value | {key: changed}
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        text = str(value)
        for match in re.finditer(r"\d", text):
            other = text[: match.start()] + str((int(match[0]) + 1) % 10) + text[match.end() :]
            yield other if isinstance(value, str) else type(value)(other)


def _mutants() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every golden with one digit of a text, value or evidence changed, and the key it is of."""
    record = golden_to_json(_golden())["record"]
    for place, reading in enumerate(record["readings"]):
        for field in ("text", "value"):
            for changed in _digits_changed(reading[field]):
                mutant = copy.deepcopy(record)
                mutant["readings"][place][field] = changed
                yield reading["key"], mutant
    for key, value in record["before_after"].items():
        for changed in _digits_changed(value):
            mutant = copy.deepcopy(record)
            mutant["before_after"][key] = changed
            yield ("_grad" if key == "gradient_seen" else key), mutant


def test_one_wrong_digit_in_any_golden_value_fails_and_names_the_field() -> None:
    """Every digit of every text, value and piece of evidence in the golden is looked at."""
    mutants = list(_mutants())

    assert len(mutants) > 150
    for key, mutant in mutants:
        named = [check.name + check.message for check in _verify(PUBLISHED, mutant)]
        assert named, f"a changed {key} was not found"
        assert all(key in each for each in named), named


@pytest.mark.parametrize(
    ("stdout", "name", "said"),
    [
        (
            PUBLISHED.replace(b"0.0560", b"0.056"),
            "mini_training_loop/loss[4]",
            "0.0560 is published, 0.056 is printed",
        ),
        (
            PUBLISHED.replace(b"bias_grad= [-0.1753]\n", b""),
            "one_training_step/bias_grad",
            "is published, but not printed",
        ),
        (
            PUBLISHED + b"done= 1\n",
            "mini_training_loop/done",
            "printed, but not in the golden record",
        ),
        (
            b"note\n" + PUBLISHED,
            "one_training_step/prediction_before",
            "published on line 2, printed on line 3",
        ),
        (
            PUBLISHED.replace(b"0.825", b"nan"),
            "one_training_step/prediction_before",
            "0.825 is published, nan is printed",
        ),
    ],
)
def test_other_output_names_what_differs(stdout: bytes, name: str, said: str) -> None:
    """No tolerance, no layout forgiven."""
    failed = _verify(stdout)

    assert name in {check.name for check in failed}
    assert any(said in check.message for check in failed), failed


def test_nan_is_nothing_to_publish_even_if_the_golden_has_it_too() -> None:
    """A diverged reference must not verify against its own divergence."""
    record = golden_to_json(_golden())["record"]
    record["readings"][2]["text"] = record["readings"][2]["value"] = "[[nan, -0.3505]]"
    record["readings"][2]["value"] = [["nan", -0.3505]]
    failed = _verify(PUBLISHED.replace(b"-0.1753, ", b"nan, "), record)

    assert any("is no finite number" in check.message for check in failed)


def test_more_digits_than_a_float_has_are_compared_as_the_golden_file_keeps_them() -> None:
    """The file holds the text and a JSON number; both must be the printed ones."""
    long = PUBLISHED.replace(b"0.1927", b"0.19271234567890123456789")
    record = golden_to_json(_golden(long))["record"]

    assert [check.name for check in _verify(long, record)] == ["bytes"]


def test_same_values_in_other_bytes_are_still_another_output() -> None:
    """A trailing space is nothing to a reader, but it is not what was published."""
    failed = _verify(PUBLISHED.replace(b"0.825\n", b"0.825 \n"))

    assert [(check.stage, check.name) for check in failed] == [(Stage.OUTPUT, "bytes")]


def test_drift_behind_a_changed_value_is_skipped_but_said() -> None:
    """An author sees everything that changed, and where it starts."""
    stdout = PUBLISHED.replace(b"0.825", b"0.826").replace(b"0.0478", b"0.0479")
    golden = _golden()
    observed = build_record(matched(stdout, EXERCISE), EXERCISE)
    checks = in_debug_order(
        verify_output(stdout, record=observed, exercise=EXERCISE, golden=golden)
    )
    last = next(check for check in checks if check.name == "mini_training_loop/loss[5]")

    assert last.status is Status.SKIPPED
    assert "0.0478 is published, 0.0479 is printed" in last.message


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("decimals", 2, "text and decimals disagree"),
        ("line", 7, "published on line 7, printed on line 3"),
    ],
)
def test_golden_whose_fields_contradict_each_other_fails(field: str, value: int, said: str) -> None:
    """A golden edited by hand is found also where the printed text still agrees."""
    record = golden_to_json(_golden())["record"]
    record["readings"][1][field] = value

    failed = _verify(PUBLISHED, record)

    assert [check.name for check in failed] == ["one_training_step/loss_before"]
    assert said in failed[0].message
