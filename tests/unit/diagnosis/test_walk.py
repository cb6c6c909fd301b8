"""A script's steps beside the lesson's."""

from __future__ import annotations

from verifier.diagnosis.walk import side_by_side
from verifier.trace.milestone import Milestone

STEPS = [Milestone(kind="loss", id=1, line=7), Milestone(kind="grad", id=2, line=8)]


def test_steps_that_are_the_same_are_not_told_to_be_right() -> None:
    """Another rate, or other data, is the same steps with other numbers."""
    last = side_by_side(STEPS, STEPS)[-1]

    assert (
        last == "  the steps are the same; the numbers in them may differ: `labcheck grade` tells"
    )


def test_steps_that_differ_are_marked_and_nothing_more_is_said() -> None:
    """The marks say it."""
    assert side_by_side(STEPS[:1], STEPS)[-1].split() == [">", "backward", "pass", "(line", "8)"]
