r"""What a script printed, compared with the output block of its page.

>>> compared("loss=0.1183\n", "loss=0.1184\n")
Comparison(likeness='within_tolerance', detail='line 1: 0.1183 on the page, 0.1184 printed')
>>> compared("step=1\n", "step=2\n").likeness
'differs'

Spaces at the end of a line and empty lines around the whole do not count: pages drop them.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from verifier.printable import plain, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Likeness = Literal["same", "within_tolerance", "differs"]

_DECIMAL = re.compile(r"(?<![\w.])-?[0-9]{1,40}\.[0-9]{1,40}(?:[eE][+-]?[0-9]{1,4})?(?![\w.])")
_LONGEST_IGNORED = 300
"""Patterns are tried on no longer lines: their time grows with its cube."""
_MOST_STEPS = 3 * 10**8
"""Of one pattern, by the cubes of the lines that it is tried on; further lines are as they are."""
_MOST_LINES = 400
"""Of each side of a diff; it takes their product of time."""
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How alike they are."""

    likeness: Likeness
    detail: str = ""
    """Within tolerance, which digit."""


def compared(expected: str, printed: str, *, ignore: Sequence[str] = ()) -> Comparison:
    """Compare what the page shows with what was printed.

    Numbers with decimals may differ by one unit of their last digit where the same number of
    digits is printed; whole numbers and all other text may not differ.

    Args:
        expected: The block of the page.
        printed: Standard output.
        ignore: Patterns, as `mark.mark_trouble` lets them pass, of what may differ in a line.
    """
    wanted, seen = lines_of(expected, ignore=ignore), lines_of(printed, ignore=ignore)
    if wanted == seen:
        return Comparison(likeness="same")
    if len(wanted) != len(seen):
        return Comparison(likeness="differs")
    near = ""
    for number, (left, right) in enumerate(zip(wanted, seen, strict=True), 1):
        if left == right:
            continue
        pairs = _numbers(left, right)
        if pairs is None:
            return Comparison(likeness="differs")
        near = near or "; ".join(
            f"line {number}: {one} on the page, {other} printed" for one, other in pairs[:1]
        )
    return Comparison(likeness="within_tolerance", detail=near)


def is_other_digits(expected: str, printed: str) -> bool:
    """Tell whether only numbers with decimals differ, as they may from CPU to CPU."""
    return _DECIMAL.sub("#", "\n".join(lines_of(expected))) == _DECIMAL.sub(
        "#", "\n".join(lines_of(printed))
    )


def _numbers(left: str, right: str) -> list[tuple[str, str]] | None:
    """Give the numbers that differ by a unit of the last digit; None where more differs."""
    if _DECIMAL.sub("#", left) != _DECIMAL.sub("#", right):
        return None
    both = zip(_DECIMAL.findall(left), _DECIMAL.findall(right), strict=True)
    pairs = [(one, other) for one, other in both if one != other]
    return pairs if pairs and all(_is_near(one, other) for one, other in pairs) else None


def _is_near(one: str, other: str) -> bool:
    wanted, seen = Decimal(one), Decimal(other)
    unit = Decimal((0, (1,), int(wanted.as_tuple().exponent)))
    return wanted.as_tuple().exponent == seen.as_tuple().exponent and abs(wanted - seen) <= unit


def lines_of(text: str, *, ignore: Sequence[str] = ()) -> list[str]:
    """Give the lines that count, with what may differ taken out."""
    lines = [line.rstrip() for line in plain(text).replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    for pattern in ignore:
        lines = list(_without(pattern, lines))
    return lines


def _without(pattern: str, lines: Sequence[str]) -> Iterator[str]:
    steps = 0
    for line in lines:
        cost = len(line) ** 3
        if len(line) > _LONGEST_IGNORED or steps + cost > _MOST_STEPS:
            yield line
        else:
            steps += cost
            yield re.sub(pattern, "…", line)


def unified(expected: str, printed: str, *, first_line: int) -> tuple[str, ...]:
    """Write a unified diff, whose left side has the lines of the page.

    Args:
        expected: The block of the page.
        printed: Standard output.
        first_line: Of the page, on which the block's text begins.
    Returns:
        Its lines, safe to show; headed ``@@ line N @@``.
    """
    wanted, seen = lines_of(expected)[:_MOST_LINES], lines_of(printed)[:_MOST_LINES]
    blank = next((n for n, line in enumerate(expected.split("\n")) if line.strip()), 0)
    matcher = difflib.SequenceMatcher(None, wanted, seen, autojunk=False)
    shown: list[str] = []
    for group in matcher.get_grouped_opcodes(2):
        shown.append(f"@@ line {first_line + blank + group[0][1]} @@")
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                shown += [f" {line}" for line in wanted[start:end]]
                continue
            shown += [f"-{line}" for line in wanted[start:end]]
            shown += [f"+{line}" for line in seen[other_start:other_end]]
    return tuple(printable(line, limit=_LONGEST_LINE) for line in shown)
