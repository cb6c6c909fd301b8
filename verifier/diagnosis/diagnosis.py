"""A suspicion, which a rule gives, and a diagnosis: the same in words, as a report shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.lab.stage import Stage

CLAIMED = 0.5
"""The least confidence with which anything is said: no diagnosis is better than a wrong one."""
SEEN = 0.95
"""The run itself shows it: the trace, or Python's own error message."""
LIKELY = 0.8
"""The numbers or the script say it, and nothing speaks against it."""
GUESSED = 0.6
"""One of a few explanations that fit."""
FITTING = 0.4
"""It fits, and so do others: worth nothing until something else says the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a teaching assistant would say."""

    id: str
    stage: Stage
    concept: str
    """What it is about, whatever the lab calls its stages."""
    confidence: float
    """From 0 to 1; at least `CLAIMED`."""
    evidence: tuple[str, ...]
    """Facts that a person can check, with the line of the script; printable."""
    message: str
    """What was seen, and what was expected; printable."""
    fix: str
    """Where to look; never the solution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A rule's finding, not yet in words."""

    id: str
    confidence: float
    evidence: tuple[str, ...] = ()
    line: int | None = None
    """The line of the script to look at first."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What the message's braces are filled with."""
    concept: str | None = None
    """What it is about, where that is not what its wording says."""
    leads: bool = False
    """Whether it goes first, whatever its stage: the error that ended the script."""


def suspect(
    name: str,
    *evidence: str,
    sure: float = SEEN,
    line: int | None = None,
    words: Mapping[str, str] | None = None,
    concept: str | None = None,
) -> Suspicion:
    """Suspect a mistake, by the id of its diagnosis, from facts that a person can check."""
    return Suspicion(
        id=name,
        confidence=sure,
        evidence=evidence,
        line=line,
        words=words or {},
        concept=concept,
    )
