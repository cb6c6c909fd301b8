"""A tier: which of all walls stand around a run, by the names that both ends of the wire use.

>>> tier = tier_of({"uid", "container"})
>>> tier.walls
('container', 'uid')
>>> tier.missing[:3]
('landlock', 'seccomp', 'rlimits')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

WALLS = (
    "container", "uid", "landlock", "seccomp", "rlimits", "disk", "wall_time", "output_caps",
    "no_network",
)  # fmt: skip
"""Every wall this version knows, outermost first. Whether there is a container only the client
knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Which walls stood around the run, and which could not be had."""

    walls: tuple[str, ...]
    """Subset of `WALLS`, in its order."""
    missing: tuple[str, ...]
    """The rest of `WALLS`, in its order."""


def tier_of(walls: Collection[str]) -> Tier:
    """Sort walls into those that stand and those that do not, in the order of `WALLS`."""
    return Tier(
        walls=tuple(name for name in WALLS if name in walls),
        missing=tuple(name for name in WALLS if name not in walls),
    )
