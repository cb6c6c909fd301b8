"""With how many decimals a number can be published so that every machine prints the same.

Pure. Judged by what one torch computes under several settings of the CPU: no setting is wrong, so
a digit that differs among them is none that a page should show.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from verifier.checks.closeness import EXACT, printed_decimals
from verifier.drift.numbers import numbers_of
from verifier.ulp import spacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from verifier.drift.observation import Observation, Shown
    from verifier.lab_spec import Exercise, Lab

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Portable:
    """What can be said of one printed value."""

    name: str
    texts: tuple[str, ...]
    """What was printed, each text once, that of the first setting first."""
    decimals: int
    """Most that it is printed with."""
    safe_decimals: int | None
    """Most, up to those, with which every setting prints the same, off any tie; None for none."""
    reasons: tuple[str, ...]
    """Why fewer are safe than are printed; empty where all are."""

    @property
    def safe(self) -> bool:
        """Whether it may stay as it is."""
        return self.safe_decimals == self.decimals


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
                each.name: [run.shown for run in each.scripts[place].runs if run.ended == _GOOD]
                for each in observations
            },
        )
        for place, first in enumerate(observations[0].scripts)
    )


_GOOD = "exited 0"
_ANY = 10**6
"""More decimals than anybody prints."""


def _script(
    lab: Lab, exercise: Exercise, runs: Mapping[str, Sequence[Mapping[str, Shown]]]
) -> ScriptPortability:
    values = []
    for field in exercise.fields:
        shown = [run[field.name] for each in runs.values() for run in each if field.name in run]
        if shown:
            values.append(portable(field.name, shown))
    return ScriptPortability(
        lab=lab.id,
        exercise=exercise.id,
        is_canary=lab.canary is not None,
        values=tuple(values),
        failures=tuple(name for name, each in runs.items() if not each),
    )


def portable(name: str, shown: Sequence[Shown]) -> Portable:
    """Judge one value by all that was printed for it."""
    texts = tuple(dict.fromkeys(each.text for each in shown))
    printed = [numbers_of(each.text) for each in shown]
    decimals = max((printed_decimals(each) for each in printed[0] if each.is_finite()), default=0)
    reasons = []
    if len(texts) > 1:
        reasons.append(f"it prints {len(texts)} texts under different settings")
    columns = _columns(shown, printed)
    if columns is None:
        reasons.append("it prints lists of different lengths, or no numbers")
        return Portable(
            name=name, texts=texts, decimals=decimals, safe_decimals=None, reasons=tuple(reasons)
        )
    carried = min((_carried(column) for column in columns), default=decimals)
    if carried < decimals:
        reasons.append(f"float32 carries {max(0, carried)} of its {decimals} decimals")
    if not reasons and any(_on_tie(column, decimals) for column in columns):
        reasons.append(f"it lies within {TIE_ULPS:g} ULP of where its text flips")
    fitting = (
        each
        for each in range(decimals, -1, -1)
        if each <= carried and all(_agree(column, each) for column in columns)
    )
    safe = next(fitting, None)
    return Portable(
        name=name, texts=texts, decimals=decimals, safe_decimals=safe, reasons=tuple(reasons)
    )


def _columns(
    shown: Sequence[Shown], printed: Sequence[Sequence[Decimal]]
) -> list[list[Decimal]] | None:
    """Give each element's values under all settings: unrounded where known, else as printed."""
    rows = [
        [Decimal(value) for value in each.exact] if each.exact is not None else list(numbers)
        for each, numbers in zip(shown, printed, strict=True)
    ]
    if not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        return None
    return [list(column) for column in zip(*rows, strict=True)]


def _carried(column: Iterable[Decimal]) -> int:
    """Decimals whose unit is no smaller than the spacing of float32 there."""
    widest = max((Decimal(spacing(float(value))) for value in column if value), default=Decimal(0))
    return _ANY if not widest else -widest.adjusted() - (widest.scaleb(-widest.adjusted()) > 1)


def _agree(column: Sequence[Decimal], decimals: int) -> bool:
    texts = {_rounded(value, decimals) for value in column}
    return len(texts) == 1 and not _on_tie(column, decimals)


def _on_tie(column: Iterable[Decimal], decimals: int) -> bool:
    return any(_ulps_to_flip(value, decimals) < TIE_ULPS for value in column)


def _ulps_to_flip(value: Decimal, decimals: int) -> float:
    if not value.is_finite() or not value:
        return float("inf")
    half = Decimal(5).scaleb(-decimals - 1)
    away = half - abs(EXACT.subtract(value, Decimal(_rounded(value, decimals))))
    return float(away) / spacing(float(value))


def _rounded(value: Decimal, decimals: int) -> str:
    if not value.is_finite():
        return str(value)
    unit = Decimal(1).scaleb(-decimals)
    return format(value.quantize(unit, ROUND_HALF_EVEN, EXACT), "f")
