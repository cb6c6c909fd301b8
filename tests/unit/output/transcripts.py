"""What tests of the stdout grammar share: reading text, and what they expect of it."""

from __future__ import annotations

from decimal import Decimal

from verifier.output.transcript import Reading, Transcript, read_stdout
from verifier.output.value import Value

D = Decimal
Expected = tuple[str | None, str | None, str, Value]
"""Row, key, text and value of a reading."""


def read(text: str) -> Transcript:
    """Read text as a script's output."""
    return read_stdout(text.encode())


def pairs(text: str) -> list[Expected]:
    """Reduce the readings to what a line alone decides."""
    return [(r.row, r.key, r.text, r.value) for r in read(text).readings]


def kinds(text: str) -> list[str]:
    """Name the kinds of the findings."""
    return [finding.kind for finding in read(text).findings]


def reading(
    key: str | None,
    text: str,
    value: Value,
    *,
    line: int,
    decimals: int | None,
    section: str | None = None,
    row: str | None = None,
    occurrence: int = 1,
) -> Reading:
    """Build a reading; by default the first of its address, outside sections and rows."""
    return Reading(
        section=section,
        row=row,
        key=key,
        occurrence=occurrence,
        line=line,
        decimals=decimals,
        text=text,
        value=value,
    )
