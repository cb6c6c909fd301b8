"""How much a learner is told: everything, no golden number, or the verdict alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.lab.spec import Exercise, Lab


class Feedback(StrEnum):
    """What a report holds of what was right; the verdict and its points are the same."""

    FULL = "full"
    NO_VALUES = "no-values"
    """Which checks passed and where to look, but nothing that tells a golden number."""
    VERDICT = "verdict"


def chosen_feedback(
    asked: Feedback | None, *, lab: Lab, exercise: Exercise, in_class: bool
) -> Feedback:
    """Decide how much is told, by the command, else by the lab, else by who asks.

    Args:
        asked: By an option; None where it was not given.
        lab: May say it for all of its exercises.
        exercise: Whose golden numbers may stand on the lesson's page, and are no secret then.
        in_class: Whether many are graded, and what is told to one gets around.
    """
    policy = asked or lab.feedback
    if policy is not None:
        return policy
    return Feedback.NO_VALUES if in_class and not exercise.published else Feedback.FULL
