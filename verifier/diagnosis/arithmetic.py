"""The lesson's arithmetic on plain numbers: which function turns this number into that one?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_RELATIVE = 2e-3
_ABSOLUTE = 2e-6
_ROUNDED = 2e-3
_FEW_DIGITS = 3
_CLAMP = 100.0
"""The greatest negative logarithm that torch's binary cross entropy works with."""


def near(seen: float, wanted: float, *, within: float = 0.0) -> bool:
    """Whether two float32 results are the same number, up to rounding; False for NaN."""
    return abs(seen - wanted) <= max(_ABSOLUTE + _RELATIVE * abs(wanted), within)


def all_near(seen: Sequence[float], wanted: Sequence[float]) -> bool:
    """Compare element by element; other lengths differ."""
    return len(seen) == len(wanted) and all(map(near, seen, wanted))


def all_alike(printed: Sequence[float], wanted: Sequence[float]) -> bool:
    """Compare printed predictions, which are rounded; other lengths differ."""
    pairs = zip(printed, wanted, strict=False)
    return len(printed) == len(wanted) and all(near(a, b, within=_ROUNDED) for a, b in pairs)


def ratio(seen: Sequence[float], wanted: Sequence[float]) -> float | None:
    """Give the one factor between two lists of numbers; None where there is none."""
    size = sum(each * each for each in wanted)
    if len(seen) != len(wanted) or not size:
        return None
    factor = sum(map(_product, seen, wanted)) / size
    fits = all(near(a, factor * b) for a, b in zip(seen, wanted, strict=True))
    return factor if fits and math.isfinite(factor) else None


def _product(left: float, right: float) -> float:
    return left * right


def is_made_by_hand(values: Sequence[float]) -> bool:
    """Whether every number has so few digits that a person wrote it, not a generator."""
    return bool(values) and all(
        abs(value - round(value, _FEW_DIGITS)) <= 1e-7 * max(1.0, abs(value)) for value in values
    )


def sigmoid(score: float) -> float:
    """Squash; never overflows."""
    if score >= 0:
        return 1 / (1 + math.exp(-min(score, 700.0)))
    grown = math.exp(max(score, -700.0))
    return grown / (1 + grown)


def softplus(score: float) -> float:
    """Give log(1 + e^score); never overflows."""
    return max(score, 0.0) + math.log1p(math.exp(-abs(score)))


ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "sigmoid": sigmoid,
    "nothing": lambda score: score,
    "sigmoid twice": lambda score: sigmoid(sigmoid(score)),
    "Tanh": math.tanh,
    "ReLU": lambda score: max(score, 0.0),
    "Hardsigmoid": lambda score: min(max(score / 6 + 0.5, 0.0), 1.0),
    "Softmax": lambda _score: 1.0,
    "LogSigmoid": lambda score: -softplus(-score),
    "Softplus": softplus,
    "LeakyReLU": lambda score: score if score > 0 else 0.01 * score,
}
"""What may stand between the linear layer and the prediction, the likeliest first."""


def activation_between(
    scores: Sequence[float], predictions: Sequence[float], *, within: float = 0.0
) -> str | None:
    """Name the function that makes predictions of scores; None where none of them does."""
    if not scores or len(scores) != len(predictions):
        return None
    pairs = list(zip(scores, predictions, strict=True))
    return next(
        (
            name
            for name, apply in ACTIVATIONS.items()
            if all(near(prediction, apply(score), within=within) for score, prediction in pairs)
        ),
        None,
    )


def squashed(scores: Sequence[float]) -> tuple[float, ...]:
    """Give the probability of every score."""
    return tuple(map(sigmoid, scores))


def cross_entropy(prediction: float, target: float) -> float:
    """Give the binary cross entropy of a probability; NaN where it has none."""
    if not 0 <= prediction <= 1:
        return math.nan
    return target * _surprise(prediction) + (1 - target) * _surprise(1 - prediction)


def _surprise(probability: float) -> float:
    return min(_CLAMP, -math.log(probability)) if probability > 0 else _CLAMP


def _squared(number: float) -> float:
    """Multiply, for a power raises where a product overflows."""
    return number * number


LOSSES: dict[str, Callable[[float, float], float]] = {
    "binary_cross_entropy": cross_entropy,
    "binary_cross_entropy_with_logits": lambda score, target: softplus(score) - target * score,
    "mse_loss": lambda prediction, target: _squared(prediction - target),
    "l1_loss": lambda prediction, target: abs(prediction - target),
    "smooth_l1_loss": lambda prediction, target: min(
        _squared(prediction - target) / 2, abs(abs(prediction - target) - 0.5)
    ),
}
"""Losses of one prediction and one target, by the name of torch's function."""


def mean_loss(name: str, predictions: Sequence[float], targets: Sequence[float]) -> float:
    """Give a loss, the mean over its samples; NaN where there is none."""
    if not predictions or len(predictions) != len(targets):
        return math.nan
    return sum(map(LOSSES[name], predictions, targets)) / len(predictions)


def loss_between(predictions: Sequence[float], targets: Sequence[float], loss: float) -> str | None:
    """Name the loss of predictions and targets; None where none of them gives it."""
    return next(
        (name for name in LOSSES if near(loss, mean_loss(name, predictions, targets))), None
    )
