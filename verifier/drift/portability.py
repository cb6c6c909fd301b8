"""Portability of printed numbers: the decimals with which every machine prints the same.

Pure. Judged by what one torch computes under several settings of the CPU: no setting is wrong, so
a digit that differs among them is none that a page should show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from verifier.output.value import EXACT, numbers_in, printed_decimals, value_of
from verifier.printable import counted
from verifier.trace.ulp import FLOAT32, FLOAT64, spacing, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from verifier.drift.observation import Observation, Shown
    from verifier.lab.spec import Exercise, Lab
    from verifier.trace.ulp import Width

CPU_SETTINGS: tuple[Mapping[str, str], ...] = (
    {},
    {"ATEN_CPU_CAPABILITY": "default"},
    {"ATEN_CPU_CAPABILITY": "avx2"},
    {"OMP_NUM_THREADS": "2"},
    {"MKL_CBWR": "COMPATIBLE"},
    {"ONEDNN_MAX_CPU_ISA": "SSE41"},
)
"""What a reader's machine may do otherwise, on x86-64: vectors, threads, two libraries' kernels."""

TIE_ULPS = 4.0
"""A value nearer than this to where its printed text flips sits on a tie: any change of kernel
flips it."""


_ANY = 10**6
"""More decimals than anybody prints."""
_GREATEST_FLOAT32 = 3e38


@dataclass(frozen=True, slots=True, kw_only=True)
class Portable:
    """What can be said of one printed value."""

    name: str
    texts: tuple[str, ...]
    """What was printed, each text once, that of the first setting first."""
    decimals: int
    """Most that it is printed with, or that it was rounded to."""
    safe_decimals: int | None
    """Most, up to those, with which every setting prints the same, off any tie; None for none."""
    reasons: tuple[str, ...]
    """Why fewer are safe than are printed; empty where all are."""

    @property
    def safe(self) -> bool:
        """Whether it may stay as it is."""
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptPortability:
    """One script's values."""

    lab: str
    exercise: str
    is_canary: bool
    values: tuple[Portable, ...]
    failures: tuple[str, ...]
    """Settings under which it did not run to its end."""

    @property
    def name(self) -> str:
        """As ``forward-backward/baseline``."""
        return self.lab if self.is_canary else f"{self.lab}/{self.exercise}"

    @property
    def safe(self) -> bool:
        """Whether it runs under every setting, and every value may stay as it is."""
        return not self.failures and all(value.safe for value in self.values)


def profile(
    observations: Sequence[Observation], *, labs: Mapping[str, Lab]
) -> tuple[ScriptPortability, ...]:
    """Judge every value of every script.

    Args:
        observations: Of one torch, the usual setting first, each with the same scripts.
        labs: By their ids.
    """
    return tuple(
        _script(
            labs[first.lab],
            labs[first.lab].exercise(first.exercise),
            {
                each.name: [run.shown for run in each.scripts[place].runs if run.is_whole]
                for each in observations
            },
        )
        for place, first in enumerate(observations[0].scripts)
    )


def _script(
    lab: Lab, exercise: Exercise, runs: Mapping[str, Sequence[Mapping[str, Shown]]]
) -> ScriptPortability:
    good = [each for each in runs.values() if each]
    return ScriptPortability(
        lab=lab.id,
        exercise=exercise.id,
        is_canary=lab.canary is not None,
        values=tuple(
            portable(
                field.name,
                [[run.get(field.name) for run in each] for each in good],
                decimals=field.decimals,
            )
            for field in (exercise.fields if good else ())
        ),
        failures=tuple(name for name, each in runs.items() if not each),
    )


def portable(name: str, runs: Sequence[Sequence[Shown | None]], *, decimals: int) -> Portable:
    """Judge one value by all that was printed for it.

    Args:
        name: The field's.
        runs: For each setting, what its runs printed.
        decimals: Those that the lab prints; ``round`` leaves zeros out.
    """
    shown = [each for setting in runs for each in setting if each is not None]
    printed = [tuple(numbers_in(value_of(each.text))) for each in shown]
    finite = [number for numbers in printed for number in numbers if number.is_finite()]
    decimals = max([decimals, *map(printed_decimals, finite)])
    reasons = _differences(runs)
    columns: list[list[_Number]] = []
    if any(printed):
        found = _columns(shown, printed)
        columns = found or []
        reasons += _limits(columns, decimals) if found else ["its lists have different lengths"]
        if not reasons and any(_on_tie(column, decimals) for column in columns):
            reasons.append(f"it lies within {TIE_ULPS:g} ULP of where its text flips")
    safe_decimals = decimals if not reasons else None
    if reasons and len(shown) == sum(map(len, runs)):
        safe_decimals = _safe_decimals(columns, decimals)
    return Portable(
        name=name,
        texts=tuple(dict.fromkeys(each.text for each in shown)),
        decimals=decimals,
        safe_decimals=safe_decimals,
        reasons=tuple(reasons),
    )


def _differences(runs: Sequence[Sequence[Shown | None]]) -> list[str]:
    """Say in which ways the texts are not one and the same."""
    settings = [{None if each is None else each.text for each in setting} for setting in runs]
    texts = set().union(*settings)
    found = []
    if None in texts:
        found.append("it is not printed under every setting")
    if any(len(setting - {None}) > 1 for setting in settings):
        found.append("it differs from run to run under one setting")
    elif len(texts - {None}) > 1:
        found.append(f"it prints {len(texts - {None})} texts under different settings")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """One element under one setting."""

    value: Decimal
    """Unrounded where that is known, else as printed."""
    width: Width
    """What it was computed in."""
    step: float
    """The distance to the next number of that width; 0 where it was not rounded."""


def _columns(
    shown: Sequence[Shown], printed: Sequence[Sequence[Decimal]]
) -> list[list[_Number]] | None:
    """Give each element's values under all settings; None where not all have the same."""
    rows = [
        list(map(_as_printed, numbers))
        if each.exact is None or len(each.exact) != len(numbers)
        else list(map(_as_computed, each.exact))
        for each, numbers in zip(shown, printed, strict=True)
    ]
    if any(len(row) != len(rows[0]) for row in rows):
        return None
    return [list(column) for column in zip(*rows, strict=True)]


def _as_computed(value: float) -> _Number:
    step = spacing(value) if value and math.isfinite(value) else 0.0
    return _Number(value=Decimal(value), width=width_of(value), step=step)


def _as_printed(number: Decimal) -> _Number:
    """Take a number of which only the text is known for a float32, but a whole one for a count."""
    if not number or not printed_decimals(number):
        return _Number(value=number, width=FLOAT32, step=0.0)
    near = float(number)
    width = FLOAT32 if abs(near) < _GREATEST_FLOAT32 else FLOAT64
    return _Number(value=number, width=width, step=spacing(near, width=width))


def _limits(columns: Sequence[Sequence[_Number]], decimals: int) -> list[str]:
    """Say where more digits are printed than there are."""
    worst = min(
        (number for column in columns for number in column if number.step),
        key=lambda number: _carried([number]),
        default=None,
    )
    carried = decimals if worst is None else _carried([worst])
    if worst is None or carried >= decimals:
        return []
    width = "float32" if worst.width == FLOAT32 else "float64"
    if carried < 0:
        return [f"{width} does not carry its last digits"]
    return [f"{width} carries {carried} of its {counted(decimals, 'decimal')}"]


def _safe_decimals(columns: Sequence[Sequence[_Number]], decimals: int) -> int | None:
    """Give the most decimals with which every column is one text, off any tie."""
    return next(
        (
            each
            for each in range(decimals, -1, -1)
            if columns
            and all(each <= _carried(column) and _agree(column, each) for column in columns)
        ),
        None,
    )


def _carried(column: Iterable[_Number]) -> int:
    """Decimals whose unit is no smaller than the spacing of the floats there."""
    widest = max((Decimal(number.step) for number in column), default=Decimal(0))
    return _ANY if not widest else -widest.adjusted() - (widest.scaleb(-widest.adjusted()) > 1)


def _agree(column: Sequence[_Number], decimals: int) -> bool:
    texts = {_rounded(number.value, decimals) for number in column}
    return len(texts) == 1 and not _on_tie(column, decimals)


def _on_tie(column: Iterable[_Number], decimals: int) -> bool:
    return any(_ulps_to_flip(number, decimals) < TIE_ULPS for number in column)


def _ulps_to_flip(number: _Number, decimals: int) -> float:
    if not number.step:
        return math.inf
    half = Decimal(5).scaleb(-decimals - 1)
    rounded = Decimal(_rounded(number.value, decimals))
    away = half - abs(EXACT.subtract(number.value, rounded))
    return float(away) / number.step


def _rounded(value: Decimal, decimals: int) -> str:
    if not value.is_finite():
        return str(value)
    unit = Decimal(1).scaleb(-decimals)
    return format(value.quantize(unit, ROUND_HALF_EVEN, EXACT), "f")
