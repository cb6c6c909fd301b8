"""The ``=`` and ``:`` of a printed line that stand between a label and its value."""

from __future__ import annotations

import re
from typing import NamedTuple

from verifier.output.value import MAX_DEPTH

_PATTERN = (
    r"(?P<open>[\[({])|(?P<close>[\])}])|(?P<equals>(?<![=<>!:+\-*/~])=(?![=>~]))|:(?=\s|$)|："  # noqa: RUF001
)
_SEPARATOR = re.compile(_PATTERN)
_TIGHT_SEPARATOR = re.compile(_PATTERN + r"|(?<=[^\W\d]):(?=[-+.\d\[(])")
_TIGHT_COLON = re.compile(r"[^\W\d][\w.\-]*+:(?=[-+.\d\[(])")


class Separator(NamedTuple):
    """Where a label ends and its value begins."""

    start: int
    """The offset of the sign."""
    end: int
    """The offset behind it."""
    is_colon: bool
    """A colon takes a label of several words, an equals sign only one."""


def find_separators(text: str, start: int) -> list[Separator]:
    """Find the separators outside brackets, from left to right.

    Comparisons (``==``, ``<=``), assignments (``+=``) and colons within a word
    (``cuda:0``, ``12:30``) are none; ``loss:0.5`` is one if it opens the line.
    """
    separators: list[Separator] = []
    pattern = _SEPARATOR
    tight = _TIGHT_COLON.match(text, start)
    if tight:
        pattern, start = _TIGHT_SEPARATOR, tight.end()
        separators.append(Separator(start - 1, start, is_colon=True))
    depth = 0
    for found in pattern.finditer(text, start):
        if found.lastgroup == "open":
            depth += 1
            if depth > MAX_DEPTH:
                break
        elif found.lastgroup == "close":
            depth = max(0, depth - 1)
        elif depth == 0:
            is_colon = found.lastgroup != "equals"
            separators.append(Separator(found.start(), found.end(), is_colon=is_colon))
    return separators
