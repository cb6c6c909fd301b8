"""Single rules, at their edges."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.diagnosis.diagnosing import TASK, diagnosed, ids, told
from verifier.diagnosis.arithmetic import mean_loss, sigmoid
from verifier.diagnosis.measured import scores_of
from verifier.diagnosis.training import AS_IT_RAN, training_of
from verifier.trace.reader import read_trace


def _edited(story: Any, change: Any) -> list[str]:  # noqa: ANN401 - a Story, a function of a line
    lines = [new for line in story.lines if (new := change(copy.deepcopy(line))) is not None]
    trace = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return [each.id for each in diagnosed(story.stdout, trace=trace)]


def test_order_of_the_learners_steps_is_told_with_equal_rounds_in_one() -> None:
    """It is what `labcheck explain` shows beside the lesson's picture."""
    story = told(loop="FLZB")
    facts = diagnosed(story.stdout, trace=story.trace)[0].evidence

    assert facts[-1] == AS_IT_RAN + (
        "1: forward, loss, clear, backward, update; 2 to 6: forward, loss, clear, backward"
    )


def test_many_unlike_rounds_are_told_in_part() -> None:
    """A message stays short."""
    story = told(first="FLZBS" + "FLBSFLZBS" * 20)

    assert training_of(read_trace(story.trace)).told.endswith("; …")


def test_two_mistakes_are_named_in_debug_order() -> None:
    """Whoever mends the first sees the second more clearly."""
    assert ids(lr=0.1, y=0.0) == ["target-wrong", "lr-wrong"]


def test_at_most_three_diagnoses_are_given() -> None:
    """More would bury the first."""
    assert len(ids(lr=0.1, y=0.0, x=(2.0, 1.0), loop="FLBS")) == 3


def test_without_what_the_reference_did_the_first_difference_is_told() -> None:
    """Nobody knows there what a right script does."""
    story = told(lr=0.1)
    other = replace(TASK, unit=None, reference=())

    (only,) = diagnosed(story.stdout, trace=story.trace, task=other)
    assert (only.id, only.concept, only.confidence) == ("first-difference", "update", 0.6)
    assert "weight_grad" not in only.message


def test_unbracketed_step_is_pointed_out() -> None:
    """The text shows what the trace cannot."""
    story = told(first="FLZB", loop="FLZB")
    found = diagnosed(story.stdout, trace=story.trace, source=b"\noptimizer.step\n")

    assert "step stands without brackets (line 2)" in found[0].evidence[0]


def test_update_written_twice_is_told_from_a_wrong_rate_by_the_text() -> None:
    """The script names the right rate, and no other."""
    switches = {"lr": 1.0, "kind": None}

    assert ids(b"lr = 0.5\nw -= lr * g\n", **switches) == ["step-twice"]
    assert ids(b"lr = 1.0\nw -= lr * g\n", **switches) == ["lr-wrong"]
    assert ids(b"lr = 0.5\n", lr=0.7, kind=None) == ["lr-wrong"]


def test_weights_that_are_set_after_the_right_seed_are_named_where_the_text_shows_it() -> None:
    """Drawn numbers look like drawn numbers."""
    drawn: dict[str, Any] = {"weights": (0.0512345, 0.1703123), "bias": 0.3307123}

    assert ids(b"nn.init.xavier_uniform_(w)\n", **drawn)[0] == "weights-by-hand"
    assert ids(b"", **drawn)[0] == "seed-after-model"


def test_first_step_cleared_by_hand_leaves_no_event_but_stands_in_the_text() -> None:
    """There was nothing to clear yet."""
    switches = {"first": "FLBS", "loop": "FLBS", "kind": None}

    assert ids(b"w.grad = None\n", **switches) == ["loop-zero-grad-missing"]
    assert ids(b"", **switches) == ["zero-grad-missing"]


def test_gradients_from_elsewhere_are_no_missing_backward() -> None:
    """torch.autograd.grad leaves no backward event; neither do formulas."""
    story = told(lr=0.1, first="FLZBS", loop="FLZBS")
    found = _edited(story, lambda line: None if line["e"] == "backward" else line)

    assert "backward-missing" not in found
    source = b"torch.autograd.grad(loss, w)\n"
    still = told(first="FLZS", loop="FLZS")
    found = [e.id for e in diagnosed(still.stdout, trace=still.trace, source=source)]
    assert "backward-missing" not in found


def test_diverging_loss_is_nan_by_the_rate() -> None:
    """The cause is named, and the rate not beside it."""
    story = told(lr=50.0)

    def broken(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "loss" and line["line"] == 41:
            line["out"]["v"] = ["nan"]
        return line

    assert _edited(story, broken) == ["loss-nan"]


def test_loss_that_gives_no_number_is_nan_by_itself() -> None:
    """Neither input nor rate is at fault."""

    def broken(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "backward":
            line["root"]["v"] = ["nan"]
        return line

    story = told(own_loss=True, loop_lr=0.6)
    assert _edited(story, broken)[-1] == "loss-nan"


def test_input_that_is_no_number_is_named_once_though_the_loss_is_none_either() -> None:
    """One cause, one diagnosis."""
    assert ids(x=(math.nan, 2.0)) == ["loss-nan"]


def test_model_made_anew_is_a_restart() -> None:
    """Another model of the same shapes takes over."""
    story = told(lr=0.4)
    seen = iter(range(10_000))

    def second(line: dict[str, Any]) -> dict[str, Any]:
        if next(seen) > 12:
            text = json.dumps(line)
            for old, new in (
                ('"id": 0', '"id": 10'),
                ('"id": 1', '"id": 11'),
                ("[0, 1]", "[10, 11]"),
            ):
                text = text.replace(old + ",", new + ",").replace(old + "}", new + "}")
            line = json.loads(text)
        return line

    model = next(line for line in story.lines if line["e"] == "model")
    twin = copy.deepcopy(model)
    for number, each in enumerate(twin["params"]):
        each["id"] = 10 + number
    story.lines.insert(13, twin)

    assert "loop-restarts" in _edited(story, second)


def test_other_models_beside_the_trained_one_are_no_restart() -> None:
    """A copy that is only looked at."""
    story = told(lr=0.1)
    model = next(line for line in story.lines if line["e"] == "model")
    for number, kind in enumerate(("Sequential", "Other")):
        twin = copy.deepcopy(model)
        twin["class"] = kind
        twin["params"][0]["id"] += 5 + number
        story.lines.append(twin)

    assert _edited(story, lambda line: line) == ["lr-wrong"]


def test_parameters_that_leap_between_updates_are_a_restart() -> None:
    """No event tells of it, but the numbers do."""
    story = told(rounds=7)
    last = [line for line in story.lines if line["e"] == "step"][3]
    last["params"][0]["before"] = [(0.5).hex(), (0.6).hex()]

    assert "loop-restarts" in _edited(story, lambda line: line)


def test_weight_and_bias_as_models_of_their_own_are_the_labs_model() -> None:
    """Parameters are counted over all of them."""
    story = told(lr=0.1)
    model = next(line for line in story.lines if line["e"] == "model")
    other = copy.deepcopy(model)
    other["params"] = [model["params"].pop()]
    other["class"] = "Bias"
    story.lines.insert(story.lines.index(model) + 1, other)

    assert _edited(story, lambda line: line) == ["lr-wrong"]


def test_model_without_a_bias_is_another_model() -> None:
    """One parameter is missing."""
    story = told(bias=0.0)

    def less(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "model":
            line["params"] = line["params"][:1]
        return line

    assert _edited(story, less)[:1] == ["model-other"]


def test_module_names_its_activation() -> None:
    """Also where the prediction is no number that was recorded."""
    assert ids(extra_layer="Softplus", weights=(0.3, 0.3))[0] == "activation-other"


def test_gradient_function_names_its_activation() -> None:
    """A functional call leaves no module."""

    def renamed(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "loss":
            line["input"]["fn"] = "TanhBackward0"
        return line

    assert _edited(told(activation="Tanh"), renamed)[0] == "activation-other"


@pytest.mark.parametrize("own", [False, True])
def test_logits_with_their_loss_are_right_where_a_probability_is_printed(own: bool) -> None:  # noqa: FBT001 - a parameter
    """Another pairing of the lesson's, that prints the same; only the rate is wrong."""
    story = told(activation="nothing", loss="binary_cross_entropy_with_logits", own_loss=own)
    story.printed["prediction_before"] = "0.825"
    found = [e.id for e in diagnosed(story.stdout, trace=story.trace)]

    assert "sigmoid-missing" not in found
    assert "activation-other" not in found


def test_prediction_that_is_printed_squashed_twice_is_named() -> None:
    """The loss was given the right one."""
    story = told()
    story.printed["prediction_before"] = f"{sigmoid(0.825):.3f}"

    assert diagnosed(story.stdout, trace=story.trace)[0].id == "sigmoid-doubled"


def test_prediction_that_is_printed_as_something_else_is_a_wrong_moment_at_most() -> None:
    """No function of the score gives it."""
    story = told()
    story.printed["prediction_before"] = "0.111"

    assert [e.id for e in diagnosed(story.stdout, trace=story.trace)] == ["printed-wrong-moment"]


def test_reduction_by_sum_matters_where_there_is_more_than_one_sample() -> None:
    """For one sample sum and mean are the same."""
    story = told(lr=0.1, reduction="sum")

    def two(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "loss":
            for name in ("input", "target"):
                line[name]["v"] *= 2
        return line

    assert "loss-reduction" not in _edited(story, lambda line: line)
    assert "loss-reduction" in _edited(story, two)


def test_arguments_swapped_without_a_gradient_are_seen_by_their_values() -> None:
    """A detached prediction has no gradient either way."""

    def detached(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "loss":
            line["target"]["grad"] = line["input"]["grad"] = False
        return line

    assert "loss-arguments-swapped" in _edited(told(swapped=True, lr=0.1), detached)


def test_unknown_tensors_accuse_nobody() -> None:
    """A tensor that could not be looked into has no shape and no type."""

    def unknown(line: dict[str, Any]) -> dict[str, Any]:
        if line["e"] == "loss":
            line["input"] |= {"dtype": "unknown", "shape": [], "v": []}
        return line

    assert _edited(told(lr=0.1), unknown) == ["lr-wrong"]


def test_gradient_too_small_to_follow_is_no_missing_update() -> None:
    """A change by hand along it leaves no event."""
    found = ids(lr=100.0, kind=None)

    assert "loop-step-missing" not in found


def test_loss_of_a_half_tells_no_target() -> None:
    """Right and wrong label have the same loss there."""
    assert "target-wrong" not in ids(weights=(0.0, 0.0), bias=0.0, y=0.3, own_loss=True)


def test_scaled_loss_of_a_half_tells_no_target_either() -> None:
    """Nor how often it was taken."""
    assert "target-wrong" not in ids(weights=(0.0, 0.0), bias=0.0, y=0.3, own_loss=True, scale=3.0)


def test_label_that_nobody_writes_is_not_solved_for() -> None:
    """Such a number comes from something else."""
    assert "target-wrong" not in ids(y=1 / 3, own_loss=True)


def test_score_without_any_loss_is_no_probability() -> None:
    """Nothing squashes it later."""
    assert ids(activation="nothing", own_loss=True, first="FZ", loop="FZ")[0] == "sigmoid-missing"


def test_trace_that_was_cut_tells_nothing_of_what_is_not_in_it() -> None:
    """The last round may have gone on, and no printed value is compared with what was seen."""
    seen: dict[str, Any] = {"first": "FL", "loop": "", "rounds": 0}
    assert ids(**seen)[:1] == ["backward-missing"]
    assert ids(**seen, dropped=1) == ["line-missing"]


def test_update_by_hand_that_nothing_looked_at_is_not_missing() -> None:
    """It leaves its mark in the next event, and behind the last round there is none."""
    story = told(kind=None, lr=0.1)
    last = next(line for line in reversed(story.lines) if line["e"] == "change")
    story.lines.remove(last)

    assert [each.id for each in diagnosed(story.stdout, trace=story.trace)] == ["lr-wrong"]


def test_loop_that_only_looks_has_no_backward_pass() -> None:
    """One pass behind the last update is for printing; five are a loop."""
    assert ids(loop="FL") == ["loop-backward-missing"]


def test_loss_that_cannot_fall_any_more_is_no_stale_one() -> None:
    """A prediction of 1 stays one, though a new forward pass was taken."""
    assert "loop-forward-missing" not in ids(lr=100.0, own_loss=True)


def test_restart_before_all_that_is_printed_is_none() -> None:
    """Whoever tries first and then begins anew prints one training from its first step."""
    story = told(first="FLZBS" * 4 + "RFLZBS", lr=0.1)

    assert [each.id for each in diagnosed(story.stdout, trace=story.trace)] == ["lr-wrong"]


ASSERTED = 'Traceback (most recent call last):\n  File "submission.py", line 9, in <module>\n'


@pytest.mark.parametrize(
    ("order", "source", "expected"),
    [
        ("FLZB", b"x = f()\n" * 8 + b"assert x\n", "step-missing"),
        ("FLZB", b"x = f()\n" * 8 + b"assert x\noptimizer.step()\n", "script-error"),
        (
            "FLZB",
            b"x = f()\n" * 8 + b"assert x\nfor i in r:\n    optimizer.step()\n",
            "step-missing",
        ),
        (
            "FLZB",
            b"def f():\n    optimizer.step()\n" + b"x = f()\n" * 6 + b"assert x\n",
            "step-missing",
        ),
        ("FLZB", b"x = f()\n" * 8 + b"assert x\ndef f():\n    optimizer.step()\n", "step-missing"),
        ("FLZ", b"x = f()\n" * 8 + b"assert x\n", "backward-missing"),
        ("FLZ", b"x = f()\n" * 8 + b"assert x\nloss.backward()\n", "script-error"),
    ],
)
def test_check_of_the_scripts_own_ends_it_behind_what_stands_above(
    order: str, source: bytes, expected: str
) -> None:
    """What would come further down, on the same level, is not missing."""
    switches = {"first": order, "rounds": 0, "crash": ASSERTED + "AssertionError\n"}

    assert ids(source, **switches)[:1] == [expected]


def test_call_that_stands_nowhere_would_not_have_come() -> None:
    """Whatever ended the script."""
    error = ASSERTED + "KeyError: 'weight'\n"
    switches = {"first": "FLZ", "rounds": 0, "crash": error}

    assert ids(b"print(1)\n", **switches)[:2] == ["script-error", "backward-missing"]
    assert ids(b"print(1)\nloss.backward()\n", **switches) == ["script-error"]
    assert ids(b"", **switches) == ["script-error"]


def test_samples_of_another_width_have_no_score() -> None:
    """Three numbers do not make two samples of two."""
    assert scores_of((1.0, 2.0, 3.0), (1.0, 1.0), 0.0) is None
    assert scores_of((), (1.0,), 0.0) is None
    assert scores_of((1.0, 2.0, 3.0, 4.0), (1.0, 1.0), 0.5) == (3.5, 7.5)


def test_losses_of_other_numbers_of_samples_have_no_mean() -> None:
    """Nor has none."""
    assert math.isnan(mean_loss("mse_loss", (1.0,), (1.0, 0.0)))
    assert math.isnan(mean_loss("mse_loss", (), ()))
    assert mean_loss("mse_loss", (1.0, 0.5), (1.0, 0.0)) == 0.125


def test_gradient_is_compared_though_the_layer_was_not_seen() -> None:
    """Prediction, target and gradient are enough."""

    def bare(line: dict[str, Any]) -> dict[str, Any] | None:
        kinds = {"model", "optimizer", "step"}
        return None if line["e"] in kinds or line.get("class") == "Linear" else line

    assert "gradient-scaled" in _edited(told(slope_scale=3.0), bare)
