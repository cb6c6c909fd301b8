"""ULP: how far two floats are apart, in steps from one float to the next. Pure.

A value that survives the way through 32 bits and back is taken for a float32, as torch computes by
default; the narrower types survive it too, and are counted in steps of float32. Any other value is
a float64.
"""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import NamedTuple


class Width(NamedTuple):
    """One of the two kinds of float."""

    number: str
    """Format of `struct` for the float."""
    whole: str
    """Format of `struct` for a signed whole number of the same size."""
    sign: int
    """Its sign bit."""


FLOAT32 = Width(number="<f", whole="<i", sign=1 << 31)
FLOAT64 = Width(number="<d", whole="<q", sign=1 << 63)


def width_of(*values: float) -> Width:
    """Give the narrowest width that holds all of them."""
    return FLOAT32 if all(map(_is_float32, values)) else FLOAT64


def _is_float32(value: float) -> bool:
    try:
        (kept,) = struct.unpack("<f", struct.pack("<f", value))
    except OverflowError:
        return False
    return bool(kept == value) or math.isnan(value)


def ulps_between(first: float, other: float) -> int | None:
    """Count the steps from one float to another, in the narrowest width that holds both.

    Returns:
        0 for equal ones, both zeros and two NaNs included; an infinity is one step beyond the
        greatest finite number. None where one of them alone is NaN.
    """
    if math.isnan(first) or math.isnan(other):
        return 0 if math.isnan(first) and math.isnan(other) else None
    width = width_of(first, other)
    return abs(_place(first, width) - _place(other, width))


def steps_up_to(value: float, bound: Decimal) -> int:
    """Count the steps from a float up to the first that is at or above a bound; 0 where it is.

    Args:
        value: Finite; its own width is what is counted in.
        bound: Finite, of any number of digits.
    """
    width = width_of(value)
    near = _nearest(bound, width)
    place = _place(near, width) + (Decimal(near) < bound)
    return max(0, place - _place(value, width))


def _nearest(number: Decimal, width: Width) -> float:
    """Give one of the two floats of a width around a number; it is rounded twice."""
    near = float(number)
    try:
        (kept,) = struct.unpack(width.number, struct.pack(width.number, near))
    except OverflowError:
        return math.copysign(math.inf, near)
    return float(kept)


def _place(value: float, width: Width) -> int:
    (bits,) = struct.unpack(width.whole, struct.pack(width.number, value))
    return int(bits) if bits >= 0 else -(int(bits) + width.sign)


def spacing(value: float, *, width: Width | None = None) -> float:
    """Give the distance from a finite float to the next one away from zero.

    Args:
        value: The float; in a narrower width, the one nearest to it.
        width: None for its own.
    Raises:
        OverflowError: It is beyond the greatest number of that width.
    """
    width = width or width_of(value)
    place = _place(abs(value), width)
    near, following = (
        struct.unpack(width.number, struct.pack(width.whole, each))[0]
        for each in (place, place + 1)
    )
    return float(following) - float(near)
