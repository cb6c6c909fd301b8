"""Pages where they lie: found in a folder, read with bounds, no link followed."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.errors import UsageError
from verifier.files import open_below
from verifier.lesson.block import MAX_NOTEBOOK_BYTES, MAX_PAGE_BYTES, Note
from verifier.lesson.markdown import read_markdown
from verifier.lesson.notebook import read_notebook
from verifier.lesson.page import Page, paired
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.lesson.block import Item

PAGE_SUFFIXES = frozenset({".md", ".mdx", ".markdown", ".myst", ".ipynb"})
_PASSED_OVER = frozenset({"node_modules", "_build", "dist", "site-packages", "__pycache__"})
MAX_PAGES = 2_000
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page lies."""

    base: Path
    """The page, or the folder that the user named."""
    below: tuple[str, ...] = ()
    """Where in that folder it is."""

    @property
    def path(self) -> Path:
        """The page, as the user would name it."""
        return self.base.joinpath(*self.below)


def find_pages(given: Sequence[Path]) -> list[Place]:
    """List the pages named, and those in the folders named, sorted within each.

    Hidden folders and those of tools are passed over; links are not followed.

    Raises:
        UsageError: A name stands for nothing, or there is no page, or there are too many.
    """
    found: list[Place] = []
    for path in given:
        if path.is_dir():
            found += [Place(base=path, below=below) for below in sorted(_below(path, ()))]
        elif path.exists() or path.is_symlink():
            if path.suffix.lower() not in PAGE_SUFFIXES:
                raise UsageError(
                    f"{printable(str(path))} is no page",
                    remedy=f"name a file that ends with one of {', '.join(sorted(PAGE_SUFFIXES))}",
                )
            found.append(Place(base=path))
        else:
            raise UsageError(f"there is no page {printable(str(path))}", remedy="check the path")
        if len(found) > MAX_PAGES:
            raise UsageError(
                f"there are more than {MAX_PAGES} pages", remedy="name a folder with fewer"
            )
    if not found:
        raise UsageError(
            "there is no page in what was named",
            remedy=f"pages end with {', '.join(sorted(PAGE_SUFFIXES))}",
        )
    return list(dict.fromkeys(found))


def _below(base: Path, below: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    folder = base.joinpath(*below)
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError as error:
        why = printable(error.strerror or str(error))
        raise UsageError(
            f"{printable(str(folder))} cannot be listed: {why}",
            remedy="make it readable, or name the folders beside it",
        ) from error
    for entry in listed:
        name = entry.name
        if entry.is_dir(follow_symlinks=False):
            is_passed_over = name.startswith((".", "_build")) or name in _PASSED_OVER
            if not is_passed_over and len(below) < _MAX_DEPTH:
                yield from _below(base, (*below, name))
        elif Path(name).suffix.lower() in PAGE_SUFFIXES and not name.startswith("."):
            yield (*below, name)


def read_page(place: Place) -> Page:
    """Read one page; what cannot be read is a page without scripts, and a note says why."""
    try:
        return parse_page(page_bytes(place), place.path.name)
    except UnicodeDecodeError as error:
        return _unread(f"it is no UTF-8 (byte {error.start})")
    except OSError as error:
        return _unread(error.strerror or str(error))
    except ValueError as error:
        return _unread(str(error))


def parse_page(content: bytes, name: str) -> Page:
    """Read what stands on a page.

    Args:
        content: Of the page.
        name: Of the page: how it ends says how it is read.
    Raises:
        ValueError: It is no UTF-8, or no notebook.
    """
    return replace(paired(items_of(content, name)), is_notebook=_is_notebook(name))


def items_of(content: bytes, name: str) -> Iterator[Item]:
    """Read what stands on a page, in its order; as `parse_page`."""
    text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    if _is_notebook(name):
        return read_notebook(text)
    return read_markdown(text, is_mdx=Path(name).suffix.lower() == ".mdx")


def _is_notebook(name: str) -> bool:
    return Path(name).suffix.lower() == ".ipynb"


def _unread(why: str) -> Page:
    return Page(scripts=(), notes=(Note(line=1, message=f"not read: {printable(why)}"),))


def page_bytes(place: Place) -> bytes:
    """Read the file of a page, following no link below what the user named.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no regular file, or longer than a page may be.
    """
    limit_bytes = MAX_NOTEBOOK_BYTES if _is_notebook(place.path.name) else MAX_PAGE_BYTES
    base, below = (place.base, place.below) if place.below else (
        place.base.parent, (place.base.name,)
    )  # fmt: skip
    descriptor = open_below(base, below, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise ValueError(f"it is longer than {limit_bytes} bytes")
    return content
