"""Plots as plain shapes: bars, lines and labels with places, for whoever draws them.

Every plot says in words what it shows; a bar's number stands next to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.report.tally import CheckCount, Tally

BarKind = Literal[
    "bar", "b-passed", "b-failed", "b-skipped",
    "d-identical", "d-bits", "d-printed", "d-beyond", "d-noisy", "d-band", "d-mark",
]  # fmt: skip

_WIDTH = 480
_COLUMNS_HEIGHT = 220
_COLUMNS_TOP = 24
_COLUMNS_BOTTOM = 190
_ROW_HEIGHT = 22
_LABEL_WIDTH = 190
_LABEL_CHARACTERS = 26
_NUMBER_WIDTH = 60
_SHOWN_CHECKS = 40
_SHOWN_OUTCOMES = 12
_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    kind: BarKind = "bar"
    note: str = ""
    """What it says when it is pointed at; printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An axis."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word or number."""

    x: float
    y: float
    text: str
    """Printable."""
    anchor: Literal["start", "middle", "end"] = "middle"
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One plot."""

    id: str
    title: str
    description: str
    """What it shows, for a reader who does not see it."""
    width: int
    height: int
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...]


def figures(tally: Tally) -> tuple[Figure, ...]:
    """Draw what people look at: scores, checks, outcomes and run times."""
    return (_scores(tally), _checks(tally), _outcomes(tally), _run_times(tally))


def _scores(tally: Tally) -> Figure:
    names = [*(f"{low}-{low + 9}" for low in range(0, 100, 10)), "100"]
    counts = [0] * len(names)
    for share in tally.shares:
        counts[int(share * 10)] += 1
    return _columns("scores", "Scores, in percent of all points", names, counts)


def _run_times(tally: Tally) -> Figure:
    names = [f"<{edge:g}" for edge in _SECONDS] + [f"≥{_SECONDS[-1]:g}"]
    counts = [0] * len(names)
    for seconds in tally.wall_s:
        counts[sum(seconds >= edge for edge in _SECONDS)] += 1
    return _columns("times", "Run times, in seconds", names, counts)


def _columns(figure_id: str, title: str, names: Sequence[str], counts: Sequence[int]) -> Figure:
    step = _WIDTH / len(names)
    scale = (_COLUMNS_BOTTOM - _COLUMNS_TOP) / max(*counts, 1)
    bars, labels = [], []
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        middle, height = round((place + 0.5) * step, 1), round(count * scale, 1)
        top = round(_COLUMNS_BOTTOM - height, 1)
        if count:
            left = round(place * step + 3, 1)
            bars.append(Bar(x=left, y=top, width=round(step - 6, 1), height=height))
            labels.append(Label(x=middle, y=top - 5, text=str(count)))
        labels.append(Label(x=middle, y=_COLUMNS_BOTTOM + 16, text=name, soft=True))
    told = [f"{name}: {count}" for name, count in zip(names, counts, strict=True) if count]
    return Figure(
        id=figure_id,
        title=title,
        description=f"Number of submissions by bin. {'; '.join(told) or 'None was run'}.",
        width=_WIDTH,
        height=_COLUMNS_HEIGHT,
        bars=tuple(bars),
        lines=(Line(x1=0, y1=_COLUMNS_BOTTOM, x2=_WIDTH, y2=_COLUMNS_BOTTOM),),
        labels=tuple(labels),
    )


def _outcomes(tally: Tally) -> Figure:
    common = tally.outcomes.most_common(_SHOWN_OUTCOMES)
    greatest = max((count for _, count in common), default=1)
    rows = [
        _row(place, name, [("bar", count / greatest)], str(count))
        for place, (name, count) in enumerate(common)
    ]
    told = "; ".join(f"{name}: {count}" for name, count in common)
    return _rows("outcomes", "Outcomes of the runs", f"Number of submissions. {told}.", rows)


def _checks(tally: Tally) -> Figure:
    counts = tally.checks(_SHOWN_CHECKS)
    rows = [
        _row(place, count.name, _parts(count), f"{_percent(count)} %")
        for place, count in enumerate(counts)
    ]
    told = "; ".join(
        f"{printable(count.name, limit=_LABEL_CHARACTERS)}: {_percent(count)} % passed, "
        f"{count.failed} failed, {count.skipped} not judged"
        for count in counts
    )
    title = "Pass rate per check (green passed, red failed, grey not judged)"
    return _rows("checks", title, f"In debug order. {told}.", rows)


def _percent(count: CheckCount) -> int:
    return math.floor(100 * count.passed / count.total)


def _parts(count: CheckCount) -> list[tuple[BarKind, float]]:
    return [
        ("b-passed", count.passed / count.total),
        ("b-failed", count.failed / count.total),
        ("b-skipped", count.skipped / count.total),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]


def _row(place: int, name: str, parts: Sequence[tuple[BarKind, float]], number: str) -> _Row:
    """Draw a bar of parts, each a share of the greatest width, between its name and its number."""
    y, room = place * _ROW_HEIGHT + 4, _WIDTH - _LABEL_WIDTH - _NUMBER_WIDTH
    bars, x = [], float(_LABEL_WIDTH)
    for kind, share in parts:
        width = round(share * room, 1)
        if width:
            bars.append(Bar(x=round(x, 1), y=y, width=width, height=_ROW_HEIGHT - 6, kind=kind))
        x += width
    shown = printable(name, limit=_LABEL_CHARACTERS)
    return _Row(
        bars=tuple(bars),
        labels=(
            Label(x=_LABEL_WIDTH - 8, y=y + 12, text=shown, anchor="end"),
            Label(x=_WIDTH, y=y + 12, text=number, anchor="end", soft=True),
        ),
    )


def _rows(figure_id: str, title: str, description: str, rows: Sequence[_Row]) -> Figure:
    height = max(1, len(rows)) * _ROW_HEIGHT + 8
    return Figure(
        id=figure_id,
        title=title,
        description=description,
        width=_WIDTH,
        height=height,
        bars=tuple(bar for row in rows for bar in row.bars),
        lines=(Line(x1=_LABEL_WIDTH, y1=0, x2=_LABEL_WIDTH, y2=height),),
        labels=tuple(label for row in rows for label in row.labels),
    )
