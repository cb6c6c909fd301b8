"""The words keep up with the tree: what documents name is there."""

from __future__ import annotations

import ast
import re
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from verifier.cli import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERIFIER = CHECKOUT / "verifier"
PAGES = [
    *sorted(CHECKOUT.glob("docs/*.md")),
    *(CHECKOUT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
]
FOLDERS = {"bench", "docker", "docs", "lab", "schemas", "scripts", "tests", "verifier"} | {
    path.parent.name for path in VERIFIER.glob("*/__init__.py")
}
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`|^\$ ([^#\n]+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
BRACES = re.compile(r"\{([^{}]*)\}")
PATH = re.compile(r"[\w./*-]+")
MEMBER = re.compile(r"([a-z_]+)\.([a-z_]+)")


def _code(page: Path) -> str:
    """Give all that stands in backticks, and every command of a console."""
    return "\n".join(one or other for one, other in CODE.findall(page.read_text()))


def _spelled_out(name: str) -> Iterator[str]:
    """Give ``a/{b,c}`` as both, with a star for ``<id>`` and for what is left out."""
    parts = BRACES.split(re.sub(r"<[^<>]*>|…", "*", name))
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    yield from ("".join(each) for each in product(*choices))


def _named(page: Path) -> set[str]:
    """Whatever looks like a path, or like a module or its member."""
    words = {name for word in _code(page).split() for name in _spelled_out(word)}
    paths = {word for word in words if "/" in word and word.partition("/")[0] in FOLDERS}
    members = {
        word
        for word in words
        if (found := MEMBER.fullmatch(word)) and (VERIFIER / f"{found[1]}.py").exists()
    }
    return {word for word in paths if PATH.fullmatch(word)} | members


def _is_there(name: str) -> bool:
    """Whether it is a path of the checkout, or one, a module or its member below ``verifier/``."""
    if name.endswith("/"):
        return any(path.is_dir() for root in (CHECKOUT, VERIFIER) for path in root.glob(name))
    module, _, member = name.rpartition(".")
    found = [*CHECKOUT.glob(name), *VERIFIER.glob(name), *VERIFIER.glob(f"{name}.py")]
    homes = VERIFIER.glob(f"{module}.py") if module else ()
    return bool(found) or any(member in _members(home) for home in homes)


def _members(module: Path) -> set[str]:
    tree = ast.parse(module.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_modules_that_a_page_names_are_there(page: Path) -> None:
    """In code, from the checkout's root or from ``verifier/``."""
    assert {name for name in _named(page) if not _is_there(name)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_a_page_names_are_there(page: Path) -> None:
    """Those of labcheck, and the targets of make."""
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    code = _code(page)

    assert set(re.findall(r"^make ([a-z-]+)", code, re.MULTILINE)) <= set(targets)
    assert set(re.findall(r"\blabcheck ([a-z]+)(?![\w./-])", code)) <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    """To a file of the tree, and to a heading that it has."""
    for link in LINK.findall(FENCED.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page

        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize(
    "name", ["checks/closeness.compare", "checks/closeness", "task.load_task", "lab/*/lab.toml"]
)
def test_what_is_there_is_found(name: str) -> None:
    """As documents name modules, their members and files."""
    assert _is_there(name)


@pytest.mark.parametrize(
    "name", ["checks/closeness.contrast", "checks/nearness", "task.no_task", "lab/*.yaml", "lab/x/"]
)
def test_what_is_not_there_is_missed(name: str) -> None:
    """The control: these tests see a wrong name."""
    assert not _is_there(name)


def test_architecture_fits_on_two_pages_and_the_readme_is_for_users() -> None:
    """What grows beyond that has a page of its own in ``docs``."""
    architecture = (CHECKOUT / "ARCHITECTURE.md").read_text()
    readme = (CHECKOUT / "README.md").read_text().partition("## Figures")[0]

    assert architecture.count("\n") <= 120
    assert len(architecture.encode()) <= 9000
    assert readme.count("\n") < 160
