"""Schemas are what documents satisfy, and examples show."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.fakes import CHECKOUT
from verifier.errors import BadDataError
from verifier.schema import strict_json, validate

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = sorted((CHECKOUT / "schemas").glob("*.schema.json"))
EXAMPLES = sorted((CHECKOUT / "schemas" / "examples").glob("*.json"))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_is_a_valid_schema_of_its_draft(path: Path) -> None:
    """A schema with a typing error accepts everything."""
    schema = json.loads(path.read_text())

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:labcheck:" + path.name.removesuffix(".schema.json")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example_satisfies_its_schema(path: Path) -> None:
    """``report.failed.json`` is an example of ``report``."""
    validate(path.name.split(".")[0], json.loads(path.read_text()))


def test_every_document_has_an_example() -> None:
    """A reader of a schema wants to see one."""
    shown = {path.name.split(".")[0] for path in EXAMPLES}

    assert {path.name.removesuffix(".schema.json") for path in SCHEMAS} - shown == set()


def test_violation_names_the_place() -> None:
    """Exit 5 with a path, not a dump of the schema."""
    document = json.loads((CHECKOUT / "schemas/examples/record.json").read_text())
    document["readings"][3]["occurrence"] = 0

    with pytest.raises(BadDataError, match=r"record: \$\.readings\[3\]\.occurrence"):
        validate("record", document)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("sha256", "0" * 64 + "\n", "it does not satisfy a pattern"),
        ("sha256", b"0" * 64, "is not of type"),
    ],
)
def test_what_only_one_judge_refuses_is_refused(place: str, value: object, said: str) -> None:
    """A newline behind a digest, which Python's ``$`` lets pass; bytes, which JSON has not."""
    document = json.loads((CHECKOUT / "schemas/examples/report.failed.json").read_text())
    document["submission"][place] = value

    with pytest.raises(BadDataError, match=said):
        validate("report", document)


def test_unknown_schema_is_an_error() -> None:
    """An incomplete installation says so."""
    with pytest.raises(BadDataError, match="there is no schema nothing"):
        validate("nothing", {})


def test_strict_json_holds_no_command_to_a_ci_service() -> None:
    """The value is the same to a parser; the line is no command to whoever scans a log."""
    text = strict_json({"a": "##[set-output name=x]y"})

    assert "##" not in text
    assert json.loads(text) == {"a": "##[set-output name=x]y"}


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_strict_json_refuses_what_json_has_not(number: float) -> None:
    """Another language's parser would refuse the document."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        strict_json({"loss": number})
