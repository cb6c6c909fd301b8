r"""Where a key of a TOML text stands, which the parser does not tell.

>>> lines = lines_of_keys('id = "a"\n\n[[fields]]\nat = "x"\n[[fields]]\nat = "y"\n')
>>> line_of(("fields", 1, "at"), lines), line_of(("fields", 1, "stage"), lines)
(6, 5)
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Place = tuple[str | int, ...]
"""Keys, and numbers within lists of tables."""

_HEADER = re.compile(r"[ \t]*(\[\[?)[ \t]*([^\[\]\n]{1,400}?)[ \t]*\]")
_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]{0,200}"|'[^'\n]{0,200}')"""
_KEY = re.compile(rf"[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*=")
_TOKEN = re.compile(
    r"""\"{3}(?:[^"\\]|\\.|"(?!""))*(?:"{3,5})?|'{3}(?:[^']|'(?!''))*(?:'{3,5})?"""
    r"""|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\#[^\n]*|\[|\]|\n""",
    re.DOTALL,
)
"""What tells whether a line begins within a text or a list: texts, remarks, brackets, ends."""
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")


def lines_of_keys(text: str) -> Mapping[Place, int]:
    """Find the line, from 1, of every table and of every key that begins a line."""
    found: dict[Place, int] = {}
    counts: Counter[Place] = Counter()
    table: Place = ()
    lines = text.split("\n")
    for number in _own_lines(text):
        line = lines[number - 1]
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _within(_parts(header[2]), counts)
            if header[1] == "[[":
                counts[table] += 1
                table = (*table, counts[table] - 1)
            found.setdefault(table, number)
        elif key:
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def _own_lines(text: str) -> Iterator[int]:
    """Give the number of every line that does not begin within a text or a list of others."""
    depth, number, is_own = 0, 1, True
    for token in _TOKEN.finditer(text):
        if is_own:
            yield number
        is_own = False
        match token[0]:
            case "[":
                depth += 1
            case "]":
                depth = max(depth - 1, 0)
            case "\n":
                is_own = depth == 0
        number += token[0].count("\n")
    if is_own:
        yield number


def line_of(place: Sequence[str | int], lines: Mapping[Place, int]) -> int:
    """Give the line of a key, or of the nearest table that holds it; 1 where nothing does."""
    for end in range(len(place), 0, -1):
        if tuple(place[:end]) in lines:
            return lines[tuple(place[:end])]
    return 1


def _parts(dotted: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _within(parts: Place, counts: Mapping[Place, int]) -> Place:
    """Put in the number of the last table of each list that the parts lead through."""
    place: Place = ()
    for number, part in enumerate(parts):
        place = (*place, part)
        if counts.get(place) and number < len(parts) - 1:
            place = (*place, counts[place] - 1)
    return place


def nearest(wanted: str, known: Sequence[str]) -> str:
    """Name what may have been meant, as the end of a sentence; nothing where nothing is like it."""
    found = get_close_matches(wanted, [str(each) for each in known], n=1, cutoff=0.5)
    return f"; the nearest is {found[0]}" if found else ""
