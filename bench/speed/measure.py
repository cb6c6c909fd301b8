"""What was measured: samples of one way to run submissions, and the row they make."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Samples:
    """What one way of running took; grows as the rounds go by."""

    jobs: int = 1
    wall_s: list[float] = field(default_factory=list)
    """Of each submission, as its client saw it."""
    elapsed_s: float = 0.0
    """Of all blocks together: less than the sum of `wall_s` where several run at once."""
    cpu_s: float | None = None
    """Of everything the submissions cost, but their client; None where it cannot be known."""
    child_cpu_s: list[float] = field(default_factory=list)
    """Of each script alone, as its runner tells."""
    client_cpu_s: float | None = None
    """Of the client that asked for the runs."""
    peak_memory_bytes: int | None = None
    """Of the container, or of the largest process."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """How often each outcome was seen."""

    def add_cpu(self, cpu_s: float | None) -> None:
        """Add what one block cost."""
        if cpu_s is not None:
            self.cpu_s = (self.cpu_s or 0.0) + cpu_s

    def add_client_cpu(self, cpu_s: float) -> None:
        """Add what asking for one block cost."""
        self.client_cpu_s = (self.client_cpu_s or 0.0) + cpu_s

    def note_memory(self, peak_bytes: int | None) -> None:
        """Keep the largest."""
        if peak_bytes is not None:
            self.peak_memory_bytes = max(self.peak_memory_bytes or 0, peak_bytes)

    def note_outcome(self, outcome: str) -> None:
        """Count one."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @property
    def median_s(self) -> float:
        """Of the wall time of one submission."""
        return statistics.median(self.wall_s)

    @property
    def per_second(self) -> float:
        """Submissions a second, all blocks together."""
        return len(self.wall_s) / self.elapsed_s

    @property
    def cpu_ms(self) -> float | None:
        """CPU milliseconds of one submission, on average."""
        return None if self.cpu_s is None else self.cpu_s / len(self.wall_s) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way of running submissions, in figures per submission."""

    title: str
    submissions: int
    jobs: int
    per_second: float
    wall_ms_p50: float | None
    """None where only all of them together were timed."""
    wall_ms_p95: float | None
    cpu_ms: float | None
    """Of all that it costs in the container, or of the process and what it started."""
    child_cpu_ms: float | None
    """Of the script alone; the median."""
    client_cpu_ms: float | None
    peak_memory_mb: float | None
    outcomes: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Write it as ``schemas/bench.schema.json`` asks, to four digits."""
        return {key: _rounded(value) for key, value in asdict(self).items()}


def row_of(samples: Samples, *, title: str) -> Row:
    """Sum samples up."""
    count = len(samples.wall_s)
    client = samples.client_cpu_s
    peak = samples.peak_memory_bytes
    return Row(
        title=title,
        submissions=count,
        jobs=samples.jobs,
        per_second=samples.per_second,
        wall_ms_p50=samples.median_s * 1000,
        wall_ms_p95=percentile(samples.wall_s, 95) * 1000,
        cpu_ms=samples.cpu_ms,
        child_cpu_ms=(
            statistics.median(samples.child_cpu_s) * 1000 if samples.child_cpu_s else None
        ),
        client_cpu_ms=None if client is None else client / count * 1000,
        peak_memory_mb=None if peak is None else peak / 1e6,
        outcomes=dict(sorted(samples.outcomes.items())),
    )


def percentile(values: list[float], percent: float) -> float:
    """Interpolate between the two nearest ranks; of one value, that value."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value
