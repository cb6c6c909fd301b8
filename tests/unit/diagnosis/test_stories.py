"""What the trace shows decides: each mistake of the lesson, told without torch."""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.diagnosis.diagnosing import diagnosed, ids, told


def test_right_training_passes_without_a_diagnosis() -> None:
    """The story prints the published output, so that every other test changes one thing."""
    story = told()

    assert diagnosed(story.stdout, trace=story.trace) == ()
    assert story.rows[-1] == "step=5 loss=0.0478 pred=0.953"


TRACEBACK = 'Traceback (most recent call last):\n  File "submission.py", line 22, in <module>\n'
SEED_7 = {"seeds": ((7, 0),), "weights": (0.05, 0.1703), "bias": 0.3307}

STORIES: list[tuple[str, dict[str, Any]]] = [
    ("seed-missing", SEED_7 | {"seeds": ()}),
    ("seed-wrong", SEED_7),
    ("seed-after-model", SEED_7 | {"seeds": ((42, 2),)}),
    ("seed-after-model", SEED_7 | {"seeds": ((42, 0),), "weights": (0.05123, 0.17031)}),
    ("weights-by-hand", {"weights": (0.5, 0.5), "bias": 0.5}),
    ("dtype-other", SEED_7 | {"seeds": ((42, 0),), "weights": (0.0512345, 0.1703123), "bias": 0.3307123, "dtype": "float64"}),
    ("dtype-other", {"dtype": "bfloat16", "weights": (0.6, 0.6)}),
    ("input-scaled", {"x": (2.0, 4.0)}),
    ("input-scaled", {"x": (2.0, 4.0), "plain": True, "own_loss": True}),
    ("input-wrong", {"x": (2.0, 1.0)}),
    ("input-wrong", {"x": (1.0, 2.0), "x_shape": (2, 1), "crash": TRACEBACK + "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1 and 2x1)\n"}),
    ("loss-nan", {"x": (float("nan"), 2.0)}),
    ("activation-other", {"activation": "Tanh"}),
    ("activation-other", {"activation": "Tanh", "plain": True, "own_loss": True}),
    ("sigmoid-missing", {"activation": "nothing", "loss": "mse_loss"}),
    ("sigmoid-doubled", {"activation": "sigmoid twice"}),
    ("model-other", {"extra_layer": "Dropout", "weights": (0.1, 0.2)}),
    ("loss-other", {"loss": "mse_loss"}),
    ("loss-other", {"loss": "mse_loss", "own_loss": True}),
    ("loss-other", {"loss": "cross_entropy"}),
    ("logits-loss-with-sigmoid", {"loss": "binary_cross_entropy_with_logits"}),
    ("logits-loss-with-sigmoid", {"loss": "binary_cross_entropy_with_logits", "own_loss": True}),
    ("target-wrong", {"y": 0.0}),
    ("target-wrong", {"y": 0.0, "own_loss": True}),
    ("target-dtype", {"y_dtype": "int64", "y": 0.0}),
    ("shape-mismatch", {"y_shape": (1,), "crash": TRACEBACK + "ValueError: Using a target size (torch.Size([1])) that is different\n"}),
    ("loss-arguments-swapped", {"swapped": True, "crash": TRACEBACK + "RuntimeError: all elements of target should be between 0 and 1\n"}),
    ("backward-missing", {"first": "FLZS", "loop": "FLZS"}),
    ("backward-missing", {"first": "FLZS"}),
    ("loop-backward-missing", {"loop": "FLZS"}),
    ("zero-grad-missing", {"first": "FLBS", "loop": "FLBS"}),
    ("loop-zero-grad-missing", {"loop": "FLBS"}),
    ("loop-zero-grad-missing", {"first": "FLzBS", "loop": "FLBS", "kind": None}),
    ("zero-grad-late", {"first": "FLBZS", "loop": "FLBZS"}),
    ("zero-grad-late", {"loop": "FLBZS"}),
    ("graph-cut", {"reached": ()}),
    ("graph-cut", {"loop_reached": ()}),
    ("parameters-frozen", {"reached": (1,), "frozen": (0,)}),
    ("parameters-frozen", {"reached": (), "frozen": (0, 1)}),
    ("gradient-scaled", {"scale": 3.0}),
    ("gradient-scaled", {"scale": 3.0, "own_loss": True}),
    ("gradient-scaled", {"scale": 3.0, "own_loss": True, "plain": True}),
    ("gradient-scaled", {"slope_scale": 10.0}),
    ("gradient-scaled", {"clip": 0.5}),
    ("backward-twice", {"first": "FLZBBS", "loop": "FLZBBS"}),
    ("backward-twice", {"first": "zBBS", "loop": "zBBS", "plain": True, "own_loss": True}),
    ("step-missing", {"first": "FLZB", "loop": "FLZB"}),
    ("step-missing", {"first": "FLZB"}),
    ("loop-step-missing", {"loop": "FLZB"}),
    ("loop-step-missing", {"loop": "zB", "first": "zBS", "plain": True, "own_loss": True, "kind": None}),
    ("step-before-backward", {"first": "FLZSB", "loop": "FLZSB"}),
    ("step-before-backward", {"loop": "FLZSB"}),
    ("optimizer-other-parameters", {"held": (1,)}),
    ("lr-wrong", {"lr": 0.1}),
    ("lr-wrong", {"lr": 0.1, "kind": None}),
    ("lr-changes", {"loop_lr": 0.2}),
    ("lr-too-high", {"lr": 100.0}),
    ("update-sign", {"lr": -0.5, "kind": None}),
    ("momentum-used", {"momentum": 0.9}),
    ("momentum-used", {"momentum": 0.9, "told": False}),
    ("weight-decay-used", {"decay": 0.1}),
    ("weight-decay-used", {"decay": 0.1, "told": False}),
    ("optimizer-other", {"kind": "Adam", "lr": 0.4}),
    ("step-twice", {"first": "FLZBSS", "loop": "FLZBSS"}),
    ("loop-forward-missing", {"loop": "ZBS", "rounds": 7}),
    ("loop-restarts", {"loop": "RFLZBS"}),
    ("loop-too-short", {"rounds": 3}),
    ("loop-too-long", {"rounds": 7}),
    ("loop-printed-late", {"late": True}),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "switches"), STORIES, ids=lambda value: str(value)[:60])
def test_mistake_gets_its_diagnosis_first(expected: str, switches: dict[str, Any]) -> None:
    """One thing went wrong, and it is named before anything that follows from it."""
    assert ids(**switches)[:1] == [expected]
