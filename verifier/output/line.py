"""One printed line → the section it opens or the pairs it holds.

>>> parse_line("mini_training_loop").section
'mini_training_loop'
>>> line = parse_line("tiny + ReLU  loss=0.50, lr: 1e-3")
>>> [(pair.row, pair.key, pair.text) for pair in line.pairs]
[('tiny + ReLU', 'loss', '0.50'), ('tiny + ReLU', 'lr', '1e-3')]

Separators are looked for outside brackets only. Between two of them stands the value
of the first and the label of the second:

- ``=`` takes the one token before it as its key, ``:`` all words back to a comma;
- text in front of the first key is a row label if it is textual (``tiny + ReLU``), else
  pairs of its own (``epoch 1``); so is a ``key:`` directly followed by another key;
- after ``:`` stand values, perhaps with a unit, or else the whole rest is one text;
- without any separator, words followed by values are pairs; anything else is prose.

Pure, and linear in the line: each character is scanned a bounded number of times.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from verifier.output.decoration import undecorated
from verifier.output.factor import makes_another
from verifier.output.value import (
    COMMAS,
    MAX_DEPTH,
    NUMBER,
    ParsedValue,
    numbers_in,
    parse_glued,
    parse_number,
    parse_value,
    printed_decimals,
    remark_end,
    word,
)

MAX_LABEL_WORDS = 4
"""The most words of a key that no separator follows; more are prose."""

_BARE_WORD = re.compile(r"\w(?:[\w.\-]*\w)?")
_BULLET = re.compile(r"[-*•]\s+")
_ARROW = re.compile(r"->|→|=>")
_SKIPPED = re.compile(rf"(?:[\s;|{COMMAS}]|->|→|=>)*+")
_TOKEN = re.compile(rf"[^\s;|{COMMAS}]++")
_VALUE_START = re.compile(r"[+-]?\.?\d|[\[({]")
_BREAKS = COMMAS + ";|"
_BREAKS_TO_BLANKS = str.maketrans(dict.fromkeys(f"{_BREAKS}\t\n\u00a0\u3000", " "))
_ONE_NUMBER = re.compile(rf"\s*+({NUMBER})[\s{COMMAS};|]*+")
_PLAIN_PAIR_PATTERN = rf"([A-Za-z_][\w.]*+) ?=\s*+({NUMBER})(?:[ ,]++|$)"
_PLAIN_PAIR = re.compile(_PLAIN_PAIR_PATTERN)
_PLAIN_PAIRS = re.compile(rf"(?:{_PLAIN_PAIR_PATTERN})++")
_MAYBE_VALUE = re.compile(r"[\d\[(]|(?i:true|false|none|nan|inf)")

_SEPARATOR_PATTERN = (
    r"(?P<open>[\[({])|(?P<close>[\])}])|(?P<equals>(?<![=<>!:+\-*/~])=(?![=>~]))|:(?=\s|$)|："  # noqa: RUF001
)
_SEPARATOR = re.compile(_SEPARATOR_PATTERN)
_TIGHT_SEPARATOR = re.compile(_SEPARATOR_PATTERN + r"|(?<=[^\W\d]):(?=[-+.\d\[(])")
_TIGHT_COLON = re.compile(r"[^\W\d][\w.\-]*+:(?=[-+.\d\[(])")


class Pair(NamedTuple):
    """A value with its labels, all within one line (a tuple, as thousands are made in a run)."""

    row: str | None
    """The row label in front of the pairs."""
    key: str | None
    """None where nothing names the value."""
    start: int
    """The offset of its first character."""
    text: str
    """As printed, with its unit; not bounded in length."""
    parsed: ParsedValue


class ParsedLine(NamedTuple):
    """What a line says; a line of prose says nothing."""

    section: str | None = None
    """The section it opens."""
    decorated: bool = False
    """Whether signs stand around that word."""
    pairs: tuple[Pair, ...] = ()


def parse_line(text: str) -> ParsedLine:
    """Parse a line (several lines where a bracket goes on) without white space around it."""
    # Nearly all lines of nearly all labs; the grammar below reads them the same, but slower.
    if _PLAIN_PAIRS.fullmatch(text):
        return ParsedLine(pairs=tuple(map(_plain_pair, _PLAIN_PAIR.finditer(text))))
    bullet = _BULLET.match(text)
    start = bullet.end() if bullet else 0
    if _is_bare_word(text, start):
        return ParsedLine(section=text[start:])
    inner = undecorated(text)
    if inner is not None and _is_bare_word(inner, 0):
        return ParsedLine(section=inner, decorated=not text.endswith(":") or not text[0].isalnum())
    separators = find_separators(text, start)
    if len(separators) == 1 and separators[0].is_colon and separators[0].end == len(text):
        section = _label(text[start : separators[0].start])
        return ParsedLine(section=section)
    return _LineParser(text, start, separators).parse()


def _plain_pair(found: re.Match[str]) -> Pair:
    key, number = found.groups()
    start, end = found.span(2)
    return Pair(None, key, start, number, parse_number(number, end))


class Separator(NamedTuple):
    """Where a label ends and its value begins."""

    start: int
    """The offset of the sign."""
    end: int
    """The offset after it."""
    is_colon: bool
    """A colon takes a label of several words, an equals sign only one."""


def find_separators(text: str, start: int) -> list[Separator]:
    """Find the separators outside brackets, from left to right.

    Comparisons (``==``, ``<=``), assignments (``+=``) and colons within a word
    (``cuda:0``, ``12:30``) are none; ``loss:0.5`` is one if it opens the line.
    """
    separators: list[Separator] = []
    pattern = _SEPARATOR
    tight = _TIGHT_COLON.match(text, start)
    if tight:
        pattern, start = _TIGHT_SEPARATOR, tight.end()
        separators.append(Separator(start - 1, start, is_colon=True))
    depth = 0
    for found in pattern.finditer(text, start):
        if found.lastgroup == "open":
            depth += 1
            if depth > MAX_DEPTH:
                break
        elif found.lastgroup == "close":
            depth = max(0, depth - 1)
        elif depth == 0:
            is_colon = found.lastgroup != "equals"
            separators.append(Separator(found.start(), found.end(), is_colon=is_colon))
    return separators


class _LineParser:
    """Collects the pairs of one line."""

    def __init__(self, text: str, start: int, separators: list[Separator]) -> None:
        self._text, self._start, self._separators = text, start, separators
        self._blanked = text.translate(_BREAKS_TO_BLANKS)
        self._row: str | None = None
        self._pairs: list[Pair] = []

    def parse(self) -> ParsedLine:
        if not self._separators:
            self._parse_without_separators()
            return ParsedLine(pairs=tuple(self._pairs))
        first = self._separators[0]
        head_end = self._label_start(self._start, first)
        head = self._text[self._start : head_end].strip()
        if head:
            self._read_label(self._start, head_end)
        self._parse_separated(head_end)
        if head and self._row == head and _is_bare_word(head, 0) and self._holds_words_only():
            pairs = tuple(pair._replace(row=None) for pair in self._pairs)
            return ParsedLine(section=head, pairs=pairs)
        return ParsedLine(pairs=tuple(self._pairs))

    def _holds_words_only(self) -> bool:
        return all(
            pair.text in {"true", "false"}
            or (isinstance(pair.parsed.value, str) and pair.text and not pair.parsed.notes)
            for pair in self._pairs
        )

    def _parse_without_separators(self) -> None:
        arrow = _ARROW.search(self._text, self._start)
        if arrow and _is_textual(self._text[self._start : arrow.start()]):
            separator = Separator(start=arrow.start(), end=arrow.end(), is_colon=True)
            self._read_values(self._start, separator, len(self._text))
        elif _MAYBE_VALUE.search(self._text, self._start):
            self._read_loose(self._start, len(self._text))

    def _parse_separated(self, label_start: int) -> None:
        last = len(self._separators) - 1
        for index, separator in enumerate(self._separators):
            end: int | None = len(self._text)
            if index < last:
                end = self._split(separator, self._separators[index + 1])
            if end is None:
                key = _label(self._text[label_start : separator.start])
                self._append_text(key, separator.end, len(self._text))
                return
            self._read_values(label_start, separator, end)
            label_start = end

    def _label_start(self, start: int, separator: Separator) -> int:
        """Find where a separator's own label starts, in text that holds no value before it."""
        if not separator.is_colon:
            end = start + len(self._text[start : separator.start].rstrip())
            return max(start, self._blanked.rfind(" ", start, end) + 1)
        comma = self._last_break(start, separator.start)
        return start if comma < 0 else comma + 1

    def _last_break(self, start: int, end: int) -> int:
        """Find the last comma, semicolon or bar outside brackets; -1 where there is none."""
        last = max(self._text.rfind(sign, start, end) for sign in _BREAKS)
        closing = max(self._text.rfind(sign, start, end) for sign in ")]}")
        return last if last > closing else -1

    def _split(self, separator: Separator, following: Separator) -> int | None:
        """Find where a value ends and the label of the next begins; None where all is prose."""
        if not following.is_colon:
            return self._label_start(separator.end, following)
        values, rest = self._scan_values(separator.end, following.start)
        rest = remark_end(self._text, rest, following.start) if values else rest
        comma = self._last_break(rest, following.start)
        if comma >= 0:
            return comma + 1
        words = self._text[rest : following.start].split(maxsplit=2)
        if values or not words:
            return rest
        if len(words) == 1:
            return rest if separator.is_colon else following.start
        return rest + len(words[0]) if len(words) == 2 else None  # noqa: PLR2004 - value, key

    def _scan_values(self, start: int, end: int) -> tuple[list[tuple[int, ParsedValue]], int]:
        """Parse values up to the first word; give them with their offsets, and where it starts."""
        values: list[tuple[int, ParsedValue]] = []
        position = self._skip(start, end)
        while position < end:
            parsed = parse_value(self._text, position, end)
            parsed = parsed or parse_glued(self._text, position, end)
            if parsed is None or (values and _is_remark(parsed, behind=values[-1][1])):
                break
            values.append((position, parsed))
            position = self._skip(parsed.end, end)
        return values, position

    def _read_values(self, label_start: int, separator: Separator, end: int) -> None:
        """Read what stands between a separator and the next label, or the end of the line."""
        key = _label(self._text[label_start : separator.start])
        number = _ONE_NUMBER.fullmatch(self._text, separator.end, end)
        if number:
            begin, behind = number.span(1)
            self._append(key, begin, behind, parse_number(number[1], behind))
            return
        values, position = self._scan_values(separator.end, end)
        rest = self._text[position:end].strip().rstrip(_BREAKS)
        is_one = len(rest.split(maxsplit=1)) <= 1 or remark_end(rest, 0, len(rest)) == len(rest)
        if not values and not rest:
            if separator.is_colon:
                self._read_label(label_start, separator.start)
            else:
                self._append_text(key, end, end)
        elif not values or (separator.is_colon and not is_one):
            self._append_text(key, separator.end, end)
        else:
            for start, parsed in values:
                self._append(key, start, parsed.end, parsed)
            ends_here = end == len(self._text) or self._text[position:end].rstrip()[-1:] in _BREAKS
            if rest and ((ends_here and is_one) or makes_another(rest)):
                text = self._text[self._pairs[-1].start : position + len(rest)]
                self._pairs[-1] = self._pairs[-1]._replace(text=text)

    def _read_label(self, start: int, end: int) -> None:
        """Read what names no value itself: a row label, or pairs such as ``epoch 1``."""
        text = _ARROW.sub(" ", self._text[start:end]).strip(f" \t{_BREAKS}")
        if _is_textual(text):
            self._row = _label(text)
        else:
            self._read_loose(start, end)

    def _read_loose(self, start: int, end: int) -> None:
        """Read words followed by values, again and again; nothing where it ends in a word."""
        words: list[str] = []
        key: str | None = None
        found: list[tuple[str | None, int, ParsedValue]] = []
        position = self._skip(start, end)
        while position < end:
            parsed = parse_value(self._text, position, end)
            if parsed is not None:
                key, words = (" ".join(words) or key), []
                found.append((key, position, parsed))
                position = parsed.end
            else:
                token = _TOKEN.match(self._text, position, end)
                if token is None or len(words) == MAX_LABEL_WORDS:
                    return
                words.append(token[0])
                position = token.end()
            position = self._skip(position, end)
        if not words:
            for name, begin, parsed in found:
                self._append(name, begin, parsed.end, parsed)

    def _skip(self, start: int, end: int) -> int:
        skipped = _SKIPPED.match(self._text, start, end)
        return skipped.end() if skipped else start

    def _append_text(self, key: str | None, start: int, end: int) -> None:
        text = self._text[start:end].strip()
        begin = self._text.find(text, start)
        text = text.rstrip(_BREAKS).rstrip()
        self._append(key, begin, begin + len(text), word(text))

    def _append(self, key: str | None, start: int, end: int, parsed: ParsedValue) -> None:
        text = self._text[start:end].rstrip()
        self._pairs.append(Pair(self._row, key, start, text, parsed))


def _label(text: str) -> str | None:
    """Collapse the padding of a label; None where nothing is left."""
    words = text.strip(_BREAKS).split()
    return " ".join(words) or None


def _is_textual(text: str) -> bool:
    """Say whether a label holds a letter, and no token that starts like a value."""
    tokens = text.split()
    has_letter = any(character.isalpha() for character in text)
    return has_letter and not any(_VALUE_START.match(token) for token in tokens)


def _is_remark(parsed: ParsedValue, *, behind: ParsedValue) -> bool:
    """Whether a bracket behind a number holds words alone: a unit, and no second value.

    Or behind a list of numbers with decimals, which is no shape that a type may follow.
    """
    if not isinstance(parsed.value, tuple) or next(numbers_in(parsed.value), None) is not None:
        return False
    if isinstance(behind.value, tuple):
        return any(printed_decimals(number) for number in numbers_in(behind.value))
    return isinstance(behind.value, Decimal)


def _is_bare_word(text: str, start: int) -> bool:
    if _BARE_WORD.fullmatch(text, start) is None:
        return False
    has_letter = any(character.isalpha() for character in text[start:])
    return has_letter and parse_value(text, start, len(text)) is None
