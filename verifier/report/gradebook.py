"""The gradebook: a CSV line for each submission, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from verifier.report.tally import Entry

COLUMNS = (
    "path", "sha256", "verdict", "score", "max_score", "start_here", "first_failed_check",
    "message", "outcome", "wall_s", "cpu_s",
)  # fmt: skip

_FORMULA = re.compile(r"""[\s'"`]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]""")
"""What makes a spreadsheet calculate, in the full-width forms too, after spaces and quotes."""

_LONGEST_CELL = 4000


def gradebook(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Write the heading, then one line for each entry, as UTF-8."""
    yield _line(COLUMNS)
    for entry in entries:
        yield _line(
            (
                entry.path, entry.sha256, entry.verdict, entry.score, entry.max_score,
                entry.start_here, entry.check, entry.message, entry.outcome, entry.wall_s,
                entry.cpu_s,
            )
        )  # fmt: skip


def _line(values: Iterable[str | float | None]) -> bytes:
    text = io.StringIO()
    # Every cell in quotes: where a spreadsheet separates by ";", one in a cell begins no new cell.
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([_cell(value) for value in values])
    return text.getvalue().encode("utf-8")


def _cell(value: str | float | None) -> str | float:
    if isinstance(value, str):
        return inert(value)
    return "" if value is None else value


def inert(text: str) -> str:
    """Make a cell that no spreadsheet takes for a formula, nor a terminal for a command.

    A ``'`` is put before a text whose first character, after spaces and quotes, begins a
    formula; what cannot be seen stands as an escape.
    """
    shown = printable(text, limit=_LONGEST_CELL)
    return f"'{shown}" if _FORMULA.match(text) or _FORMULA.match(shown) else shown
