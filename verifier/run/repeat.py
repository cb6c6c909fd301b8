"""A source that was run is run again, in the time that its runs so far have left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.run.interface import Examination, Limits, Runner, RunResult

_LEAST_S = 0.25
"""In less time nothing is run again."""
_ROOM = 1.2
"""How much longer the same may take when its arithmetic is watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Runs one source again; all of its runs together take no longer than one may."""

    source: bytes
    limits: Limits
    """Those of the first run."""
    runner: Runner
    runs: list[RunResult]
    """In the order they took place; the first is there already."""

    def run(self, examination: Examination, *, then: bool = False) -> RunResult | None:
        """Run it in the time that is left; None where there is too little.

        Args:
            examination: What is asked of the run.
            then: Leave time for one more, which takes as long as the first took.

        Raises:
            EnvironmentFailure: The runner could not do its work.
        """
        spent_s = sum(each.wall_s for each in self.runs)
        kept_s = _ROOM * self.runs[0].wall_s if then else 0.0
        left_s = self.limits.time_limit_s - spent_s - kept_s
        if left_s < _LEAST_S:
            return None
        limits = replace(self.limits, time_limit_s=left_s)
        run = self.runner.run(self.source, limits=limits, examination=examination)
        self.runs.append(run)
        return run
