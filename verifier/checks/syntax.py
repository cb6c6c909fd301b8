"""The one bounded parse of a submission's text, and the numbers and calls that stand in it.

Python's own parser takes a minute and 0.7 GB for some texts of a mebibyte. A text that is longer
than any lesson's script is not parsed at all: advice goes without it, and the numbers that stand
there are found by a pattern, so that nobody hides them by making a script long. Pure.
"""

from __future__ import annotations

import ast
import math
import re
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache

MAX_PARSED_BYTES = 32 * 1024
"""The longest text that is parsed; the dearest of that length takes 0.1 s and 25 MB."""
_QUIET = threading.Lock()
"""Guards the list of warning filters, which belongs to the process: a batch judges in threads."""
_FRACTION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}", re.ASCII)
_NUMBER = re.compile(
    rb"(?<![\w.])(?:[0-9][0-9_]{0,400}\.?[0-9_]{0,400}|\.[0-9][0-9_]{0,400})(?:[eE][+-]?[0-9]{1,4})?"
)
_CALL = re.compile(rb"(?<!\w)([A-Za-z_]\w{0,60}+)\s{0,9}+\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in a script's text."""

    numbers: list[float]
    """Without their signs, sorted; those within texts too."""
    called: frozenset[str]
    """The last names of what is called, as ``exp`` in ``math.exp(…)``."""


def parsed(source: bytes) -> ast.Module | None:
    """Parse a script, without a word of warning.

    Returns:
        None where it is too long, nested too deep, or no Python.
    """
    if len(source) > MAX_PARSED_BYTES:
        return None
    try:
        with _QUIET, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=2)
def written_in(source: bytes) -> Written:
    """Find the numbers and calls in a script: by its syntax, or by pattern where it has none.

    Judging asks several times about one script, which is read once.
    """
    tree = parsed(source)
    return _by_pattern(source) if tree is None else _by_syntax(tree)


def _by_syntax(tree: ast.Module) -> Written:
    numbers: list[float] = []
    called: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            numbers += _numbers_of(node.value)
        elif isinstance(node, ast.Call):
            called.add(_called_name(node.func))
    return Written(numbers=sorted(numbers), called=frozenset(called))


def _numbers_of(value: object) -> list[float]:
    if isinstance(value, str):
        return [float(text) for text in _FRACTION.findall(value)]
    if not isinstance(value, (int, float)):
        return []
    try:
        return [abs(float(value))]
    except OverflowError:  # beyond every float, so beyond every number that is compared
        return []


def _called_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _by_pattern(source: bytes) -> Written:
    found = (float(text.replace(b"_", b"")) for text in _NUMBER.findall(source))
    return Written(
        numbers=sorted(each for each in found if math.isfinite(each)),
        called=frozenset(name.decode() for name in set(_CALL.findall(source))),
    )
