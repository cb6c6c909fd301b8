"""A drift as one web page: self-contained, without a script, nothing loaded from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.drift.plot import drift_figures
from verifier.drift.text import headline, remarks
from verifier.printable import printable
from verifier.report.html import Lines, page_template, style_and_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.drift.drift import Drift, ReadingDrift, ScriptDrift
    from verifier.drift.observation import Shown

_MAX_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    script: str
    name: str
    status: str
    before: str
    after: str
    moved: str
    allowed: str
    ulps: str


def drift_page(drifts: Sequence[Drift]) -> str:
    """Write the page.

    Args:
        drifts: One or more, from the same baseline; words and lists are the last one's.
    """
    drift = drifts[-1]
    style, policy = style_and_policy()
    rows = list(_rows(drift))
    return page_template("drift.html").render(
        policy=policy,
        style=style,
        title=headline(drift),
        notes=[
            printable(f"baseline: {drift.baseline.name}"),
            printable(f"candidate: {drift.candidate.name}"),
            *(printable(f"differs: {change}") for change in drift.changes),
        ],
        blocks=[
            Lines(title=title, lines=tuple(printable(line, limit=600) for line in lines))
            for title, lines in (("Do not run to their end", _failures(drift)), *remarks(drift))
            if lines
        ],
        figures=drift_figures(drifts),
        caption=_caption(len(rows)),
        rows=rows[:_MAX_ROWS],
    )


def _caption(rows: int) -> str:
    match rows:
        case 0:
            return "no value moved"
        case 1:
            return "1 value moved"
    shown = f"; {_MAX_ROWS} of them are shown" if rows > _MAX_ROWS else ""
    return f"{rows} values moved, the worst first{shown}"


def _failures(drift: Drift) -> list[str]:
    return [
        f"{script.name}: {script.failure}" for script in drift.scripts if script.failure is not None
    ]


def _rows(drift: Drift) -> Iterator[_Row]:
    for script, reading in sorted(drift.moved_readings, key=lambda each: -each[1].status.rank):
        yield _row(script, reading)


def _row(script: ScriptDrift, reading: ReadingDrift) -> _Row:
    return _Row(
        script=script.name,
        name=reading.name,
        status=reading.status.value.replace("_", " ") + (" (noise)" if reading.noisy else ""),
        before=_text(reading.baseline),
        after=_text(reading.candidate),
        moved="" if reading.difference is None else str(reading.difference),
        allowed="" if reading.allowed is None else str(reading.allowed),
        ulps="" if reading.ulps is None else str(reading.ulps),
    )


def _text(shown: Shown | None) -> str:
    return "(not printed)" if shown is None else printable(shown.text, limit=120)
