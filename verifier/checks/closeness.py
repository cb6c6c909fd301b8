"""The comparison of printed numbers with golden ones, within a bound, in exact decimals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from verifier.output.value import EXACT, printed_decimals
from verifier.printable import printable

if TYPE_CHECKING:
    from verifier.output.value import Value

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Every element lies within its bound."""

    worst: Distance | None
    """The element furthest from its golden value; None where the values hold no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """At least one element lies outside."""

    worst: Distance
    mismatched: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """The two cannot be compared element by element: other kind, or other shape."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far one element is from its golden value."""

    index: tuple[int, ...]
    expected: Decimal
    observed: Decimal
    difference: Decimal
    """NaN where the observed number is not finite."""
    allowed: Decimal

    @property
    def within(self) -> bool:
        """Whether it passes; a NaN difference does not."""
        return self.difference.is_finite() and self.difference <= self.allowed


class Bound(Protocol):
    """What says how close is close: a field of the lab, or a relation."""

    @property
    def atol(self) -> Decimal:
        """Allowed whatever the size."""

    @property
    def rtol(self) -> Decimal:
        """Allowed for each unit of size."""


def compare(*, observed: Value, golden: Value, bound: Bound) -> Close | Apart | Unlike:
    """Compare a value with its golden one, element by element.

    Args:
        observed: As printed; any shape. A nest with one number counts as that number
            where the golden value is a number.
        golden: As the reference printed it.
        bound: Gives ``atol`` and ``rtol``; a relation has them too.
    Returns:
        `Close` if every element satisfies ``|observed - golden| <= atol + rtol * |golden|``,
        inclusive; else `Apart` with the worst element. NaN never passes, an infinity inside a list
        for the same one alone.
    Source:
        Bound of ``numpy.isclose``: the golden value, not the larger one, scales ``rtol``.
    """
    if isinstance(golden, Decimal):
        observed = only_element(observed)
    pairs = _pairs(observed, golden, ())
    if isinstance(pairs, Unlike):
        return pairs
    distances = [_distance(index, seen, wanted, bound) for index, seen, wanted in pairs]
    outside = [distance for distance in distances if not distance.within]
    if outside:
        worst = max(outside, key=_size)
        return Apart(worst=worst, mismatched=len(outside), total=len(distances))
    return Close(worst=max(distances, key=_size, default=None))


def only_element(value: Value) -> Value:
    """Give the one element of a nest that holds one; anything else as it is."""
    while isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return value


def _size(distance: Distance) -> Decimal:
    return distance.difference if distance.difference.is_finite() else Decimal("Infinity")


_Pairs = list[tuple[tuple[int, ...], Decimal, Decimal]]


def _pairs(observed: Value, golden: Value, index: tuple[int, ...]) -> _Pairs | Unlike:
    """Line up the numbers of two values; recursion is bounded by the golden value's depth."""
    if isinstance(golden, Decimal):
        return (
            [(index, observed, golden)]
            if isinstance(observed, Decimal)
            else _other_kind(observed, golden)
        )
    if not isinstance(golden, tuple):
        is_same = type(observed) is type(golden) and observed == golden  # 1 is not True
        return [] if is_same else _other_word(observed, golden, index)
    if not isinstance(observed, tuple):
        return _other_kind(observed, golden)
    if len(observed) != len(golden):
        return Unlike(reason=f"its shape is {shape(observed)}, not {shape(golden)}")
    pairs: _Pairs = []
    for place, (seen, wanted) in enumerate(zip(observed, golden, strict=True)):
        inner = _pairs(seen, wanted, (*index, place))
        if isinstance(inner, Unlike):
            return inner
        pairs += inner
    return pairs


def _other_kind(observed: Value, golden: Value) -> Unlike:
    return Unlike(reason=f"it is {_kind(observed)}, not {_kind(golden)}")


def _other_word(observed: Value, golden: Value, index: tuple[int, ...]) -> Unlike:
    place = "".join(f"[{each}]" for each in index)
    where = f" at {place}" if place else ""
    return Unlike(reason=f"it is {_kind(observed)}{where}, not {_kind(golden)}")


def _kind(value: Value) -> str:
    match value:
        case bool():
            return str(value)
        case Decimal():
            return "a number"
        case tuple():
            return f"a list of shape {shape(value)}"
        case None:
            return "None"
        case _:
            return f"the word {printable(str(value), limit=_SHOWN_CHARACTERS)!r}"


def shape(value: Value) -> str:
    """Give the shape by first elements, as ``[1, 2]``; a number has shape ``[]``."""
    lengths: list[str] = []
    while isinstance(value, tuple):
        lengths.append(str(len(value)))
        value = value[0] if value else None
    return "[" + ", ".join(lengths) + "]"


def _distance(index: tuple[int, ...], observed: Decimal, golden: Decimal, bound: Bound) -> Distance:
    if index and golden.is_infinite() and observed == golden:  # of a mask, say
        zero = Decimal(0)
        return Distance(
            index=index, expected=golden, observed=observed, difference=zero, allowed=zero
        )
    finite = observed.is_finite() and golden.is_finite()
    return Distance(
        index=index,
        expected=golden,
        observed=observed,
        difference=EXACT.abs(EXACT.subtract(observed, golden)) if finite else Decimal("NaN"),
        allowed=EXACT.add(bound.atol, EXACT.multiply(bound.rtol, abs(golden)))
        if finite
        else bound.atol,
    )


def fewest_decimals_rounded(*, observed: Value, golden: Value) -> int | None:
    """Tell whether a value is the golden one, only printed with fewer digits.

    Returns:
        The fewest decimals among its numbers, when every number is its golden number rounded
        to the decimals it was printed with (at least one); else None. None as well for 1.0 and
        0.0 alone: `round` drops zeros, so that they may be any number near them.
    """
    if isinstance(golden, Decimal):
        observed = only_element(observed)
    pairs = _pairs(observed, golden, ())
    if isinstance(pairs, Unlike) or all(_may_be_dropped_zeros(seen) for _, seen, _ in pairs):
        return None
    counts = [_decimals_if_rounded(seen, wanted) for _, seen, wanted in pairs]
    known = [count for count in counts if count is not None]
    return min(known) if len(known) == len(counts) else None


def _may_be_dropped_zeros(observed: Decimal) -> bool:
    is_whole = observed.is_finite() and observed == observed.to_integral_value()
    return is_whole and printed_decimals(observed) <= 1


def _decimals_if_rounded(observed: Decimal, golden: Decimal) -> int | None:
    if not (observed.is_finite() and golden.is_finite()):
        return None
    decimals = printed_decimals(observed)
    half_unit = Decimal(5).scaleb(-decimals - 1)
    rounded = EXACT.abs(EXACT.subtract(observed, golden)) <= half_unit
    return decimals if decimals >= 1 and rounded else None
