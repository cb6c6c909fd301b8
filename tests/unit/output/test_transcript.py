"""The stdout grammar: the lesson's output, and what a learner may vary in it."""

from __future__ import annotations

import pytest

from tests.fakes import PUBLISHED
from tests.unit.output.transcripts import D, pairs, read, reading
from verifier.output.transcript import Section, Transcript, read_stdout


def test_lesson_output_is_read_whole() -> None:
    """The one output that must be read perfectly."""
    step, loop = "one_training_step", "mini_training_loop"
    gradient = ((D("-0.1753"), D("-0.3505")),)
    epochs = [
        ("0.1183", "0.888"),
        ("0.0861", "0.918"),
        ("0.0678", "0.934"),
        ("0.0560", "0.945"),
        ("0.0478", "0.953"),
    ]

    assert read_stdout(PUBLISHED) == Transcript(
        sections=(Section(name=step, line=1), Section(name=loop, line=8)),
        readings=(
            reading("prediction_before", "0.825", D("0.825"), section=step, line=2, decimals=3),
            reading("loss_before", "0.1927", D("0.1927"), section=step, line=3, decimals=4),
            reading(
                "weight_grad", "[[-0.1753, -0.3505]]", gradient, section=step, line=4, decimals=4
            ),
            reading("bias_grad", "[-0.1753]", (D("-0.1753"),), section=step, line=5, decimals=4),
            reading("prediction_after", "0.888", D("0.888"), section=step, line=6, decimals=3),
            reading("loss_after", "0.1183", D("0.1183"), section=step, line=7, decimals=4),
            *(
                reading(key, text, D(text), section=loop, line=8 + n, decimals=places, occurrence=n)
                for n, (loss, pred) in enumerate(epochs, start=1)
                for key, text, places in (("step", str(n), 0), ("loss", loss, 4), ("pred", pred, 3))
            ),
        ),
        findings=(),
    )


def test_evidence_record_is_read_whole() -> None:
    """The record a learner saves holds numbers and one line of prose as values."""
    seen = "weight_grad and bias_grad are not None"

    assert pairs(f"prediction_before: 0.825\ngradient_seen: {seen}\nloss_after: 0.1183\n") == [
        (None, "prediction_before", "0.825", D("0.825")),
        (None, "gradient_seen", seen, seen),
        (None, "loss_after", "0.1183", D("0.1183")),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "loss_before = 0.1927",
        "loss_before: 0.1927",
        "loss_before:0.1927",
        "loss_before：0.1927",  # noqa: RUF001 - as translated pages print it
        "loss_before\t=\t0.1927",
        "   loss_before=0.1927   ",
        "loss_before =\u00a00.1927",
        "* loss_before= 0.1927,",
        "loss_before -> 0.1927",
        "loss_before 0.1927",
        "loss_before= 0.1927\r",
        "\ufeffloss_before= 0.1927",
    ],
)
def test_learner_may_vary_separator_and_padding(line: str) -> None:
    """A lesson on training must not fail anyone for a space."""
    transcript = read(line)

    assert transcript.readings == (
        reading("loss_before", "0.1927", D("0.1927"), line=1, decimals=4),
    )
    assert transcript.findings == ()


def test_tight_colons_are_separators_only_where_one_opens_the_line() -> None:
    """``cuda:0`` and ``12:30`` are words."""
    assert pairs("epoch:1 loss:0.5") == [
        (None, "epoch", "1", D(1)),
        (None, "loss", "0.5", D("0.5")),
    ]
    assert pairs("device: cuda:0") == [(None, "device", "cuda:0", "cuda:0")]
    assert pairs("12:30 started") == []


def test_translated_commas_separate_pairs() -> None:
    """Translated pages print ``、`` and a full-width colon."""
    assert pairs("a=1、b：2") == [(None, "a", "1", D(1)), (None, "b", "2", D(2))]  # noqa: RUF001 - as translated pages print it


def test_one_key_twice_is_told_apart_by_occurrence() -> None:
    """Real labs print first a shape and then a tensor under one key."""
    found = [(r.key, r.occurrence, r.text) for r in read("x: (1,)\nx: tensor([2.])\n").readings]

    assert found == [("x", 1, "(1,)"), ("x", 2, "tensor([2.])")]


def test_output_without_section_or_with_it_last_is_read() -> None:
    """Readings before the first section have none."""
    transcript = read("z= 1\ndone\n")

    assert transcript.readings == (reading("z", "1", D(1), line=1, decimals=0),)
    assert transcript.sections == (Section(name="done", line=2),)


def test_value_behind_a_tensor_of_several_lines_has_its_own_line() -> None:
    """A reading's line is the one a person finds it on."""
    transcript = read("x= [[1],\n [2]] y=3\nz=4\n")

    assert [(r.key, r.line) for r in transcript.readings] == [("x", 1), ("y", 2), ("z", 3)]


def test_plus_seven_is_seven() -> None:
    """A sign in front is how a change is printed."""
    assert pairs("change=+7") == [(None, "change", "+7", D(7))]


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n", b" \n\t\n", b"\xef\xbb\xbf"])
def test_empty_output_says_nothing(raw: bytes) -> None:
    """No output is for a check to judge."""
    assert read_stdout(raw) == Transcript(sections=(), readings=(), findings=())
