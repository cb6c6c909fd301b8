"""Which known mistake prints the same as a submission, by their signatures."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import GUESSED, LIKELY, Suspicion, suspect
from verifier.golden.signature import FEWEST, address_of
from verifier.output.value import floats_in, parse_value
from verifier.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from verifier.golden.signature import Address, Signature
    from verifier.output.transcript import Reading, Transcript
    from verifier.output.value import ParsedValue, Value

_TELLING = 3
"""So many different numbers that are not whole there must be."""
_MOST_DECIMALS = 12
_AMBIGUOUS = 2
"""The most diagnoses that are all named; where more fit, none is known."""


def suspicions(transcript: Transcript, signatures: tuple[Signature, ...]) -> Iterator[Suspicion]:
    """Name the mistakes that print the same, exactly or within one unit of the last decimal."""
    printed = {address_of(reading): reading for reading in transcript.readings}
    found: dict[str, Signature] = {}
    for signature in signatures:
        if len(signature.readings) >= FEWEST and _matches(printed, signature) and _tells(printed):
            found.setdefault(signature.diagnosis, signature)
    if len(found) > _AMBIGUOUS:
        return
    for each in found.values():
        yield suspect(
            each.diagnosis,
            f"it prints what a known mistake prints, {counted(len(each.readings), 'value')}",
            sure=LIKELY if len(found) == 1 else GUESSED,
        )


def _tells(printed: Mapping[Address, Reading]) -> bool:
    """Whether there are numbers to tell a mistake by: zeros and ones are what many end in."""
    numbers = {number for each in printed.values() for number in floats_in(each.value)}
    return sum(math.isfinite(each) and not each.is_integer() for each in numbers) >= _TELLING


def _matches(printed: Mapping[Address, Reading], signature: Signature) -> bool:
    return len(printed) == len(signature.readings) and all(
        address in printed and _is_same(printed[address], text)
        for address, text in signature.readings.items()
    )


def _is_same(reading: Reading, text: str) -> bool:
    if reading.text == text:
        return True
    parsed = parse_value(text, 0, len(text))
    return parsed is not None and _within(reading.value, parsed.value, _unit(reading, parsed))


def _unit(reading: Reading, parsed: ParsedValue) -> Decimal:
    """Give the last decimal of the finer one; a whole number counts something, and has none."""
    decimals = min(max(reading.decimals or 0, parsed.decimals or 0), _MOST_DECIMALS)
    return Decimal(1).scaleb(-decimals) if decimals else Decimal(0)


def _within(seen: Value, known: Value, unit: Decimal) -> bool:
    if isinstance(seen, tuple) and isinstance(known, tuple):
        return len(seen) == len(known) and all(
            _within(a, b, unit) for a, b in zip(seen, known, strict=True)
        )
    if isinstance(seen, Decimal) and isinstance(known, Decimal):
        return seen.is_finite() and known.is_finite() and abs(seen - known) <= unit
    return seen == known
