"""Rules of stage loss: which loss function, of which prediction, against which target."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import (
    all_alike,
    all_near,
    cross_entropy,
    is_made_by_hand,
    loss_between,
    mean_loss,
    near,
    squashed,
)
from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.subject import at, listed
from verifier.printable import printable
from verifier.sandbox.trace.format import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.measured import Measured
    from verifier.diagnosis.subject import Subject
    from verifier.golden.unit import Unit
    from verifier.trace.event import Loss, Tensor

_PLAIN, _LOGITS = "binary_cross_entropy", "binary_cross_entropy_with_logits"


def suspicions(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    """Name what is wrong between prediction and loss."""
    loss = measured.loss
    if loss is None:
        yield from _of_own_loss(subject, measured)
        return
    if measured.is_swapped:
        yield suspect(
            "loss-arguments-swapped",
            f"the loss was given {listed(loss.input.values)} as its prediction and "
            f"{listed(loss.target.values)} as its target{at(loss.line)}",
            line=loss.line,
        )
        return
    yield from _of_shapes(subject, loss)
    yield from _of_target(subject, loss)
    yield from _of_function(subject, measured, loss)


def _of_shapes(subject: Subject, loss: Loss) -> Iterator[Suspicion]:
    unknown = UNKNOWN in {loss.input.dtype, loss.target.dtype}
    unlike = loss.input.shape != loss.target.shape and loss.fn != "cross_entropy"
    if not unknown and (unlike or _leaves_samples_out(subject, loss)):
        shapes = (
            f"the prediction has shape {listed(loss.input.shape)}, "
            f"the target {listed(loss.target.shape)}"
        )
        yield suspect(
            "shape-mismatch",
            shapes + at(loss.line),
            line=loss.line,
            words={"observed": shapes, "expected": f"of shape {listed(subject.unit.y_shape)}"},
        )


def _leaves_samples_out(subject: Subject, loss: Loss) -> bool:
    """Whether the losses of the first step are of fewer samples than went through the model."""
    round_ = next((each for each in subject.training.rounds if loss in each.losses), None)
    losses = (loss,) if round_ is None else round_.losses
    forwards = () if round_ is None else round_.forwards
    compared = sum(math.prod(each.target.shape) for each in losses)
    made = sum(math.prod(each.out.shape) for each in forwards if each.out is not None)
    return compared < len(subject.unit.y) <= made


def _of_target(subject: Subject, loss: Loss) -> Iterator[Suspicion]:
    unit, target = subject.unit, loss.target
    if target.dtype not in {UNKNOWN, unit.dtype, loss.input.dtype}:
        dtype = printable(target.dtype)
        yield suspect(
            "target-dtype",
            f"the target's type is {dtype}{at(loss.line)}",
            line=loss.line,
            words={"dtype": dtype},
        )
    elif target.values and target.shape == loss.input.shape and not _is_due(unit, target):
        yield _wrong_target(subject, listed(target.values), loss.line)


def _is_due(unit: Unit, target: Tensor) -> bool:
    """Whether it is the lab's target, or that of one sample of several."""
    if len(target.values) == 1 < len(unit.y):
        return any(near(target.values[0], each) for each in unit.y)
    return all_near(target.values, unit.y)


def _wrong_target(subject: Subject, seen: str, line: int | None) -> Suspicion:
    return suspect(
        "target-wrong",
        f"the loss was given the target {seen}{at(line)}",
        line=line,
        words={"observed": seen, "expected": listed(subject.unit.y)},
    )


def _of_function(subject: Subject, measured: Measured, loss: Loss) -> Iterator[Suspicion]:
    unit = subject.unit
    if loss.fn == _LOGITS:
        if loss.input.fn == "SigmoidBackward0" or measured.is_squashed:
            yield suspect(
                "logits-loss-with-sigmoid",
                f"{_LOGITS} was given {listed(loss.input.values)}{at(loss.line)}",
                line=loss.line,
            )
    elif loss.fn != unit.loss and not (loss.fn == _PLAIN and _is_paired(subject, measured)):
        yield _other_loss(subject, loss.fn, loss.line, confidence=SEEN)
    if loss.fn in {_PLAIN, _LOGITS} and _is_summed(subject, loss):
        yield _summed(loss.line, confidence=SEEN)


def _is_paired(subject: Subject, measured: Measured) -> bool:
    """Whether the script keeps raw scores, and squashes them for the loss alone, or not at all.

    The first gives the lab's numbers, the second is a missing sigmoid.
    """
    scores, printed = measured.scores, subject.printed_predictions
    if scores is None or measured.output != scores:
        return False
    return printed is None or not all_alike(printed, squashed(scores))


def _is_summed(subject: Subject, loss: Loss) -> bool:
    """Whether the losses of several samples were added up, by the loss or after it."""
    count = len(loss.input.values)
    out = () if loss.out is None else loss.out.values
    root = next((each.root.values for each in subject.training.backwards), out)
    if count <= 1 or not out or len(root) != 1 or loss.reduction == "mean":
        return False
    whole = out[0] if loss.reduction == "sum" else sum(out)
    return near(root[0], whole)


def _summed(line: int | None, *, confidence: float) -> Suspicion:
    return suspect(
        "loss-reduction",
        f"the loss was reduced by sum{at(line)}",
        sure=confidence,
        line=line,
        words={"reduction": "sum"},
    )


def _other_loss(subject: Subject, name: str, line: int | None, *, confidence: float) -> Suspicion:
    classes = [each for each in subject.facts.mentioned if each.lower() == name.replace("_", "")]
    return suspect(
        "loss-other",
        f"the loss is {printable(name)}{at(line)}",
        sure=confidence,
        line=subject.facts.line_of(*classes) or line,
        words={"name": printable(name)},
    )


def _of_own_loss(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    """Judge a loss that is written by hand by its value and its gradient."""
    unit, value, given = subject.unit, measured.loss_value, measured.predictions
    if value is None or given is None or len(given) != len(unit.y):
        return
    name = loss_between(given, unit.y, value)
    line = measured.prediction_line
    if name == _LOGITS and measured.is_squashed:
        yield _squashed_twice(measured, value)
    elif name not in {None, _PLAIN, _LOGITS}:
        yield _other_loss(subject, str(name), line, confidence=LIKELY)
    elif name is None:
        yield from _of_own_value(subject, measured, given, value)


def _squashed_twice(measured: Measured, value: float) -> Suspicion:
    line = measured.prediction_line
    return suspect(
        "logits-loss-with-sigmoid",
        f"the loss of {measured.shown} is {value:.4g}{at(line)}",
        sure=LIKELY,
        line=line,
    )


def _of_own_value(
    subject: Subject, measured: Measured, given: tuple[float, ...], value: float
) -> Iterator[Suspicion]:
    """Solve a cross entropy written by hand for what differs from the lab's."""
    unit, line, slope = subject.unit, measured.prediction_line, (measured.gradient or (None,))[-1]
    chances = squashed(given) if unit.takes_scores else given
    if not math.isfinite(value) or not all(0 < each < 1 for each in chances):
        return
    wanted = mean_loss(_PLAIN, chances, unit.y)
    times = value / wanted if wanted else math.nan
    slopes = [one - other for one, other in zip(chances, unit.y, strict=True)]
    if unit.takes_scores and near(value, mean_loss(_LOGITS, chances, unit.y)):
        yield _squashed_twice(measured, value)
    elif len(chances) > 1 and near(times, len(chances)):
        yield _summed(line, confidence=LIKELY)
    elif slope is not None and near(slope, times * sum(slopes) / len(slopes)):
        yield _scaled_loss(times, line)
    elif len(chances) == 1:
        yield from _of_solved_target(subject, measured, chances[0], value)
    else:
        yield from _of_other_labels(subject, measured, chances, value)


def _of_other_labels(
    subject: Subject, measured: Measured, chances: tuple[float, ...], value: float
) -> Iterator[Suspicion]:
    """Find the samples, or else the labels of 0 and 1, that give a loss: where only one does."""
    unit, line = subject.unit, measured.prediction_line
    alone = [near(value, cross_entropy(p, y)) for p, y in zip(chances, unit.y, strict=True)]
    if any(alone):
        shapes = f"the loss is that of sample {alone.index(True) + 1} alone"
        words = {"observed": shapes, "expected": f"of shape {listed(unit.y_shape)}"}
        yield suspect("shape-mismatch", shapes, sure=LIKELY, line=line, words=words)
        return
    labels = product((0.0, 1.0), repeat=len(chances))
    fitting = [each for each in labels if near(value, mean_loss(_PLAIN, chances, each))]
    if len(fitting) == 1:
        yield _wrong_target(subject, listed(fitting[0]), line)


def _of_solved_target(
    subject: Subject, measured: Measured, given: float, value: float
) -> Iterator[Suspicion]:
    """Solve the cross entropy for the target: loss and gradient must name the same one."""
    if near(given, 0.5):
        return  # at a half, both labels have the same loss
    right, wrong = -math.log(given), -math.log1p(-given)
    target = (value - wrong) / (right - wrong)
    slope = measured.gradient[-1] if measured.gradient else given - target
    if is_made_by_hand((round(target, 5),)) and near(slope, given - target, within=1e-4):
        yield _wrong_target(subject, f"[{target:.4g}]", measured.prediction_line)


def _scaled_loss(factor: float, line: int | None) -> Suspicion:
    return suspect(
        "gradient-scaled",
        f"loss and gradient are {factor:.4g} times the lab's{at(line)}",
        sure=LIKELY,
        line=line,
        words={"factor": f"{factor:.4g}"},
    )
