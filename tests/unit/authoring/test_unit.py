"""What a reference does as one unit is found in its own run's trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED
from tests.unit.diagnosis.diagnosing import told
from verifier.authoring.unit import unit_of
from verifier.golden.golden import load_golden
from verifier.golden.reference import load_reference
from verifier.golden.unit import unit_of_json, unit_to_json
from verifier.lab.load import load_labs
from verifier.output.transcript import read_stdout
from verifier.trace.event import NO_TRACE, Loss, Optimizer, Trace
from verifier.trace.reader import read_trace

LAB = load_labs(LAB_ROOT)["forward-backward"]
READINGS = read_stdout(PUBLISHED).readings


def test_the_lesson_s_facts_follow_from_its_run() -> None:
    """Nobody writes them down."""
    unit = unit_of(read_trace(told(kind="SGD").trace), READINGS)

    assert unit is not None
    assert (unit.seed, unit.x, unit.x_shape, unit.y) == (42, (1.0, 2.0), (1, 2), (1.0,))
    assert (unit.parameters, unit.activation, unit.loss) == (
        (1, 2),
        "sigmoid",
        "binary_cross_entropy",
    )
    assert (unit.optimizer, unit.rates, unit.clears) == ("SGD", (0.5,), True)
    assert (unit.first_steps, unit.loop_steps) == (1, 5)
    assert (unit.first_loss, unit.first_prediction) == ("loss_before", "prediction_before")
    assert unit_of_json(unit_to_json(unit)) == unit


@pytest.mark.parametrize("exercise", LAB.exercises.values(), ids=list(LAB.exercises))
def test_every_exercise_keeps_its_own(exercise: object) -> None:
    """Beside its golden."""
    kept = load_reference(exercise, load_golden(lab=LAB.id, exercise=exercise))  # type: ignore[arg-type]

    assert kept is not None
    assert kept.unit is not None
    assert kept.unit.seed == 42
    assert len(kept.unit.rates) == (3 if kept.exercise == "lr-sweep" else 1)
    assert kept.unit.clears == (kept.exercise != "no-zero-grad")


def _without(trace: Trace, kind: type) -> Trace:
    return replace(trace, events=tuple(each for each in trace.events if not isinstance(each, kind)))


@pytest.mark.parametrize("missing", [Loss, Optimizer])
def test_what_the_trace_does_not_tell_is_no_unit(missing: type) -> None:
    """Nor is a run without a trace, nor one whose loss is printed nowhere."""
    trace = read_trace(told(kind="SGD").trace)

    assert unit_of(_without(trace, missing), READINGS) is None
    assert unit_of(NO_TRACE, READINGS) is None
    assert unit_of(trace, ()) is None


def test_another_loss_is_no_unit() -> None:
    """The formulas are of two losses."""
    trace = read_trace(told(kind="SGD").trace)
    other = tuple(
        replace(each, fn="mse_loss") if isinstance(each, Loss) else each for each in trace.events
    )

    assert unit_of(replace(trace, events=other), READINGS) is None
