r"""Bytes of standard output → its lines as a terminal would show them.

>>> log = FindingLog()
>>> [line.text for line in read_lines(b"\x1b[31mloss= 0.5\x1b[0m\n10%\r100%\nw= [1,\n  2]\n", log)]
['loss= 0.5', '100%', 'w= [1,\n  2]']
>>> [finding.kind for finding in log.findings()]
['ansi_escape', 'overwritten_text']

Lines end at a line feed only. Escape sequences and overwritten text are taken out,
other invisible characters stay where they are; a finding tells of each. A bracket
left open goes on over the lines that continue it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from verifier.finding import Finding
from verifier.output.value import ARGUMENT
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINES = 20_000
"""Lines after so many are not read."""
MAX_LINE_CHARACTERS = 65_536
"""Of a longer line, or of a longer value over several lines, only the start is read."""
MAX_FINDINGS_PER_KIND = 20
"""So that a flood of one kind hides no other."""

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]"
    r"|\x1b[=>78@-Z\\^_a-z]"
)
_ERASE_LINE = re.compile(r"(?:\x1b\[|\x9b)[02]?K")
_CONTINUES = re.compile(r"\s|[\])]|$")


class PrintedLine(NamedTuple):
    """One line, or several where a bracket is open at the line's end."""

    number: int
    """The 1-based number of its first line."""
    text: str
    """Without white space around it; a line feed where it goes on over several lines."""


class FindingLog:
    """Findings in the order of their lines, bounded in number for each kind."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, line: int, message: str, **quoted: str) -> None:
        """Note a finding, or once that there are too many of its kind.

        Args:
            kind: Its stable word.
            line: The 1-based line it is about.
            message: One sentence; ``{name}`` stands for a quoted text.
            quoted: Texts of the stranger; they are made printable and bounded here.
        """
        self._counts[kind] += 1
        if self._counts[kind] <= MAX_FINDINGS_PER_KIND:
            safe = {name: printable(text, limit=60) for name, text in quoted.items()}
            shown = message.format(**safe)
            self._findings.append(Finding(kind=kind, line=line, message=shown))
        elif self._counts[kind] == MAX_FINDINGS_PER_KIND + 1:
            left_out = f"further findings of the kind {kind} are left out"
            self._findings.append(Finding(kind="too_many_findings", line=line, message=left_out))

    def findings(self) -> tuple[Finding, ...]:
        """Give all findings, by line."""
        return tuple(sorted(self._findings, key=lambda finding: finding.line or 0))


def read_lines(raw: bytes, log: FindingLog) -> Iterator[PrintedLine]:
    """Read the lines that hold anything, in printed order."""
    lines = _decode(raw, log).split("\n", MAX_LINES)
    if len(lines) > MAX_LINES and lines.pop():
        message = f"only the first {MAX_LINES} lines are read"
        log.add("too_many_lines", MAX_LINES + 1, message)
    shown = [_show(line, number, log) for number, line in enumerate(lines, start=1)]
    index = 0
    while index < len(shown):
        number = index + 1
        text = shown[index]
        index += 1
        if _open_brackets(text) > 0:
            text, index = _join(shown, number - 1, log)
        text = text.strip()
        if text:
            yield PrintedLine(number=number, text=text)


def _decode(raw: bytes, log: FindingLog) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = (
            f"byte {error.start} of the output (0x{raw[error.start]:02x}) is not UTF-8; "
            "such bytes are read as U+FFFD"
        )
        log.add("invalid_utf8", line, message)
        text = raw.decode(errors="replace")
    return text.removeprefix("\ufeff")


def _show(line: str, number: int, log: FindingLog) -> str:
    text = line.rstrip("\r")
    if not text.isprintable():
        if "\x1b" in text or "\x9b" in text or "\r" in text:
            text = _as_on_a_terminal(text, number, log)
        _note_invisible(text, number, log)
    if len(text) > MAX_LINE_CHARACTERS:
        message = (
            f"the line is {len(text)} characters long; the first {MAX_LINE_CHARACTERS} are read"
        )
        log.add("over_long", number, message)
        text = text[:MAX_LINE_CHARACTERS]
    return text


def _as_on_a_terminal(line: str, number: int, log: FindingLog) -> str:
    """Strip escape sequences; let the text after a carriage return cover the text before it."""
    layers = line.split("\r")
    has_escape = has_erased = False
    shown: list[str] = []
    width = 0
    # From the last layer back, each adds only what sticks out: linear however many there are.
    for layer in reversed(layers):
        plain = layer
        if "\x1b" in layer or "\x9b" in layer:
            plain = _ESCAPE_SEQUENCE.sub("", layer)
            has_escape = has_escape or plain != layer
            has_erased = _ERASE_LINE.search(layer) is not None
        if len(plain) > width:
            shown.append(plain[width:])
            width = len(plain)
        if has_erased:
            break
    if has_escape:
        log.add("ansi_escape", number, "terminal escape sequences in the line are left out")
    if len(layers) > 1:
        log.add("overwritten_text", number, "a carriage return lets later text cover earlier text")
    return "".join(shown)


def _note_invisible(text: str, number: int, log: FindingLog) -> None:
    found: dict[str, list[str]] = {}
    for character in sorted(set(text)):
        kind = _kind_of_invisible(character)
        if kind is not None:
            found.setdefault(kind, []).append(character)
    for kind, characters in found.items():
        shown = "".join(characters[:8])
        log.add(kind, number, "the line holds characters that cannot be seen: {shown}", shown=shown)


def _kind_of_invisible(character: str) -> str | None:
    if character.isprintable() or character == "\t":
        return None
    if character == "\0":
        return "nul_character"
    category = unicodedata.category(character)
    if category == "Zs":  # a no-break or an ideographic space
        return None
    return "control_character" if category == "Cc" else "hidden_character"


def _open_brackets(text: str) -> int:
    return text.count("[") + text.count("(") - text.count("]") - text.count(")")


def _join(lines: list[str], first: int, log: FindingLog) -> tuple[str, int]:
    """Join a line whose bracket is open with the lines that continue it.

    Returns:
        The joined text, and the index of the next line.
    """
    parts = [lines[first]]
    size = len(lines[first])
    depth = _open_brackets(lines[first])
    index = first + 1
    while depth > 0 and index < len(lines) and _continues(lines[index]):
        size += len(lines[index])
        if size <= MAX_LINE_CHARACTERS:
            parts.append(lines[index])
        depth += _open_brackets(lines[index])
        index += 1
    if size > MAX_LINE_CHARACTERS:
        message = f"a value of {size} characters starts here; {MAX_LINE_CHARACTERS} are read"
        log.add("over_long", first + 1, message)
    return "\n".join(parts), index


def _continues(line: str) -> bool:
    if _CONTINUES.match(line) is None:
        return False
    rest = ARGUMENT.sub("", line)
    return "=" not in rest and ":" not in rest
