"""The house stays one that a newcomer finds their way in: few rooms on a floor, none too long."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

MAX_TOP_LEVEL = 12
MAX_SANDBOX = 20
MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 50
MAX_LAYERS = 20
GONE = ("utils", "helpers", "common", "core", "manager")


def _ours(*folders: str) -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    paths = (CHECKOUT / line for line in listed.stdout.splitlines() if line.endswith(".py"))
    return [path for path in paths if path.exists()]


FILES = _ours("verifier", "bench", "scripts", "lab/*/bench")


def test_the_hall_and_the_sandbox_hold_few_modules() -> None:
    """Besides their packages: `ls` shows the data's path, and not every room at once."""
    top = [path.name for path in FILES if path.parent == CHECKOUT / "verifier"]
    sandbox = [path.name for path in FILES if path.parent == CHECKOUT / "verifier" / "sandbox"]

    assert 0 < len(top) <= MAX_TOP_LEVEL, top
    assert 0 < len(sandbox) <= MAX_SANDBOX, sandbox


def test_no_room_is_called_after_nothing() -> None:
    """A module is named after the noun that it makes."""
    assert [path for path in FILES if path.stem in GONE] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_file_and_no_function_is_too_long_to_be_read(path: Path) -> None:
    """Counted from ``def`` to the last line, the docstring included."""
    text = path.read_text(encoding="utf-8")
    functions = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert text.count("\n") <= MAX_FILE_LINES
    assert {name: n for name, n in functions.items() if n > MAX_FUNCTION_LINES} == {}


def test_the_import_contracts_fit_on_one_screen() -> None:
    """What a person can keep in mind, and every package has its place in it."""
    document = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    (path,) = [each for each in contracts if each["type"] == "layers"]
    places = {name for layer in path["layers"] for name in layer.split(" | ")}
    packages = {each.parent.name for each in CHECKOUT.glob("verifier/*/__init__.py")}

    assert len(path["layers"]) <= MAX_LAYERS
    assert path["exhaustive"]
    assert packages <= places
