"""Labels that were printed in place of the lab's own: which one may have been meant.

>>> alike("one training step", "one_training_step"), alike("lr_1", "lr_1.0")
(1.0, 1.0)
>>> alike("lr_0.1", "lr_1.0"), alike("loss", "loss_before") < LEAST
(0.0, True)
"""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.lab.field import Field
    from verifier.output.match import Match, SectionMatch
    from verifier.output.transcript import Reading

LEAST = 0.8
"""How alike two labels are, where one is taken for the other."""
_NEAR = 0.6
_MOST = 200
_LONGEST = 60
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def section_instead(match: Match, name: str) -> str | None:
    """Give the line that was printed in place of a section's; None where none is near it."""
    known = {section.spec.name for section in match.sections}
    printed = (section.name for section in match.transcript.sections)
    return _nearest(name, (*match.transcript.short_lines, *printed), known)


def key_instead(match: Match, key: str) -> str | None:
    """Give the key that was printed in place of one that is asked for."""
    known = {field.key for section in match.sections for field in section.fields}
    known |= {section.spec.row_key or key for section in match.sections}
    printed = (" ".join(filter(None, (e.row, e.key))) for e in match.transcript.readings)
    return _nearest(key, printed, known)


def reading_instead(section: SectionMatch, field: Field) -> Reading | None:
    """Find what was read in place of a field: of what its section prints beside what is asked."""
    wanted = _address(field.label, field.key)
    likeness, nearest = max(
        ((alike(_address(each.row, each.key), wanted), each) for each in section.extra[:_MOST]),
        key=lambda found: found[0],
        default=(0.0, None),
    )
    return nearest if likeness >= _NEAR else None


def _address(label: str | None, key: str | None) -> str:
    return " ".join(part[:_LONGEST] for part in (label, key) if part)


def _nearest(wanted: str, printed: Iterable[str], known: set[str]) -> str | None:
    others = [
        each for each in dict.fromkeys(printed) if each not in known and len(each) <= _LONGEST
    ]
    likeness, nearest = max(((alike(e, wanted), e) for e in others[:_MOST]), default=(0.0, None))
    return nearest if likeness >= LEAST else None


def alike(one: str, other: str) -> float:
    """Tell from 0 to 1 how alike two labels are; whose numbers differ are not alike at all."""
    if _numbers(one) != _numbers(other):
        return 0.0
    return SequenceMatcher(None, _letters(one), _letters(other), autojunk=False).ratio()


def _letters(label: str) -> str:
    return "".join(filter(str.isalpha, label.casefold()))


def _numbers(label: str) -> list[Decimal]:
    return [Decimal(number) for number in _NUMBER.findall(label)]
