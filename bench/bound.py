"""What a figure is held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a figure is held to."""

    name: str
    least: float | None = None
    most: float | None = None

    def holds(self, measured: float | None) -> bool:
        """Whether it does; what was not measured does not."""
        if measured is None:
            return False
        return (self.least is None or measured >= self.least) and (
            self.most is None or measured <= self.most
        )

    def to_json(self, measured: float | None) -> dict[str, Any]:
        """Write it with its figure, as the schemas of the benchmarks ask."""
        return {
            "name": self.name,
            "least": self.least,
            "most": self.most,
            "measured": measured,
            "holds": self.holds(measured),
        }

    def __str__(self) -> str:
        return f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
