"""What a page repeats of its scripts' output, and no longer as it is printed: notes.

Excerpts in fences, lines ``key: value``, and numbers in sentences and tables that stand right
behind a printed key. Doubtful ones are passed over: what a page supposes, proposes, or says of
another run is no repetition.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from verifier.lesson.block import Note
from verifier.lesson.printed import (
    NUMBER,
    TRUTH,
    Printed,
    is_alike,
    is_comparable,
    is_telling,
    normal,
    says_little,
    values_in,
)
from verifier.lesson.statement import is_other_run, is_record, statements
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.lesson.block import Passage
    from verifier.lesson.page import Page
    from verifier.lesson.verdict import Verdict

MAX_NOTES = 50
"""Of a page."""
_MOST_PRINTED = 4 * 1024 * 1024
"""Characters, of all scripts of a page."""
_MAX_LINES = 2_000
"""Of a fence."""
_LONGEST_LINE = 2_000
_LONGEST_SHOWN = 80
_MAX_JUDGED = 20_000
"""Lines and statements of a page."""
_SHOWN_VALUES = 3

_LEFT_OUT = re.compile(r"\s*(?:(?:\.\.\.|…|\[\.\.\.\]|-{3,}|={3,})\s*)?|\s*[$%>]\s.*", re.DOTALL)
_RECORD_LINE = re.compile(
    r"\s*(?:[-*+•]\s+|[0-9]{1,3}[.)]\s+)?[`*\"]{0,3}(?P<key>[^\s`*\":=\uff1a][^`*\"=\uff1a\n]{0,199}?)"
    r"[`*\"]{0,3}\s{0,20}(?P<sign>[:=\uff1a])[`*\"]{0,3}\s{0,20}(?P<rest>\S.*)"
)
_LIST = r"(?:[\w.]{1,30}\()?[\[(]{1,8}[-+\d.][-+\d\[\](), .eE]{0,1900}?[\])]{1,9}"
_VALUE = re.compile(
    rf"(?<![\w.\[(,<>≤≥≈~±-])(?:{_LIST}|(?:{NUMBER}|{TRUTH})(?![\w%×/^~\u2013-]|\.\d))"
)
_NAMES = re.compile(r"([A-Za-z_]\w{0,80})\s{0,8}[=:]")
_PAIR = re.compile(rf"(?<![\w.])([A-Za-z_][\w.]{{0,80}})= {{0,3}}({NUMBER})(?![\w.%/])")
_REMARK_BEHIND = re.compile(r"\s+(?:#|//|<-|<=|←|⟵).*")
_OTHER_COMMAND = re.compile(r"^\s*[$%>]\s[^\n]*\s-{1,2}[A-Za-z]", re.MULTILINE)
_WAY = re.compile(rf"{NUMBER}(?:\s{{0,3}}(?:->|→|=>|to|and|,|/)\s{{0,3}}{NUMBER}){{1,20}}[.;]?")
_REMARK = re.compile(r"\s*(?:[.;,].*|\([^()]*\)[.;,]?)?")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DERIVED = re.compile(
    r"%|×|±|\b(?:times|percent|lower|higher|less|more|smaller|larger|below|above|under|over|greater|"
    r"points?|about|around|near(?:ly)?|between|not\b(?! None)|never|without|instead|if|by)\b",
    re.IGNORECASE,
)


def repeated(page: Page, verdicts: Sequence[Verdict]) -> tuple[Note, ...]:
    """Note what a page repeats otherwise than it was printed.

    Args:
        page: As it was read.
        verdicts: Of its scripts.
    Returns:
        Notes in the order of their lines, each once.
    """
    if sum(len(verdict.printed) for verdict in verdicts) > _MOST_PRINTED:
        message = "its scripts print so much that what the page repeats of it is not looked at"
        return (Note(line=1, message=message),)
    printed = Printed(page, verdicts)
    if not printed:
        return ()
    found: dict[Note, None] = {}
    for line, message in islice(_judged(page, printed), _MAX_JUDGED):
        if message:
            found[Note(line=line, message=message)] = None
        if len(found) > MAX_NOTES:
            shown = list(found)[:MAX_NOTES]
            more = f"only the first {MAX_NOTES} such differences are noted"
            return (*shown, Note(line=shown[-1].line, message=more))
    return tuple(found)


def _judged(page: Page, printed: Printed) -> Iterator[tuple[int, str]]:
    """Give a line and what is wrong with it, if anything, for all that was looked at."""
    for passage in page.passages:
        if is_other_run(passage.heading) or is_other_run(passage.said):
            continue
        judged = _of_fence if passage.is_code else _of_words
        for offset, message in judged(passage, printed):
            yield passage.line if page.is_notebook else passage.line + offset, message


def _of_words(passage: Passage, printed: Printed) -> Iterator[tuple[int, str]]:
    for offset, line in enumerate(passage.text.split("\n")):
        yield offset, _record(line, printed, is_sure=is_record(passage.heading))
    for statement in statements(passage.text, printed):
        key, shown = statement.key, statement.shown
        is_told = not says_little(shown, printed.values(key))
        yield statement.offset, _differs(key, shown, printed) if is_told else ""


def _of_fence(passage: Passage, printed: Printed) -> Iterator[tuple[int, str]]:
    lines = [
        (offset, line[:_LONGEST_LINE])
        for offset, line in enumerate(passage.text.split("\n")[:_MAX_LINES])
        if not _LEFT_OUT.fullmatch(line)
    ]
    if printed.is_foreign(passage.said) or _OTHER_COMMAND.search(passage.text[:_LONGEST_LINE]):
        return
    known = {line for _, line in lines if printed.has_line(_bare(line, printed))}
    valued = {line for line in known if is_telling(line) and values_in(line)}
    alike = {
        line
        for _, line in lines
        if line not in known
        and printed.is_alike(_bare(line, printed))
        and (is_telling(_bare(line, printed)) or valued)
    }
    found = sum(line in known or line in alike for _, line in lines)
    is_record_here = is_record(passage.heading) or is_record(passage.said)
    is_sure = bool(valued) or is_record_here
    is_this_run = is_record_here or len(alike) <= max(len(valued), 1)
    is_excerpt = is_this_run and 2 * found >= len(lines)
    for offset, line in lines:
        if line in known or (line in alike and not is_this_run):
            continue
        if line in alike and is_excerpt and _is_no_proposal(line, printed, is_sure=is_sure):
            there, place = printed.nearest(_bare(line, printed))
            yield offset, f"{_shown(normal(line))} here, {_shown(there)} {place}"
        else:
            record = _record(line, printed, is_sure=is_sure)
            yield offset, record or ("" if line in alike else _pairs(line, printed))


def _bare(line: str, printed: Printed) -> str:
    """Take a remark behind a line off, unless it is printed so."""
    return line if printed.has_line(line) else _REMARK_BEHIND.sub("", line)


def _pairs(line: str, printed: Printed) -> str:
    """Judge the pairs ``key=number`` of a line that is a part of a printed one."""
    for key, shown in _PAIR.findall(line):
        if not printed.is_setting(key) and not printed.is_counter(key):
            message = _differs(key, shown, printed)
            if message:
                return message
    return ""


def _is_no_proposal(line: str, printed: Printed, *, is_sure: bool) -> bool:
    names = _NAMES.findall(line)
    return is_sure or not names or not all(map(printed.is_setting, names))


def _record(line: str, printed: Printed, *, is_sure: bool) -> str:
    """Judge a line ``key: value``; empty where it is none, or is as it was printed.

    Args:
        line: With its bullet, if it has one.
        printed: What was printed.
        is_sure: Whether the line is known to stand in a record: then words may stand around its
            values.
    """
    found = _RECORD_LINE.fullmatch(line[:_LONGEST_LINE].replace("\\_", "_"))
    if not found:
        return ""
    key, rest = found["key"].strip(), found["rest"].strip().rstrip('`*"').strip()
    is_name = found["sign"] != "=" or "_" in key
    if not printed.values(key) or not is_name or (printed.is_setting(key) and not is_sure):
        return ""
    if any(is_alike(rest, each) for each in printed.values(key)):
        return _differs(key, rest, printed)
    values = [each for each in _VALUE.finditer(rest) if _is_told(each, rest, is_sure=is_sure)]
    if not values or _DERIVED.search(_VALUE.sub("", rest)):
        return ""
    if len(values) > 1:
        return _several(key, [each[0] for each in values], printed, is_sure=is_sure)
    return _differs(key, values[0][0], printed)


def _is_told(value: re.Match[str], rest: str, *, is_sure: bool) -> bool:
    """Tell whether a value is of the record, and no number in the words around it."""
    if _WAY.fullmatch(rest):
        return True
    if not is_sure:
        return value.start() == 0 and bool(_REMARK.fullmatch(rest, value.end()))
    return value.start() == 0 or not _WHOLE.fullmatch(value[0])


def _several(key: str, values: Sequence[str], printed: Printed, *, is_sure: bool) -> str:
    """Judge values of a way, such as ``0.1927 -> 0.1183``, which may be those of several keys."""
    wrong = [each for each in values if not printed.is_known(each)]
    if not wrong or (len(wrong) == len(values) and not is_sure):
        return ""
    return _differs(key, wrong[0], printed)


def _differs(key: str, shown: str, printed: Printed) -> str:
    values = printed.values(key)
    if not is_comparable(shown, values) or printed.is_value(key, shown):
        return ""
    told = ", ".join(_shown(each) for each in values[:_SHOWN_VALUES])
    more = " or others" if len(values) > _SHOWN_VALUES else ""
    return f"{_shown(key)}: {_shown(shown)} here, {told}{more} printed"


def _shown(text: str) -> str:
    return printable(text, limit=_LONGEST_SHOWN)
