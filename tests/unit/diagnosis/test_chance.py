"""An unseeded training meets the lab's numbers by chance now and then; it is told the same."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from tests.unit.diagnosis.diagnosing import diagnosed, told

if TYPE_CHECKING:
    from tests.unit.diagnosis.story import Story

DRAWS = 3000
_WIDEST = 2**-0.5
"""Of the weights that Linear(2, 1) draws."""
_RIGHT_SCORE = 1.54876


def _unseeded(draw: random.Random) -> Story:
    weights = (draw.uniform(-_WIDEST, _WIDEST), draw.uniform(-_WIDEST, _WIDEST))
    bias = draw.uniform(-_WIDEST, _WIDEST)
    return told(seeds=(), weights=weights, bias=bias)


def _said(stories: list[Story]) -> Counter[str]:
    """Count what is said first; of what passed nothing has to be said."""
    found = [diagnosed(story.stdout, trace=story.trace) for story in stories]
    return Counter(each[0].id if each else "nothing" for each in found)


def test_three_thousand_unseeded_trainings_are_all_told_that_they_are_unseeded() -> None:
    """A loss that is near the lab's by chance is no evidence: the trace tells of no seed."""
    draw = random.Random(1)  # noqa: S311 - weights, no secret
    said = _said([_unseeded(draw) for _ in range(DRAWS)])

    assert said["nothing"] <= 1, said
    assert set(said) <= {"seed-missing", "nothing"}, said


def test_unseeded_weights_with_nearly_the_lab_s_score_are_never_told_another_moment() -> None:
    """However near: silence where it prints the same, and the seed where it does not."""
    stories = []
    draw = random.Random(2)  # noqa: S311 - weights, no secret
    for place in range(400):
        first, second = draw.uniform(-0.6, 0.6), draw.uniform(-0.6, 0.6)
        score = _RIGHT_SCORE + (place - 200) * 1e-4
        weights = (first, second)
        stories.append(told(seeds=(), weights=weights, bias=score - first - 2 * second))
    said = _said(stories)

    assert set(said) <= {"seed-missing", "nothing"}, said
    assert said["nothing"] < 40, said
