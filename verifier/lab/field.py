"""A field: one value that a lab asks for, with its address, and the sections that hold them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from verifier.lab.stage import Stage

_WHOLE = re.compile(r"-?[0-9]{1,18}")

Kind = Literal["number", "list", "text", "truth"]
"""What a field's value is; a text and a truth are compared exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value (or one per row) that the lab asks the learner to print."""

    section: str
    """The section word above it; empty where the lab prints none."""
    key: str
    """Empty for a bare list."""
    row_key: str | None
    """The key whose value names the row, as ``step``; None where the key stands once."""
    row: int | None
    """That value, as 3 in ``step=3``."""
    stage: Stage
    decimals: int
    """Digits after the point that the lab prints."""
    atol: Decimal
    rtol: Decimal
    why: str
    """Why this tolerance."""
    shape: tuple[int, ...] = ()
    """How deep the printed list is nested, as ``(1, 2)``; empty for a number."""
    names_section: bool = False
    """Whether its name needs the section: another section has the same key."""
    label: str | None = None
    """The text in front of its pairs, as ``sgd`` in ``sgd  step=1 w=4.400``."""
    where: tuple[tuple[str, str], ...] = ()
    """Keys and values of its line that name the row, where that takes more than one whole number:
    ``epoch=2 batch=3``, ``x=[0, 1]``; the values as `verifier.output.address.canonical` has them.
    """
    occurrence: int = 1
    """1 for the first value of this section, label, row and key, 2 for the next …"""
    kind: Kind = "number"

    @property
    def name(self) -> str:
        """How people call it: ``loss_before``, or ``loss at step=3``, maybe ``under lr_0.5``."""
        place = f"under {self.section}" if self.section else "before the first section"
        under = f" {place}" if self.names_section else ""
        return f"{self.called}{self.place_on_line}{under}"

    @property
    def called(self) -> str:
        """Its name without its row: ``loss``; ``sgd w`` behind a label; else ``the list``."""
        called = " ".join(part for part in (self.label, self.key) if part) or "the list"
        return called if self.occurrence == 1 else f"{called} no. {self.occurrence}"

    @property
    def place_on_line(self) -> str:
        """What its line says of the row, as `` at step=3``; empty where it needs none."""
        named = self.where if self.row is None else ((self.row_key, self.row),)
        return f" at {' '.join(f'{key}={value}' for key, value in named)}" if named else ""

    @property
    def at(self) -> str:
        """Its address, as a manifest writes it: ``loop/step=3/loss``, ``/sgd/step=1/w``."""
        named = self.where if self.row is None else ((self.row_key, self.row),)
        rows = (f"{key}={value}" for key, value in named)
        again = f"#{self.occurrence}" if self.occurrence > 1 else ""
        parts = (self.section, self.label, *rows, self.key + again)
        return "/".join(part for part in parts if part is not None)

    @property
    def tolerance(self) -> str:
        """How people read it: ``± 0.001``."""
        return f"± {self.atol}" + (f" ± {self.rtol} × |golden|" if self.rtol else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSpec:
    """One section of the lab's output."""

    name: str
    """Its word; empty for what stands before the first."""
    row_key: str | None
    rows: tuple[int, ...]
    fields: tuple[Field, ...]
    """One per key, or one per row and key, in printed order."""

    @property
    def keys(self) -> frozenset[str]:
        """Every key that belongs here, those that name rows included."""
        found = {self.row_key or "", *(field.key for field in self.fields)}
        return frozenset(found | {key for field in self.fields for key, _ in field.where}) - {""}

    @property
    def is_plain(self) -> bool:
        """Whether section, key and perhaps one whole number of the line are all its addresses."""
        return self.name != "" and all(
            field.key and not field.label and not field.where and field.occurrence == 1
            for field in self.fields
        )


def sections_of(fields: Iterable[Field]) -> tuple[SectionSpec, ...]:
    """Gather fields into the sections of their lab, in the order of their first.

    One whole number that names every row of a section becomes its row key: then lines without it
    are read as well, in their order.
    """
    by_section: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        by_section[field.section].append(field)
    made = {name: _with_row_key(own) for name, own in by_section.items()}
    names = Counter(field.name for own in made.values() for field in own)
    return tuple(
        _section(name, [replace(each, names_section=names[each.name] > 1) for each in own])
        for name, own in made.items()
    )


def _with_row_key(fields: Sequence[Field]) -> Sequence[Field]:
    keys = {key for field in fields for key, _ in field.where}
    is_table = len(keys) == 1 and all(
        field.section
        and field.key
        and not field.label
        and field.occurrence == 1
        and len(field.where) == 1
        and _is_whole(field.where[0][1])
        for field in fields
    )
    if not is_table:
        return fields
    return [
        replace(field, row_key=key, row=int(value), where=())
        for field in fields
        for key, value in field.where
    ]


def _is_whole(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


def _section(name: str, fields: Sequence[Field]) -> SectionSpec:
    rows = tuple(dict.fromkeys(field.row for field in fields if field.row is not None))
    row_key = fields[0].row_key
    return SectionSpec(name=name, row_key=row_key, rows=rows, fields=tuple(fields))


def is_at(address: str, pattern: str) -> bool:
    """Whether a pattern, in which ``*`` stands for anything, names an address."""
    first, *others = pattern.split("*")
    if not others:
        return address == pattern
    *middle, last = others
    place = len(first)
    for part in middle:
        found = address.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    end = len(address) - len(last)
    return address.startswith(first) and address.endswith(last) and place <= end
