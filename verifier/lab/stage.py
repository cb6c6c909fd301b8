"""The stages: the order in which a learner debugs."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The order in which a learner debugs. A check after a failed stage is skipped."""

    RUN = "run"
    OUTPUT = "output"
    FORWARD = "forward"
    LOSS = "loss"
    GRADIENT = "gradient"
    UPDATE = "update"
    LOOP = "loop"


STAGES = tuple(Stage)
