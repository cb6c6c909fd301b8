"""Words of a page → statements that a printed key has a value, by how near the two stand.

Only what is plainly said counts: the key to the letter, then at most a few words such as "is" or
"falls to", then the value. Suppositions, questions, differences and other runs say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.lesson.printed import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.lesson.printed import Printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A key, and the value that the page gives it."""

    key: str
    shown: str
    offset: int
    """Lines from the first of the words to that of the value."""


_OTHER_FENCE = re.compile(
    r"\b(?:if you|forg[eo]t\w*|without|would|instead|wrong|mistakes?|incorrect|broken|pitfalls?|"
    r"symptoms?|troubleshoot\w*|debug\w*|exercises?|try it|your turn|challenges?|variations?|"
    r"experiments?|practi[cs]e|homework|quiz|"
    r"what if|(?:other|another|different) (?:seed|rate|machine|run)s?|seed [0-9]+)\b|"
    r"如果|忘|错误|否则|练习|习题|もし|忘れ|間違|誤り|練習|演習|課題",
    re.IGNORECASE,
)
_OTHER_RUN = re.compile(
    r"\b(?:if|unless|suppose|imagine|would|could|might|instead|forg[eo]t\w*|without|wrong(?:ly)?|"
    r"mistakes?|incorrect|broken|bugs?|pitfalls?|symptoms?|troubleshoot\w*|debug\w*|exercises?|"
    r"try|challenges?|variations?|change|replace|set|raise|lower the|previous(?:ly)?|earlier|"
    r"used to|respectively|not|never|(?:other|different) (?:seed|machine|rate|run)s?|seed [0-9]+|"
    r"another|predict|question|when|whenever|means?|chance|guess\w*|perfect|ideal|threshold|"
    r"target|goal|best|worst|minimum|maximum|optimum|optimal|desired|true value|initiali[sz]ed?|"
    r"defaults?|range|ratio|differ\w*|product|half|twice|divided|multiplied|minus|plus|squared|"
    r"absolute|relative|fraction|(?:drop|change|fall|rise|gap|decrease|increase|improvement|"
    r"reduction|sum|mean|average) (?:in|of|between))\b|"
    r"n't\b|\?\s*$|如果|若|假如|假设|忘|错误|否则|练习|习题|尝试|改成|改为|分别|不是|差|比|倍|一半|"
    r"了 ?[0-9]|"
    r"もし|場合|なら|忘れ|間違|誤り|練習|演習|課題|変える|変更|それぞれ|ではない|半分",
    re.IGNORECASE,
)
_RECORD = re.compile(
    r"\b(?:evidence|records?|keep|closing|summary)\b|证据|记录|記録|証拠", re.IGNORECASE
)


def is_other_run(words: str) -> bool:
    """Tell whether a heading, or the words above a fence, lead to another run than the page's."""
    return bool(_OTHER_FENCE.search(words))


def is_record(text: str) -> bool:
    """Tell whether words announce a record of what was printed."""
    return bool(_RECORD.search(text))


_VERBS = (
    "is|was|becomes|became|equals|prints|printed|shows|reads|gives|has|value|falls|fell|drops|"
    "dropped|rises|rose|grows|grew|goes|went|comes|came|ends|ended|starts|started|begins|began|"
    "stays|lands|settles|reaches|reached|hits|turns|should|must|will|of"
)
_FILLERS = (
    "is|be|the|a|now|then|only|just|again|exactly|still|already|down|up|out|to|at|as|of|value|"
    "final|into|equal|print|show|read|give|have|fall|drop|rise|grow|go|come|end|start|stay|reach"
)
_OPENED = r"[`*\"'\u201c\u2018]{0,4}+"
_CLOSED = r"[`*\"'\u201d\u2019]{0,4}+"
_SPACE = r"(?:\s{1,9}+|(?=[`*\"\u201c\[(]))"
_LIST = r"[\[(]{1,8}[-+\d][-+\d\[\](), .eE]{0,500}[\])]"
_LINK = re.compile(
    rf"{_CLOSED}\s{{0,9}}+(?:(?:(?:{_VERBS}){_SPACE}"
    r"|=|:|\uff1a|->|→|=>|\u2014|\u2013|\||的值|的|为|是|等于|变为|变成|降到|降至|升到|达到|の値|は|が|に)"
    rf"\s{{0,9}}+(?:(?:(?:{_FILLERS}){_SPACE}|[=:]|为|是|等于)\s{{0,9}}+){{0,8}}+)?+"
    rf"{_OPENED}(?P<value>{_LIST}|True\b|False\b|{NUMBER})"
)
_AFTER = re.compile(
    rf"{_CLOSED}(?:[\w%×/~\u2013±^]|\.\d|,\d|:\d|-\d|\s{{0,3}}(?:[%×±^/→倍]|->|(?:or|by)\b|"
    r"(?:and|,|to)\s{1,3}[-+]?\d|times\b|x\b|percent|fold\b|lower|higher|less|more|smaller|larger|"
    r"below|above|greater|away\b|apart|off\b|orders?\b|points?\b|units?\b))"
)
_OPERATOR = re.compile(r"[-+*/\u2212×] {0,2}[`*]?\Z")
_CODE = re.compile(r"`([^`\n]{1,300})`")
_NAME = re.compile(r"(?<![\w`.\[/$-])[A-Za-z]\w{0,80}_\w{0,80}(?![\w(\[/-]|\.\w)")
_PAIR = re.compile(
    r"(?<![-+*/\u2212×] )(?<![\w.+*/-])"
    rf"([A-Za-z_][\w.]{{0,80}})\s{{0,8}}[=:]\s{{0,8}}({NUMBER})(?![\w.%])"
)
_SINGLE = re.compile(rf"\(\s*({NUMBER})\s*\)")
_OF = re.compile(r"[`*\s]*of\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。\uff01\uff1f])|\n\s*\n")
_LONGEST_JOINT = 12
_JOINED = re.compile(r"[`*\s]*(?:and|or|to|,|/|&|、|和|与|と|→|->|[`*])[`*\s]*", re.IGNORECASE)
_RULE_CELL = r"[ \t]{0,20}+:?-{1,80}+:?[ \t]{0,20}+"
_RULE = re.compile(rf"[ \t]{{0,9}}+\|?{_RULE_CELL}(?:\|{_RULE_CELL}){{0,40}}+\|?\s*")
_CELL = re.compile(
    rf"\s*[`*]{{0,3}}({NUMBER}|True|False|[\[(][-+\d\[\](), .eE]{{1,500}}[\])])[`*]{{0,3}}\s*"
)


def statements(text: str, printed: Printed) -> Iterator[Statement]:
    """Find what words say of printed keys.

    Args:
        text: A paragraph, a heading or a table, as it is written.
        printed: Whose keys count.
    """
    lines = text.replace("\\_", "_").split("\n")
    start = 0
    for begin, end in _tables(lines):
        yield from _of_words("\n".join(lines[start:begin]), printed, first=start)
        yield from _of_table(lines, begin, end, printed)
        start = end
    yield from _of_words("\n".join(lines[start:]), printed, first=start)


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give where each table begins, at its head, and ends."""
    number = 1
    while number < len(lines):
        if "|" in lines[number] and "|" in lines[number - 1] and _RULE.fullmatch(lines[number]):
            end = number + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            yield number - 1, end
            number = end
        number += 1


def _of_words(text: str, printed: Printed, *, first: int) -> Iterator[Statement]:
    begin = 0
    for stop in [*(found.end() for found in _SENTENCE.finditer(text)), len(text)]:
        sentence = text[begin:stop]
        if not _is_supposed(sentence, printed):
            for place, key, shown in _of_sentence(sentence, printed):
                offset = first + text.count("\n", 0, begin + place)
                yield Statement(key=key, shown=shown, offset=offset)
        begin = stop


def _is_supposed(words: str, printed: Printed) -> bool:
    return bool(_OTHER_RUN.search(words.rstrip())) or printed.proposes(words)


def _is_told(key: str, printed: Printed) -> bool:
    return not printed.is_setting(key) and not printed.is_counter(key)


def _of_sentence(sentence: str, printed: Printed) -> Iterator[tuple[int, str, str]]:
    ends: list[int] = [0]
    for begin, end, key in _keys(sentence, printed):
        between = sentence[ends[-1] : begin]
        is_joined = ends[-1] > 0 and len(between) <= _LONGEST_JOINT and _JOINED.fullmatch(between)
        ends.append(end)
        is_vague = "_" not in key and _OF.match(sentence, end)
        if is_joined or is_vague or not _is_told(key, printed):
            continue
        link = _LINK.match(sentence, end)
        is_term = _OPERATOR.search(sentence, max(0, begin - 4), begin)
        if link and not is_term and not _is_of_more(sentence, link):
            single = _SINGLE.fullmatch(link["value"])
            yield link.start("value"), key, single[1] if single else link["value"]
    for code in _CODE.finditer(sentence):
        for pair in _PAIR.finditer(code[1]):
            if printed.values(pair[1]) and _is_told(pair[1], printed):
                yield code.start(1) + pair.start(2), pair[1], pair[2]


def _is_of_more(sentence: str, link: re.Match[str]) -> bool:
    """Tell whether the value is a part of something else: a difference, a count, a ratio."""
    rest = sentence[link.end() : link.end() + 40]
    is_count = re.fullmatch(r"[-+]?\d+", link["value"]) and re.match(r"[`*]{0,3}\s+[^\W\d_]", rest)
    return bool(_AFTER.match(rest) or is_count)


def _keys(sentence: str, printed: Printed) -> Iterator[tuple[int, int, str]]:
    """Give the printed keys that are named, each with where it begins and ends."""
    found = []
    for code in _CODE.finditer(sentence):
        key = code[1].strip().rstrip("=:").rstrip()
        found.append((code.start(), code.end(), key))
    found += [(name.start(), name.end(), name[0]) for name in _NAME.finditer(sentence)]
    return ((begin, end, key) for begin, end, key in sorted(found) if printed.values(key))


def _of_table(lines: Sequence[str], begin: int, end: int, printed: Printed) -> Iterator[Statement]:
    head = _cells(lines[begin])
    if _is_supposed(lines[begin], printed):
        return
    for number in range(begin + 2, end):
        for cell in _cells(lines[number]):
            yield from _of_words(cell, printed, first=number)
        key = _key(_cells(lines[number])[0])
        values = [cell for cell in map(_value, _cells(lines[number])[1:]) if cell]
        is_said = printed.values(key) and _is_told(key, printed) and len(values) == 1
        if is_said and not _is_supposed(lines[number], printed):
            yield Statement(key=key, shown=values[0], offset=number)
    keys = {place: _key(cell) for place, cell in enumerate(head) if printed.values(_key(cell))}
    yield from _of_columns(lines, range(begin + 2, end), keys, printed)


def _of_columns(
    lines: Sequence[str], rows: range, keys: dict[int, str], printed: Printed
) -> Iterator[Statement]:
    """Give the cells below keys, where most of them are printed values: else it is another run."""
    right, wrong = 0, []
    for number in rows:
        cells = _cells(lines[number])
        if _is_supposed(lines[number], printed) or not _is_of_run(cells[0], keys.get(0), printed):
            continue
        for place, key in keys.items():
            shown = _value(cells[place]) if place < len(cells) else ""
            if shown and printed.is_value(key, shown):
                right += 1
            elif shown:
                wrong.append(Statement(key=key, shown=shown, offset=number))
    if len(wrong) <= max(right, 1):
        yield from wrong


def _is_of_run(cell: str, key: str | None, printed: Printed) -> bool:
    """Tell by its first cell whether a row may be of this run: a printed number, or a value."""
    value = _value(cell)
    if key is None:
        return bool(value) and printed.is_known(value)
    return not printed.is_counter(key) or printed.is_value(key, value)


def _cells(line: str) -> list[str]:
    inner = line.strip()
    inner = inner.removeprefix("|")
    return inner.removesuffix("|").split("|")


def _key(cell: str) -> str:
    return cell.strip().strip("`*").rstrip("=:").strip()


def _value(cell: str) -> str:
    found = _CELL.fullmatch(cell)
    return found[1] if found else ""
