"""Marks, the comments of a page that are meant for labcheck: which there are, and their bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.lesson.block import Mark

_WORDS = ("skip", "continues", "example", "ignore", "needs")
_UNBOUNDED = re.compile(r"[*+]|\{[0-9]*,[0-9]*\}")
_COSTLY = re.compile(r"[)][*+?{]|\\[1-9]|\(\?(?![:])")
_MOST_UNBOUNDED = 2


def mark_trouble(mark: Mark) -> str:
    """Say what is wrong with a mark; empty where nothing is.

    A pattern may repeat twice, no group of it may be repeated, and it may not refer back: so it
    takes bounded time on the short lines that it is tried on.
    """
    if mark.word not in _WORDS:
        return f"there is no mark {mark.word}: use one of {', '.join(_WORDS)}"
    if mark.word in ("ignore", "needs") and not mark.argument:
        return f"the mark {mark.word} names nothing: write what after it"
    if mark.word != "ignore":
        return ""
    if _COSTLY.search(mark.argument) or len(_UNBOUNDED.findall(mark.argument)) > _MOST_UNBOUNDED:
        return "this pattern could take for ever: repeat at most twice, and no group"
    try:
        re.compile(mark.argument)
    except (re.error, OverflowError, RecursionError) as error:
        return f"this is no pattern: {error}"
    return ""
