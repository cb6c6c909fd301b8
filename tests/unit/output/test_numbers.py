"""The numbers of a printed value, in their order; of a word there are none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from verifier.output.transcript import read_stdout
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


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("params: 1,234,567", ["1234567"]),
        ("params: 1,234,567.5", ["1234567.5"]),
        ("big=-1,234", ["-1234"]),
        ("total 12,345", ["12345"]),
        ("1,234", ["1234"]),
        ("a=1,234, b=5", ["1234", "5"]),
        ("a=1,234 b=5,678", ["1234", "5678"]),
        ("size: 1,234 MB", ["1234"]),
        ("shape: (1,234)", [("1", "234")]),
        ("x: 1, 234", ["1", "234"]),
        ("x: 1,23", ["1", "23"]),
        ("x: 1,2345", ["1", "2345"]),
        ("x: 1,234,5", ["1", "234", "5"]),
        ("x: 1234,567", ["1234", "567"]),
        ("x: 0,123", ["0", "123"]),
        ("x: 1.5,234", ["1.5", "234"]),
    ],
)
def test_groups_of_three_digits_between_commas_are_one_number(
    line: str, values: list[str | tuple[str, ...]]
) -> None:
    """As Python prints it with a comma in its format; in brackets a comma parts two values."""
    readings = read_stdout(line.encode()).readings
    read = [
        tuple(map(str, each.value)) if isinstance(each.value, tuple) else str(each.value)
        for each in readings
    ]
    assert read == values
    assert all(each.text in line for each in readings)
