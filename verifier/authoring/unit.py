"""What a reference does as one sigmoid unit, found in the trace of its own run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import near
from verifier.diagnosis.training import training_of
from verifier.golden.unit import Unit
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.diagnosis.training import Round, Training
    from verifier.output.transcript import Reading
    from verifier.trace.event import Trace

_LOSSES = frozenset(("binary_cross_entropy", "binary_cross_entropy_with_logits"))
_ROUNDED = 6e-4
"""What is printed lies no further from what was computed."""


def unit_of(trace: Trace, readings: Sequence[Reading]) -> Unit | None:
    """Find the facts that the formulas of one unit need.

    Args:
        trace: Of the reference's run.
        readings: What it printed.
    Returns:
        None where it trains anything else, or the trace does not tell it all.
    """
    training = training_of(trace)
    rounds = [each for each in training.rounds if each.losses and each.forwards]
    if training.cut or not (rounds and training.models and training.optimizers and training.seeds):
        return None
    first, model = rounds[0], training.models[0]
    forward, loss = first.forwards[0], first.losses[0]
    if loss.fn not in _LOSSES or forward.out is None or loss.out is None or not forward.inputs:
        return None
    x, y, optimizer = forward.inputs[0], loss.target, training.optimizers[0]
    rates = tuple(each.groups[0].lr or 0.0 for each in training.optimizers)
    keys = {
        name: _key(readings, values)
        for name, values in (("loss", loss.out.values), ("prediction", forward.out.values))
    }
    if keys["loss"] is None or not all(rates):
        return None
    updates = len(training.updates) // len(rates)
    in_loop = _steps_in_loop(readings, updates)
    return Unit(
        seed=training.seeds[0].seed,
        x=x.values,
        x_shape=x.shape,
        y=y.values,
        y_shape=y.shape,
        dtype=x.dtype,
        parameters=tuple(sorted(_count(each.tensor.shape) for each in model.params)),
        activation="sigmoid" if loss.fn == "binary_cross_entropy" else "nothing",
        loss=loss.fn,
        optimizer=optimizer.kind,
        rates=rates,
        clears=_clears(training),
        first_steps=updates - in_loop,
        loop_steps=in_loop,
        first_loss=keys["loss"],
        first_prediction=keys["prediction"],
        highest=max(rates),
    )


def _key(readings: Sequence[Reading], values: tuple[float, ...]) -> str | None:
    """Give the key under which numbers are printed first."""
    for reading in readings:
        numbers = floats_in(reading.value)
        if len(numbers) == len(values) and all(
            near(one, other, within=_ROUNDED) for one, other in zip(numbers, values, strict=True)
        ):
            return reading.key
    return None


def _steps_in_loop(readings: Sequence[Reading], updates: int) -> int:
    """Count the rounds of a loop by the highest number of its rows."""
    rows = [int(each.text) for each in readings if each.key == "step" and each.text.isdigit()]
    return min(max(rows, default=0), updates)


def _clears(training: Training) -> bool:
    """Whether gradients are cleared in every round that has a backward pass."""
    rounds: list[Round] = [each for each in training.rounds if each.backwards]
    return all("Z" in each.letters for each in rounds)


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
