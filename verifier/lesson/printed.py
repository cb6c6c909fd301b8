"""What the scripts of a page print, looked up by the line and by the key.

Where a script was not run, or what it prints is no page's to repeat, its output block stands for
it. Of a key whose values the page does not know all nothing is looked up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from verifier.lesson.comparison import lines_of
from verifier.lesson.page import ABRIDGED
from verifier.output.transcript import read_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.lesson.page import Page
    from verifier.lesson.verdict import Verdict

NUMBER = r"[-+]?(?:[0-9]{1,40}(?:\.[0-9]{1,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,4})?"
"""As words hold it: a full stop behind it is none of it."""
_PRINTED = r"[-+]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,4})?"
TRUTH = r"(?:not\s+)?None\b|\b(?:True|False|true|false)\b"
_NUMBER = re.compile(_PRINTED)
_VALUE = re.compile(rf"{_PRINTED}|\b(?:True|False|None|nan|inf)\b")
_WORD = re.compile(r"[^\W\d_]")
_ASSIGNED = re.compile(rf"\b([A-Za-z_]\w{{0,80}})\s{{0,8}}=\s{{0,8}}({NUMBER}|True\b|False\b)")
_DECIMAL = re.compile(r"(?<![\w.])[0-9]{1,40}\.[0-9]{1,40}(?![\w.])")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_BRACKET = re.compile(r"[\[(]")
_WHOLE = re.compile(r"[-+]?[0-9]{1,40}")
_LABEL = re.compile(r"([A-Za-z_][\w.]{0,80})\s{0,8}[=:]")
_TELLING = -2
"""A printed number with fewer decimals says too little about more digits of it."""
_MOST_VALUES = 500
"""Of a key with more values too little is said by one."""
_MOST_COMPARISONS = 2_000_000
"""Of values, for a page."""
_MOST_ALIKE = 500
"""Lines of one shape among which the nearest is looked for."""


def normal(line: str) -> str:
    """Leave one space where more stand."""
    return " ".join(line.split())


def is_telling(line: str) -> bool:
    """Tell whether a line holds words, and not values alone."""
    return bool(_WORD.search(_shape(line)))


def values_in(text: str) -> list[str]:
    """Give the numbers and truths of a text."""
    return _VALUE.findall(text)


class Printed:
    """Lines and values that were printed."""

    def __init__(self, page: Page, verdicts: Sequence[Verdict]) -> None:
        self._lines: dict[str, str] = {}
        """Each line, and where it stands."""
        self._shapes: dict[str, list[str]] = defaultdict(list)
        """Lines that are the same but for their values."""
        self._seen: dict[str, dict[str, None]] = defaultdict(dict)
        """Values by their key, or by the section that they stand under."""
        self._unknown = set(_keys_not_shown(page))
        """Keys that may have other values than these."""
        for verdict in verdicts:
            for text, place in _texts(verdict):
                self._add(text, place)
        self._values = {
            key: tuple(values)
            for key, values in self._seen.items()
            if key not in self._unknown and len(values) <= _MOST_VALUES
        }
        every = dict.fromkeys(text for texts in self._values.values() for text in texts)
        self._every = tuple(every)[:_MOST_VALUES]
        self._settings: dict[str, set[str]] = defaultdict(set)
        for script in page.scripts:
            for name, number in _ASSIGNED.findall(_QUOTED.sub("''", script.text)):
                self._settings[name].add(number)
        texts = (*self._lines, *(script.text for script in page.scripts))
        self._named = {number for text in texts for number in _DECIMAL.findall(text)}
        self._agreed: dict[tuple[str | None, str], bool] = {}
        self._left = _MOST_COMPARISONS

    def _add(self, text: str, place: str) -> None:
        for line in lines_of(text):
            known = normal(line)
            if known and known not in self._lines:
                self._lines[known] = place
                alike = self._shapes[_shape(known)]
                alike += [known] if len(alike) < _MOST_ALIKE else []
        found = read_stdout(text.encode("utf-8", "replace"))
        is_cut = bool(ABRIDGED.search(text)) or any(
            finding.kind.startswith("too_many") for finding in found.findings
        )
        for each in found.readings:
            self._seen[each.key or each.section or ""][each.text] = None
        self._unknown |= {each.key or each.section or "" for each in found.readings if is_cut}

    def __bool__(self) -> bool:
        """Tell whether anything was printed."""
        return bool(self._lines)

    def has_line(self, line: str) -> bool:
        """Tell whether this very line was printed."""
        return normal(line) in self._lines

    def is_alike(self, line: str) -> bool:
        """Tell whether a line was printed that is this one but for its values."""
        shape = _shape(normal(line))
        return shape in self._shapes and shape != normal(line)

    def nearest(self, line: str) -> tuple[str, str]:
        """Give the line that is alike, and where it stands."""
        wanted = normal(line)
        found = max(self._shapes[_shape(wanted)], key=lambda each: _likeness(wanted, each))
        return found, self._lines[found]

    def values(self, key: str) -> tuple[str, ...]:
        """Give all values of a key, as printed; none where not all are known."""
        return self._values.get(key, ())

    def is_value(self, key: str, shown: str) -> bool:
        """Tell whether a value on the page may be of this key, to the digits that both show."""
        if (key, shown) not in self._agreed:
            may_be = (*self.values(key), *self._related(key))
            self._agreed[key, shown] = self._is_one_of(shown, may_be)
        return self._agreed[key, shown]

    def is_known(self, shown: str) -> bool:
        """Tell whether a value on the page was printed with whatever key."""
        if (None, shown) not in self._agreed:
            self._agreed[None, shown] = self._is_one_of(shown, self._every)
        return self._agreed[None, shown]

    def _is_one_of(self, shown: str, printed: Sequence[str]) -> bool:
        """Compare; of what is too much to compare nothing is told to be wrong."""
        self._left -= len(printed)
        return self._left < 0 or any(_is_same(shown, each) for each in printed)

    def _related(self, key: str) -> Iterator[str]:
        """Give the values of keys in whose name this one stands, as ``loss`` in ``loss_before``."""
        parts = set(_parts(key))
        for other, texts in self._values.items():
            if parts < set(_parts(other)):
                yield from texts

    def is_foreign(self, words: str) -> bool:
        """Tell whether words name a number that neither the scripts nor their outputs hold."""
        return self.proposes(words) or any(
            number not in self._named for number in _DECIMAL.findall(words)
        )

    def is_setting(self, key: str) -> bool:
        """Tell whether a script sets it to a number: another number for it is a proposal."""
        return key in self._settings

    def is_counter(self, key: str) -> bool:
        """Tell whether it counts rows, as ``step=1``, ``step=2``."""
        return len(self.values(key)) > 1 and all(map(_WHOLE.fullmatch, self.values(key)))

    def proposes(self, words: str) -> bool:
        """Tell whether words give a setting another number than the scripts do."""
        return "=" in words and any(
            not any(_is_same(number, each) for each in self._settings[name])
            for name, number in _ASSIGNED.findall(words)
            if name in self._settings
        )


def _texts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Give what a page may truly repeat of a script, each with where it stands."""
    script = verdict.script
    if verdict.printed:
        yield verdict.printed, "printed"
        if verdict.status == "differs":
            return
    if script.output is not None:
        yield script.output.text, f"in the output at line {script.output.line}"


def _keys_not_shown(page: Page) -> Iterator[str]:
    """Name what scripts print whose output the page does not show, unless others print it too."""
    shown = {
        line.strip()
        for script in page.scripts
        if script.output is not None
        for line in script.text.split("\n")
    }
    for script in page.scripts:
        for line in script.text.split("\n") if script.output is None else ():
            if "print" in line and line.strip() not in shown:
                yield from _LABEL.findall(line)


def _shape(line: str) -> str:
    return _VALUE.sub("#", line)


def _likeness(one: str, other: str) -> tuple[int, int]:
    """Count equal values, then equal characters of values."""
    pairs = list(zip(values_in(one), values_in(other), strict=True))
    equal = sum(left == right for left, right in pairs)
    return equal, sum(a == b for left, right in pairs for a, b in zip(left, right, strict=False))


def _parts(key: str) -> list[str]:
    return re.split(r"[\s_.\-]+", key.lower())


def is_alike(shown: str, printed: str) -> bool:
    """Tell whether two texts are the same but for their values."""
    return _shape(normal(shown)) == _shape(normal(printed))


def is_comparable(shown: str, printed: Sequence[str]) -> bool:
    """Tell whether a printed value is of the same kind: a list of as many, a number, a truth."""
    return any(_kind(shown) == _kind(each) for each in printed)


def _kind(text: str) -> tuple[int, bool, bool]:
    return len(_numbers(text)), _is_truth(text), bool(_BRACKET.search(text))


def says_little(shown: str, printed: Sequence[str]) -> bool:
    """Tell whether a number is whole where all printed ones have decimals: a target, a bound."""
    return bool(_WHOLE.fullmatch(shown)) and not any(map(_WHOLE.fullmatch, printed))


def _is_truth(text: str) -> bool:
    return bool(re.fullmatch(TRUTH, text.strip()))


def _is_same(shown: str, printed: str) -> bool:
    if _is_truth(shown):
        one, other = shown.strip().lower(), printed.strip().lower()
        return one == other or (one.startswith("not") and other != "none")
    left, right = _numbers(shown), _numbers(printed)
    return len(left) == len(right) > 0 and all(map(_is_near, left, right))


@lru_cache(maxsize=10_000)
def _numbers(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, _NUMBER.findall(text)))


def _is_near(one: Decimal, other: Decimal) -> bool:
    """Tell whether one is the other, or the other rounded, or shows more digits of it."""
    last, printed_last = int(one.as_tuple().exponent), int(other.as_tuple().exponent)
    if last < printed_last:
        last = printed_last if printed_last <= _TELLING else last
    return one == other or 2 * abs(one - other) <= Decimal((0, (1,), last))
