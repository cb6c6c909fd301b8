"""The other exercises, told without torch: each mistake of theirs, and the baseline's in them."""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from tests.exercises import PRINTED
from tests.unit.diagnosis.diagnosing import TASKS, diagnosed, ids, told
from verifier.diagnosis.arithmetic import sigmoid

LOGITS: dict[str, Any] = {
    "exercise": "logits",
    "activation": "nothing",
    "loss": "binary_cross_entropy_with_logits",
}
TWO: dict[str, Any] = {
    "exercise": "two-samples",
    "x": (1.0, 2.0, 2.0, -1.0),
    "x_shape": (2, 2),
    "y": (1.0, 0.0),
    "y_shape": (2, 1),
}
WEIGHTS: dict[str, Any] = {"exercise": "weights", "rounds": 0}
SUMS: dict[str, Any] = {"exercise": "no-zero-grad", "first": "", "loop": "FLGBS"}
EXERCISES = (LOGITS, TWO, WEIGHTS, SUMS)
TRACEBACK = 'Traceback (most recent call last):\n  File "submission.py", line 22, in <module>\n'
OTHER: dict[str, Any] = {"weights": (0.05, 0.1703), "bias": 0.3307, "seeds": ((7, 0),)}


@pytest.mark.parametrize("right", EXERCISES, ids=lambda each: each["exercise"])
def test_right_training_passes_without_a_diagnosis(right: dict[str, Any]) -> None:
    """The story prints what the reference prints, so that every other test changes one thing."""
    story = told(**right)
    task = TASKS[story.exercise]

    assert diagnosed(story.stdout, trace=story.trace, task=task) == ()
    for line, wanted in zip(
        story.stdout.splitlines(), PRINTED[story.exercise].splitlines(), strict=False
    ):
        assert line.partition(b"=")[0] == wanted.partition(b"=")[0]


@pytest.mark.parametrize("right", EXERCISES, ids=lambda each: each["exercise"])
@pytest.mark.parametrize(
    ("expected", "switches"),
    [
        ("seed-wrong", OTHER),
        ("input-scaled", {"x": "doubled"}),
        ("target-wrong", {"y": "flipped"}),
        ("lr-wrong", {"lr": 0.1}),
        ("update-sign", {"lr": -0.5, "kind": None}),
        ("optimizer-other-parameters", {"held": (1,)}),
        ("optimizer-other-parameters", {"held": (1,), "kind": None}),
        ("parameters-frozen", {"reached": (0,), "frozen": (1,)}),
        ("gradient-scaled", {"slope_scale": 10.0}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistake_of_any_exercise_gets_its_diagnosis_first(
    right: dict[str, Any], expected: str, switches: dict[str, Any]
) -> None:
    """The rules know the exercise by its plan alone."""
    changed = dict(switches)
    if "x" in changed:
        changed["x"] = tuple(2 * each for each in told(**right).x)
    if "y" in changed:
        changed["y"] = tuple(1 - each for each in told(**right).targets())

    assert ids(**(right | changed))[:1] == [expected]


STORIES: list[tuple[str, dict[str, Any]]] = [
    ("logits-loss-with-sigmoid", LOGITS | {"activation": "sigmoid"}),
    ("logits-loss-with-sigmoid", LOGITS | {"activation": "sigmoid", "own_loss": True}),
    ("loss-other", LOGITS | {"activation": "sigmoid", "loss": "binary_cross_entropy"}),
    ("loss-other", LOGITS | {"loss": "mse_loss"}),
    ("activation-other", LOGITS | {"activation": "ReLU", "weights": (-0.5, -0.3)}),
    ("sigmoid-missing", LOGITS | {"loss": "binary_cross_entropy", "crash": TRACEBACK + "RuntimeError: all elements of input should be between 0 and 1\n"}),
    ("target-wrong", LOGITS | {"own_loss": True, "y": 0.3}),
    ("gradient-scaled", LOGITS | {"own_loss": True, "scale": 3.0}),
    ("loss-reduction", TWO | {"reduction": "sum"}),
    ("loss-reduction", TWO | {"reduction": "sum", "own_loss": True}),
    ("target-wrong", TWO | {"y": (0.0, 1.0), "own_loss": True}),
    ("gradient-scaled", TWO | {"scale": 3.0, "own_loss": True}),
    ("shape-mismatch", TWO | {"y": (1.0,), "y_shape": (1, 1)}),
    ("shape-mismatch", TWO | {"y_shape": (2,), "crash": TRACEBACK + "ValueError: Using a target size\n"}),
    ("lr-wrong", TWO | {"lr": 0.1, "own_loss": True}),
    ("zero-grad-missing", TWO | {"first": "FLBS", "loop": "FLBS"}),
    ("loop-printed-late", TWO | {"late": True}),
    ("zero-grad-kept", SUMS | {"loop": "ZFLGBS"}),
    ("zero-grad-kept", SUMS | {"loop": "FLGBSZ"}),
    ("zero-grad-kept", SUMS | {"loop": "FLGBSz", "kind": None}),
    ("zero-grad-kept", SUMS | {"loop": "FLGBZS"}),
    ("step-missing", SUMS | {"loop": "FLGB"}),
    ("loop-too-short", SUMS | {"rounds": 3}),
    ("backward-twice", SUMS | {"loop": "FLGBBS"}),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "switches"), STORIES, ids=lambda value: str(value)[:70])
def test_mistake_of_one_exercise_gets_its_diagnosis_first(
    expected: str, switches: dict[str, Any]
) -> None:
    """What is right in one exercise may be the mistake in another."""
    assert ids(**switches)[:1] == [expected]


def test_gradients_that_are_cleared_once_at_the_end_are_kept_all_the_same() -> None:
    """Nothing was to be added to them any more."""
    story = told(**SUMS, lr=0.1)
    clear = next(line for line in told().lines if line["e"] == "zero_grad")
    story.lines.insert(len(story.lines) - 1, clear)
    task = TASKS["no-zero-grad"]

    assert [e.id for e in diagnosed(story.stdout, trace=story.trace, task=task)] == ["lr-wrong"]


def test_gradients_looked_at_beside_backward_are_no_second_backward() -> None:
    """They leave nothing behind, wherever they stand."""
    for order in ("FLGBS", "FLBGS", "FLGFLBS", "FLBSG"):
        assert ids(**(SUMS | {"loop": order, "lr": 0.1})) == ["lr-wrong"], order


def test_gradients_given_apart_are_those_of_the_step_where_there_are_no_others() -> None:
    """A training by `torch.autograd.grad` alone."""
    story = told(first="FLZBS", loop="FLZBS", lr=0.1)
    for line in story.lines:
        if line["e"] == "backward":
            line["apart"] = True

    assert [e.id for e in diagnosed(story.stdout, trace=story.trace)] == ["lr-wrong"]


@pytest.mark.parametrize("both", [True, False])
def test_sums_under_the_name_of_the_signals_are_swapped(both: bool) -> None:  # noqa: FBT001 - a parameter
    """Row by row the value of the neighbour, in exchange for its own or not."""
    story = told(**SUMS)
    for place, row in enumerate(story.rows):
        loss, signals, sums = re.split(" (?=weight_)", row)
        swapped = sums.replace("_grad", "_signal")
        story.rows[place] = (
            f"{loss} {swapped} {signals.replace('_signal', '_grad') if both else sums}"
        )
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["no-zero-grad"])

    assert [each.id for each in found] == ["values-swapped"]
    assert "weight_signal at step=2" in found[0].message
    assert "weight_grad at step=2" in found[0].message


def test_logit_and_probability_under_each_others_name_are_swapped() -> None:
    """Neither is a mistake of the model."""
    story = told(**LOGITS)
    printed = story.printed
    names = "logit_before", "probability_before"
    printed[names[0]], printed[names[1]] = printed[names[1]], printed[names[0]]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["logits"])

    assert [each.id for each in found] == ["values-swapped"]


@pytest.mark.parametrize(
    ("name", "other", "moment"),
    [
        ("weight_before", "weight_after", "before the first update"),
        ("weight_after", "weight_before", "after the first update"),
        ("bias_after", "bias_before", "after the first update"),
    ],
)
def test_parameter_of_the_other_moment_is_named(name: str, other: str, moment: str) -> None:
    """A second name for a tensor changes with it."""
    story = told(**WEIGHTS)
    story.printed[name] = story.printed[other]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["weights"])

    assert [each.id for each in found] == ["printed-wrong-moment"]
    assert f"the value {moment}" in found[0].message


def test_update_behind_the_evaluation_is_that_of_the_step_before() -> None:
    """The passes in between looked at the model as it was."""
    story = told(**(WEIGHTS | {"first": "FLZBFLS"}))
    for name in ("prediction", "weight", "bias", "loss"):
        story.printed[f"{name}_after"] = story.printed[f"{name}_before"]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["weights"])

    assert [each.id for each in found] == ["printed-wrong-moment"]


def test_shape_that_is_printed_wrongly_is_no_value_of_another_moment() -> None:
    """A shape is the same at every moment."""
    story = told(**TWO)
    stdout = story.stdout.replace(b"pred_shape= [2, 1]", b"pred_shape= [2, 7]")

    assert diagnosed(stdout, trace=story.trace, task=TASKS["two-samples"]) == ()


def test_value_that_the_step_did_have_is_no_value_of_another_moment() -> None:
    """It was computed otherwise, in a way that nothing knows."""
    story = told(own_loss=True, weights=(0.3, 0.2), y=0.9)
    lines = [line for line in story.lines if line["e"] != "model"]
    story.lines[:] = lines

    assert "printed-wrong-moment" not in [
        each.id for each in diagnosed(story.stdout, trace=story.trace)
    ]


def test_scores_that_are_squashed_for_the_loss_alone_are_another_right_pairing() -> None:
    """The lesson's numbers, by the plain loss."""
    story = told(**(LOGITS | {"lr": 0.1}))
    for line in story.lines:
        if line["e"] == "loss":
            line["fn"] = "binary_cross_entropy"
            line["input"] |= {"fn": "SigmoidBackward0"}
            line["input"]["v"] = [sigmoid(float.fromhex(v)).hex() for v in line["input"]["v"]]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["logits"])

    assert [each.id for each in found] == ["lr-wrong"]


def test_losses_of_a_sample_each_leave_none_out() -> None:
    """Their mean is none of them, and each has its own label."""
    story = told(**(TWO | {"lr": 0.1}))
    lines: list[dict[str, Any]] = []
    for line in story.lines:
        if line["e"] != "loss":
            lines.append(line)
            continue
        for place in range(2):
            part = {name: line[name] | {"shape": [1, 1]} for name in ("input", "target")}
            for each in part.values():
                each["v"] = each["v"][place : place + 1]
            lines.append(line | part)
    story.lines[:] = lines
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["two-samples"])

    assert [each.id for each in found] == ["lr-wrong"]


@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_sum_that_is_divided_by_hand_is_the_mean(reduction: str) -> None:
    """What backward starts from tells."""
    story = told(**(TWO | {"lr": 0.1}))
    for line in story.lines:
        if line["e"] == "loss":
            line["reduction"] = reduction
            if reduction == "none":
                line["out"]["v"] = [(0.1).hex(), (0.2).hex()]
            else:
                line["out"]["v"] = [(2 * float.fromhex(line["out"]["v"][0])).hex()]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["two-samples"])

    assert "loss-reduction" not in [each.id for each in found]


def test_losses_of_a_batch_added_up_by_hand_are_a_sum() -> None:
    """The loss itself reduced nothing."""
    story = told(**(TWO | {"reduction": "sum"}))
    for line in story.lines:
        if line["e"] == "loss":
            half = float.fromhex(line["out"]["v"][0]) / 2
            line["reduction"], line["out"]["v"] = "none", [half.hex(), half.hex()]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["two-samples"])

    assert found[0].id == "loss-reduction"


def test_loss_of_one_sample_alone_by_hand_is_told_from_wrong_labels() -> None:
    """Its value is that of one of them."""
    story = told(**(TWO | {"y": (1.0,), "y_shape": (1, 1), "own_loss": True}))
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["two-samples"])

    assert found[0].id == "shape-mismatch"
    assert "sample 1 alone" in found[0].message


def test_loss_by_hand_that_no_labels_explain_is_not_explained() -> None:
    """No diagnosis is better than a wrong one."""
    found = ids(**(TWO | {"y": (0.3, 0.4), "own_loss": True}))

    assert not {"target-wrong", "loss-reduction", "shape-mismatch", "gradient-scaled"} & set(found)


def test_loss_by_hand_that_squashes_a_probability_is_told_by_its_value() -> None:
    """The model gives raw scores, and something squashes them before a loss that does it too."""
    story = told(**(LOGITS | {"own_loss": True, "lr": 0.1}))
    twice = sigmoid(sigmoid(1.5488))
    for line in story.lines:
        if line["e"] == "backward":
            line["root"]["v"] = [(-math.log(twice)).hex()]
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["logits"])

    assert found[0].id == "logits-loss-with-sigmoid"


@pytest.mark.parametrize("lost", ["Linear", "x"])
def test_gradients_of_a_batch_are_not_compared_where_its_samples_are_not_known(lost: str) -> None:
    """Nothing is said of what was not seen."""
    story = told(**(TWO | {"slope_scale": 3.0}))
    for line in list(story.lines):
        if lost == "x" and line["e"] == "forward":
            line["in"] = []
        elif lost == "Linear" and line.get("class") == "Linear":
            story.lines.remove(line)
    found = diagnosed(story.stdout, trace=story.trace, task=TASKS["two-samples"])

    assert ("gradient-scaled" in [each.id for each in found]) == (lost == "Linear")


def test_text_shows_a_clearing_that_was_to_be_left_out() -> None:
    """Without a trace, where the gradients are wrong."""
    story = told(**(SUMS | {"loop": "ZFLGBS"}))
    source = b"""\
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for step in range(1, 6):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
    task = TASKS["no-zero-grad"]

    assert [e.id for e in diagnosed(story.stdout, source=source, task=task)] == ["zero-grad-kept"]
    for other in (b"", b"optimizer.zero_grad()\n"):
        without = source.replace(b"    optimizer.zero_grad()\n", b"") + other
        assert diagnosed(story.stdout, source=without, task=task) == ()


def test_numbers_of_a_batch_are_not_solved_without_a_trace() -> None:
    """Two samples have two slopes, and the gradients are their mean."""
    story = told(**(TWO | {"lr": 0.1}))

    assert diagnosed(story.stdout, task=TASKS["two-samples"]) == ()


def test_text_without_a_sigmoid_is_right_where_scores_are_asked_for() -> None:
    """The loss squashes."""
    story = told(**(LOGITS | {"weights": (0.05, 0.1703), "bias": 0.3307}))
    source = b"torch.manual_seed(42)\nmodel = nn.Linear(2, 1)\nloss_fn = nn.BCEWithLogitsLoss()\n"

    assert diagnosed(story.stdout, source=source, task=TASKS["logits"]) == ()
