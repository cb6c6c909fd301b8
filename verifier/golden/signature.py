"""Signatures: what known mistakes print.

Kept as ``golden/mistakes.json``, made in the pinned container by a command; a new torch makes
them anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.schema import SCHEMA_VERSION, read_document, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from verifier.lab.spec import Exercise, Lab
    from verifier.output.transcript import Reading, Transcript

Address = tuple[str | None, str | None, str | None, int]
"""Section, row, key and occurrence."""

FEWEST = 6
"""Readings below which a signature says too little: a script that stopped early."""


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
        readings={address_of(reading): reading.text for reading in transcript.readings},
    )


def address_of(reading: Reading) -> Address:
    """Say where a value was printed."""
    return reading.section, reading.row, reading.key, reading.occurrence


def signatures_to_json(signatures: Iterable[Signature]) -> dict[str, dict[str, Any]]:
    """Give what the file holds of each signature, by mistake."""
    return {
        each.mistake: {
            "exercise": each.exercise,
            "diagnosis": each.diagnosis,
            "readings": [[*address, text] for address, text in each.readings.items()],
        }
        # The more specific name first: of two that print the same, the first is named.
        for each in sorted(signatures, key=lambda each: f"{each.mistake}.")
    }


def signatures_text(signatures: Mapping[str, dict[str, Any]], *, lab: str) -> str:
    """Give the file's content, a line a signature.

    Raises:
        BadDataError: It would break its own schema.
    """
    document = {"schema_version": SCHEMA_VERSION, "lab": lab, "signatures": dict(signatures)}
    validate("signatures", document)
    start, end = strict_json(document | {"signatures": {}}).split("{}")
    lines = (f"{strict_json(name)}: {strict_json(each)}" for name, each in signatures.items())
    return f"{start}{{\n" + ",\n".join(lines) + f"\n}}{end}\n"


def signatures_file(lab: Lab) -> Path:
    """Name the file that a lab keeps its signatures in."""
    return lab.folder / "golden" / "mistakes.json"


def read_signatures(lab: Lab) -> dict[str, dict[str, Any]]:
    """Read what the file holds of each signature, by mistake; there may be none.

    Raises:
        BadDataError: It cannot be read, or breaks its schema.
    """
    file = signatures_file(lab)
    if not file.exists():
        return {}
    document = read_document(file, schema="signatures", remedy="make the signatures again")
    signatures: dict[str, dict[str, Any]] = document["signatures"]
    return signatures if document["lab"] == lab.id else {}


def load_signatures(lab: Lab, exercise: Exercise) -> tuple[Signature, ...]:
    """Read the signatures of an exercise's mistakes; there may be none.

    Raises:
        BadDataError: As `read_signatures`.
    """
    return tuple(
        Signature(
            mistake=mistake,
            exercise=exercise.id,
            diagnosis=each["diagnosis"],
            readings={
                (section, row, key, occurrence): text
                for section, row, key, occurrence, text in each["readings"]
            },
        )
        for mistake, each in read_signatures(lab).items()
        if each["exercise"] == exercise.id
    )
