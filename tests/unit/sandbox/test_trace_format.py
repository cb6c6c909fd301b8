"""The schema of a trace, its writer's bounds and its reader say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT
from verifier.sandbox.trace.format import MAX_LISTED, MAX_NAME, MAX_VALUES
from verifier.trace import reader

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: dict[str, Any] = json.loads((CHECKOUT / "schemas" / "trace.schema.json").read_text())
EXAMPLES = sorted((CHECKOUT / "schemas" / "examples").glob("trace.*.json"))


def test_schema_has_the_kinds_that_are_read() -> None:
    """An event that only one of them knows is a recorder's work for nothing."""
    kinds = [each["$ref"].removeprefix("#/$defs/") for each in SCHEMA["oneOf"]]

    assert set(kinds) == reader._READERS.keys()
    assert [SCHEMA["$defs"][kind]["properties"]["e"]["const"] for kind in kinds] == kinds


def test_schema_has_the_bounds_that_are_kept_to() -> None:
    """A number in JSON cannot be imported."""
    defs = SCHEMA["$defs"]

    assert defs["values"]["maxItems"] == MAX_VALUES
    assert defs["name"]["maxLength"] == defs["tensor"]["properties"]["fn"]["maxLength"] == MAX_NAME
    assert defs["numbers_of"]["maxItems"] == MAX_LISTED
    for kind, members in (("model", "params"), ("optimizer", "groups"), ("step", "params")):
        assert defs[kind]["properties"][members]["maxItems"] == MAX_LISTED


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_read(path: Path) -> None:
    """Each is one event."""
    line = json.dumps(json.loads(path.read_text())).encode()
    trace = reader.read_trace(line)

    assert (len(trace.events), trace.unreadable) == (1, 0)
