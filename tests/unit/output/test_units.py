"""What stands behind a number: its unit or a remark, and no second value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.output.transcripts import read
from verifier.output.value import value_of

LOSS = Decimal("0.1927")

UNITS = (
    "0.1927 (BCE)", "0.1927 (binary cross entropy)", "0.1927 [nats]", "0.1927nats", "0.1927 loss",
    "0.1927 %", "0.1927%", "0.1927.", "0.1927 (lr 0.5)", "0.1927 ('BCE')",
)  # fmt: skip


@pytest.mark.parametrize("sign", ["=", ":"])
@pytest.mark.parametrize("text", UNITS)
def test_a_unit_or_a_remark_is_part_of_its_value(text: str, sign: str) -> None:
    """One value, shown as it was printed."""
    (reading,) = read(f"loss_before{sign} {text}\n").readings

    assert (reading.key, reading.value, reading.decimals) == ("loss_before", LOSS, 4)
    assert reading.text == text
    assert value_of(text) == LOSS


@pytest.mark.parametrize("sign", ["=", ": "])
def test_a_unit_in_the_middle_of_a_line_is_no_part_of_the_next_label(sign: str) -> None:
    """It belongs to what stands before it."""
    line = f"step{sign}1 loss{sign}0.1183 (BCE) pred{sign}0.888 (prob)\n"

    readings = [(each.key, each.value) for each in read(line).readings]

    assert readings == [
        ("step", Decimal(1)),
        ("loss", Decimal("0.1183")),
        ("pred", Decimal("0.888")),
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1927 (0.1183)", [LOSS, (Decimal("0.1183"),)]),
        ("0.1927 0.5", [LOSS, Decimal("0.5")]),
        ("(a, b)", [("a", "b")]),
        ("(3, 2) (float32)", [(Decimal(3), Decimal(2)), ("float32",)]),
        ("2.1.0", ["2.1.0"]),
        ("1.0rc1", ["1.0rc1"]),
        ("3rd", ["3rd"]),
    ],
)
def test_a_second_value_is_no_unit(text: str, values: list[object]) -> None:
    """Nobody can say which of two numbers is meant; a version is a word."""
    assert [each.value for each in read(f"x= {text}\n").readings] == values
