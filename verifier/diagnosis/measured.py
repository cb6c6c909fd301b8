"""The numbers of the first training step, as the trace has them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import ACTIVATIONS, all_near, mean_loss, near, squashed
from verifier.trace.event import Backward, Model, Update

if TYPE_CHECKING:
    from verifier.diagnosis.training import Training
    from verifier.golden.unit import Unit
    from verifier.trace.event import Forward, Loss, Tensor

_PLAIN = "binary_cross_entropy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What went through the first training step; None for what the trace does not tell.

    Scores and predictions hold a number a sample.
    """

    x: tuple[float, ...] | None
    """What the linear layer was given, flat."""
    x_line: int | None
    weights: tuple[float, ...] | None
    """Before any update."""
    bias: float | None
    scores: tuple[float, ...] | None
    """What the linear layer gave."""
    output: tuple[float, ...] | None
    """What the script's own call of the model gave."""
    predictions: tuple[float, ...] | None
    """What the loss was given."""
    prediction_line: int | None
    loss: Loss | None
    """The first training loss that was computed by a function of torch's."""
    is_swapped: bool
    """Whether that loss was given the target first."""
    loss_value: float | None
    """What backward started from, or the loss where there was no backward."""
    gradient: tuple[float, ...] | None
    """What the first backward pass added to weights and bias, in this order."""

    @property
    def is_squashed(self) -> bool:
        """Whether the loss was given the probabilities of the linear layer's scores."""
        scores, predictions = self.scores or (), self.predictions or ()
        return bool(scores) and all_near(predictions, squashed(scores))

    @property
    def shown(self) -> str:
        """The first prediction, as it may be shown; empty where it is not known."""
        return f"{self.predictions[0]:.4g}" if self.predictions else ""

    def due_loss(self, unit: Unit) -> float | None:
        """What these weights would lose on the lab's own samples."""
        if self.weights is None or self.bias is None or len(self.weights) != unit.features:
            return None
        scores = scores_of(unit.x, self.weights, self.bias)
        return None if scores is None else mean_loss(_PLAIN, squashed(scores), unit.y)


def measure(training: Training, unit: Unit) -> Measured:
    """Collect the numbers of the first training step."""
    weights, bias = _first_parameters(training, unit)
    loss = next((each for one in training.rounds for each in one.losses), None)
    loss = loss or next(iter(training.losses), None)
    backward = next(iter(training.backwards), None)
    x, x_line = _input(training, backward, unit)
    swapped = loss is not None and _is_swapped(training, loss, unit)
    predictions, line = _predictions(training, loss, swapped=swapped)
    scores = _scores(training, x, weights, bias)
    hidden = predictions is None or (scores is not None and all_near(predictions, scores))
    if loss is None and scores is not None and hidden and not unit.takes_scores:
        # What stands between the layer and a loss written by hand is no module.
        predictions = None if backward is None else _inferred(scores, _one(backward.root), unit)
    last = _last_call(training)
    return Measured(
        x=x,
        x_line=x_line,
        weights=weights,
        bias=bias,
        scores=scores,
        output=_numbers(None if last is None else last.out),
        predictions=predictions,
        prediction_line=line,
        loss=loss,
        is_swapped=swapped,
        loss_value=_loss_value(loss, backward),
        gradient=_gradient(backward, unit),
    )


def scores_of(
    x: tuple[float, ...], weights: tuple[float, ...], bias: float
) -> tuple[float, ...] | None:
    """Run the linear layer on flat samples; None where they have other features than it."""
    width = len(weights)
    if not width or not x or len(x) % width:
        return None
    starts = range(0, len(x), width)
    rows = (x[start : start + width] for start in starts)
    return tuple(sum(map(_product, row, weights)) + bias for row in rows)


def _product(left: float, right: float) -> float:
    return left * right


def _first_parameters(
    training: Training, unit: Unit
) -> tuple[tuple[float, ...] | None, float | None]:
    """Find the weights and the bias before any update, by how many numbers they hold."""
    seen: dict[int, tuple[float, ...]] = {}
    first = next((e for e in training.events if isinstance(e, (Backward, Update))), None)
    early = takewhile(lambda event: event is not first, training.events)
    models = [e for e in early if isinstance(e, Model) and e.params]
    if models:
        whole = len(models[0].params) >= len(unit.parameters)
        for model in models[:1] if whole else models:
            seen |= {each.id: each.tensor.values for each in model.params}
    else:
        for update in training.updates:
            for each in update.params:
                seen.setdefault(each.id, each.before or ())
    return _pick(list(seen.values()), unit)


def _pick(
    values: list[tuple[float, ...]], unit: Unit
) -> tuple[tuple[float, ...] | None, float | None]:
    if sorted(map(len, values)) != list(unit.parameters):
        return None, None
    bias, weights = sorted(values, key=len)
    return weights, bias[0]


def _input(
    training: Training, backward: Backward | None, unit: Unit
) -> tuple[tuple[float, ...] | None, int | None]:
    layer = next((e for e in training.forwards if e.kind == "Linear" and e.inputs), None)
    root = next((e for e in training.forwards if e.depth == 0 and e.inputs), None)
    line = None if root is None else root.line
    if layer is not None and layer.inputs[0].values:
        return layer.inputs[0].values, layer.line
    slopes = _gradient(backward, unit)
    if unit.samples == 1 and slopes and slopes[-1] and all(map(math.isfinite, slopes)):
        # One sample: the gradient of a weight is the gradient of the bias times its input.
        return tuple(slope / slopes[-1] for slope in slopes[:-1]), line
    return (None, None) if root is None else (root.inputs[0].values or None, line)


def _gradient(backward: Backward | None, unit: Unit) -> tuple[float, ...] | None:
    if backward is None:
        return None
    grown = [
        tuple(
            a - b for a, b in zip(each.after, each.before or [0.0] * len(each.after), strict=False)
        )
        for each in backward.params
        if each.after is not None and each.id in backward.reached
    ]
    if sorted(map(len, grown)) != list(unit.parameters):
        return None
    bias, weights = sorted(grown, key=len)
    return (*weights, *bias)


def _numbers(tensor: Tensor | None) -> tuple[float, ...] | None:
    return None if tensor is None else tensor.values or None


def _one(tensor: Tensor | None) -> float | None:
    return tensor.values[0] if tensor is not None and len(tensor.values) == 1 else None


def _is_swapped(training: Training, loss: Loss, unit: Unit) -> bool:
    if loss.target.grad and not loss.input.grad:
        return True
    made = {e.out.values for e in training.forwards if e.out is not None}
    return (
        loss.target.values in made
        and loss.input.values not in made
        and all_near(loss.input.values, unit.y)
    )


def _predictions(
    training: Training, loss: Loss | None, *, swapped: bool
) -> tuple[tuple[float, ...] | None, int | None]:
    last = _last_call(training)
    line = None if last is None else last.line
    if loss is None:
        return _numbers(None if last is None else last.out), line
    return _numbers(loss.target if swapped else loss.input), loss.line


def _last_call(training: Training) -> Forward | None:
    """Give the last of the script's own calls of a module before the first backward pass."""
    for one in training.rounds:
        if one.forwards:
            return one.forwards[-1]
    return next((e for e in reversed(training.forwards) if e.depth == 0), None)


def _scores(
    training: Training,
    x: tuple[float, ...] | None,
    weights: tuple[float, ...] | None,
    bias: float | None,
) -> tuple[float, ...] | None:
    layer = next((e for e in training.forwards if e.kind == "Linear"), None)
    if layer is not None:
        return _numbers(layer.out)
    if x is None or weights is None or bias is None:
        return None
    return scores_of(x, weights, bias)


def _inferred(scores: tuple[float, ...], value: float | None, unit: Unit) -> tuple[float, ...]:
    """Tell the predictions of a loss written by hand by what the loss is; else take the lab's."""
    for name, apply in ACTIVATIONS.items():
        made = tuple(map(apply, scores))
        # A loss that squashes its input itself has the value of a sigmoid too many.
        if (
            name != "sigmoid twice"
            and value is not None
            and near(value, mean_loss(_PLAIN, made, unit.y))
        ):
            return made
    return squashed(scores)


def _loss_value(loss: Loss | None, backward: Backward | None) -> float | None:
    if backward is not None:
        return _one(backward.root)
    return None if loss is None else _one(loss.out)
