"""Something noticed about a submission or its output that is not a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One observation, for the reader and for programs."""

    kind: str
    """A stable snake_case word, such as ``non_finite`` or ``repeated_reading``."""
    line: int | None
    """The 1-based line of the submission's stdout it is about; None when it is about no line."""
    message: str
    """One sentence, printable characters only."""
