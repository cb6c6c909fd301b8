r"""The match: readings of an output, joined with the fields of the lab that they answer.

>>> from verifier.lab.load import load_labs
>>> from verifier.output.transcript import read_stdout
>>> from verifier.resources import lab_root
>>> exercise = load_labs(lab_root(None))["forward-backward"].exercise("baseline")
>>> match = match_output(read_stdout(b"mini_training_loop\nstep=2 loss=0.0861\n"), exercise)
>>> {field.name: reading.text for field, reading in match.judged.items()}
{'loss at step=2': '0.0861'}

Readings are addressed by section, key and, where the lab has rows, by the value of
the row key (``step=3``), not by their order: a learner may print the lines of a
section in any order. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from verifier.output.address import Address, addressed
from verifier.output.transcript import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from verifier.lab.field import Field, SectionSpec
    from verifier.lab.spec import Exercise
    from verifier.output.transcript import Reading, Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionMatch:
    """What one section of the lab found in the output."""

    spec: SectionSpec
    present: bool
    """Whether its section line was printed."""
    fields: dict[Field, tuple[Reading, ...]]
    """Every field of the section with its readings in printed order: none, one, or repeats."""
    surplus_rows: tuple[int, ...]
    """Rows printed that the lab does not ask for, as 6 in ``step=6``: the first, rising."""
    extra: tuple[Reading, ...]
    """Readings inside the section that belong to no field."""
    elsewhere: tuple[Reading, ...]
    """Readings with the keys of its fields under a word of the learner's own; not judged."""
    surplus: tuple[str, ...] = ()
    """What is there beside the rows asked for where more than a whole number names them, in words.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An output, joined with the fields of an exercise."""

    transcript: Transcript
    sections: tuple[SectionMatch, ...]
    """Of every section of the exercise, in its order."""
    judged: Mapping[Field, Reading]
    """The reading that is judged, the first one, of every field that was printed."""


def match_output(transcript: Transcript, exercise: Exercise) -> Match:
    """Find the readings of every field of an exercise, once for all who judge the output."""
    known = frozenset(spec.name for spec in exercise.sections)
    blocks = _blocks(transcript, known)
    sections = tuple(
        _match(spec, transcript, [_keyed(each, spec, known) for each in blocks[spec.name]])
        for spec in exercise.sections
    )
    judged = {
        field: readings[0]
        for section in sections
        for field, readings in section.fields.items()
        if readings
    }
    return Match(transcript=transcript, sections=sections, judged=judged)


def _blocks(transcript: Transcript, known: frozenset[str]) -> dict[str, list[Reading]]:
    """Readings between a lab's section line and the next one of the lab's, by section name.

    A learner's own bare word (``done``) opens a section for the grammar; here such readings
    still belong to the block of the lab's section above them. Those under a headline of the
    learner's (``--- done ---``) are that section's own.
    """
    # What stands before the first has a section without a name.
    openings = [Section(name="", line=0)]
    openings += [section for section in transcript.sections if section.name in known]
    # Both lie in printed order, so each block is one slice, however many sections there are.
    starts = [bisect_left(transcript.readings, opening.line, key=_line_of) for opening in openings]
    blocks: dict[str, list[Reading]] = defaultdict(list)
    for opening, (start, end) in zip(openings, pairwise([*starts, None]), strict=True):
        blocks[opening.name] += transcript.readings[start:end]
    return blocks


def _keyed(reading: Reading, spec: SectionSpec, known: frozenset[str]) -> Reading:
    """Give a bare list the key that stands alone on the line above it, as ``out:``."""
    word = reading.section
    if reading.key is None and word is not None and word not in known and word in spec.keys:
        return replace(reading, key=word)
    return reading


def _line_of(reading: Reading) -> int:
    return reading.line


def _match(spec: SectionSpec, transcript: Transcript, block: list[Reading]) -> SectionMatch:
    return (_match_plain if spec.is_plain else _match_addressed)(spec, transcript, block)


def _match_addressed(
    spec: SectionSpec, transcript: Transcript, block: list[Reading]
) -> SectionMatch:
    """Match by label, row, key and count: no line is taken for another that is like it."""
    row_keys: dict[str | None, list[tuple[str, ...]]] = defaultdict(list)
    asked: dict[Address, list[Field]] = defaultdict(list)
    for field in spec.fields:
        keys = tuple(key for key, _ in field.where)
        if keys and keys not in row_keys[field.label]:
            row_keys[field.label].append(keys)
        asked[Address(field.label, field.where, field.key or None)].append(field)
    answers: dict[Address, list[Reading]] = {place: [] for place in asked}
    extra: list[Reading] = []
    surplus: dict[str, None] = {}
    tables = {(place.label, *(key for key, _ in place.where), place.key) for place in asked}
    for place, reading in addressed(block, row_keys):
        if place in answers:
            answers[place].append(reading)
        elif place.where and (place.label, *(k for k, _ in place.where), place.key) in tables:
            surplus[" ".join((*filter(None, [place.label]), *map("=".join, place.where)))] = None
        elif place.key not in dict(place.where):
            extra.append(reading)
    fields: dict[Field, tuple[Reading, ...]] = {}
    for place, wanted in asked.items():
        found = answers[place]
        single = len(wanted) == 1
        fields |= {
            field: tuple(found) if single else tuple(found[number : number + 1])
            for number, field in enumerate(wanted)
        }
        if not single and len(found) > len(wanted):
            surplus[f"{wanted[0].name} {len(found)} times, not {len(wanted)}"] = None
    return SectionMatch(
        spec=spec,
        present=not spec.name or any(each.name == spec.name for each in transcript.sections),
        fields={field: fields[field] for field in spec.fields},
        surplus_rows=(),
        extra=tuple(extra),
        elsewhere=(),
        surplus=tuple(surplus),
    )


def _match_plain(spec: SectionSpec, transcript: Transcript, block: list[Reading]) -> SectionMatch:
    keys = spec.keys
    titles = {section.name for section in transcript.sections if section.decorated}
    own = [each for each in block if each.section == spec.name or each.section in titles]
    inner = [
        each
        for each in block
        if each.section != spec.name and each.section not in titles and _is_asked(keys, each)
    ]
    asked = [reading for reading in own if _is_asked(keys, reading)]
    own_answers, rows = _answers(spec, asked)
    answers = own_answers
    if any((field.key, field.row) not in own_answers for field in spec.fields):
        answers, rows = _answers(spec, [*asked, *inner])
    fields = {
        field: own_answers.get((field.key, field.row)) or answers.get((field.key, field.row), ())
        for field in spec.fields
    }
    judged = {id(reading) for readings in fields.values() for reading in readings}
    unplaced = {id(each) for key in keys for each in own_answers.get((key, None), ())}
    return SectionMatch(
        spec=spec,
        present=any(section.name == spec.name for section in transcript.sections),
        fields=fields,
        surplus_rows=tuple(row for row in rows if row not in spec.rows),
        extra=tuple(
            reading
            for reading in own
            if not _is_asked(keys, reading) or (spec.rows and id(reading) in unplaced)
        ),
        elsewhere=tuple(
            reading
            for reading in inner
            if asked and reading.key != spec.row_key and id(reading) not in judged
        ),
    )


def _is_asked(keys: frozenset[str], reading: Reading) -> bool:
    """Whether it has a key of the section, and no label in front that makes it another thing."""
    return reading.key in keys and reading.row is None


def _answers(
    spec: SectionSpec, readings: list[Reading]
) -> tuple[dict[tuple[str | None, int | None], tuple[Reading, ...]], list[int]]:
    """Group the readings of the lab's rows by key and row; also tell which rows were named.

    Numbers of a stranger are sorted, never hashed: he can choose many that have one hash.
    """
    rows = _rows(spec, readings)
    asked = {None, *spec.rows}
    grouped: dict[tuple[str | None, int | None], list[Reading]] = defaultdict(list)
    for reading, row in zip(readings, rows, strict=True):
        if row in asked:
            grouped[reading.key, row].append(reading)
    named = [row for row, _ in groupby(sorted(row for row in rows if row is not None))]
    return {place: tuple(found) for place, found in grouped.items()}, named


def _rows(spec: SectionSpec, readings: list[Reading]) -> list[int | None]:
    """The row of each reading: the one named on its line, else the last one named above."""
    if not spec.rows:
        return [None] * len(readings)
    named = {reading.line: row for reading in readings for row in _row_named(spec, reading)}
    if not named:
        return _rows_by_order(spec, readings)
    rows: list[int | None] = []
    current: int | None = None
    for reading in readings:
        current = named.get(reading.line, current)
        rows.append(current)
    return rows


def _row_named(spec: SectionSpec, reading: Reading) -> Iterable[int]:
    value = reading.value
    if reading.key != spec.row_key or not isinstance(value, Decimal):
        return
    if value.is_finite() and value == value.to_integral_value():
        yield int(value)


def _rows_by_order(spec: SectionSpec, readings: list[Reading]) -> list[int | None]:
    """Rows of a learner who prints no row key: the first ``loss`` is the first row's, and so on."""
    seen: Counter[str | None] = Counter()
    rows: list[int | None] = []
    for reading in readings:
        place = seen[reading.key]
        seen[reading.key] += 1
        beyond = place - len(spec.rows) + 1
        rows.append(spec.rows[place] if beyond <= 0 else spec.rows[-1] + beyond)
    return rows
