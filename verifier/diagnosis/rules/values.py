"""Rules of stage output: a value that was printed as a text which is no number of the lab's."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.checks.closeness import Close, compare, shape
from verifier.diagnosis.diagnosis import Suspicion, suspect
from verifier.output.value import value_of
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.lab.field import Field
    from verifier.output.transcript import Reading

_SHOWN = 60
_FEW = 3
_DIGITS = 20
_UNFILLED = re.compile(
    r"\{(?:[A-Za-z_][^{}]*|:[^{}]*|[0-9]?)\}"
    r"|%[-+0# ]?[0-9]{0,3}(?:\.[0-9]{1,3})?[dfgeis](?![A-Za-z])"
)
"""What `format`, an f-string or ``%`` would have filled in."""
_CODE = re.compile(r"([A-Za-z_]\w{0,60})(?:\.\w[^\n ]*|\([^\n]*\))?")
_INNER_COMMA = re.compile("(?<=[0-9])[,\u066b\u00b7\u060c](?=[0-9])")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name the first value of each kind."""
    yield from _of_formats(subject)
    yield from _of_commas(subject)
    yield from _of_percentages(subject)


def _of_formats(subject: Subject) -> Iterator[Suspicion]:
    for field in subject.wrong:
        reading = subject.printed[field]
        if not isinstance(reading.value, str):
            continue
        name = "format-unfilled" if _UNFILLED.search(reading.text) else "name-printed"
        if name == "name-printed" and not _is_code(subject, field, reading):
            continue
        shown = printable(reading.text, limit=_SHOWN)
        fact = f"{field.name} is printed as {shown}"
        yield suspect(name, fact, words={"field": field.name, "observed": shown})
        return


def _is_code(subject: Subject, field: Field, reading: Reading) -> bool:
    """Whether a word is the name of what should have been printed, or a call of it."""
    found = _CODE.fullmatch(reading.text)
    names = {field.key, "round", *subject.facts.assigned}
    return found is not None and found[1] in names


def _of_commas(subject: Subject) -> Iterator[Suspicion]:
    found = [
        (field, *written)
        for field in subject.wrong
        for written in [_written_with_comma(subject, field)]
        if written is not None
    ]
    sure = [each for each in found if each[-1]]
    if sure or len(found) >= _FEW:
        field, text, restored, rule, _ = (sure or found)[0]
        shown = printable(text, limit=_SHOWN)
        fact = f"{field.name} is printed as {shown}"
        words = {"field": field.name, "observed": shown, "restored": restored, "rule": rule}
        yield suspect("decimal-comma", fact, words=words)


def _of_percentages(subject: Subject) -> Iterator[Suspicion]:
    """A hundred times the right number; not where a small one would fit anything."""
    for field in subject.wrong:
        reading, golden = subject.printed[field], subject.answers[field].value
        if not isinstance(reading.value, Decimal) or not isinstance(golden, Decimal):
            continue
        if abs(golden) < _DIGITS * field.atol or not reading.value.is_finite():
            continue
        if isinstance(compare(observed=reading.value / 100, golden=golden, bound=field), Close):
            shown = printable(reading.text, limit=_SHOWN)
            fact = f"{field.name} is printed as {shown}"
            words = {"field": field.name, "observed": shown}
            yield suspect("printed-as-percent", fact, words=words)
            return


def _written_with_comma(subject: Subject, field: Field) -> tuple[str, str, str, bool] | None:
    """Give a value as printed, as it should be, what it lacks, and whether it is then right."""
    first, *more = subject.readings_of(field)
    beside = [each.text for each in more if each.line == first.line]
    text = ",".join([first.text, *beside])
    golden = subject.answers[field].value
    for sign, instead, rule in (
        (_THOUSANDS, "", "Nothing between the thousands"),
        (_INNER_COMMA, ".", "A point before the decimals"),
    ):
        restored = sign.sub(instead, text)
        value = value_of(restored)
        if restored == text or shape(value) != shape(golden):
            continue
        if isinstance(compare(observed=value, golden=golden, bound=field), Close):
            return text, restored, rule, True
        decimals = restored.rpartition(".")[2].rstrip("]) ")
        if instead and not isinstance(value, str) and len(decimals) == field.decimals:
            return text, restored, rule, False
    return None
