"""Steps between floats are counted in the width that torch computed in."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.trace.ulp import FLOAT32, FLOAT64, spacing, steps_up_to, ulps_between, width_of

FLOATS = st.floats(allow_nan=False, width=64)
FLOATS32 = st.floats(allow_nan=False, width=32)
GREATEST = struct.unpack("<f", bytes.fromhex("ffff7f7f"))[0]


def after32(value: float, steps: int) -> float:
    """Give the float32 so many steps above one that is above zero."""
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    (found,) = struct.unpack("<f", struct.pack("<i", bits + steps))
    return float(found)


def test_a_float32_is_told_by_its_bits() -> None:
    """What torch computes by default survives the way through 32 bits; 0.1 does not."""
    assert width_of(0.5, -0.0, math.inf, math.nan, GREATEST) == FLOAT32
    assert width_of(0.1) == FLOAT64
    assert width_of(1e300) == FLOAT64
    assert width_of(0.5, 0.1) == FLOAT64


@pytest.mark.parametrize(
    ("first", "other", "steps"),
    [
        (1.0, after32(1.0, 1), 1),
        (1.0, math.nextafter(1.0, 2.0), 1),
        (after32(1.0, 1), math.nextafter(1.0, 2.0), 2**29 - 1),
        (0.0, -0.0, 0),
        (-(2.0**-149), 2.0**-149, 2),
        (-5e-324, 5e-324, 2),
        (GREATEST, math.inf, 1),
        (-math.inf, math.inf, 2 * 0x7F800000),
        (math.inf, math.inf, 0),
        (math.nan, math.nan, 0),
    ],
)
def test_steps_between_two_floats(first: float, other: float, steps: int) -> None:
    """Over zero, over the end of the numbers, and from one width to the other."""
    assert ulps_between(first, other) == steps
    assert ulps_between(other, first) == steps


@pytest.mark.parametrize("number", [0.0, 1.5, math.inf])
def test_nan_is_no_number_of_steps_away_from_a_number(number: float) -> None:
    """A run that diverged has not moved a little."""
    assert ulps_between(number, math.nan) is None
    assert ulps_between(math.nan, number) is None


@given(FLOATS, FLOATS, FLOATS)
def test_steps_add_up_along_the_line(low: float, middle: float, high: float) -> None:
    """As long as one width holds them all."""
    low, middle, high = sorted((low, middle, high))
    widths = {width_of(low, middle), width_of(middle, high), width_of(low, high)}
    ways = (ulps_between(low, middle), ulps_between(middle, high), ulps_between(low, high))

    assert None not in ways
    if len(widths) == 1:
        assert (ways[0] or 0) + (ways[1] or 0) == ways[2]


@given(FLOATS.filter(math.isfinite))
def test_the_next_float64_is_one_step_away(value: float) -> None:
    """Where it is no float32 as well."""
    following = math.nextafter(value, math.inf)

    if width_of(value, following) == FLOAT64:
        assert ulps_between(value, following) == 1


@given(FLOATS32.filter(math.isfinite), st.integers(-3, 3), st.integers(-(10**12), 10**12))
def test_steps_up_to_a_bound_reach_the_first_float_not_below_it(
    value: float, steps: int, offset: int
) -> None:
    """Any bound, on a float, beside one, or between two; 0 where it is not above."""
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    near = value if not 0 <= bits + steps < 0x7F800000 else struct.unpack(
        "<f", struct.pack("<i", bits + steps)
    )[0]  # fmt: skip
    bound = Decimal(near) + Decimal(offset).scaleb(-30) * Decimal(abs(near) or 1e-40)
    found = steps_up_to(value, bound)

    if Decimal(value) >= bound:
        assert found == 0
    else:
        assert _stepped(value, found) >= bound > _stepped(value, found - 1)


def _stepped(value: float, steps: int) -> float:
    """Give the float32 so many steps above; beyond the greatest is infinity."""
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    place = (bits if bits >= 0 else -(bits + 2**31)) + steps
    (found,) = struct.unpack("<f", struct.pack("<i", abs(place)))
    return math.copysign(found, place)


@pytest.mark.parametrize(
    ("value", "bound", "steps"),
    [
        (1.0, "1.00000000000000000000000000000000000000000000001", 1),
        (1.0, "1", 0),
        (1.0, "-4", 0),
        (GREATEST, "1e39", 1),
        (math.nextafter(math.inf, 0), "1e309", 1),
        (0.1, "0.2", 2**52),
        (-1.0, "0", 0x3F800000),
    ],
)
def test_steps_up_to_given_bounds(value: float, bound: str, steps: int) -> None:
    """A bound beyond the greatest number is reached at infinity."""
    assert steps_up_to(value, Decimal(bound)) == steps


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, 2.0**-23), (-1.0, 2.0**-23), (0.1, 2.0**-56), (0.0, 2.0**-149), (0.5, 2.0**-24)],
)
def test_spacing_is_that_of_the_values_own_width(value: float, expected: float) -> None:
    """A tenth is no float32."""
    assert spacing(value) == expected


def test_spacing_can_be_asked_for_in_another_width() -> None:
    """Of the float32 nearest to it; beyond the greatest of them there is none."""
    assert spacing(0.1, width=FLOAT32) == 2.0**-27
    assert spacing(1.0, width=FLOAT64) == 2.0**-52
    assert spacing(GREATEST) == math.inf
    with pytest.raises(OverflowError):
        spacing(1e39, width=FLOAT32)
