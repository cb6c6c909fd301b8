"""Suspicions solved from the printed numbers alone: learning rate, momentum, input, clearing.

For one sample, a linear layer, a sigmoid and the cross entropy, the score moves in each step by
learning rate × (prediction - target) × (|x|² + 1): a few printed numbers tell the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.checks.check import first_failed
from verifier.diagnosis.arithmetic import near, sigmoid
from verifier.diagnosis.diagnosis import FITTING, GUESSED, LIKELY, Suspicion, suspect
from verifier.diagnosis.subject import listed, plain_number
from verifier.lab.stage import Stage
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.lab.field import Field

_OFTEN = frozenset({"step-missing", "loop-step-missing"})
"""Whatever keeps the parameters as they are prints these numbers."""
_FEWEST = 3
_PREDICTION = 2.1e-3
_SHARE = 0.02
_EDGE = 2e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How each step is thought to have changed the score."""

    lr: float
    momentum: float = 0.0
    grows: bool = False
    """Whether gradients were never cleared."""
    still: int = 0
    """From which step on nothing was updated; 0 for never."""


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name the mistakes whose numbers follow the lesson's arithmetic."""
    if subject.unit.samples != 1:
        return
    yield from _of_input(subject)
    if first_failed(subject.checks) not in {Stage.UPDATE, Stage.LOOP}:
        return
    seen = _predictions(subject)
    if len(seen) >= _FEWEST and _EDGE < seen[0] < 1 - _EDGE:
        yield from _of_rule(subject, seen)


def _predictions(subject: Subject) -> list[float]:
    """Printed predictions: before the first step, after it, then one for each round of the loop.

    The loop's first one is the one after the first step again, so it is left out.
    """
    first = _scalar(subject, Stage.FORWARD)
    after = _scalar(subject, Stage.UPDATE)
    rows = [_scalar_of(subject, field) for field in _prediction_rows(subject)]
    numbers = [first, after, *rows[1:]]
    known: list[float] = []
    for number in numbers:
        if number is None or not 0 <= number <= 1:
            break
        known.append(number)
    return known


def _scalar(subject: Subject, stage: Stage) -> float | None:
    field = next((each for each in subject.answers if each.stage == stage), None)
    return None if field is None else _scalar_of(subject, field)


def _scalar_of(subject: Subject, field: Field) -> float | None:
    reading = subject.printed.get(field)
    return None if reading is None else plain_number(reading)


def _prediction_rows(subject: Subject) -> list[Field]:
    """The loop's fields whose first golden value is the prediction after the first step."""
    after = next((each for each in subject.answers if each.stage == Stage.UPDATE), None)
    rows = [each for each in subject.answers if each.row is not None]
    keys = {
        each.key
        for each in rows
        if after is not None and subject.answers[each].value == subject.answers[after].value
    }
    return [each for each in rows if each.key in keys]


def predicted(
    rule: Rule, *, start: float, count: int, plan_slope: float, target: float
) -> list[float]:
    """Run the lesson's training on its score alone.

    Args:
        rule: How it is updated.
        start: The score before any step.
        count: Predictions wanted, the first included.
        plan_slope: How far a unit of gradient moves the score: |x|² + 1.
        target: The label.
    """
    score, velocity, grown = start, 0.0, 0.0
    seen = [sigmoid(score)]
    for step in range(1, count):
        slope = sigmoid(score) - target
        grown = grown + slope if rule.grows else slope
        velocity = rule.momentum * velocity + grown
        if not rule.still or step < rule.still:
            score -= rule.lr * velocity * plan_slope
        seen.append(sigmoid(score))
    return seen


def _of_rule(subject: Subject, seen: list[float]) -> Iterator[Suspicion]:
    unit = subject.unit
    slope = sum(each * each for each in unit.x) + 1
    start = math.log(seen[0] / (1 - seen[0]))
    for name, rule, words in _hypotheses(subject, seen, start, slope):
        wanted = predicted(rule, start=start, count=len(seen), plan_slope=slope, target=unit.y[0])
        if all(
            abs(a - b) <= _PREDICTION + _SHARE * min(b, 1 - b)
            for a, b in zip(seen, wanted, strict=True)
        ):
            yield suspect(
                name,
                f"the printed predictions are those of this mistake: {_shown(wanted)}",
                sure=FITTING if name in _OFTEN else GUESSED,
                words=words,
            )
            return


def _shown(predictions: list[float]) -> str:
    return ", ".join(f"{each:.3f}" for each in predictions[:8])


def _hypotheses(
    subject: Subject, seen: list[float], start: float, slope: float
) -> Iterator[tuple[str, Rule, dict[str, str]]]:
    lr = subject.unit.lr
    yield "step-missing", Rule(lr=0.0), {}
    yield "loop-step-missing", Rule(lr=lr, still=2), {}
    yield "zero-grad-missing", Rule(lr=lr, grows=True), {}
    for momentum in (0.9, 0.5, 0.99, 0.8, 0.95):
        yield "momentum-used", Rule(lr=lr, momentum=momentum), {"momentum": f"{momentum:g}"}
    if not _EDGE < seen[1] < 1 - _EDGE:
        return
    moved = start - math.log(seen[1] / (1 - seen[1]))
    rate = moved / (slope * (seen[0] - subject.unit.y[0]))
    rounded = float(f"{rate:.1g}")
    rate = rounded if near(rate, rounded, within=0.05 * abs(rounded)) else float(f"{rate:.2g}")
    if subject.expects_rate(rate) or not rate:
        return
    words = {"lr": f"{abs(rate):g}"}
    yield ("update-sign" if rate < 0 else "lr-wrong"), Rule(lr=rate), words


def _of_input(subject: Subject) -> Iterator[Suspicion]:
    """For one sample, the gradient of a weight is the gradient of the bias times its input."""
    fields = [each for each in subject.answers if each.stage == Stage.GRADIENT]
    slopes = sorted(
        (floats_in(subject.printed[each].value) for each in fields if each in subject.printed),
        key=len,
    )
    if len(slopes) != 2 or len(slopes[0]) != 1 or len(slopes[1]) != len(subject.unit.x):  # noqa: PLR2004 - weight and bias
        return
    (bias,), weights = slopes
    if abs(bias) < _EDGE or not all(map(math.isfinite, (bias, *weights))):
        return
    x = [each / bias for each in weights]
    error = 1e-4 / abs(bias)
    if all(abs(a - b) <= error * (1 + abs(b)) for a, b in zip(x, subject.unit.x, strict=True)):
        return
    fact = f"weight_grad divided by bias_grad is {listed(tuple(round(each, 3) for each in x))}"
    size = sum(each * each for each in subject.unit.x)
    factor = sum(a * b for a, b in zip(x, subject.unit.x, strict=True)) / size
    scaled = all(
        abs(a - factor * b) <= error * (1 + abs(a)) for a, b in zip(x, subject.unit.x, strict=True)
    )
    words = {
        "factor": f"{factor:.3g}",
        "observed": listed(tuple(round(each, 3) for each in x)),
        "expected": listed(subject.unit.x),
    }
    name = "input-scaled" if scaled else "input-wrong"
    yield suspect(name, fact, sure=LIKELY, words=words)
