"""A runner that gives no result of a run with fewer walls around it than are required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from verifier.errors import WallMissingError
from verifier.run.interface import PLAIN

if TYPE_CHECKING:
    from verifier.run.interface import Examination, Limits, Runner, RunResult


class WalledRunner:
    """A `Runner` that gives no result of a run outside the walls required.

    Args:
        runner: Does the work.
        required: Names out of `verifier.run.interface.WALLS`.
    """

    def __init__(self, runner: Runner, *, required: frozenset[str]) -> None:
        self._runner = runner
        self._required = required

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.__exit__(*error)

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run ``source``.

        Raises:
            WallMissingError: A required wall did not stand; what the run gave is dropped.
            EnvironmentFailure: The runner could not do its work.
        """
        result = self._runner.run(source, limits=limits, examination=examination)
        missing = sorted(self._required.difference(result.tier.walls))
        if missing:
            raise WallMissingError(
                f"the required tier cannot be had: missing {', '.join(missing)}",
                remedy="choose another runner, or require less with --require-tier; "
                "`labcheck doctor` shows what this machine lacks",
            )
        return result
