"""What stands on a page, in its order, as far as pairing needs it: words, marks and blocks of code.

Bounds of a page stand here too: what lies beyond them is left out, and the page's notes say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MAX_PAGE_BYTES = 4 * 1024 * 1024
"""A longer page is not read."""
MAX_NOTEBOOK_BYTES = 16 * 1024 * 1024
"""A notebook holds pictures as text; a longer one is not read."""
MAX_BLOCK_CHARACTERS = 512 * 1024
"""A longer block is left out."""
MAX_BLOCKS = 2_000
"""Blocks of code that are read of one page."""
MAX_TOKENS = 200_000
"""Lists, quotes, headings and paragraphs, by their begins and ends: memory grows with these."""
MAX_NOTES = 500
"""Of one page."""
MAX_MARKS = 20
"""Above one block: each may hold a pattern that is tried on every line of an output."""

Kind = Literal[
    "script", "cell", "console", "output", "shell", "quoted", "indented", "unread", "other"
]  # fmt: skip
"""script: Python; cell: Python that goes on where the cell before ended; console: a session with
prompts; output: what may be an output; shell: commands; quoted: no output by itself, though it may
repeat one; indented: no fence, no language; unread: what is not read, and ``text`` says why; other:
another language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A block of code."""

    kind: Kind
    text: str
    """Without the fence, and without indentation of the list or component that it stands in."""
    line: int
    """1-based: of the opening fence; in a notebook, the number of the cell."""
    text_line: int
    """1-based: of the first line of ``text``."""
    title: str = ""
    """What the fence says of itself besides its language."""
    is_result: bool = False
    """Whether the page's own tool put it there as the output of the block before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A heading, a paragraph, or what HTML and components show."""

    text: str
    line: int
    is_heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is neither a script nor its output, and may repeat what was printed."""

    text: str
    """Words, or what stands in a fence."""
    line: int
    """1-based: of the first line of ``text``; in a notebook, the number of the cell."""
    is_code: bool
    heading: str = ""
    """The nearest above."""
    said: str = ""
    """Of a fence: the words right above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A comment that is meant for labcheck."""

    word: str
    argument: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about a page that is no block's status: what was left out, and why."""

    line: int
    message: str


def unread(why: str, *, line: int) -> Code:
    """Say that code stands there which is not read: what follows it is no other script's output."""
    return Code(kind="unread", text=why, line=line, text_line=line)


Item = Code | Words | Mark | Note
