"""A drift in figures: every value at a glance, the worst of them, and the narrowest margins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from verifier.drift.drift import Status
from verifier.printable import printable
from verifier.report.plot import Bar, Figure, Label, Line
from verifier.trace.unrounded import rounding_margin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.drift.drift import Drift, ReadingDrift, ScriptDrift
    from verifier.report.plot import BarKind

WORST = 15
"""So many values are drawn with their tolerance; so many margins, the narrowest."""

_WIDTH = 960
_LABEL_WIDTH = 330
_MIDDLE = _LABEL_WIDTH + (_WIDTH - _LABEL_WIDTH - 20) / 2
"""Of the bands of tolerance."""
_ROW = 20
_CELL = 14
_TOP = 28
_LABEL_CHARACTERS = 48
_BAND = 3.0
"""Tolerances to each side that the axis shows; what moved further stands at its end."""
_MARGIN_DECADES = 6
_KINDS: dict[Status, BarKind] = {
    Status.IDENTICAL: "d-identical",
    Status.BITS_DIFFER: "d-bits",
    Status.PRINTED_DIFFERS: "d-printed",
    Status.BEYOND_TOLERANCE: "d-beyond",
}


def drift_figures(drifts: Sequence[Drift]) -> tuple[Figure, ...]:
    """Draw one or more drifts from the same baseline, and the margins of the last candidate."""
    return (_heat_map(drifts), _worst(drifts[-1]), _margins(drifts[-1]))


def share_of_tolerance(reading: ReadingDrift) -> float | None:
    """Give how far a value moved in print, in tolerances; None where nobody can tell."""
    if reading.status.rank < Status.PRINTED_DIFFERS.rank:
        return 0.0
    if reading.difference is None or reading.allowed is None or not reading.difference.is_finite():
        return None
    if not reading.allowed:
        return 0.0 if not reading.difference else math.inf
    return float(reading.difference / reading.allowed)


def _share_or_worst(reading: ReadingDrift) -> float:
    share = share_of_tolerance(reading)
    return math.inf if share is None else share


def _heat_map(drifts: Sequence[Drift]) -> Figure:
    """Draw a row a script and a cell a value, a block of them a candidate."""
    bars: list[Bar] = []
    labels: list[Label] = []
    left = float(_LABEL_WIDTH)
    # Not every candidate need have run every script.
    names = list(dict.fromkeys(script.name for drift in drifts for script in drift.scripts))
    tops = {name: _TOP + place * _ROW for place, name in enumerate(names)}
    for drift in drifts:
        most = max((len(script.readings) for script in drift.scripts), default=1)
        version = printable(str(drift.candidate.environment.torch))
        labels.append(Label(x=left, y=_TOP - 10, text=version, anchor="start", soft=True))
        for script in drift.scripts:
            bars += _cells(script, x=left, y=tops[script.name])
        left += (most + 1) * _CELL
    for name, top in tops.items():
        labels.append(_name(top + _CELL - 3, _short(name)))
    return Figure(
        id="heat",
        title="Every value: drift / tolerance",
        description="A row for each script, a cell for each value. Bit-exact cells are pale with a "
        "mark; the taller a cell's filling, the more of its tolerance the value moved; a full one "
        "lies beyond it.",
        width=max(_WIDTH, int(left)),
        height=_TOP + len(names) * _ROW + 8,
        bars=tuple(bars),
        labels=tuple(labels),
    )


def _cells(script: ScriptDrift, *, x: float, y: float) -> Iterator[Bar]:
    side = _CELL - 2
    if script.failure is not None:
        yield Bar(x=x, y=y, width=side, height=side, kind="d-beyond", note=_short(script.failure))
    for reading in script.readings:
        note = f"{reading.name}: {_words(reading)}"
        if not reading.moved and not reading.noisy:
            yield Bar(x=x, y=y, width=side, height=side, kind="d-identical", note=note)
            yield Bar(x=x + side / 2 - 1, y=y + side / 2 - 1, width=2, height=2, kind="d-mark")
        else:
            share = share_of_tolerance(reading)
            filled = side * min(1.0, max(0.25, 1.0 if share is None else share))
            yield Bar(x=x, y=y, width=side, height=side, kind="d-band", note=note)
            yield Bar(
                x=x, y=y + side - filled, width=side, height=filled, kind=_kind(reading), note=note
            )
        x += _CELL


def _worst(drift: Drift) -> Figure:
    """Draw the values that moved most, each within its band of tolerance."""
    moved = [
        (_share_or_worst(reading), script, reading) for script, reading in drift.moved_readings
    ]
    moved.sort(key=lambda each: (-each[0], -(each[2].ulps or 0)))
    bars: list[Bar] = []
    labels: list[Label] = []
    for place, (share, script, reading) in enumerate(moved[:WORST]):
        y = _TOP + place * (_ROW + 14)
        bars += _in_band(share, reading, y=y)
        labels.append(_name(y + 11, _short(f"{script.name}: {reading.name}")))
        labels.append(_name(y + 24, _words(reading), soft=True))
    shown = min(len(moved), WORST)
    height = _TOP + max(1, shown) * (_ROW + 14)
    if not moved:
        labels.append(_nothing("no value moved"))
    return Figure(
        id="worst",
        title=f"The {WORST} that moved most, in their tolerance",
        description="For each value the band of its tolerance around the baseline, and where the "
        f"candidate printed it; beyond {_BAND:g} tolerances at the end.",
        width=_WIDTH,
        height=height,
        bars=tuple(bars),
        lines=(Line(x1=_MIDDLE, y1=_TOP - 6, x2=_MIDDLE, y2=height - 4),) if moved else (),
        labels=tuple(labels),
    )


def _in_band(share: float, reading: ReadingDrift, *, y: float) -> Iterator[Bar]:
    unit = (_WIDTH - 20 - _MIDDLE) / _BAND
    known = math.isfinite(share)
    yield Bar(x=_MIDDLE - unit, y=y, width=2 * unit, height=_CELL, kind="d-band")
    yield Bar(
        x=_MIDDLE + min(share, _BAND) * unit - 3,
        y=y - 1,
        width=6,
        height=_CELL + 2,
        kind=_kind(reading),
        note=f"{share:.3g} of its tolerance" if known else "nobody can say how far",
    )


def _margins(drift: Drift) -> Figure:
    """Draw how many ULP the narrowest values of the lessons are from printing otherwise."""
    found = sorted(_known_margins(drift))
    width = _WIDTH - _LABEL_WIDTH - 120
    bars: list[Bar] = []
    labels: list[Label] = []
    for place, (ulps, name, text) in enumerate(found[:WORST]):
        y = _TOP + place * _ROW
        long = width * min(1.0, math.log10(1 + ulps) / _MARGIN_DECADES)
        bars.append(Bar(x=_LABEL_WIDTH, y=y, width=max(1.0, long), height=_CELL, note=_short(text)))
        labels.append(_name(y + 11, _short(name)))
        labels.append(
            Label(x=_LABEL_WIDTH + long + 6, y=y + 11, text=f"{ulps:.0f} ULP", anchor="start")
        )
    if not found:
        labels.append(_nothing("no unrounded value is known"))
    return Figure(
        id="margins",
        title="Rounding margins: how far until the printed text flips",
        description="The lessons' values that are nearest to printing otherwise, in units in the "
        "last place of the unrounded number, on a logarithmic scale.",
        width=_WIDTH,
        height=_TOP + max(1, min(len(found), WORST)) * _ROW + 8,
        bars=tuple(bars),
        labels=tuple(labels),
    )


def _known_margins(drift: Drift) -> Iterator[tuple[float, str, str]]:
    """Give each margin in ULP, with the value's name and text."""
    for script in drift.scripts:
        for reading in script.readings if script.mechanism is None else ():
            shown = reading.candidate
            if shown is None or shown.exact is None:
                continue
            margin = rounding_margin(shown.exact, shown.text)
            if margin is not None and math.isfinite(margin.ulps):
                yield margin.ulps, f"{script.name}: {reading.name}", shown.text


def _kind(reading: ReadingDrift) -> BarKind:
    return "d-noisy" if reading.noisy else _KINDS[reading.status]


def _name(y: float, text: str, *, soft: bool = False) -> Label:
    return Label(x=_LABEL_WIDTH - 8, y=y, text=text, anchor="end", soft=soft)


def _nothing(text: str) -> Label:
    return Label(x=_WIDTH / 2, y=_TOP + 10, text=text, soft=True)


def _words(reading: ReadingDrift) -> str:
    before, after = reading.baseline, reading.candidate
    texts = ["nothing" if each is None else each.text for each in (before, after)]
    if texts[0] == texts[1]:
        return _short(f"{texts[0]} in both")
    return _short(" → ".join(printable(text, limit=22) for text in texts))


def _short(text: str) -> str:
    return printable(text, limit=_LABEL_CHARACTERS)
