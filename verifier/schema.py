"""The JSON schemas (draft 2020-12), and what it means to satisfy one.

Every document of a batch passes here, so jsonschema-rs decides: it takes a two-hundredth of
jsonschema's time. jsonschema words what is wrong with a document that was refused, for it finds
the error that matters. Both are imported on first use: ``labcheck --help`` must not pay for them.
"""

from __future__ import annotations

import json
import math
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

    from verifier.toml import Place

SCHEMA_VERSION = 1
"""Of every document labcheck writes; 1 until the first release."""
MAX_BYTES = 16 * 1024 * 1024
"""The longest document that is read; the largest of a lab here is a seventieth of it."""


_NOT_BLANK = r"\S"
"""The pattern of texts that may be anything else."""


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
    path: Path,
    *,
    schema: str | Callable[[dict[str, Any]], str],
    remedy: str,
    limit_bytes: int = MAX_BYTES,
) -> dict[str, Any]:
    """Read a JSON or TOML file, by its suffix, and check it against its schema.

    An author's text, which is TOML, comes through `printable`: it is shown in many places.

    Args:
        path: The file.
        schema: As `validate` takes it, or what tells it from the document.
        remedy: What to do where the file cannot be read or parsed.
        limit_bytes: A longer file is not read.
    Raises:
        BadDataError: It cannot be read or parsed, or does not satisfy the schema; the message
            names the file.
    """
    try:
        text = read_regular(path, limit_bytes=limit_bytes).decode("utf-8")
        parse = tomllib.loads if path.suffix == ".toml" else json.loads
        document: dict[str, Any] = parse(text)
        if path.suffix == ".toml":  # what people write, and labcheck shows
            document = _plain(document)
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
    wrong = [each for error in _interpreter(name).iter_errors(document) for each in _told(error)]
    places = {place for place, _ in wrong}
    wrong += [(each, "it is no number") for each in _no_numbers(document) if each not in places]
    found = [
        (line_of(place, lines), f"{name}: {_json_path(place)}: {printable(message)}")
        for place, message in wrong
    ]
    if len(found) == 1:
        return f"line {found[0][0]}: {found[0][1]}"
    told = (f"line {line}: {message}" for line, message in sorted(found))
    return "\n  ".join([counted(len(found), "mistake"), *told])


def _told(error: ValidationError) -> Iterator[tuple[Place, str]]:
    place = tuple(error.absolute_path)
    if error.validator == "pattern" and error.validator_value == _NOT_BLANK:
        yield place, "it holds nothing but blanks"
        return
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


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Make every text of a document safe to show, keys aside, which the schemas restrict.

    And every whole number an int, for to a schema 2.0 is one, too.
    """
    if isinstance(value, str):
        return printable(value, limit=len(value), keep="\n\t")
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _no_numbers(
    value: object, place: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """Find NaN and infinities, which to the schemas' types are numbers."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _no_numbers(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _no_numbers(each, (*place, number))
    elif isinstance(value, float) and not math.isfinite(value):
        yield place


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
