"""What is drawn around a section word: ``=== word ===``, ``# word``, ``[word]``, ``--- word``.

>>> undecorated("=== mini_training_loop ===")
'mini_training_loop'
>>> undecorated("--option"), undecorated("x="), undecorated("plain")
(None, None, None)

Pure, and linear in the line.
"""

from __future__ import annotations

from itertools import groupby

_RUNS = "=#~*+-.:<>|─━═"
"""Signs that draw a line where they stand twice or more."""
_OPENING = " [<\"'`#>|▶►•■"
_CLOSING = " #]>\"'`:|◀◄•■"
_DRAWN = _RUNS + _OPENING + _CLOSING


def undecorated(text: str) -> str | None:
    """Give what stands inside of a decoration; None where there is none around the whole line."""
    inner = text.strip(_DRAWN)
    if inner == text or not inner:
        return None
    head, _, tail = text.partition(inner)
    # What touches a word on one side only may be a part of it: --option, x=.
    opens = not head or head[-1] == " " or bool(tail.strip(" :"))
    closes = bool(head) or tail.startswith((" ", "..."))
    drawn = _is_drawn(head, _OPENING) and _is_drawn(tail, _CLOSING)
    return inner if opens and closes and drawn else None


def _is_drawn(text: str, signs: str) -> bool:
    return all(
        sign in signs or (sign in _RUNS and len(list(run)) > 1) for sign, run in groupby(text)
    )
