r"""Standard output → readings: one grammar for everything a lab prints.

>>> transcript = read_stdout(b"loop\nstep=1 loss=0.50\nstep=2 loss=nan\n")
>>> [(each.section, each.key, each.occurrence, each.text) for each in transcript.readings][2:]
[('loop', 'step', 2, '2'), ('loop', 'loss', 2, 'nan')]
>>> [finding.message for finding in transcript.findings]
['loss is not a finite number: nan']

Pure: bytes in, values out. Linear in its input, and it never raises on any bytes;
what cannot be read as a value becomes a finding. The stages lie in modules of their
own: `output.text` makes lines, `output.line` pairs, `output.value` values; here these
get their section and their occurrence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier.output.line import Pair, ParsedLine, parse_line
from verifier.output.text import FindingLog, PrintedLine, read_lines
from verifier.output.value import COMMAS, MAX_TEXT_CHARACTERS, Value
from verifier.printable import counted

if TYPE_CHECKING:
    from verifier.finding import Finding

MAX_READINGS = 10_000
"""Reading stops after this many values."""
MAX_VALUE_CHARACTERS = 100_000
"""Reading stops where the values together are longer."""
MAX_SECTIONS = 1_000
"""Reading stops after this many section words."""
MAX_NAME_CHARACTERS = 200
"""The longest section, row label or key; a longer one is cut."""
MAX_SHORT = 60
"""So many short lines are kept, of so many characters at most."""
_GLUED = re.compile(rf"[^\s{COMMAS}][{COMMAS}]")

_NOTES = {
    "malformed_number": "{name} looks like a number but is not one: {text}",
    "nested_too_deep": "{name} has too many brackets inside each other to be read: {text}",
    "non_finite": "{name} is not a finite number: {text}",
    "out_of_range": "{name} is too close to zero for a float and is read as 0: {text}",
    "over_long": "{name} is too long to be read, so only its start is kept: {text}",
    "unclosed_bracket": "{name} has a bracket that is never closed: {text}",
}


Address = tuple[str | None, str | None, str | None, int]
"""Section, row, key and occurrence of a reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One printed value with where it stood."""

    section: str | None
    """The section word above it; None before the first."""
    row: str | None
    """The row label in front of its pairs, as in ``sgd  step=1 w=4.400``; else None."""
    key: str | None
    """Its key; None for a bare array under a section."""
    occurrence: int
    """1 for the first reading of this section, row and key, 2 for the next …"""
    line: int
    """1-based line of stdout on which the value starts."""
    decimals: int | None
    """Most digits after a decimal point in any of its numbers; None where it holds no number."""
    text: str
    """The value as printed, bounded in length."""
    value: Value
    """The value as understood."""
    exact: tuple[float, ...] | None = None
    """Its numbers before they were rounded, flattened; None where a trace does not tell them."""
    glue: str = ""
    """The comma that alone parts it from the reading before, which has its name; else empty."""

    @property
    def address(self) -> Address:
        """Where it stands: no other reading of its output has the same."""
        return self.section, self.row, self.key, self.occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section word, and where it stood."""

    name: str
    line: int
    """1-based."""
    decorated: bool = False
    """Whether signs stand around the word: then it may be a headline, and no section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Everything read from one run's stdout, in printed order."""

    sections: tuple[Section, ...]
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...]
    short_lines: tuple[str, ...] = field(default=(), compare=False)
    """The first short lines with one value at most: a misspelt section may be among them."""


def read_stdout(raw: bytes) -> Transcript:
    """Read what a script printed.

    Args:
        raw: All bytes of its standard output, whatever they are.
    Returns:
        The readings in printed order; ``occurrence`` counts from 1 without a gap for each
        section, row and key. Its findings' kinds are ``ansi_escape``, ``control_character``,
        ``hidden_character``, ``invalid_utf8``, ``malformed_number``, ``nested_too_deep``,
        ``non_finite``, ``nul_character``, ``out_of_range``, ``over_long``,
        ``overwritten_text``, ``repeated_section``, ``too_many_findings``,
        ``too_many_lines``, ``too_many_readings``, ``too_many_sections`` and
        ``unclosed_bracket``.
    """
    log = FindingLog()
    collector = _Collector(log)
    for line in read_lines(raw, log):
        if not collector.add(line):
            break
    return Transcript(
        sections=tuple(collector.sections),
        readings=tuple(collector.readings),
        findings=log.findings(),
        short_lines=tuple(collector.short_lines),
    )


class _Collector:
    """Gives each pair its section and occurrence, and keeps the bounds."""

    def __init__(self, log: FindingLog) -> None:
        self.sections: list[Section] = []
        self.readings: list[Reading] = []
        self.short_lines: list[str] = []
        self._log = log
        self._first_lines: dict[str, int] = {}
        self._section: str | None = None
        self._characters = 0
        self._occurrences: dict[tuple[str | None, str | None, str | None], int] = {}

    def add(self, line: PrintedLine) -> bool:
        """Add what a line says; False once there is too much to go on."""
        parsed = parse_line(line.text)
        if parsed.section is not None and not self._open_section(parsed, line.number):
            return False
        if parsed.section is None and len(parsed.pairs) <= 1 and len(line.text) <= MAX_SHORT:
            self.short_lines += [line.text] if len(self.short_lines) < MAX_SHORT else []
        number, position = line.number, 0
        for pair in parsed.pairs:
            if pair.start > position:
                number += line.text.count("\n", position, pair.start)
                position = pair.start
            self._characters += len(pair.text)
            if len(self.readings) == MAX_READINGS or self._characters > MAX_VALUE_CHARACTERS:
                message = (
                    f"only the first {counted(len(self.readings), 'value is', 'values are')} read: "
                    f"at most {MAX_READINGS}, and at most {MAX_VALUE_CHARACTERS} characters of them"
                )
                self._log.add("too_many_readings", number, message)
                return False
            self._add_reading(pair, number, line.text[max(0, pair.start - 2) : pair.start])
        return True

    def _open_section(self, parsed: ParsedLine, line: int) -> bool:
        if len(self.sections) == MAX_SECTIONS:
            message = f"only the first {MAX_SECTIONS} sections are read"
            self._log.add("too_many_sections", line, message)
            return False
        self._section = self._bounded_name(parsed.section or "", line)
        opened = Section(name=self._section, line=line, decorated=parsed.decorated)
        self.sections.append(opened)
        first_line = self._first_lines.setdefault(self._section, line)
        if first_line != line:
            message = f"section {{name}} is printed again; it first stands on line {first_line}"
            self._log.add("repeated_section", line, message, name=self._section)
        return True

    def _add_reading(self, pair: Pair, line: int, before: str) -> None:
        row = pair.row and self._bounded_name(pair.row, line)
        key = pair.key and self._bounded_name(pair.key, line)
        address = (self._section, row, key)
        occurrence = self._occurrences.get(address, 0) + 1
        self._occurrences[address] = occurrence
        reading = Reading(
            section=self._section,
            row=row,
            key=key,
            occurrence=occurrence,
            line=line,
            decimals=pair.parsed.decimals,
            text=pair.text[:MAX_TEXT_CHARACTERS],
            value=pair.parsed.value,
            glue=before[-1] if occurrence > 1 and _GLUED.fullmatch(before) else "",
        )
        self.readings.append(reading)
        for note in pair.parsed.notes:
            self._log.add(note, line, _NOTES[note], name=key or "a value", text=pair.text)

    def _bounded_name(self, name: str, line: int) -> str:
        if len(name) <= MAX_NAME_CHARACTERS:
            return name
        message = f"a name of {len(name)} characters is cut to {MAX_NAME_CHARACTERS}: {{name}}"
        self._log.add("over_long", line, message, name=name)
        return name[:MAX_NAME_CHARACTERS]
