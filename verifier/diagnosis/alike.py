"""Which milestones are the same: those that hold the same numbers, as far as their sums tell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from verifier.trace.milestone import Milestone, Sums

_TENSOR = 1e-4
_SCALAR = 3e-5
REACH = 1e-4
"""How far two sums may lie apart, as a share of their size: float32 in another order of operations
moves them less."""


def alike(one: Sums | None, other: Sums | None) -> bool:
    """Whether two tensors hold the same numbers, as far as their sums tell."""
    if one is None or other is None:
        return one is other
    if one.strange != other.strange or not all(map(math.isfinite, (*_plain(one), *_plain(other)))):
        return False
    if one.strange and not one.size + other.size:
        return one.count == other.count  # nothing but NaN, or infinities
    share = _SCALAR if max(one.count, other.count) <= 1 else _TENSOR
    size = max(one.size, other.size, 1e-7)
    return (
        abs(one.size - other.size) <= share * size
        and abs(one.square - other.square) <= 2 * share * max(one.square, other.square, 1e-12)
        and abs(one.total - other.total) <= share * size
    )


def _plain(sums: Sums) -> tuple[float, float, float]:
    return sums.size, sums.square, sums.total


def _is_round(value: float) -> bool:
    return math.isfinite(value) and abs(value - round(value)) <= _TENSOR * max(1.0, abs(value))


def alike_in_order(one: Sums | None, other: Sums | None) -> bool:
    """Whether tensors that hold the same numbers hold them in the same order."""
    if one is None or other is None:
        return one is other
    slack = 1e-3 * max(one.size, other.size) / max(one.count, 1.0)
    return not abs(one.placed - other.placed) > slack


def is_telling(milestone: Milestone) -> bool:
    """Whether the same numbers elsewhere are hardly an accident: zeros, ones and counts are."""
    sums = milestone.sums
    if sums is None or milestone.dtype == "bool":
        return False
    return milestone.seeded or not (_is_round(sums.size) and _is_round(sums.square))


def joined_anyhow(wanted: Iterable[Milestone], own: Sequence[Milestone]) -> dict[int, Milestone]:
    """Join milestones in any order: the other's by the identity of the one's."""
    found: dict[int, Milestone] = {}
    left = list(own)
    for each in wanted:
        if not left:
            break
        same = next((other for other in left if alike(other.sums, each.sums)), None)
        if same is not None:
            found[id(each)] = same
            left = [other for other in left if other is not same]
    return found


def joined_in_order(wanted: Sequence[Milestone], own: Sequence[Milestone]) -> dict[int, Milestone]:
    """Join the longest sequence that both have in common, in the same way."""
    rows, columns = len(wanted), len(own)
    same = [[alike(one.sums, other.sums) for other in own] for one in wanted]
    longest = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            longest[row][column] = (
                1 + longest[row + 1][column + 1]
                if same[row][column]
                else max(longest[row + 1][column], longest[row][column + 1])
            )
    found: dict[int, Milestone] = {}
    row = column = 0
    while row < rows and column < columns:
        if same[row][column]:
            found[id(wanted[row])] = own[column]
            row, column = row + 1, column + 1
        elif longest[row + 1][column] >= longest[row][column + 1]:
            row += 1
        else:
            column += 1
    return found
