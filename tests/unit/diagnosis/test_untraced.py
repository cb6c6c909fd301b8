"""Without a trace: numbers and text say less, and what both say is surer."""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import PUBLISHED
from tests.unit.diagnosis.diagnosing import EXERCISE, diagnosed, told
from verifier.diagnosis.diagnosis import LIKELY
from verifier.golden.signature import signature_of
from verifier.output.transcript import read_stdout

RIGHT = """\
import torch
from torch import nn
torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
pred = model(x)
optimizer.zero_grad()
loss_fn(pred, y).backward()
optimizer.step()
for step in range(1, 6):
    optimizer.zero_grad()
    loss_fn(model(x), y).backward()
    optimizer.step()
"""
OTHER_WEIGHTS = {"weights": (0.0512, 0.1703), "bias": 0.3307}


def _first(source: str, **switches: Any) -> tuple[str, float] | None:  # noqa: ANN401
    story = told(**switches)
    found = diagnosed(story.stdout, source=source.encode(), stderr=story.crash)
    return (found[0].id, found[0].confidence) if found else None


def _id(source: str, **switches: Any) -> str | None:  # noqa: ANN401
    first = _first(source, **switches)
    return first and first[0]


def _with(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new)


TEXTS: list[tuple[str | None, str, dict[str, Any]]] = [
    ("seed-missing", _with("torch.manual_seed(42)\n", ""), OTHER_WEIGHTS),
    ("seed-wrong", _with("42", "7"), OTHER_WEIGHTS),
    (
        "seed-after-model",
        _with("torch.manual_seed(42)\n", "").replace("loss_fn =", "torch.manual_seed(42)\nloss_fn ="),
        OTHER_WEIGHTS,
    ),
    (None, RIGHT, OTHER_WEIGHTS),
    (None, _with("42", "SEED"), OTHER_WEIGHTS),
    ("activation-other", _with("nn.Sigmoid()", "nn.Tanh()"), {"activation": "Tanh"}),
    ("sigmoid-missing", _with(", nn.Sigmoid()", ""), {"activation": "nothing"}),
    (
        "logits-loss-with-sigmoid",
        _with("BCELoss", "BCEWithLogitsLoss"),
        {"loss": "binary_cross_entropy_with_logits"},
    ),
    ("loss-other", _with("BCELoss", "MSELoss"), {"loss": "mse_loss"}),
    ("lr-wrong", _with("lr=0.5", "lr=0.1"), {"lr": 0.1}),
    ("lr-wrong", _with("lr=0.5", "0.1"), {"lr": 0.1}),
    ("lr-wrong", _with("lr=0.5", "lr=rate"), {"lr": 0.1}),
    ("lr-too-high", _with("lr=0.5", "lr=100.0"), {"lr": 100.0}),
    ("update-sign", _with("lr=0.5", "lr=0.5, maximize=True"), {"lr": -0.5}),
    ("momentum-used", _with("lr=0.5", "lr=0.5, momentum=0.9"), {"momentum": 0.9}),
    ("weight-decay-used", _with("lr=0.5", "lr=0.5, weight_decay=0.3"), {"decay": 0.3}),
    ("optimizer-other", _with("SGD", "Adam"), {"lr": 0.41}),
    ("step-missing", RIGHT.replace("optimizer.step()\n", "\n"), {"first": "FLZB", "loop": "FLZB"}),
    ("step-missing", RIGHT.replace("optimizer.step()", "optimizer.step"), {"first": "FLZB", "loop": "FLZB"}),
    ("loop-step-missing", RIGHT.replace("    optimizer.step()\n", ""), {"loop": "FLZB"}),
    ("zero-grad-missing", RIGHT.replace("optimizer.zero_grad()\n", "\n"), {"first": "FLBS", "loop": "FLBS"}),
    (
        "zero-grad-missing",
        RIGHT.replace("optimizer.zero_grad()\n", "w.grad = None\n"),
        {"first": "FLBS", "loop": "FLBS"},
    ),
    ("input-scaled", RIGHT, {"x": (2.0, 4.0)}),
    ("input-wrong", RIGHT, {"x": (2.0, 1.0)}),
    (None, RIGHT + "def step(): ...\n", {"first": "FLZB", "loop": "FLZB"}),
    (None, RIGHT, {"y": 0.3}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "source", "switches"), TEXTS, ids=lambda value: str(value)[:20]
)
def test_text_and_numbers_name_what_the_trace_would(
    expected: str | None, source: str, switches: dict[str, Any]
) -> None:
    """A run that left no trace is diagnosed all the same, or not at all."""
    assert _id(source, **switches) == expected


def test_what_text_and_numbers_both_say_is_surer() -> None:
    """Each alone is a guess."""
    assert _first(_with("lr=0.5", "lr=0.1"), lr=0.1) == ("lr-wrong", LIKELY)
    assert _first("print(1)", lr=0.1) == ("lr-wrong", 0.6)


def test_what_keeps_the_parameters_is_not_guessed_from_numbers() -> None:
    """A cut graph, a frozen model and a missing step print the same."""
    assert _first("", first="FLZB", loop="FLZB") is None


def test_hand_written_loop_without_a_trace_is_not_accused() -> None:
    """Nothing is known of a script that calls no optimizer."""
    assert _id("w = w - 0.5 * w.grad\nstep()\n", first="FLZB", loop="FLZB") is None


@pytest.mark.parametrize(
    "lines",
    [
        b"prediction_before= 0.825\n",
        b"prediction_before= nan\nprediction_after= 2.5\n",
        b"prediction_before= 1.000\nprediction_after= 1.000\n",
        b"weight_grad= [[0.0, 0.0]]\nbias_grad= [0.0]\n",
        b"weight_grad= [[nan, -0.3505]]\nbias_grad= [-0.1753]\n",
        b"weight_grad= [[-0.1753, x]]\nbias_grad= None\n",
        b"weight_grad= True\nbias_grad= [-0.1753]\n",
    ],
)
def test_few_or_broken_numbers_solve_nothing(lines: bytes) -> None:
    """A missing line is what is named, not a number from a broken one."""
    found = diagnosed(b"one_training_step\n" + lines + b"mini_training_loop\n")

    assert {each.id for each in found} <= {"line-missing"}


def test_wrong_update_without_a_loop_solves_nothing() -> None:
    """Two numbers tell no rate for sure."""
    stdout = PUBLISHED[: PUBLISHED.index(b"step=1")].replace(b"0.888", b"0.840")

    assert "lr-wrong" not in [each.id for each in diagnosed(stdout)]


@pytest.mark.parametrize("text", ["[[0.227]]", "None", "word", "True"])
def test_prediction_in_any_form_is_read_or_left_out(text: str) -> None:
    """A nest with one number is that number."""
    story = told(**OTHER_WEIGHTS)
    story.printed["prediction_before"] = text

    assert {e.id for e in diagnosed(story.stdout, trace=story.trace)} >= {"seed-after-model"}


def test_update_that_leaves_the_range_solves_nothing() -> None:
    """A prediction of exactly 1 tells no rate."""
    assert _first("", lr=200.0) is None


CRASH = 'Traceback\n  File "submission.py", line 9, in <module>\n'


@pytest.mark.parametrize(
    ("expected", "source", "error"),
    [
        ("activation-other", _with("Sigmoid", "ReLU"), "elements of input should be between 0 and 1"),
        ("sigmoid-missing", RIGHT, "elements of input should be between 0 and 1"),
        ("parameters-frozen", RIGHT + "p.requires_grad = False\n", "x does not require grad and does not have a grad_fn"),
        ("graph-cut", RIGHT + "pred.detach()\n", "x does not require grad and does not have a grad_fn"),
    ],
)  # fmt: skip
def test_text_explains_an_error_better(expected: str, source: str, error: str) -> None:
    """Python names the call that failed, the text the reason."""
    stderr = f"{CRASH}RuntimeError: {error}\n"

    assert diagnosed(b"x\n", source=source.encode(), stderr=stderr)[0].id == expected


def _signature(stdout: bytes, name: str, diagnosis: str) -> Any:  # noqa: ANN401
    return signature_of(
        read_stdout(stdout), mistake=name, exercise=EXERCISE.id, diagnosis=diagnosis
    )


def test_known_output_gets_the_known_diagnosis() -> None:
    """Exactly, or within one unit of the last decimal."""
    stdout = told(y=0.3).stdout
    signature = _signature(stdout, "target-low", "target-wrong")
    line = next(line for line in stdout.splitlines() if b"weight_grad" in line)
    number = line[line.index(b"[[") + 2 : line.index(b",")]
    unit_off = stdout.replace(number, b"%.4f" % (float(number) + 0.0001), 1)

    for printed in (stdout, unit_off):
        found = diagnosed(printed, signatures=(signature,))
        assert [(each.id, each.confidence) for each in found] == [("target-wrong", LIKELY)]
        assert found[0].evidence[0] == "it prints what a known mistake prints, 21 values"


def test_whole_numbers_must_be_the_same_and_coarse_ones_match_nothing_finer() -> None:
    """A unit of a count is another count, and two decimals fit too many mistakes."""
    from_zero = PUBLISHED
    for row in range(1, 6):
        from_zero = from_zero.replace(b"step=%d" % row, b"step=%d" % (row - 1))
    signature = _signature(from_zero, "counted", "loop-numbered-from-zero")
    coarse = PUBLISHED.replace(b"0.1183", b"0.12").replace(b"0.888", b"0.89")

    assert "loop-numbered-from-zero" not in [
        each.id for each in diagnosed(coarse, signatures=(signature,))
    ]
    assert "loop-numbered-from-zero" in [
        each.id for each in diagnosed(from_zero, signatures=(signature,))
    ]


def test_output_of_zeros_and_ones_is_that_of_too_many_mistakes() -> None:
    """Whatever overshoots ends there."""
    names = ("prediction_before", "loss_before", "prediction_after", "loss_after")
    rows = [b"step=%d loss=0.0000 pred=1.000" % row for row in range(1, 6)]
    first = [b"%s= 1.0" % name.encode() for name in names]
    stdout = b"\n".join([b"one_training_step", *first, b"mini_training_loop", *rows])
    signature = _signature(stdout, "ones", "activation-other")

    assert (
        diagnosed(stdout, signatures=(signature,), trace=told().trace)[0].id != "activation-other"
    )


def test_two_mistakes_with_the_same_output_are_both_named() -> None:
    """Nothing tells them apart; of three nobody knows."""
    stdout = told(y=0.3).stdout
    known = [_signature(stdout, name, name) for name in ("target-wrong", "loss-other", "graph-cut")]

    assert {each.id for each in diagnosed(stdout, signatures=tuple(known[:2]))} == {
        "target-wrong",
        "loss-other",
    }
    assert diagnosed(stdout, signatures=tuple(known)) == ()


@pytest.mark.parametrize(
    "other",
    [
        b"one_training_step\nloss_before= 0.5\n",
        told(y=0.4).stdout,
        told(y=0.3).stdout.replace(b"weight_grad= [[", b"weight_grad= [[["),
        told(y=0.3).stdout.replace(b"loss_before= ", b"loss_before= nan\nother= "),
        told(y=0.3).stdout.replace(b"loss_after", b"loss_later"),
    ],
)
def test_other_output_is_not_the_known_one(other: bytes) -> None:
    """Too few readings, other values, other kinds of value, other names."""
    signature = _signature(other, "target-low", "target-wrong")

    assert "target-wrong" not in [
        each.id for each in diagnosed(told(y=0.3).stdout, signatures=(signature,))
    ]


def test_signature_confirms_what_the_trace_shows() -> None:
    """The same diagnosis, with one more fact."""
    story = told(lr=0.1)
    signature = _signature(story.stdout, "lr-01", "lr-wrong")
    other = _signature(story.stdout, "twice", "step-twice")
    found = diagnosed(story.stdout, trace=story.trace, signatures=(signature, other))

    assert [each.id for each in found] == ["lr-wrong"]
    assert len(found[0].evidence) == 2


def test_signature_names_what_a_right_training_printed_wrongly() -> None:
    """The trace shows nothing wrong, the output is known."""
    printed = PUBLISHED.replace(b"0.0678", b"0.5555")
    signature = _signature(printed, "odd", "printed-wrong-moment")
    found = diagnosed(printed, trace=told().trace, signatures=(signature,))

    assert [each.id for each in found] == ["printed-wrong-moment"]


def test_row_that_was_printed_late_is_seen_without_a_trace() -> None:
    """The rows alone say it."""
    assert _id(RIGHT, late=True) == "loop-printed-late"
