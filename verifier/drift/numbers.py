"""The numbers in a printed value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.stdout_value import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.stdout_value import Value


def value_of(text: str) -> Value:
    """Understand a printed value, with or without a unit behind it; any other text is a word."""
    parsed = parse_value(text, 0, len(text))
    if parsed is None or len(text[parsed.end :].split()) > 1:
        return text
    return parsed.value


def numbers_of(text: str) -> tuple[Decimal, ...]:
    """Give its numbers in the order in which they stand there."""
    return tuple(_flat(value_of(text)))


def _flat(value: Value) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from _flat(inner)
