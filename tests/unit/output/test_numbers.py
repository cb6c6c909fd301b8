"""The numbers of a printed value, in their order; of a word there are none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from verifier.output.value import numbers_in, value_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.1927", ["0.1927"]),
        ("-0.0000", ["-0.0000"]),
        ("1.5e-05", ["0.000015"]),
        ("[[-0.1753, -0.3505], [1, 2]]", ["-0.1753", "-0.3505", "1", "2"]),
        ("tensor([0.5000], grad_fn=<MulBackward0>)", ["0.5000"]),
        ("(inf, -inf)", ["Infinity", "-Infinity"]),
        ("[]", []),
        ("True", []),
        ("None", []),
        ("[True, None, 'a', 3]", ["3"]),
        ("diverged", []),
        ("", []),
    ],
)
def test_numbers_stand_in_their_order(text: str, numbers: list[str]) -> None:
    """With the digits that were printed."""
    assert list(numbers_in(value_of(text))) == list(map(Decimal, numbers))


def test_nan_is_a_number_that_is_none() -> None:
    """It is counted, for the element stands there."""
    (found,) = numbers_in(value_of("nan"))

    assert found.is_nan()


@pytest.mark.parametrize("text", ["0.5 nats", "0.5  nats", "0.5%", "0.5 %"])
def test_a_unit_may_stand_behind_a_value(text: str) -> None:
    """As where the line was read."""
    assert value_of(text) == Decimal("0.5")


@pytest.mark.parametrize("text", ["diverged", "0.5 of them", "", "[0.5] or [0.6]", "1.2.3"])
def test_what_is_prose_is_a_word(text: str) -> None:
    """Its beginning alone would say something else."""
    assert value_of(text) == text
    assert list(numbers_in(value_of(text))) == []
