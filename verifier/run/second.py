"""The second look at a script that printed something wrong: run once more, for its milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.errors import EnvironmentFailure
from verifier.run.interface import Examination, Exited

if TYPE_CHECKING:
    from verifier.run.interface import RunResult
    from verifier.run.repeat import Repeat

LOOK = Examination(trace=True, milestones=True)


def second_look(repeat: Repeat) -> RunResult | None:
    """Run a script once more, in a process of its own behind the same walls.

    Nothing that happens in it changes a verdict, which is why no error of the runner leaves it.

    Returns:
        The run; None where the first one did not end by itself, where too little time is left, and
        where this one ended otherwise.
    """
    first = repeat.runs[0]
    if not isinstance(first.outcome, Exited):
        return None
    try:
        look = repeat.run(LOOK)
    except EnvironmentFailure:
        return None
    return look if look is not None and look.outcome == first.outcome else None
