"""What makes another number of the one in front of it: a power, a factor, a magnitude.

>>> makes_another("million"), makes_another("x 1000"), makes_another("e-3"), makes_another("(BCE)")
(True, True, True, False)

A unit or a remark does not. Pure.
"""

from __future__ import annotations

import re

from verifier.output.value import parse_value

_FACTOR = re.compile(
    r"""
    (?:[(\[]\s*+)?(?:in\s++)?(?i:
        (?:hundred|thousand|million|billion|trillion)(?:th)?s?+
        |lakh|crore|dozen|mio|mln|bn|milli|micro|kilo|mega|giga)\b
    |(?:(?i:k)|[MGT])\b
    |(?:[(\[]\s*+)?(?:
        (?i:x)\s*+1[0e]
        |[×*]\s*+[0-9]
        |[·⋅]\s*+1(?:e|0\s*+(?:\*\*|[\^⁺⁻⁰¹²³⁴-⁹]))
        |(?i:times)\s++[0-9]
        |(?:\*\*|\^)\s*+[-+(]?[0-9])
    |(?i:e)\s*+[-+]?\s*+[0-9]
    """,
    re.VERBOSE,
)


def makes_another(behind: str) -> bool:
    """Whether what stands behind a number makes another of it."""
    return _FACTOR.match(behind) is not None


def behind_value(text: str) -> str:
    """Give what stands behind a printed value in its text, as ``(dL/db)`` behind ``[0.5]``."""
    parsed = parse_value(text, 0, len(text))
    return "" if parsed is None else text[parsed.end :].strip()
