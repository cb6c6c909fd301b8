r"""The address of a reading among what a section of a lab prints.

A reading is found by the label in front of its line, the values of the keys that name the row
(``epoch=2 batch=3``, ``x=[0, 1]``), its key, and how many such readings stand above it.

>>> from verifier.output.transcript import read_stdout
>>> found = read_stdout(b"sgd  epoch=1 batch=2 loss=0.5\n").readings
>>> addressed(found, {"sgd": [("epoch", "batch")]})[2][0]
Address(label='sgd', where=(('epoch', '1'), ('batch', '2')), key='loss')

Pure.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.output.transcript import Reading
    from verifier.output.value import Value

Where = tuple[tuple[str, str], ...]
"""Keys of a line with their canonical values."""


class Address(NamedTuple):
    """Where a reading stands in its section, but for its count."""

    label: str | None
    where: Where
    key: str | None


def canonical(value: Value) -> str:
    """Write a value so that equal ones are written alike: ``0.10`` and ``.1`` as ``0.1``."""
    match value:
        case tuple():
            return f"[{', '.join(map(canonical, value))}]"
        case Decimal() if value.is_finite():
            return format(value.normalize() + 0, "f")
        case _:
            return str(value)


def addressed(
    readings: Sequence[Reading], row_keys: Mapping[str | None, Sequence[tuple[str, ...]]]
) -> list[tuple[Address, Reading]]:
    """Give every reading its address.

    Args:
        readings: Of one section, in printed order.
        row_keys: For each label the keys that name rows on its lines; of several the first that a
            line has.
    """
    found = []
    for (_, label), group in groupby(readings, key=lambda each: (each.line, each.row)):
        line = list(group)
        where = _where(line, row_keys.get(label, ()))
        found += [(Address(label, where, reading.key), reading) for reading in line]
    return found


def _where(line: Sequence[Reading], choices: Sequence[tuple[str, ...]]) -> Where:
    values: dict[str | None, Value] = {}
    for reading in line:
        values.setdefault(reading.key, reading.value)
    for keys in choices:
        if all(key in values for key in keys):
            return tuple((key, canonical(values[key])) for key in keys)
    return ()
