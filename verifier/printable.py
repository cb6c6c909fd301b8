r"""Text of a stranger, made safe to show.

>>> printable("0.5\x1b[2J\u202e"), printable("abcdef", limit=3)
('0.5\\x1b[2J\\u202e', 'abc…')

Whatever a submission prints may hold terminal escapes, overwriting carriage
returns, bidirectional controls or zero-width characters. Nothing of it reaches a
terminal, an XML file or a web page except through here.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

_LAST_BYTE = 0xFF
_LAST_OF_FOUR_DIGITS = 0xFFFF

_COLOURS = re.compile(r"\x1b\[[0-9;:]{0,40}m")


def printable(text: str, *, limit: int = 200, keep: str = "") -> str:
    r"""Show a stranger's text: invisible characters as escapes, bounded in length.

    Args:
        text: Any string, lone surrogates included.
        limit: The greatest number of input characters shown.
        keep: Control characters that may stay, such as ``"\n"`` for a block of text.
    Returns:
        Text without control, format, private or unassigned characters; each stands as
        ``\x1b``, ``\u202e`` or ``\U000e0001``. A cut is marked with ``…``. CI services find
        commands to themselves after ``##`` anywhere in a line: it is broken up.
    """
    shown = text[:limit]
    if not shown.isprintable():  # what is, needs no look at each character
        shown = "".join(c if c in keep else _visible(c) for c in shown)
    shown = shown.replace("##", "#\\x23")
    return shown if len(text) <= limit else shown + "…"


def counted(number: int, one: str, more: str | None = None) -> str:
    """Give a number with its noun: ``1 value``, ``2 values``; other plurals are told."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def plain(text: str) -> str:
    """Leave out the colours that a terminal would show; every other escape stays."""
    return _COLOURS.sub("", text)


def last_line(text: str, *, limit: int) -> str:
    """Show the last line of a stranger's text; empty where there is none."""
    lines = text.strip().splitlines()
    return printable(lines[-1].strip(), limit=limit) if lines else ""


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    code = ord(character)
    if code <= _LAST_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"
