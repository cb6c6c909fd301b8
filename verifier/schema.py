"""The JSON schemas (draft 2020-12), and what it means to satisfy one.

Every document of a batch passes here, so jsonschema-rs decides: it takes a two-hundredth of
jsonschema's time. jsonschema words what is wrong with a document that was refused, for it finds
the error that matters. Both are imported on first use: ``labcheck --help`` must not pay for them.
"""

from __future__ import annotations

import json
import tomllib
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.files import read_regular
from verifier.printable import counted, printable
from verifier.resources import schema_folder
from verifier.toml import line_of, lines_of_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import jsonschema_rs
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMA_VERSION = 1
"""Of every document labcheck writes; 1 until the first release."""
MAX_BYTES = 16 * 1024 * 1024
"""The longest document that is read; the largest of a lab here is a seventieth of it."""


def validate(name: str, document: object) -> None:
    """Check a document against ``schemas/<name>.schema.json``.

    Raises:
        BadDataError: It does not satisfy the schema; the message names the place.
    """
    if _is_valid(name, document):
        return
    place, message = _worst_error(name, document)
    raise BadDataError(
        f"{name}: {place}: {printable(message)}",
        remedy=f"compare it with schemas/{name}.schema.json",
    )


def read_document(
    path: Path, *, schema: str | Callable[[dict[str, Any]], str], remedy: str
) -> dict[str, Any]:
    """Read a JSON or TOML file, by its suffix, and check it against its schema.

    An author's text, which is TOML, comes through `printable`: it is shown in many places.

    Args:
        path: The file.
        schema: As `validate` takes it, or what tells it from the document.
        remedy: What to do where the file cannot be read or parsed.
    Raises:
        BadDataError: It cannot be read or parsed, or does not satisfy the schema; the message
            names the file.
    """
    try:
        text = read_regular(path, limit_bytes=MAX_BYTES).decode("utf-8")
        parse = tomllib.loads if path.suffix == ".toml" else json.loads
        document: dict[str, Any] = parse(text)
        if path.suffix == ".toml":  # what people write, and labcheck shows
            document = _shown(document)
    except (OSError, ValueError, RecursionError) as error:
        raise BadDataError(f"{printable(str(path))}: {error}", remedy=remedy) from error
    name = schema if isinstance(schema, str) else schema(document)
    try:
        validate(name, document)
    except BadDataError as error:
        told = _mistakes(name, document, text) if path.suffix == ".toml" else error.problem
        raise BadDataError(f"{printable(str(path))}: {told}", remedy=error.remedy) from error
    return document


def _mistakes(name: str, document: dict[str, Any], text: str) -> str:
    """Tell all that is wrong with what a person wrote, with the line and the nearest known key."""
    lines = lines_of_keys(text)
    found = [
        (line_of(place, lines), f"{name}: {_json_path(place)}: {printable(message)}")
        for error in _interpreter(name).iter_errors(document)
        for place, message in _told(error)
    ]
    if len(found) == 1:
        return f"line {found[0][0]}: {found[0][1]}"
    told = (f"line {line}: {message}" for line, message in sorted(found))
    return "\n  ".join([counted(len(found), "mistake"), *told])


def _told(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    place = tuple(error.absolute_path)
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        yield place, error.message
        return
    known = list(error.schema.get("properties", ())) if isinstance(error.schema, dict) else []
    for key in error.instance:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            meant = f"is {near[0]} meant?" if near else f"known are {', '.join(known)}"
            yield (*place, key), f"unknown key; {meant}"


def _json_path(place: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place)


def _shown(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Make every text of a document safe to show, keys aside, which the schemas restrict."""
    if isinstance(value, str):
        return printable(value, limit=len(value), keep="\n\t")
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def _is_valid(name: str, document: object) -> bool:
    try:
        return _judge(name).is_valid(document)
    except ValueError:  # it holds what JSON has not, such as bytes
        return False


def _worst_error(name: str, document: object) -> tuple[str, str]:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - imported on first use

    error = best_match(_interpreter(name).iter_errors(document))
    if error is None:  # Python's regular expressions let a newline pass before "$"
        return "$", "it does not satisfy a pattern"
    return error.json_path, error.message


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    """Read every schema, by its ``$id``."""
    found = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(schema_folder().glob("*.schema.json"))
    )
    return {schema["$id"]: schema for schema in found}


def _schema(name: str) -> dict[str, Any]:
    try:
        return _schemas()[f"urn:labcheck:{name}"]
    except KeyError as error:
        raise BadDataError(f"there is no schema {name}", remedy="install labcheck again") from error


@cache
def _judge(name: str) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs  # noqa: PLC0415 - imported on first use

    return jsonschema_rs.Draft202012Validator(_schema(name), registry=_registry())


@cache
def _registry() -> jsonschema_rs.Registry:
    import jsonschema_rs  # noqa: PLC0415 - imported on first use

    return jsonschema_rs.Registry(list(_schemas().items()))


@cache
def _interpreter(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - imported on first use
    from referencing import Registry, Resource  # noqa: PLC0415 - imported on first use

    registry: Registry[Any] = Registry().with_resources(
        (place, Resource.from_contents(schema)) for place, schema in _schemas().items()
    )
    return Draft202012Validator(_schema(name), registry=registry)


def strict_json(document: object, *, indent: int | None = None) -> str:
    """Write JSON that any parser reads: ASCII, no NaN, no infinities.

    Raises:
        ValueError: The document holds a non-finite float; it must be written as a string before.
    """
    text = json.dumps(document, allow_nan=False, ensure_ascii=True, indent=indent)
    # The same value to a parser, but no command to a CI service that looks for them in its log.
    return text.replace("##", "#\\u0023")
