"""The JSON schemas (draft 2020-12), and what it means to satisfy one.

jsonschema is imported on first use, for ``labcheck --help`` must not pay for it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.printable import printable
from verifier.resources import schema_folder

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SCHEMA_VERSION = 1
"""Of every document labcheck writes; 1 until the first release."""


def validate(name: str, document: object) -> None:
    """Check a document against ``schemas/<name>.schema.json``.

    Raises:
        BadDataError: It does not satisfy the schema; the message names the place.
    """
    worst = _worst_error(name, document)
    if worst is not None:
        place, message = worst
        raise BadDataError(
            f"{name}: {place}: {printable(message)}",
            remedy=f"compare it with schemas/{name}.schema.json",
        )


def _worst_error(name: str, document: object) -> tuple[str, str] | None:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - imported on first use

    error = best_match(_validator(name).iter_errors(document))
    return None if error is None else (error.json_path, error.message)


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - imported on first use
    from referencing import Registry, Resource  # noqa: PLC0415 - imported on first use

    schemas: dict[str, dict[str, Any]] = {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(schema_folder().glob("*.schema.json"))
    }
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    try:
        return Draft202012Validator(schemas[f"{name}.schema.json"], registry=registry)
    except KeyError as error:
        raise BadDataError(f"there is no schema {name}", remedy="install labcheck again") from error


def strict_json(document: object, *, indent: int | None = None) -> str:
    """Write JSON that any parser reads: ASCII, no NaN, no infinities.

    Raises:
        ValueError: The document holds a non-finite float; it must be written as a string before.
    """
    text = json.dumps(document, allow_nan=False, ensure_ascii=True, indent=indent)
    # The same value to a parser, but no command to a CI service that looks for them in its log.
    return text.replace("##", "#\\u0023")
