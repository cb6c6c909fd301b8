"""The tolerance is exact, inclusive, and never lets NaN through."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import LAB_ROOT
from verifier.checks.closeness import (
    Apart,
    Close,
    Unlike,
    compare,
    fewest_decimals_rounded,
    shape,
)
from verifier.lab.load import load_labs
from verifier.output.value import printed_decimals

if TYPE_CHECKING:
    from verifier.output.value import Value

LOSS = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline").fields[1]


def _compare(observed: Value, golden: Value) -> Close | Apart | Unlike:
    return compare(observed=observed, golden=golden, bound=LOSS)


def _decimal(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    "text", ["0.1927", "0.1928", "0.1926", "0.19280000000000000000000000000", "1.928e-1"]
)
def test_value_on_or_inside_the_bound_passes(text: str) -> None:
    """The bound itself is inside: in float64, 0.1928 - 0.1927 would be greater than 0.0001."""
    assert isinstance(_compare(_decimal(text), _decimal("0.1927")), Close)


@pytest.mark.parametrize(
    "text", ["0.1929", "0.1925", "0.19280000000000000000000000000000000000001", "-0.1927", "1e300"]
)
def test_value_just_outside_the_bound_fails(text: str) -> None:
    """No digit is lost to rounding, however many are printed."""
    assert isinstance(_compare(_decimal(text), _decimal("0.1927")), Apart)


@pytest.mark.parametrize("observed", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("golden", ["NaN", "Infinity", "0.1927"])
def test_nan_and_infinities_never_pass_even_against_themselves(observed: str, golden: str) -> None:
    """A diverged run must not pass because its golden value diverged too."""
    result = _compare(_decimal(observed), _decimal(golden))

    assert isinstance(result, Apart)
    assert result.worst.difference.is_nan()
    assert isinstance(_compare(_decimal(golden), _decimal(observed)), Apart)


def test_an_infinity_inside_a_list_is_right_for_the_same_one() -> None:
    """A mask has them; a single value that is none has diverged."""
    mask = (Decimal(0), Decimal("-Infinity"))

    assert isinstance(_compare(mask, mask), Close)
    assert isinstance(_compare((Decimal(0), Decimal("Infinity")), mask), Apart)
    assert isinstance(_compare((Decimal(0), Decimal(-9)), mask), Apart)


@pytest.mark.parametrize(
    ("observed", "golden", "says"),
    [
        (True, False, "it is True, not False"),
        ((True, (False, True)), (True, (True, True)), "it is False at [1][0], not True"),
        (("a", "b"), ("a", "c"), "it is the word 'b' at [1], not the word 'c'"),
        (Decimal(1), True, "it is a number, not True"),
    ],
)
def test_the_place_of_another_word_is_named(observed: Value, golden: Value, says: str) -> None:
    """Of a mask, or of names in a list."""
    result = _compare(observed, golden)

    assert isinstance(result, Unlike)
    assert result.reason == says


def test_rtol_is_scaled_by_the_golden_value() -> None:
    """As in numpy.isclose; the observed value must not widen its own bound."""
    field = dataclasses.replace(LOSS, atol=Decimal(0), rtol=Decimal("0.1"))

    assert isinstance(compare(observed=Decimal(110), golden=Decimal(100), bound=field), Close)
    assert isinstance(compare(observed=Decimal(100), golden=Decimal("90.9"), bound=field), Apart)


def test_worst_element_is_named_by_index() -> None:
    """A matrix of numbers is no feedback."""
    golden = ((_decimal("-0.1753"), _decimal("-0.3505")),)
    result = _compare(((_decimal("-0.1755"), _decimal("-0.5")),), golden)

    assert isinstance(result, Apart)
    assert (result.worst.index, result.mismatched, result.total) == ((0, 1), 2, 2)
    assert result.worst.difference == _decimal("0.1495")


@pytest.mark.parametrize(
    ("observed", "golden", "reason"),
    [
        ((Decimal(1),), ((Decimal(1), Decimal(2)),), "it is a number, not"),
        ((), (Decimal(1),), "its shape is [0], not [1]"),
        (
            ((Decimal(1),), (Decimal(2),)),
            ((Decimal(1), Decimal(2)),),
            "its shape is [2, 1], not [1, 2]",
        ),
        (Decimal(1), (Decimal(1), Decimal(2)), "it is a number, not a list of shape [2]"),
        (None, Decimal(1), "it is None, not a number"),
        ("small\x1b", Decimal(1), r"it is the word 'small\\x1b', not a number"),
        ("cpu", "cuda", "it is the word 'cpu', not the word 'cuda'"),
        ((Decimal(1), Decimal(2)), Decimal(1), "it is a list of shape [2], not a number"),
    ],
)
def test_values_of_another_kind_or_shape_are_unlike(
    observed: Value, golden: Value, reason: str
) -> None:
    """The reason is in words: there is no number to show."""
    result = _compare(observed, golden)

    assert isinstance(result, Unlike)
    assert reason in result.reason or result.reason.startswith("it is a")


def test_single_element_counts_as_its_number() -> None:
    """``[[0.1927]]`` is what a learner gets who prints the tensor instead of ``.item()``."""
    assert isinstance(_compare(((_decimal("0.1927"),),), _decimal("0.1927")), Close)


def test_words_and_truths_are_equal_or_unlike() -> None:
    """They have no distance."""
    assert _compare("cpu", "cpu") == Close(worst=None)
    assert _compare(True, True) == Close(worst=None)  # noqa: FBT003 - a printed truth
    assert isinstance(_compare(True, False), Unlike)  # noqa: FBT003 - a printed truth


@pytest.mark.parametrize(
    ("observed", "golden", "decimals"),
    [
        ("0.19", "0.1927", 2),
        ("0.2", "0.1927", 1),
        ("0.56", "0.5550", 2),
        ("0.55", "0.5550", 2),
        ("0.18", "0.1927", None),
        ("0", "0.1927", None),
        ("NaN", "0.1927", None),
        ("0.19", "NaN", None),
    ],
)
def test_golden_value_printed_with_fewer_digits_is_recognised(
    observed: str, golden: str, decimals: int | None
) -> None:
    """A learner who rounds too much has computed the right number; a bare 0 says nothing."""
    assert fewest_decimals_rounded(observed=_decimal(observed), golden=_decimal(golden)) == decimals


def test_fewest_decimals_of_a_list_is_that_of_its_coarsest_number() -> None:
    """Every element must be a rounding of its golden number."""
    golden = (_decimal("-0.1753"), _decimal("-0.3505"))

    assert (
        fewest_decimals_rounded(observed=(_decimal("-0.18"), _decimal("-0.350")), golden=golden)
        == 2
    )
    assert (
        fewest_decimals_rounded(observed=(_decimal("-0.18"), _decimal("-0.2")), golden=golden)
        is None
    )
    assert fewest_decimals_rounded(observed=(_decimal("-0.18"),), golden=golden) is None
    assert fewest_decimals_rounded(observed="cpu", golden="cpu") is None


def test_decimals_are_those_printed() -> None:
    """Trailing zeros count, exponents too."""
    assert [printed_decimals(_decimal(text)) for text in ("1", "1.50", "1e3", "1e-3", "NaN")] == [
        0,
        2,
        0,
        3,
        0,
    ]


def test_shape_of_ragged_and_empty_lists_is_that_of_first_elements() -> None:
    """It is for reading only."""
    assert [shape(value) for value in (Decimal(1), (), ((), Decimal(1)))] == ["[]", "[0]", "[2, 0]"]


_numbers = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=6
)


@given(observed=_numbers, golden=_numbers)
def test_passing_is_the_inequality_and_nothing_else(observed: Decimal, golden: Decimal) -> None:
    """The contract: ``|observed - golden| <= tolerance``, inclusive."""
    close = isinstance(_compare(observed, golden), Close)

    assert close == (abs(observed - golden) <= LOSS.atol)
