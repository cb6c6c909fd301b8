"""What submissions print, by every way the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.speed.submissions import Submission


class WrongOutputError(Exception):
    """A way did not do the same work as the others, so its time means nothing."""


class Outputs:
    """What right submissions printed: every way must make each print the same."""

    def __init__(self) -> None:
        self._seen: dict[str, bytes] = {}

    def compare(self, submission: Submission, stdout: bytes, *, way: str) -> None:
        """Keep the first output of a right submission, and hold later ones to it.

        Raises:
            WrongOutputError: It differs.
        """
        if submission.expected != "passed":
            return
        first = self._seen.setdefault(submission.name, stdout)
        if first != stdout or not stdout:
            raise WrongOutputError(f"{way}: {submission.name} printed {stdout!r}, not {first!r}")
