"""A drift: how one environment's numbers differ from another's, value by value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from verifier.drift.cause import Change
    from verifier.drift.observation import Observation, Shown


class Status(StrEnum):
    """How far two values are apart, the least first."""

    IDENTICAL = "identical"
    BITS_DIFFER = "bits_differ"
    PRINTED_DIFFERS = "printed_differs"
    BEYOND_TOLERANCE = "beyond_tolerance"

    @property
    def rank(self) -> int:
        """Its place."""
        return list(Status).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDrift:
    """One value of one script."""

    name: str
    status: Status
    noise: Status
    """The worst between two runs of the same environment; at or above ``status`` where the
    difference proves nothing."""
    baseline: Shown | None
    """Of the first run; None where it was not printed."""
    candidate: Shown | None
    golden: str | None
    """The text of the golden record; None where there is none."""
    golden_ulps: int | None
    """Steps of the candidate's unrounded number from the golden record's; None where one of them is
    not known, and where the record was made on another CPU capability."""
    ulps: int | None
    """The most that an element moved, in units in the last place; None where it is not known."""
    difference: Decimal | None
    """The most that an element moved in print; None where the two cannot be compared."""
    allowed: Decimal | None
    """The tolerance for that element."""

    @property
    def moved(self) -> bool:
        """Whether the two environments give different values."""
        return self.status is not Status.IDENTICAL

    @property
    def noisy(self) -> bool:
        """Whether one environment alone does."""
        return self.noise is not Status.IDENTICAL

    @property
    def stale(self) -> bool:
        """Whether the golden record no longer says what the baseline prints."""
        shown = self.baseline
        return (
            not self.noisy
            and self.golden is not None
            and (shown is None or shown.text != self.golden)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptDrift:
    """One script in both environments."""

    lab: str
    exercise: str
    mechanism: str | None
    """What a canary shows; None for a lesson."""
    readings: tuple[ReadingDrift, ...]
    failure: str | None
    """Why it cannot be compared: it does not run to its end in one of the two."""
    new_warnings: Mapping[str, int]
    """Categories that the candidate gives more often, with how many more."""
    run_time_ratio: float | None
    peak_memory_ratio: float | None
    golden_applies: bool
    """Whether the golden record was made with the baseline's torch, on equal terms."""

    @property
    def name(self) -> str:
        """As ``forward-backward/baseline``; a canary has one script."""
        return self.lab if self.mechanism is not None else f"{self.lab}/{self.exercise}"

    @property
    def status(self) -> Status:
        """The worst of its readings that hold still; beyond tolerance where it fails."""
        if self.failure is not None:
            return Status.BEYOND_TOLERANCE
        return worst(each.status for each in self.readings if not each.noisy)

    @property
    def noise(self) -> Status:
        """The worst between two runs of one environment."""
        return worst(each.noise for each in self.readings)

    @property
    def moved(self) -> bool:
        """Whether it fails, or gives other values that hold still."""
        return self.status is not Status.IDENTICAL

    @property
    def moved_readings(self) -> list[ReadingDrift]:
        """Values that are others, noise included."""
        return [each for each in self.readings if each.moved]

    @property
    def noisy(self) -> bool:
        """Whether one environment alone gives different values."""
        return self.noise is not Status.IDENTICAL

    @property
    def stale(self) -> bool:
        """Whether the golden record no longer says what its own torch prints."""
        return self.golden_applies and any(each.stale for each in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Two environments, compared."""

    baseline: Observation
    candidate: Observation
    scripts: tuple[ScriptDrift, ...]
    changes: tuple[Change, ...]
    """What is known to be different between the two."""
    causes: tuple[str, ...]
    """Sentences about why numbers moved, of the canaries that did; empty where none did."""
    start_ratio: float | None

    @property
    def status(self) -> Status:
        """The worst of its scripts."""
        return worst(script.status for script in self.scripts)

    @property
    def moved_readings(self) -> list[tuple[ScriptDrift, ReadingDrift]]:
        """Values that are others, each with its script."""
        return [(script, reading) for script in self.scripts for reading in script.moved_readings]

    def fails(self, on: Status) -> bool:
        """Whether somebody must look: drift, noise or a stale golden of that size.

        Args:
            on: The least that counts.
        """
        return any(
            script.status.rank >= on.rank or script.noise.rank >= on.rank or script.stale
            for script in self.scripts
        )


def worst(statuses: Iterable[Status]) -> Status:
    """Give the worst; identical where there is none."""
    return max(statuses, key=lambda status: status.rank, default=Status.IDENTICAL)
