"""What a lab's golden says of its fields: they are derived from the reference's run, not written.

A golden of a lab with schema 2 holds them; `labcheck golden update` puts them there.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.lab.field import Field
from verifier.lab.stage import Stage
from verifier.printable import printable
from verifier.schema import read_document

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.stage import Concept


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedField:
    """A field, and what its value is about."""

    field: Field
    """Without a stage of its own: `output` stands there."""
    concept: Concept


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the run of a reference says of its exercise."""

    fields: tuple[DerivedField, ...]
    """In printed order."""
    unsteady: tuple[str, ...]
    """Names of readings that another run prints otherwise: nothing that could be judged."""
    output: str
    """All that was printed; what is judged where no field could be derived."""


def derived_to_json(derived: Derived) -> dict[str, Any]:
    """Give it as the golden's schema has it."""
    return {
        "fields": [_field_to_json(each) for each in derived.fields],
        "unsteady": list(derived.unsteady),
        "output": derived.output,
    }


def _field_to_json(derived: DerivedField) -> dict[str, Any]:
    field = derived.field
    return {
        "section": field.section,
        "label": field.label,
        "where": [list(pair) for pair in field.where],
        "key": field.key,
        "occurrence": field.occurrence,
        "kind": field.kind,
        "decimals": field.decimals,
        "shape": list(field.shape),
        "atol": format(field.atol, "f"),
        "why": field.why,
        "concept": derived.concept,
    }


def derived_from_json(document: dict[str, Any]) -> Derived:
    """Read it back from a document that satisfies the golden's schema.

    Raises:
        BadDataError: A name or reason in it is more than text; a lab may come from anywhere.
    """
    fields = tuple(map(_field_from_json, document["fields"]))
    for each in fields:
        if not is_shown(each.field):
            raise BadDataError(
                f"the golden's field {printable(each.field.name)} is more than text",
                remedy="make it again: `labcheck golden update --reason …`",
            )
    return Derived(
        fields=fields,
        unsteady=tuple(document["unsteady"]),
        output=document["output"],
    )


def is_shown(field: Field) -> bool:
    """Whether all that people are shown of a field is plain text."""
    rows = (text for pair in field.where for text in pair)
    shown = (field.section, field.label or "", field.key, field.why, *rows)
    return all(printable(text, limit=len(text)) == text for text in shown)


def _field_from_json(document: dict[str, Any]) -> DerivedField:
    field = Field(
        section=document["section"],
        key=document["key"],
        row_key=None,
        row=None,
        stage=Stage.OUTPUT,
        decimals=document["decimals"],
        atol=Decimal(document["atol"]),
        rtol=Decimal(0),
        why=document["why"],
        shape=tuple(document["shape"]),
        label=document["label"],
        where=tuple((key, value) for key, value in document["where"]),
        occurrence=document["occurrence"],
        kind=document["kind"],
    )
    return DerivedField(field=field, concept=document["concept"])


def read_derived(golden: Path) -> Derived | None:
    """Read what a golden file says of the fields; None where there is none that can be read.

    Whoever judges by it reads the file again, and is told what is wrong with it.
    """
    try:
        document = read_document(golden, schema="golden", remedy="make it again")
        return derived_from_json(document["derived"]) if "derived" in document else None
    except BadDataError:
        return None
