"""Standard output → readings: one grammar for everything a lab prints.

Pure: bytes in, values out. Linear in its input, and it never raises on any bytes;
what cannot be read as a value becomes a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from verifier.finding import Finding

Value = Decimal | bool | str | None | tuple["Value", ...]
"""What was printed: a number (its printed digits kept), a truth, a word, None, or a nested list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One printed value with where it stood."""

    section: str | None
    """The section word above it; None before the first."""
    row: str | None
    """The row label in front of its pairs, as in ``sgd  step=1 w=4.400``; None where there is none."""
    key: str | None
    """Its key; None for a bare array under a section."""
    occurrence: int
    """1 for the first reading of this section, row and key, 2 for the next …"""
    line: int
    """1-based line of stdout on which the value starts."""
    decimals: int | None
    """Most digits behind a decimal point in any of its numbers; None where it holds no number."""
    text: str
    """The value as printed, bounded in length."""
    value: Value
    """The value as understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section word, and where it stood."""

    name: str
    line: int
    """1-based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Everything read from one run's stdout, in printed order."""

    sections: tuple[Section, ...]
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...]


def read_stdout(raw: bytes) -> Transcript:
    """Read what a script printed."""
    raise NotImplementedError
