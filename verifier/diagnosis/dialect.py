"""Whether a text that one Python refuses is right for a newer one, and since when. Pure.

What newer versions brought is rewritten as an old one reads it. Only where the whole text can be
read then was newness all that was wrong with it. Linear in the text, a few times over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.checks.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"(?i)(?<!\w)([rbuft]{0,2})('''|\"\"\"|'|\")|#[^\n]*|[A-Za-z_0-9]+")
_DEFINED = r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)"
_PLAIN = tuple(
    (version, re.compile(pattern, re.MULTILINE), instead)
    for version, pattern, instead in (
        ((3, 12), r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?([ \t]*=)", r"\1\2\3"),
        ((3, 13), _DEFINED + r"\[[^\n\]]*=[^\n]*?\](?=[(:])", r"\1"),
        ((3, 12), _DEFINED + r"\[[^\n]*?\](?=[(:])", r"\1"),
        (
            (3, 14),
            r"^([ \t]*except\*?[ \t]+)([A-Z][\w.]*(?:[ \t]*,[ \t]*[A-Z][\w.]*)+)(?=[ \t]*:)",
            r"\1(\2)",
        ),
    )
)
_DEEPEST = 20
_OLDER = re.compile(
    r"Missing parentheses in call to '(?:print|exec)'|leading zeros in decimal integer|"
    r"multiple exception types must be parenthesized"
)
_OLD_STATEMENT = re.compile(
    r"<>|`|\braise\s+\w+\s*,|\b[0-9]+L\b|\bur['\"]|^print\b[^(]*>>|^print\s+[\w\"']"
)
_OLD_NAMES = frozenset({"basestring", "raw_input", "unichr", "unicode", "xrange"})


def newer(source: bytes) -> str | None:
    """Name the first Python that can read a text, as ``3.12``, where that is newness alone.

    None where this Python reads it, and where none is known that would.
    """
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    versions: set[tuple[int, int]] = set()
    for version, pattern, instead in _PLAIN:
        text, count = pattern.subn(instead, text)
        versions |= {version} if count else set()
    for _ in range(_DEEPEST):
        if versions and parsed(text.encode()) is not None:
            return ".".join(map(str, max(versions)))
        rewritten = _without_formats(text)
        if rewritten is None:
            return None
        text, found = rewritten
        versions |= found
    return None


def is_older(message: str, statement: str) -> bool:
    """Tell whether what Python refuses was right in Python 2."""
    refused = message.startswith("invalid") and _OLD_STATEMENT.search(statement)
    return _OLDER.search(message) is not None or bool(refused)


def is_older_name(name: str) -> bool:
    """Tell whether Python 2 had a function of that name, and Python 3 has none."""
    return name in _OLD_NAMES


def _without_formats(text: str) -> tuple[str, set[tuple[int, int]]] | None:
    """Put a plain text for each formatted one, and what stands in its braces on lines below.

    None where there is none, or one that does not end.
    """
    parts, inner = [], []
    versions: set[tuple[int, int]] = set()
    start = 0
    for opening, end, fields in _strings(text):
        letters = opening[1].lower()
        if end is None:
            return None
        if "f" in letters or "t" in letters:
            versions.add((3, 14) if "t" in letters else (3, 12))
            parts += [text[start : opening.start()], '""']
            inner += [
                f"({text[first:last].rstrip().removesuffix('=')}\n)" for first, last in fields
            ]
            start = end
    if not versions:
        return None
    return "\n".join(["".join([*parts, text[start:]]), *inner, ""]), versions


def _strings(text: str) -> Iterator[tuple[re.Match[str], int | None, list[tuple[int, int]]]]:
    """Find every string that lies in no other: its opening, its end, the spans in its braces."""
    place = 0
    while (found := _TOKEN.search(text, place)) is not None:
        place = found.end()
        if found[2] is not None:
            fields: list[tuple[int, int]] = []
            end = _end_of(text, found, fields, depth=0)
            yield found, end, fields
            if end is None:
                return
            place = end


def _end_of(
    text: str, opening: re.Match[str], fields: list[tuple[int, int]], *, depth: int
) -> int | None:
    """Find where a string ends; None where it does not."""
    quote, letters, place = opening[2], opening[1].lower(), opening.end()
    formatted = "f" in letters or "t" in letters
    while place < len(text) and depth < _DEEPEST:
        character = text[place]
        if text.startswith(quote, place):
            return place + len(quote)
        if character == "\n" and len(quote) == 1:
            return None
        if formatted and character in "{}" and text[place + 1 : place + 2] != character:
            after = _end_of_field(text, place, fields, depth=depth + 1)
            if after is None:
                return None
            place = after
        else:
            place += 2 if character == "\\" or (formatted and character in "{}") else 1
    return None


def _end_of_field(
    text: str, place: int, fields: list[tuple[int, int]], *, depth: int
) -> int | None:
    """Find where the braces at a place are closed, and note what stands in them."""
    end = _end_of_expression(text, place + 1, depth=depth) if text[place] == "{" else None
    if end is None or not text[place + 1 : end].strip():
        return None
    fields.append((place + 1, end))
    if text.startswith("!", end):
        if text[end + 1 : end + 2] not in {"a", "r", "s"}:
            return None
        end += 2
    if not text.startswith(":", end):
        return end + 1 if text.startswith("}", end) else None
    end += 1
    while end < len(text) and text[end] != "}":
        after = end + 1
        if text[end] == "{":
            after = _end_of_field(text, end, fields, depth=depth + 1) or len(text)
        end = after
    return end + 1 if end < len(text) and depth < _DEEPEST else None


def _end_of_expression(text: str, place: int, *, depth: int) -> int | None:
    """Find the brace, colon or mark that ends an expression, outside of all brackets."""
    level = 0
    while depth < _DEEPEST and place < len(text):
        character = text[place]
        marked = character == "!" and text[place + 1 : place + 2] != "="
        if level == 0 and (character in "}:" or marked):
            return place
        found = _TOKEN.match(text, place)
        if found is None:
            level += (character in "([{") - (character in ")]}")
            place += 1
            continue
        end = found.end() if found[2] is None else _end_of(text, found, [], depth=depth)
        if end is None:
            return None
        place = end
    return None
