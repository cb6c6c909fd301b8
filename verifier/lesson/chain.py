"""The blocks of a page that a block goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.lesson.page import Script


def gone_on_from(script: Script, above: Sequence[Script]) -> tuple[Script, ...]:
    """Give the blocks that run before one that goes on; what a mark says to skip is left out.

    Args:
        script: The one; a cell goes on from cells alone.
        above: All scripts above it, in the page's order.
    """
    if script.is_cell:
        above = [each for each in above if each.is_cell]
    start = len(above)
    while start > 0 and (start == len(above) or above[start].continues):
        start -= 1
    return tuple(each for each in above[start:] if not each.skipped)
