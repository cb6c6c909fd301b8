"""Modules that hold a grammar or a protocol open with examples, and those are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    "verifier.drift.release",
    "verifier.drift.torch_environment",
    "verifier.lab.relation",
    "verifier.output.line",
    "verifier.output.match",
    "verifier.output.text",
    "verifier.output.transcript",
    "verifier.output.value",
    "verifier.printable",
    "verifier.run.frames",
    "verifier.sandbox.request",
    "verifier.sandbox.walls.tier",
    "verifier.sandbox.wire",
    "verifier.trace.event",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_are_true(name: str) -> None:
    """A newcomer reads them first; the first of them stand in the module's own docstring."""
    module = importlib.import_module(name)
    found = doctest.testmod(module)

    assert ">>>" in (module.__doc__ or "")
    assert found.attempted > 0
    assert found.failed == 0
