"""Readings get their unrounded numbers, and how near they were to another text."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fakes import PUBLISHED
from verifier.output.transcript import read_stdout
from verifier.trace.event import NO_TRACE, Item, Trace
from verifier.trace.reader import read_trace
from verifier.trace.ulp import ulps_between
from verifier.trace.unrounded import Margin, exact_values, rounding_margin, with_exact

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOATS32 = st.floats(-1e6, 1e6, width=32)
FLOATS = FLOATS32 | st.floats(-1e6, 1e6, width=64)
FORMATS = st.sampled_from(["{:.1f}", "{:.3f}", "{:.4f}", "{:.6f}", "{:.3e}", "{!r}"])
PREDICTION = 0.9454970955848694
"""At step 4 of the lesson, a float32; printed as 0.945."""


def found(stdout: str, items: Sequence[float]) -> list[tuple[float, ...] | None]:
    """Give what is found for the readings of an output."""
    return list(exact_values(read_stdout(stdout.encode()).readings, items))


def test_published_output_finds_every_number_of_its_training() -> None:
    """Those that are whole, as ``step=1``, never were a tensor's."""
    items = [float(word) + 1e-5 for word in _numbers_of(PUBLISHED)]
    readings = read_stdout(PUBLISHED).readings
    exact = exact_values(readings, items)

    assert [value for each in exact if each for value in each] == items
    assert exact[2] == (items[2], items[3])
    assert {reading.key for reading, each in zip(readings, exact, strict=True) if not each} == {
        "step"
    }


def _numbers_of(stdout: bytes) -> list[str]:
    words = stdout.decode().replace("=", " ").replace("[", " ").replace("]", " ").split()
    return [word.rstrip(",") for word in words if "." in word]


@pytest.mark.parametrize(
    ("text", "item", "is_found"),
    [
        ("0.945", PREDICTION, True),
        ("0.946", PREDICTION, False),
        ("0.9", PREDICTION, True),
        ("0.5", 0.44999, False),
        ("0.5", 0.45000000000000001110, True),
        ("0.25", 0.245, False),
        ("0.125", 0.125, True),
        ("0.12", 0.125, True),
        ("0.13", 0.125, True),
        ("0.13", math.nextafter(0.125, 0), False),
        ("0.12", math.nextafter(0.125, 1), False),
        ("-0.0000", -1e-9, True),
        ("0.1", 0.1, True),
        ("0.10000000000000001", 0.1, True),
        ("0.1000000000000000055511151231257827021181583404541015625", 0.1, True),
        ("0.1000000000000000055511151231257827021181583404541015624", 0.1, True),
        ("0.10000000000000002", 0.1, False),
        ("1.234e-05", 1.2341e-05, True),
        ("1.234e-05", 1.2346e-05, False),
        ("1e+16", 1e16, True),
        ("1.7976931348623157e+308", 1.7976931348623157e308, True),
        ("5e-324", 5e-324, True),
        ("1", 1.0, True),
        ("-0", -0.0, True),
        ("1", 0.9999999, False),
        ("1.234e+03", 1234.0, True),
        ("1.234e+03", 1234.4, False),
        ("1.234e+04", 12344.0, True),
        ("1.0", 0.9999999, True),
        ("9007199254740993", 9007199254740992.0, False),
        ("nan", math.nan, True),
        ("nan", 1.0, False),
        ("inf", math.inf, True),
        ("-inf", -math.inf, True),
        ("inf", -math.inf, False),
        ("1.0", math.inf, False),
        ("0.5", math.nan, False),
    ],
)
def test_a_number_matches_what_prints_as_it_does(text: str, item: float, *, is_found: bool) -> None:
    """To its own digits, rounded either way from a tie; without decimals only what is equal."""
    (exact,) = found(f"a= {text}", [item])

    assert (exact is not None) == is_found
    assert exact is None or exact[0].hex() == item.hex()


def _has_decimals(printed: tuple[float, str]) -> bool:
    value, form = printed
    return Decimal(form.format(value)).as_tuple().exponent != 0


@given(st.lists(st.tuples(FLOATS, FORMATS).filter(_has_decimals), max_size=20))
def test_every_number_that_is_printed_after_it_left_torch_is_found(
    printed: list[tuple[float, str]],
) -> None:
    """Whatever the format: the same bits, in order."""
    stdout = "".join(f"v= {form.format(value)}\n" for value, form in printed)
    items = [value for value, _ in printed]

    assert [[each.hex() for each in exact or ()] for exact in found(stdout, items)] == [
        [value.hex()] for value in items
    ]


@given(st.lists(FLOATS, max_size=8), st.lists(FLOATS, max_size=8), st.integers(1, 6))
def test_what_is_found_prints_as_the_script_printed_it(
    printed: list[float], items: list[float], decimals: int
) -> None:
    """No number is taken from a trace that does not give the text; a trace may say anything."""
    texts = [f"{value:.{decimals}f}" for value in printed]
    exact = found("".join(f"v= {text}\n" for text in texts), items)

    for text, each in zip(texts, exact, strict=True):
        if each is not None:
            assert abs(Decimal(each[0]) - Decimal(text)) <= Decimal(5).scaleb(-decimals - 1)


def test_a_list_is_found_whole_or_not_at_all() -> None:
    """Half of a gradient's numbers would be worse than none."""
    gradient = "g= [[-0.175, -0.351], [0.250, 1.000]]"

    assert found(gradient, [-0.1751, -0.3512, 0.25, 1.0]) == [(-0.1751, -0.3512, 0.25, 1.0)]
    assert found(gradient, [-0.1751, -0.3512, 0.25]) == [None]


def test_words_truths_and_empty_lists_have_no_numbers() -> None:
    """Only numbers leave torch."""
    assert found("a= word\nb= True\nc= None\nd= []\n", [1.0, 0.0]) == [None] * 4


def test_whole_numbers_take_nothing_from_numbers_with_decimals() -> None:
    """``step=1`` is the loop's own, and the accuracy 1.000 is the tensor's."""
    assert found("step=1 accuracy=1.000 class=3", [1.0, 3.0]) == [None, (1.0,), (3.0,)]


def test_whole_numbers_are_found_between_the_others() -> None:
    """Predicted classes and shuffled indexes are tensors too."""
    stdout = "order= [3, 1, 2]\nloss= 0.50\nclass= 7\nloss= 0.25\nstep= 4\nlast= [1, 2]"

    assert found(stdout, [3.0, 1.0, 2.0, 0.501, 7.0, 9.0, 0.249, 1.0, 2.0]) == [
        (3.0, 1.0, 2.0), (0.501,), (7.0,), (0.249,), None, (1.0, 2.0),
    ]  # fmt: skip


def test_where_two_values_could_be_meant_none_is() -> None:
    """Every step's loss left torch and one was printed: nobody can say which."""
    assert found("loss= 0.50", [0.501, 0.499]) == [None]
    assert found("loss= 0.50", [0.501, 0.501]) == [(0.501,)]
    assert found("loss= 0.50\nloss= 0.50", [0.501, 0.499]) == [(0.501,), (0.499,)]


def test_numbers_out_of_order_are_not_found() -> None:
    """As many as there can be in order, the first of those that could."""
    assert found("a= 0.1\nb= 0.2\nc= 0.3", [0.21, 0.31, 0.11]) == [None, (0.21,), (0.31,)]
    assert found("a= 0.1\nb= 0.1", [0.11]) == [(0.11,), None]


def test_transcript_keeps_all_but_gains_what_the_trace_tells() -> None:
    """The reading with its text and place stays as it was."""
    transcript = read_stdout(b"step=1 loss=0.1183 pred=nan\n")
    trace = Trace(
        events=(Item(line=1, value=0.11832679), Item(line=1, value=-math.nan)), unreadable=0
    )
    exact = with_exact(transcript, trace)

    assert [reading.exact for reading in exact.readings] == [None, (0.11832679,), (math.nan,)]
    assert exact == with_exact(transcript, trace)
    assert [(each.text, each.line) for each in exact.readings] == [
        (each.text, each.line) for each in transcript.readings
    ]
    assert with_exact(transcript, NO_TRACE) == transcript


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_output_and_no_trace_raises(stdout: bytes, trace: bytes) -> None:
    """Both are a stranger's."""
    item = b'{"e":"item","line":1,"v":"0x1.0p-1"}\n'
    transcript = with_exact(read_stdout(stdout + b"\nv= 0.5"), read_trace(item + trace))

    assert transcript.readings[-1].text == "0.5"


def test_prediction_at_step_4_of_the_lesson_is_49_ulp_from_another_text() -> None:
    """The nearest of all that the lesson publishes: 0.9454970956 is printed 0.945."""
    margin = rounding_margin((PREDICTION,), "0.945")

    assert margin is not None
    assert margin.ulps == 49
    assert margin.units == pytest.approx(0.0029044, abs=1e-7)


@pytest.mark.parametrize(
    ("exact", "text", "margin"),
    [
        ((0.5,), "0.5", Margin(ulps=838861, units=0.5)),
        ((0.125,), "0.12", Margin(ulps=0, units=0.0)),
        ((0.125,), "0.125", Margin(ulps=33555, units=0.5)),
        ((0.3,), "0.3", Margin(ulps=0x3333333333333, units=0.5)),
        ((0.1,), "0.1000000000000000055511151231257827021", Margin(ulps=1, units=0.31841659545898)),
        ((0.0,), "0.0000", Margin(ulps=0, units=0.0)),
        ((-0.0,), "-0.0000", Margin(ulps=0, units=0.0)),
        ((2.0**-149,), "0.0000", Margin(ulps=1, units=0.0)),
        ((-3 * 2.0**-149,), "-0.0000", Margin(ulps=3, units=0.0)),
        ((0.5, 0.125), "[0.50, 0.12]", Margin(ulps=0, units=0.0)),
    ],
)
def test_margins_of_given_numbers(exact: tuple[float, ...], text: str, margin: Margin) -> None:
    """On a tie, on the last digit of all, and at zero, whose sign is printed."""
    found = rounding_margin(exact, text)

    assert found is not None
    assert found.ulps == margin.ulps
    assert found.units == pytest.approx(margin.units)


@pytest.mark.parametrize(
    ("exact", "text"),
    [
        ((1.0,), "1"),
        ((1e16,), "1e+16"),
        ((math.nan,), "nan"),
        ((math.inf,), "inf"),
        ((math.inf,), "1.0"),
        ((0.3,), "0.5"),
        ((0.5,), "a word"),
        ((0.5,), ""),
        ((0.5,), "[0.5, 0.25]"),
        ((1.0, 0.25), "[1, 0.25]"),
        ((), "[]"),
    ],
)
def test_there_is_no_margin_where_nothing_was_rounded(exact: tuple[float, ...], text: str) -> None:
    """Or where the value is not that of the text."""
    assert rounding_margin(exact, text) is None


def test_zeros_that_round_left_out_are_digits_where_they_are_known() -> None:
    """0.056 may be ``round(loss, 4)``; then 0.05605 would print otherwise."""
    value = struct.unpack("<f", struct.pack("<f", 0.05604446))[0]
    alone, known = (rounding_margin((value,), "0.056", decimals=each) for each in (None, 4))
    in_list = rounding_margin((value, value), "[0.056, 0.0560]")

    assert (alone and round(alone.units, 2), known and round(known.units, 2)) == (0.46, 0.06)
    assert in_list == known == rounding_margin((value,), "0.0560")
    assert rounding_margin((value,), "0.05604", decimals=1) == rounding_margin((value,), "0.05604")


def moved(value: float, ulps: int) -> float:
    """Give the float32 so many steps along the line."""
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    place = (bits if bits >= 0 else -(bits + 2**31)) + ulps
    (found,) = struct.unpack("<f", struct.pack("<i", abs(place)))
    return math.copysign(found, place or value)


@given(FLOATS32, st.integers(1, 6))
def test_the_text_stays_within_the_margin_and_changes_at_its_end(
    value: float, decimals: int
) -> None:
    """Judged by printing, one step before the margin and at it, in both directions."""
    text = f"{value:.{decimals}f}"
    margin = rounding_margin((value,), text)
    assert margin is not None
    assume(margin.ulps)

    def prints(ulps: int) -> str:
        return f"{moved(value, ulps):.{decimals}f}"

    for ulps in (margin.ulps - 1, margin.ulps // 2):
        assert {prints(ulps), prints(-ulps)} == {text}
    ends = [moved(value, ulps) for ulps in (margin.ulps, -margin.ulps)]
    unit = Decimal(1).scaleb(-decimals)
    assert any(f"{end:.{decimals}f}" != text or _is_edge(end, unit) for end in ends)
    assert 0 <= margin.units <= 0.5


def _is_edge(value: float, unit: Decimal) -> bool:
    """Whether it lies just between two texts, or is zero, which prints with either sign."""
    return value == 0 or abs(Decimal(value)) % unit == unit / 2


@given(FLOATS, st.integers(1, 6), st.integers(-3, 3))
def test_a_value_that_moved_less_than_the_margin_prints_the_same(
    value: float, decimals: int, steps: int
) -> None:
    """The margin and the distance of two values are counted alike."""
    text = f"{value:.{decimals}f}"
    margin = rounding_margin((value,), text)
    other = value
    for _ in range(abs(steps)):
        other = math.nextafter(other, math.copysign(math.inf, steps))
    distance = ulps_between(value, other)

    assert margin is not None
    assert distance is not None
    if margin.ulps > distance or (steps == 0 and margin.ulps):
        assert f"{other:.{decimals}f}" == text
