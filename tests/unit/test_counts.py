"""A number and its noun agree, wherever a sentence counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.printable import counted

PACKAGE = Path(__file__).parents[2] / "verifier"
_BY_HAND = re.compile(
    r"\{len\([^{}]*\)\} (?!of\b)(?:right )?(?:check|decimal|line|parameter|point|reading|right|row|"
    r"script|submission|value)s\b|'s' if |\"s\" if "
)
"""A plural that is written out behind a length, or made by a condition of its own."""
_TWO_AT_LEAST = frozenset({"checks/grade.py", "report/text.py"})
"""Their plurals follow what is there more than once, or stand before a list."""


@pytest.mark.parametrize(
    ("number", "more", "expected"),
    [
        (0, None, "0 values"),
        (1, None, "1 value"),
        (2, None, "2 values"),
        (1, "values are", "1 value"),
        (2, "values are", "2 values are"),
    ],
)
def test_noun_follows_its_number(number: int, more: str | None, expected: str) -> None:
    """One is one; none and many are many."""
    assert counted(number, "value", more) == expected


def test_every_sentence_counts_in_the_same_way() -> None:
    """`1 values` is read as a slip of whoever judges."""
    found = [
        (str(path.relative_to(PACKAGE)), text.group())
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in _BY_HAND.finditer(path.read_text(encoding="utf-8"))
    ]

    assert [each for each in found if each[0] not in _TWO_AT_LEAST] == []
