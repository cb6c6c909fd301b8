"""Signatures: what known mistakes print, and which of them prints the same as a submission.

Kept as ``golden/mistakes/<id>.json``, made in the pinned container by a command; a new torch
makes them anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from verifier.diagnosis.diagnosis import GUESSED, LIKELY, Suspicion
from verifier.output.value import floats_in, parse_value
from verifier.printable import printable
from verifier.schema import SCHEMA_VERSION, read_document, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from verifier.lab.spec import Exercise, Lab
    from verifier.output.transcript import Reading, Transcript
    from verifier.output.value import ParsedValue, Value

Address = tuple[str | None, str | None, str | None, int]
"""Section, row, key and occurrence."""

FEWEST = 6
"""Readings below which a signature says too little: a script that stopped early."""
_TELLING = 3
"""So many different numbers that are not whole there must be."""
_MOST_DECIMALS = 12
_AMBIGUOUS = 2
"""The most diagnoses that are all named; where more fit, none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What one known mistake prints."""

    mistake: str
    """Its file's name."""
    exercise: str
    diagnosis: str
    readings: Mapping[Address, str]
    """Text by address, in printed order."""


def signature_of(
    transcript: Transcript, *, mistake: str, exercise: str, diagnosis: str
) -> Signature:
    """Make the signature of a mistake from what it printed."""
    return Signature(
        mistake=mistake,
        exercise=exercise,
        diagnosis=diagnosis,
        readings={_address(reading): reading.text for reading in transcript.readings},
    )


def _address(reading: Reading) -> Address:
    return reading.section, reading.row, reading.key, reading.occurrence


def signature_text(signature: Signature, *, lab: str) -> str:
    """Give the file's content.

    Raises:
        BadDataError: It would break its own schema.
    """
    names = ("section", "row", "key", "occurrence")
    document = {
        "schema_version": SCHEMA_VERSION,
        "mistake": signature.mistake,
        "lab": lab,
        "exercise": signature.exercise,
        "diagnosis": signature.diagnosis,
        "readings": [
            dict(zip(names, address, strict=True)) | {"text": text}
            for address, text in signature.readings.items()
        ],
    }
    validate("signature", document)
    return strict_json(document, indent=2) + "\n"


def signature_folder(lab: Lab) -> Path:
    """Name the folder that a lab keeps its signatures in."""
    return lab.folder / "golden" / "mistakes"


def load_signatures(lab: Lab, exercise: Exercise) -> tuple[Signature, ...]:
    """Read the signatures of an exercise's mistakes; there may be none.

    Raises:
        BadDataError: One cannot be read, or breaks its schema.
    """
    documents = [
        read_document(path, schema="signature", remedy="make the signatures again")
        for path in sorted(signature_folder(lab).glob("*.json"))
    ]
    return tuple(
        _signature(each)
        for each in documents
        if (each["lab"], each["exercise"]) == (lab.id, exercise.id)
    )


def _signature(document: dict[str, Any]) -> Signature:
    return Signature(
        mistake=document["mistake"],
        exercise=document["exercise"],
        diagnosis=document["diagnosis"],
        readings={
            (each["section"], each["row"], each["key"], each["occurrence"]): each["text"]
            for each in document["readings"]
        },
    )


def suspicions(transcript: Transcript, signatures: tuple[Signature, ...]) -> Iterator[Suspicion]:
    """Name the mistakes that print the same, exactly or within one unit of the last decimal."""
    printed = {_address(reading): reading for reading in transcript.readings}
    found: dict[str, Signature] = {}
    for signature in signatures:
        if len(signature.readings) >= FEWEST and _matches(printed, signature) and _tells(printed):
            found.setdefault(signature.diagnosis, signature)
    if len(found) > _AMBIGUOUS:
        return
    for each in found.values():
        yield Suspicion(
            id=each.diagnosis,
            confidence=LIKELY if len(found) == 1 else GUESSED,
            evidence=(
                (
                    f"it prints the {len(each.readings)} values of the known mistake "
                    f"{printable(each.mistake)}"
                ),
            ),
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
