"""One printed value: a number, a truth, a word, None, or a nested list of them.

>>> value_of("[[-0.1753, 2]]"), value_of("tensor([0.50], grad_fn=<MulBackward0>)")
(((Decimal('-0.1753'), Decimal('2')),), (Decimal('0.50'),))
>>> value_of("0.5 nats"), value_of("None"), value_of("it diverged")
(Decimal('0.5'), None, 'it diverged')

Pure and linear: a bracket is first measured, and only a short and shallow one is
parsed, on an explicit stack. Every quantifier that could backtrack is possessive.
"""

from __future__ import annotations

import math
import re
from decimal import Context, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = Decimal | bool | str | None | tuple["Value", ...]
"""What was printed: a number (its printed digits kept), a truth, a word, None, or a nested list."""

Json = bool | int | float | str | None | list["Json"]
"""A value as it stands in a JSON document."""

MAX_TEXT_CHARACTERS = 4_000
"""The longest value that is parsed; a longer one is kept as the start of its text."""
MAX_NUMBER_CHARACTERS = 400
"""The longest number; ``%f`` of the greatest double takes 317 characters."""
MAX_DEPTH = 32
"""The deepest nesting of brackets that is parsed."""

EXACT = Context(prec=10_000)
"""Wide enough that no printed number (bounded in length, a float64 in range) is ever rounded."""

NAN = Decimal("NaN")
"""The only NaN a value holds, so that equal transcripts compare equal."""
INFINITY = Decimal("Infinity")
"""Positive infinity, also for numbers beyond the greatest double."""

COMMAS = ",、，"  # noqa: RUF001 - translated pages print the full-width ones

_MAX_EXPONENT = 400
_SHORT_NUMBER = 40
NUMBER = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
"""The pattern of a number; no other digits, no underscores."""
_NUMBER = re.compile(NUMBER)
_GROUPED = re.compile(
    r"(?<!,)[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,9}+(?:\.[0-9]++)?(?![\w%]|[.,]\w)"
)
"""A number with a comma between its thousands; bounded, as each start of one is looked at."""
_NEARLY_NUMBER = re.compile(r"[+\-−]?(?=[\d_.٫]*?\d)[\d_.٫]++")  # noqa: RUF001
_GLUED = re.compile(r"([+-]?[0-9]++\.[0-9]++)(?:[^\W\d_]{1,12}|[%‰°.])")
"""A number with decimals and its unit, or a full stop, in one word."""
_REMARK = re.compile(r"[(\[][^()\[\]\n]{1,80}[)\]]")
_CONSTANTS: dict[str, bool | None] = {
    "True": True,
    "true": True,
    "False": False,
    "false": False,
    "None": None,
}
_NON_FINITE = {"nan": NAN, "inf": INFINITY, "infinity": INFINITY}
_JSON_NON_FINITE = {"nan": NAN, "inf": INFINITY, "-inf": -INFINITY}
_ELLIPSIS = "..."

_OPENING = (
    r"(?:(?:torch\.)?(?:tensor|Size)|(?:np\.|numpy\.)?array|(?:np|numpy)\.(?:float|u?int|bool)\w*+)"
    r"\(|[\[(]"
)
ARGUMENT = re.compile(
    r"(?:grad_fn=<[^<>]*+>|(?:dtype|device|layout)=(?:'[^']*+'|[\w.]++)"
    r"|requires_grad=\w++|size=\([0-9, ]*+\))"
)
"""What torch and NumPy print after the numbers of a tensor: part of its text, not of its value."""
_OPEN = re.compile(_OPENING)
_BRACKET = re.compile(r"[\[\]()]")
_TOP_LEVEL_TOKEN = re.compile(rf"[^\s;|{COMMAS}]++")
_TOKEN = re.compile(
    rf"\s*+([{COMMAS}]|{ARGUMENT.pattern}|{_OPENING}|[\])]|'[^'\n]*+'|\"[^\"\n]*+\""
    rf"|[^\s{COMMAS}\[\](){{}}'\"=<>:]++|\S)"
)


class ParsedValue(NamedTuple):
    """A value, and what there is to say about it (a tuple, as thousands are made in a run)."""

    value: Value
    """The value as understood; the start of its text where it could not be."""
    end: int
    """The offset after its last character."""
    decimals: int | None = None
    """Most digits after a decimal point in any of its numbers; None where it holds no number."""
    notes: tuple[str, ...] = ()
    """Kinds of findings about it, each once."""


def parse_value(text: str, start: int, end: int) -> ParsedValue | None:
    """Parse the number, truth, None, list, tuple, array or tensor that starts at an offset.

    Returns:
        None where a word or prose starts instead; `word` reads that.
    """
    if _OPEN.match(text, start, end):
        return _parse_nested(text, start, end)
    if grouped := _GROUPED.match(text, start, end):
        return parse_number(grouped[0].replace(",", ""), grouped.end())
    token = _TOP_LEVEL_TOKEN.match(text, start, end)
    if token is None:
        return None
    written = token[0]
    digits = written.removesuffix("%")
    parsed = _scalar(digits, token.end())
    if isinstance(parsed.value, str) and not parsed.notes:
        return None
    is_truth = not isinstance(parsed.value, Decimal) and not parsed.notes
    return None if digits != written and is_truth else parsed


def parse_glued(text: str, start: int, end: int) -> ParsedValue | None:
    """Parse a number with its unit in one word, as ``0.5s``; None where none starts there."""
    token = _TOP_LEVEL_TOKEN.match(text, start, end)
    glued = token and _GLUED.fullmatch(token[0])
    return parse_number(glued[1], token.end()) if token and glued else None


def remark_end(text: str, start: int, end: int) -> int:
    """Find the end of what stands in brackets behind a number; the start where nothing does."""
    remark = _REMARK.match(text, start, end)
    return remark.end() if remark else start


def value_of(text: str) -> Value:
    """Understand a printed value, with or without a unit after it; any other text is a word."""
    parsed = parse_value(text, 0, len(text)) or parse_glued(text, 0, len(text))
    if parsed is None:
        return text
    rest = text[parsed.end :].strip()
    is_unit = len(rest.split()) <= 1 or remark_end(rest, 0, len(rest)) == len(rest)
    return parsed.value if is_unit else text


def numbers_in(value: Value) -> Iterator[Decimal]:
    """Give the numbers of a value in printed order, from whatever brackets; NaN is one of them."""
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from numbers_in(each)


def floats_in(value: Value) -> tuple[float, ...]:
    """Give the same numbers as floats."""
    return tuple(map(float, numbers_in(value)))


def printed_decimals(number: Decimal) -> int:
    """Digits after the point of a finite number, as printed."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def word(text: str) -> ParsedValue:
    """Read a word or a line of prose as itself, without the quotes around it."""
    if len(text) > MAX_TEXT_CHARACTERS:
        return ParsedValue(value=text[:MAX_TEXT_CHARACTERS], end=len(text), notes=("over_long",))
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text.count(text[0]) == 2  # noqa: PLR2004 - one at each end
    return ParsedValue(value=_unquoted(text) if quoted else text, end=len(text))


def value_to_json(value: Value) -> Json:
    """Express a value in strict JSON.

    Returns:
        An int for a number printed without a fraction, a float for any other, ``"nan"``,
        ``"inf"`` or ``"-inf"`` for what JSON has no number for; a list for a tuple. A float
        keeps 17 significant digits: the printed ones stand in `Reading.text`.
    """
    if isinstance(value, tuple):
        return [value_to_json(item) for item in value]
    if not isinstance(value, Decimal):
        return value
    if value.is_finite() and value.as_tuple().exponent == 0:
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(number)


def value_from_json(document: object, *, depth: int = 0) -> Value:
    """Read back what `value_to_json` wrote.

    Raises:
        TypeError: The document holds an object or another type that is no value.
        ValueError: It is nested deeper than `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        message = f"a value is nested deeper than {MAX_DEPTH}"
        raise ValueError(message)
    if isinstance(document, (list, tuple)):
        return tuple(value_from_json(item, depth=depth + 1) for item in document)
    if document is None or isinstance(document, bool):
        return document
    if isinstance(document, str):
        return _JSON_NON_FINITE.get(document, document)
    if isinstance(document, int):
        return Decimal(document)
    if isinstance(document, float):
        written = repr(document)
        number = _JSON_NON_FINITE.get(written) or Decimal(written)
        # 1.1111111111111112e+16 has a whole coefficient, and is a float all the same.
        return number if number.as_tuple().exponent else EXACT.quantize(number, Decimal("0.1"))
    message = f"a {type(document).__name__} is no value"
    raise TypeError(message)


def _unquoted(text: str) -> str:
    # A quoted 'nan' keeps its quotes: in JSON the bare word means the number.
    return text if text[1:-1] in _JSON_NON_FINITE else text[1:-1]


def _scalar(text: str, end: int) -> ParsedValue:
    if _NUMBER.fullmatch(text):
        return parse_number(text, end)
    if text in _CONSTANTS:
        return ParsedValue(value=_CONSTANTS[text], end=end)
    unsigned = text[1:] if text[:1] in {"+", "-"} else text
    limit = _NON_FINITE.get(unsigned.lower())
    if limit is not None:
        is_negative = limit is INFINITY and text[0] == "-"
        return ParsedValue(value=-limit if is_negative else limit, end=end, notes=("non_finite",))
    # A version such as 2.1.0 is a word; only foreign digits and underscores pretend.
    if ("_" in text or not text.isascii()) and _NEARLY_NUMBER.fullmatch(text):
        return ParsedValue(value=text[:MAX_TEXT_CHARACTERS], end=end, notes=("malformed_number",))
    return ParsedValue(value=text, end=end)


def parse_number(text: str, end: int) -> ParsedValue:
    """Parse what `NUMBER` matches as a whole."""
    if len(text) <= _SHORT_NUMBER and "e" not in text and "E" not in text:
        point = text.find(".")
        decimals = 0 if point < 0 else len(text) - point - 1
        return ParsedValue(Decimal(text), end, decimals)
    if len(text) > MAX_NUMBER_CHARACTERS:
        return ParsedValue(value=text[:MAX_TEXT_CHARACTERS], end=end, notes=("over_long",))
    size = float(text)
    if math.isinf(size):
        limit = INFINITY if size > 0 else -INFINITY
        return ParsedValue(value=limit, end=end, notes=("non_finite",))
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and size == 0 and abs(int(exponent)) > _MAX_EXPONENT:
        # Decimal would carry the exponent along, and int() of 0e999999999 fills the memory.
        is_zero = not any(digit in mantissa for digit in "123456789")
        notes = () if is_zero else ("out_of_range",)
        return ParsedValue(value=Decimal(0), end=end, decimals=0, notes=notes)
    number = Decimal(text)
    return ParsedValue(value=number, end=end, decimals=max(0, -int(number.as_tuple().exponent)))


def _parse_nested(text: str, start: int, limit: int) -> ParsedValue | None:
    end, depth = _measure(text, start, limit)
    note = None
    if depth > MAX_DEPTH:
        note = "nested_too_deep"
    elif end - start > MAX_TEXT_CHARACTERS:
        note = "over_long"
    elif depth:
        note = "unclosed_bracket"
    if note is None:
        return _NestedParser().parse(text, start, end)
    shown = text[start:end].strip()[:MAX_TEXT_CHARACTERS]
    return ParsedValue(value=shown, end=end, notes=(note,))


def _measure(text: str, start: int, limit: int) -> tuple[int, int]:
    """Find the end of a bracket; the depth is 0 where it closes, else that reached at the end."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(text, start, limit):
        depth += 1 if bracket[0] in "[(" else -1
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            return limit, deepest
        if depth == 0:
            return bracket.end(), 0
    return limit, depth


class _NestedParser:
    """Reads one balanced bracket; `parse` gives None where it holds prose or code."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, list[Value]]] = [("", [])]
        self._decimals = -1
        self._notes: dict[str, None] = {}
        self._previous = ""
        """What stands before, with no comma since: nothing, a "word" or another "value"."""

    def parse(self, text: str, start: int, end: int) -> ParsedValue | None:
        for token in _TOKEN.findall(text, start, end):
            if token in COMMAS:
                self._previous = ""
            elif not self._accept(token):
                return None
        return ParsedValue(
            value=self._stack[0][1][0],
            end=end,
            decimals=None if self._decimals < 0 else self._decimals,
            notes=tuple(self._notes),
        )

    def _accept(self, token: str) -> bool:
        first = token[0]
        if token[-1] in "[(":
            self._stack.append((token, []))
            is_apart, self._previous = self._previous != "word", ""
            return is_apart
        if first in "])":
            return self._close(token)
        if first in "'\"":
            return len(token) > 1 and self._append(_unquoted(token), "value")
        if "=" in token:
            return len(token) > 1  # an argument of a tensor says nothing about its value
        return first not in "{}<>:" and self._accept_scalar(token)

    def _accept_scalar(self, token: str) -> bool:
        scalar = _scalar(token, 0)
        if scalar.decimals is not None and scalar.decimals > self._decimals:
            self._decimals = scalar.decimals
        if scalar.notes:
            self._notes.update(dict.fromkeys(scalar.notes))
        elif isinstance(scalar.value, str) and token != _ELLIPSIS:
            # Words without a comma between are prose; numbers are a NumPy array.
            return not self._previous and self._append(token, "word")
        return self._append(scalar.value, "value")

    def _append(self, value: Value, kind: str) -> bool:
        self._stack[-1][1].append(value)
        is_apart, self._previous = self._previous != "word", kind
        return is_apart

    def _close(self, bracket: str) -> bool:
        opening, items = self._stack.pop()
        if (opening[-1] == "(") != (bracket == ")"):
            return False
        is_call = len(opening) > 1
        self._previous = ""
        return self._append(items[0] if is_call and len(items) == 1 else tuple(items), "value")
