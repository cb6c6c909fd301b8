"""Lines of a submission that are no Python: what they were copied from, or written for.

Only the line that Python stopped at is looked at, and a fence around the whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import Suspicion, suspect
from verifier.diagnosis.subject import at
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject

_SHOWN = 60
_READ_BYTES = 65_536
_NOTEBOOK = "a notebook's command"
_LINES = (
    ("notebook-command", _NOTEBOOK, r"![\w./~]|%%?[A-Za-z]\w*(?:\s|$)|\?\??[\w.]+$|[\w.]+\?\??$"),
    (
        "notebook-command",
        "a shell's command",
        r"(?:pip3?|conda|apt(?:-get)?|sudo|python3?|cd|git|uv)\s+-?[\w./~][^=()]*$",
    ),
    ("pasted-text", "a prompt of Python's or a notebook's", r">>>(?:\s|$)|(?:In|Out) ?\[\d*\]:"),
    (
        "pasted-text",
        "a shell's prompt",
        r"\$ \w|[\w.-]+@[\w.-]+[:~][^#$]*[$#] |(?:PS )?[A-Z]:\\[^>]*>",
    ),
    ("pasted-text", "a mark of an unfinished merge", r"<{7}(?: |$)|={7}$|>{7}(?: |$)"),
    (
        "pasted-text",
        "output of a script",
        r"(?:[A-Za-z_]\w*= ?[-\d.\[]\S* ){1,9}[A-Za-z_]\w*= ?[-\d.]+$",
    ),
    ("pasted-text", "a fence around code, as a chat or a page shows it", r"(?:```|~~~)"),
)
_KINDS = tuple((name, what, re.compile(rf"\s*(?:{pattern})")) for name, what, pattern in _LINES)
_FENCE = re.compile(r"^(?:```|~~~)[ \t]{0,9}(?:python|py|Python)?[ \t\r]{0,9}$", re.MULTILINE)
_DOCSTRING = re.compile(r"\"\"\"|'''")
_FUNCTIONS = frozenset({"get_ipython", "display"})


def suspicions(subject: Subject, source: bytes) -> Iterator[Suspicion]:
    """Name what Python stopped at, where that is no Python."""
    error = subject.error
    if error is None or error.line is None:
        return
    if error.kind == "NameError" and error.quoted() in _FUNCTIONS - subject.facts.defined:
        yield _suspicion("notebook-command", error.quoted(), _NOTEBOOK, error.line)
    elif error.kind in {"SyntaxError", "IndentationError"}:
        text = source[:_READ_BYTES].decode("utf-8", errors="replace")
        lines = text.split("\n")
        line = lines[error.line - 1].strip() if error.line <= len(lines) else ""
        for name, what, pattern in _KINDS:
            if pattern.match(line) and not _is_continued(lines, error.line):
                yield _suspicion(name, line, what, error.line)
                return
        fence = _FENCE.search(text)
        if fence is not None and len(_DOCSTRING.findall(text, 0, fence.start())) % 2 == 0:
            number = text.count("\n", 0, fence.start()) + 1
            yield _suspicion("pasted-text", fence[0].strip(), _LINES[-1][1], number)


def _is_continued(lines: list[str], number: int) -> bool:
    """Whether the line above leaves something open, so that this one is a part of it."""
    above = lines[number - 2].rstrip() if number > 1 else ""
    return above.endswith(("(", "[", "{", ",", "\\"))


def _suspicion(name: str, line: str, what: str, number: int) -> Suspicion:
    shown = printable(line, limit=_SHOWN)
    return suspect(
        name,
        f"{shown} stands there{at(number)}",
        line=number,
        words={"observed": shown, "what": what},
    )
