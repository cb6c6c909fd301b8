"""Rules of stage output: a line of the lab that is missing, and where it or its like went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from verifier.checks.labels import key_instead, section_instead
from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion, suspect
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.lab.field import Field

_SHOWN = 60
_READ_BYTES = 65_536


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name the first line that is missing, with the best that can be said of it."""
    for match in subject.matches:
        if not match.present:
            name = match.spec.name
            line = re.compile(rf"(?<![\w.]){re.escape(name)}[^\w\n]*$", re.MULTILINE)
            instead = section_instead(subject.match, name)
            fact = f"there is no line {name}"
            yield _missing(subject, f"The line {name}", name, line, instead=instead, fact=fact)
            return
    for field in subject.missing:
        value = r"(?:[-+]?[0-9.]|[\[(]|tensor\()"
        begins = re.escape(field.key)
        if field.row is not None:
            begins, value = re.escape(str(field.row_key)), rf"{field.row}\b"
        line = re.compile(rf"(?<![\w.]){begins}(?: ?[=:]| ) *{value}", re.MULTILINE)
        instead = key_instead(subject.match, field.key)
        fact = f"{field.name} is not among what was printed"
        elsewhere = _elsewhere(subject, field)
        where = "" if elsewhere is None else f"under the line {field.section}"
        if elsewhere is not None:
            fact = f"{field.name} is not printed under {field.section}; it stands {elsewhere}"
        yield _missing(
            subject, field.name, field.key, line, instead=instead, fact=fact, where=where
        )
        return


def _missing(
    subject: Subject,
    what: str,
    name: str,
    line: re.Pattern[str],
    *,
    instead: str | None,
    fact: str,
    where: str = "",
) -> Suspicion:
    words = {"field": what, "where": where or "in the output"}
    printed = _found(line, subject.run.stdout)
    warned = None if subject.crashed else _found(line, subject.run.stderr)
    if warned is not None and printed is None and '"' not in warned.prefix:
        return suspect("printed-to-stderr", f"standard error holds {warned.shown}", words=words)
    if printed is not None and printed.prefix:
        words |= {"observed": printable(printed.prefix, limit=_SHOWN)}
        return suspect("lines-prefixed", f"it is printed as {printed.shown}", words=words)
    if instead is not None:
        shown = printable(instead, limit=_SHOWN)
        words |= {"instead": f"You printed `{shown}`: is `{name}` meant? "}
    return suspect("line-missing", fact, sure=LIKELY if instead is None else SEEN, words=words)


def _elsewhere(subject: Subject, field: Field) -> str | None:
    """Say where a key stands that is nowhere in its section; None where it stands nowhere."""
    if any((each.section, each.key) == (field.section, field.key) for each in subject.printed):
        return None
    under = [each.section for each in subject.match.transcript.readings if each.key == field.key]
    if not under or field.section in under:
        return None
    return "above the lab's lines" if under[0] is None else f"under {printable(under[0])}"


class _Found(NamedTuple):
    """A line in which a name of the lab's stands."""

    prefix: str
    """What stands in front of the name."""
    shown: str


def _found(name: re.Pattern[str], raw: bytes) -> _Found | None:
    text = raw[:_READ_BYTES].decode("utf-8", errors="replace")
    found = name.search(text)
    if found is None:
        return None
    start = text.rfind("\n", 0, found.start()) + 1
    line = text[start : found.end() + _SHOWN].partition("\n")[0].strip()
    return _Found(text[start : found.start()].strip(), printable(line, limit=_SHOWN))
