"""What a canary lab is for: the one thing in torch whose change its numbers show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CanaryCause(StrEnum):
    """What kind of thing changed where a canary's numbers do."""

    SAMPLER = "sampler"
    """What is drawn for a seed, or in which order."""
    KERNEL = "kernel"
    """How an operator computes: the order of its sums, its approximations."""
    OPTIMIZER = "optimizer"
    """How an optimizer's rule is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySpec:
    """The table ``[canary]`` of a ``lab.toml``."""

    mechanism: str
    """The one thing that it shows, as ``dropout``."""
    cause: CanaryCause
    says: str
    """What a report says if its numbers change, as ``dropout draws different masks …``."""


def read_canary(table: dict[str, Any]) -> CanarySpec:
    """Read the table, which satisfies its schema."""
    return CanarySpec(
        mechanism=table["mechanism"], cause=CanaryCause(table["cause"]), says=table["says"]
    )
