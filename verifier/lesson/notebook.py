"""A Jupyter notebook → its cells and their outputs, as what stands on a page.

Read as plain JSON: of a notebook's format only cells, sources and outputs matter here, and any of
them may be missing or of another type. A place on it is the number of a cell, from 1.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from verifier.lesson.block import MAX_BLOCK_CHARACTERS, MAX_BLOCKS, Code, Mark, Note, Words
from verifier.lesson.markdown import read_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.lesson.block import Item

_OTHER_CELL = re.compile(r"\s*%%(?!(?:time|timeit|capture)\b)")
_MAGIC = re.compile(r"^([ \t]*)(?:%{1,2}[A-Za-z]|[!?])[^\n]*", re.MULTILINE)
"""A line of the notebook itself; one that begins with ``% 3`` is a modulo."""


def read_notebook(text: str) -> Iterator[Item]:
    """Read a notebook.

    Raises:
        ValueError: It is no JSON, or holds no list of cells.
    """
    try:
        document: Any = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        message = "it holds no cells (notebooks older than version 4 are not read)"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is the file
    language = _language(document.get("metadata"))
    if language != "python":
        yield Note(line=1, message=f"its cells are {language}, not Python: they are left out")
        return
    for number, cell in enumerate(cells, 1):
        if number > MAX_BLOCKS:
            yield Note(line=number, message=f"only the first {MAX_BLOCKS} cells are read")
            return
        if isinstance(cell, dict):
            yield from _cell(cell, number)


def _language(metadata: object) -> str:
    """Name the language of the cells; Python where the notebook does not say."""
    for table, key in (("language_info", "name"), ("kernelspec", "language")):
        said = metadata.get(table) if isinstance(metadata, dict) else None
        name = said.get(key) if isinstance(said, dict) else None
        if isinstance(name, str):
            return name.lower()
    return "python"


def _cell(cell: dict[str, Any], number: int) -> Iterator[Item]:
    source = _joined(cell.get("source"))
    if len(source) > MAX_BLOCK_CHARACTERS:
        yield Note(line=number, message="a cell that long is left out")
        return
    if cell.get("cell_type") == "markdown":
        for item in read_markdown(source, is_mdx=False):
            if isinstance(item, Words | Mark):
                yield replace(item, line=number)
            elif isinstance(item, Code) and item.kind in ("output", "shell", "quoted", "indented"):
                yield replace(item, line=number, text_line=number, kind="quoted")
        return
    if cell.get("cell_type") != "code" or not source.strip():
        return
    outputs = cell.get("outputs")
    listed = outputs if isinstance(outputs, list) else []
    known = [each for each in listed if isinstance(each, dict)]
    why = _why_left_out(source, known)
    if why:
        yield Note(line=number, message=f"{why} is left out")
        return
    if _MAGIC.search(source):
        source, line = _MAGIC.sub(r"\1pass", source), number
        yield Note(line=line, message="lines of the notebook itself (% ! ?) are left out of a cell")
    yield Code(kind="cell", text=source, line=number, text_line=1)
    yield from _outputs(known, number)


def _why_left_out(source: str, known: list[dict[str, Any]]) -> str:
    if _OTHER_CELL.match(source):
        return "a cell that %% gives to another program"
    if not _MAGIC.sub("", source).strip():
        return "a cell of nothing but lines of the notebook itself (% ! ?)"
    failed = any(each.get("output_type") == "error" for each in known)
    return "a cell that is shown to fail" if failed else ""


def _outputs(known: list[dict[str, Any]], number: int) -> Iterator[Item]:
    printed = "".join(
        _joined(each.get("text"))
        for each in known
        if each.get("output_type") == "stream" and each.get("name") == "stdout"
    )
    if any(each.get("output_type") != "stream" for each in known):
        yield Note(line=number, message="what a cell shows without printing it is not compared")
    if len(printed) > MAX_BLOCK_CHARACTERS:
        yield Note(line=number, message="an output that long is left out")
    elif printed:
        yield Code(kind="output", text=printed, line=number, text_line=1, is_result=True)


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
