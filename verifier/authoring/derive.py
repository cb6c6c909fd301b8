"""The fields of a lab, as the run of its reference gives them: nothing has to be written down.

Every reading of the reference is a field, but for those that another run prints otherwise, and
for NaN, which never passes. Its
address is found here: which keys name the rows of a table, which label stands in front, how many
of its like are above it. Its tolerance follows from the digits it is printed with. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from verifier.authoring.concepts import concepts_of
from verifier.lab.derived import DerivedField, is_shown
from verifier.lab.field import Field
from verifier.lab.stage import Stage
from verifier.output.address import Address, addressed, canonical
from verifier.output.value import numbers_in, printed_decimals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.lab.field import Kind
    from verifier.output.transcript import Reading, Transcript
    from verifier.output.value import Value
    from verifier.trace.event import Trace

SIGNIFICANT = 7
"""Digits of a number that another CPU prints alike: a float32 has hardly more."""
_ROWS = 2


def derived_fields(
    transcript: Transcript, *, again: Transcript, trace: Trace, typed: Sequence[float]
) -> tuple[DerivedField, ...]:
    """Derive the fields of an output.

    Args:
        transcript: What the reference printed.
        again: What it printed in another process; what differs there is no field.
        trace: Of the first run.
        typed: Numbers that stand in the reference; with them a column may name rows.
    Returns:
        The fields, in printed order.
    """
    places = _places(transcript.readings, typed=typed)
    looped = [_is_counted(place.where) for place in places]
    concepts = concepts_of(transcript.readings, in_loop=looped, trace=trace)
    moving = {reading.address for reading in unsteady(transcript, again)}
    decimals = _decimals(transcript.readings, places)
    counts: Counter[tuple[str | None, Address]] = Counter()
    found: list[DerivedField] = []
    for reading, place, concept in zip(transcript.readings, places, concepts, strict=True):
        counts[reading.section, place] += 1
        names_row = any(key == place.key for key, _ in place.where)
        if names_row or reading.address in moving or is_unjudged(reading.value):
            continue
        field = _field(
            reading,
            place,
            decimals=decimals[reading.section, _keys(place), place.key]
            if place.where
            else _own_decimals(reading.value),
            occurrence=counts[reading.section, place],
        )
        if is_shown(field):
            found.append(DerivedField(field=field, concept=concept))
    return tuple(found)


def is_unjudged(value: Value) -> bool:
    """Whether a value holds what never passes: NaN anywhere, or an infinity by itself."""
    if isinstance(value, Decimal):
        return not value.is_finite()
    return any(number.is_nan() for number in numbers_in(value))


def unsteady(transcript: Transcript, again: Transcript) -> tuple[Reading, ...]:
    """Find the readings that another run prints otherwise, or not at all."""
    steady = {reading.address: reading.text for reading in again.readings}
    return tuple(
        reading for reading in transcript.readings if steady.get(reading.address) != reading.text
    )


def _places(readings: Sequence[Reading], *, typed: Sequence[float]) -> list[Address]:
    """Find the address of every reading, section by section."""
    places: list[Address | None] = [None] * len(readings)
    numbers: dict[str | None, list[int]] = defaultdict(list)
    for number, reading in enumerate(readings):
        numbers[reading.section].append(number)
    for of_section in numbers.values():
        own = [readings[number] for number in of_section]
        found = addressed(own, _row_keys(own, typed=typed))
        for number, (place, _) in zip(of_section, found, strict=True):
            places[number] = place
    return [place for place in places if place is not None]


def _row_keys(
    readings: Sequence[Reading], *, typed: Sequence[float]
) -> Mapping[str | None, Sequence[tuple[str, ...]]]:
    """Find which keys name the rows of each table of a section, by the label of its lines."""
    tables: dict[tuple[str | None, ...], list[list[Reading]]] = defaultdict(list)
    for _, group in groupby(readings, key=lambda each: (each.line, each.row)):
        line = list(group)
        tables[tuple(each.key for each in line)].append(line)
    found: dict[str | None, list[tuple[str, ...]]] = defaultdict(list)
    for lines in tables.values():
        keys = _naming(lines, typed=typed)
        for label in dict.fromkeys(line[0].row for line in lines) if keys else ():
            found[label].append(keys)
    return {label: sorted(keys, key=len, reverse=True) for label, keys in found.items()}


def _naming(lines: Sequence[Sequence[Reading]], *, typed: Sequence[float]) -> tuple[str, ...]:
    """Find the first keys of a table's lines whose values tell its rows apart.

    None where one line is all there is, or where the first are measured values themselves.
    """
    labels = Counter(line[0].row for line in lines)
    if max(labels.values()) < _ROWS:
        return ()
    naming: tuple[str, ...] = ()
    for column in range(len(lines[0]) - 1):
        key = lines[0][column].key
        if key is None or not all(_names(line[column].value, typed) for line in lines):
            break
        naming = (*naming, key)
        rows = {
            (line[0].row, *(canonical(each.value) for each in line[: column + 1])) for line in lines
        }
        if len(rows) == len(lines):
            return naming
    return naming[:1]


def _names(value: Value, typed: Sequence[float]) -> bool:
    """Whether a value may name a row: a word, a count, or what stands in the script."""
    return all(
        number.is_finite() and (number == number.to_integral_value() or float(number) in typed)
        for number in numbers_in(value)
    )


def _is_counted(where: tuple[tuple[str, str], ...]) -> bool:
    """Whether whole numbers name the row, as those of steps and epochs do."""
    return bool(where) and all(value.isascii() and value.isdigit() for _, value in where)


def _keys(place: Address) -> tuple[str, ...]:
    return tuple(key for key, _ in place.where)


def _decimals(
    readings: Sequence[Reading], places: Sequence[Address]
) -> Mapping[tuple[object, ...], int]:
    """Count the digits after the point of each column: `round` drops zeros, not in every row."""
    found: dict[tuple[object, ...], int] = defaultdict(int)
    for reading, place in zip(readings, places, strict=True):
        column = (reading.section, _keys(place), place.key)
        found[column] = max(found[column], _own_decimals(reading.value))
    return found


def _own_decimals(value: Value) -> int:
    return max(map(printed_decimals, _finite(value)), default=0)


def _field(reading: Reading, place: Address, *, decimals: int, occurrence: int) -> Field:
    kind = _kind(reading.value)
    atol = _atol(reading.value, decimals)
    return Field(
        section=reading.section or "",
        key=place.key or "",
        row_key=None,
        row=None,
        stage=Stage.OUTPUT,
        decimals=decimals,
        atol=atol,
        rtol=Decimal(0),
        why=_why(kind, atol),
        shape=_shape(reading.value),
        label=place.label,
        where=place.where,
        occurrence=occurrence,
        kind=kind,
    )


def _kind(value: Value) -> Kind:
    match value:
        case bool():
            return "truth"
        case Decimal():
            return "number"
        case tuple():
            return "list"
        case _:
            return "text"


def _atol(value: Value, decimals: int) -> Decimal:
    """One unit of the last printed digit, or of the last one that a float32 has; 0 for a count."""
    if decimals == 0:
        # 1.2346e+05 has no digit after its point, and a last one that is worth ten.
        coarse = max((int(number.as_tuple().exponent) for number in _finite(value)), default=0)
        return Decimal(10) ** coarse if coarse > 0 else Decimal(0)
    largest = max(map(abs, _finite(value)), default=Decimal(0))
    last = largest.adjusted() - SIGNIFICANT + 1 if largest else -decimals
    return Decimal(1).scaleb(max(-decimals, last))


def _why(kind: Kind, atol: Decimal) -> str:
    if atol:
        return "one unit of the last printed digit"
    return {"number": "a whole number is exact", "list": "whole numbers are exact"}.get(
        kind, "a word is exact"
    )


def _shape(value: Value) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(value, tuple):
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def _finite(value: Value) -> list[Decimal]:
    return [number for number in numbers_in(value) if number.is_finite()]
