"""``bench/results.json`` and its like: each benchmark has keys, or a file, of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from verifier.schema import SCHEMA_VERSION, read_document, strict_json, validate

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, *, schema: str = "bench") -> dict[str, Any]:
    """Read what is there; an empty document where there is none.

    Raises:
        BadDataError: It does not satisfy its schema.
    """
    if not path.exists():
        return {"schema_version": SCHEMA_VERSION}
    return read_document(path, schema=schema, remedy="mend the file, or measure again")


def update(path: Path, figures: dict[str, Any]) -> None:
    """Replace the keys that one benchmark writes, and keep those of the others.

    Raises:
        BadDataError: The result would not satisfy the schema; nothing is written then.
    """
    write(path, read(path) | figures)


def write(path: Path, document: dict[str, Any], *, schema: str = "bench") -> None:
    """Write a whole document.

    Raises:
        BadDataError: It does not satisfy its schema; nothing is written then.
    """
    validate(schema, document)
    path.write_text(strict_json(document, indent=2) + "\n", encoding="utf-8")


def today() -> str:
    """The date, as ISO 8601 has it."""
    return datetime.now(tz=UTC).date().isoformat()
