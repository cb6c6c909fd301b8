"""The record keeps the lesson's evidence in both of its forms."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.exercises import PRINTED, matched
from tests.fakes import LAB_ROOT, PUBLISHED
from verifier.errors import BadDataError
from verifier.golden.record import (
    EMPTY_RECORD,
    BeforeAfter,
    Gradients,
    Record,
    build_record,
    record_from_json,
    record_to_json,
    record_to_text,
)
from verifier.lab.load import load_labs
from verifier.output.transcript import read_stdout
from verifier.schema import strict_json, validate

LAB = load_labs(LAB_ROOT)["forward-backward"]
EXERCISE = LAB.exercise("baseline")
FIVE_KEYS = ("prediction_before", "loss_before", "gradient_seen", "prediction_after", "loss_after")
FIVE_LINES = """\
prediction_before: 0.825
loss_before: 0.1927
gradient_seen: weight_grad and bias_grad are not None
prediction_after: 0.888
loss_after: 0.1183
"""


def _record(stdout: bytes) -> Record:
    return build_record(matched(stdout, EXERCISE), EXERCISE)


def test_published_output_gives_the_lessons_evidence() -> None:
    """Keys and values of the contract."""
    assert record_to_json(_record(PUBLISHED))["before_after"] == {
        "prediction_before": 0.825,
        "loss_before": 0.1927,
        "gradient_seen": {"weight_grad": [[-0.1753, -0.3505]], "bias_grad": [-0.1753]},
        "prediction_after": 0.888,
        "loss_after": 0.1183,
    }


def test_reading_has_the_contracts_keys() -> None:
    """Other programs address values by them."""
    assert record_to_json(_record(PUBLISHED))["readings"][-2] == {
        "section": "mini_training_loop",
        "row": None,
        "key": "loss",
        "occurrence": 5,
        "line": 13,
        "decimals": 4,
        "text": "0.0478",
        "value": 0.0478,
        "exact": None,
    }


@pytest.mark.parametrize(
    ("text", "exact", "written"),
    [
        ("0.945", (0.9454970955848694,), "0x1.e418320000000p-1"),
        ("-0.0000", (-0.0,), "-0x0.0p+0"),
        ("0.0000", (5e-324,), "0x0.0000000000001p-1022"),
        ("0.945", None, None),
        ("nan", (math.nan,), None),
        ("inf", (math.inf,), None),
        ("[0.945]", (0.9454970955848694,), None),
        ("[0.5, 0.25]", (0.5, 0.25), None),
    ],
)
def test_unrounded_value_of_a_number_is_kept_to_the_bit(
    text: str, exact: tuple[float, ...] | None, written: str | None
) -> None:
    """As a hex float, for a single finite number; the contract has null for the rest."""
    (reading,) = read_stdout(f"pred= {text}".encode()).readings
    record = Record(before_after=BeforeAfter(), readings=(replace(reading, exact=exact),))
    document = json.loads(strict_json(record_to_json(record)))
    (kept,) = record_from_json(document).readings

    validate("record", document)
    assert document["readings"][0]["exact"] == written
    assert kept.exact == (None if written is None else exact)
    assert record_to_json(record_from_json(document)) == document


@pytest.mark.parametrize("exact", ["0.5", "0x1.8", "0xp+0", "0x1.8p+99999", "nan", 0.5])
def test_record_with_an_unrounded_value_that_is_none_is_refused(exact: object) -> None:
    """Also what the schema's pattern lets pass and no float is."""
    document = record_to_json(_record(PUBLISHED))
    document["readings"][0]["exact"] = exact

    with pytest.raises(BadDataError, match="record: "):
        record_from_json(document)


def test_text_form_is_the_lessons_to_the_character() -> None:
    """It is what the learner was asked to save."""
    assert record_to_text(_record(PUBLISHED), EXERCISE) == FIVE_LINES


@pytest.mark.parametrize("name", LAB.exercises)
def test_text_form_names_the_evidence_that_the_exercise_has(name: str) -> None:
    """What was never asked for is not missing."""
    exercise = LAB.exercise(name)
    record = build_record(matched(PRINTED[name], exercise), exercise)
    lines = record_to_text(record, exercise).splitlines()

    assert [line.partition(": ")[0] for line in lines] == (
        [] if name in {"lr-sweep", "no-zero-grad"} else [*FIVE_KEYS]
    )
    assert not any("missing" in line or "None" in line.replace("not None", "") for line in lines)


def test_text_form_leaves_out_what_an_exercise_does_not_ask_for() -> None:
    """Line by line."""
    places = {"loss_after": EXERCISE.before_after["loss_after"]}
    exercise = replace(EXERCISE, before_after=places)

    assert record_to_text(_record(PUBLISHED), exercise) == "loss_after: 0.1183\n"


def test_text_form_is_read_back() -> None:
    """What a learner kept can be checked later; the gradients' values are not in it."""
    read = _record(FIVE_LINES.encode())

    assert record_to_text(read, EXERCISE) == FIVE_LINES
    assert read.before_after.gradient_seen == Gradients(weight_grad=None, bias_grad=None)
    assert read.before_after.loss_after == Decimal("0.1183")


def test_json_form_is_read_back() -> None:
    """Writing, reading and writing again gives the same document, through real JSON text."""
    document = record_to_json(_record(PUBLISHED))

    assert record_to_json(record_from_json(json.loads(strict_json(document)))) == document


def test_what_the_output_does_not_tell_is_null_and_missing() -> None:
    """Nothing is invented."""
    record = _record(
        b"one_training_step\nprediction_before= 0.825\nbias_grad= None\nweight_grad= [[1.0]]\n"
    )

    assert record.before_after == BeforeAfter(prediction_before=Decimal("0.825"))
    assert record_to_text(record, EXERCISE).splitlines()[1:3] == [
        "loss_before: missing",
        "gradient_seen: weight_grad and bias_grad are None",
    ]


def test_missing_lines_are_read_back_as_missing() -> None:
    """The word stands for no value."""
    assert _record(record_to_text(EMPTY_RECORD, EXERCISE).encode()).before_after == BeforeAfter()


def test_non_finite_values_are_strings_in_json_and_words_in_text() -> None:
    """Strict JSON has no NaN."""
    record = _record(b"one_training_step\nloss_before= nan\nloss_after= -inf\n")
    document = json.loads(strict_json(record_to_json(record)))

    validate("record", document)
    assert (document["before_after"]["loss_before"], document["before_after"]["loss_after"]) == (
        "nan",
        "-inf",
    )
    assert record_to_text(record, EXERCISE).splitlines()[1::3] == [
        "loss_before: nan",
        "loss_after: -inf",
    ]
    assert record_to_json(record_from_json(document)) == document


def test_lists_and_words_as_evidence_are_written_plainly() -> None:
    """A learner may print a tensor where a number was asked for."""
    record = _record(b"one_training_step\nloss_before= [0.10, 2]\nloss_after= small\n")

    assert record_to_text(record, EXERCISE).splitlines()[1::3] == [
        "loss_before: [0.10, 2]",
        "loss_after: small",
    ]


def test_document_that_breaks_the_schema_is_refused() -> None:
    """A record from a file is a stranger's until it is checked."""
    with pytest.raises(BadDataError, match="record: "):
        record_from_json({"before_after": {}})
