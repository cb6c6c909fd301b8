"""A forged trace does no harm: no exception, and nothing worse than a wrong diagnosis."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exercises import PRINTED
from tests.unit.diagnosis.diagnosing import TASKS, diagnosed, told
from tests.unit.diagnosis.test_exercise_stories import EXERCISES
from tests.unit.diagnosis.test_part import swept
from verifier.diagnosis.arithmetic import (
    ACTIVATIONS,
    LOSSES,
    activation_between,
    cross_entropy,
    loss_between,
    near,
    ratio,
    sigmoid,
    softplus,
)

EXTREMES = [math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 0.0]


@pytest.mark.parametrize("values", [(1.0, math.nan), (1.0, math.inf), (math.nan,), ()])
def test_no_ratio_where_there_is_none(values: tuple[float, ...]) -> None:
    """NaN passes nowhere."""
    assert ratio(values, (1.0, 2.0)) is None
    assert ratio((1.0, 2.0), values) is None
    assert not near(math.nan, math.nan)


@pytest.mark.parametrize("number", EXTREMES)
def test_arithmetic_never_raises(number: float) -> None:
    """A forged trace may hold any float."""
    for other in EXTREMES:
        activation_between((number,), (other,))
        loss_between((number, other), (other, number), number)
        cross_entropy(number, other)
    for apply in ACTIVATIONS.values():
        apply(number)
    assert softplus(-1e308) == 0.0
    assert (sigmoid(-1e308) < 1e-300, sigmoid(1e308)) == (True, 1.0)
    assert math.isnan(LOSSES["binary_cross_entropy"](2.0, 1.0))


WRONG = [
    told(lr=0.1, loop="FLBS", own_loss=True).lines + told(lr=0.1, kind=None).lines,
    *(told(**(each | {"lr": 0.1})).lines for each in EXERCISES),
    swept((0.5, 0.5, 0.5)).lines,
]
NUMBERS = st.sampled_from([number.hex() for number in EXTREMES] + [(0.5).hex()])


def _forge(draw: Any, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _forge(draw, each) for name, each in value.items()}
    if isinstance(value, list):
        kept = [each for each in value if draw(st.integers(0, 19))]
        return [_forge(draw, each) for each in kept]
    if isinstance(value, str) and "0x" in value:
        return draw(NUMBERS) if not draw(st.integers(0, 5)) else value
    if isinstance(value, int) and not isinstance(value, bool) and not draw(st.integers(0, 9)):
        return draw(st.sampled_from([0, 1, 2, 7, -1, 2**62]))
    return value


@given(st.randoms(use_true_random=False), st.sampled_from([*PRINTED]))
def test_forged_trace_does_no_worse_than_a_wrong_diagnosis(
    random: Any,  # noqa: ANN401 - a Random
    name: str,
) -> None:
    """Any order of events with any numbers: no exception, and nothing for a passed submission."""

    def draw(strategy: Any) -> Any:  # noqa: ANN401
        if strategy is NUMBERS:
            return random.choice([number.hex() for number in [*EXTREMES, 0.5]])
        return random.randint(0, 19)

    stdout = random.choice([PRINTED[name], PRINTED[name].replace(b"0.1", b"0.2"), b""])
    wrong = random.choice(WRONG)
    chosen = random.sample(wrong, k=random.randint(1, len(wrong)))
    if random.randint(0, 1):
        chosen.sort(key=wrong.index)
    trace = "".join(json.dumps(_forge(draw, line)) + "\n" for line in chosen).encode()
    found = diagnosed(stdout, trace=trace, task=TASKS[name])

    assert len(found) <= 3
    assert not (stdout == PRINTED[name] and found)
    assert all(0.5 <= each.confidence <= 1 for each in found)
    assert all(each.message.isprintable() and each.fix.isprintable() for each in found)
