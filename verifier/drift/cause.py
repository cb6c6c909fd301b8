"""Causes of a drift: known differences of two environments, and the canaries that moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.drift.observation import Observation
    from verifier.lab.spec import Lab

_WORDS = {
    "torch": "torch",
    "python": "Python",
    "platform": "platform",
    "cpu_capability": "CPU capability",
    "threads": "threads",
}
"""Of the environment, what may move numbers."""

_OF_A_VERSION = frozenset({"torch", "python"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between two environments."""

    what: str
    """``torch``, ``python``, ``platform``, ``cpu_capability``, ``threads``, or a variable."""
    before: str | None
    after: str | None

    @property
    def is_of_the_machine(self) -> bool:
        """Whether it is where or how a version was run, and not the version."""
        return self.what not in _OF_A_VERSION

    def __str__(self) -> str:
        """As a person reads it."""
        name = _WORDS.get(self.what, self.what)
        return f"{name}: {_shown(self.before)} → {_shown(self.after)}"


def _shown(value: str | None) -> str:
    return "not set" if value is None else printable(value) or "empty"


def changes(baseline: Observation, candidate: Observation) -> tuple[Change, ...]:
    """List what differs, the version first."""
    pairs = [
        (what, getattr(baseline.environment, what), getattr(candidate.environment, what))
        for what in _WORDS
    ]
    names = dict.fromkeys([*baseline.settings, *candidate.settings])
    pairs += [(name, baseline.settings.get(name), candidate.settings.get(name)) for name in names]
    return tuple(
        Change(
            what=what,
            before=None if before is None else str(before),
            after=None if after is None else str(after),
        )
        for what, before, after in pairs
        if before != after
    )


def explain(moved: Sequence[Lab], known: Sequence[Change]) -> tuple[str, ...]:
    """Say why numbers moved, as far as that is known.

    Args:
        moved: Labs whose numbers did.
        known: What differs between the two environments.
    """
    if not moved:
        return ()
    machine = "; ".join(str(change) for change in known if change.is_of_the_machine)
    if machine and all(change.what != "torch" for change in known):
        return (f"not a version: the same torch was run otherwise ({machine})",)
    canaries = [lab.canary for lab in moved if lab.canary is not None]
    says = [f"{canary.says} (canary {canary.mechanism}, a {canary.cause})" for canary in canaries]
    if machine:
        says.append(f"the version is not all that differs ({machine}): compare on equal terms")
    if not says:
        says.append("no canary moved, so the cause is in none of the mechanisms they watch")
    return tuple(says)
