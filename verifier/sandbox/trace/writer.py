"""The writer of milestones: which of them are written, in lines of JSON, and when."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.sandbox.trace.journal import Journal

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

MAX_OPERATIONS = 260
"""So many operations are noted one by one."""
_ALIKE = 3
"""So many of one kind on one line."""
_FIRST = 10
"""So many milestones of a kind, and later ones where something is printed."""
MAX_READS = 160


class Writer:
    """Writes the first milestones of each kind, and the last one before each printed line."""

    def __init__(self, journal: Journal, *, lines: Callable[[], int]) -> None:
        self.journal = journal
        self._lines = lines
        self._next = 0
        self._operations = 0
        self._reads = 0
        self._alike: dict[tuple[Any, ...], int] = {}
        self._counts: dict[str, int] = {}
        """Since the last training began."""
        self._places: dict[str, int] = {}
        """In all."""
        self._pending: dict[str, str] = {}
        self._printed = -1

    def take_number(self) -> int:
        """Give the next number of a milestone."""
        self._next += 1
        return self._next - 1

    def is_new(self, *key: Any) -> bool:  # noqa: ANN401 - whatever tells one from another
        """Whether few of its like were seen so far; count one more."""
        seen = self._alike.get(key, 0)
        self._alike[key] = seen + 1
        return seen < _ALIKE

    def has_room(self) -> bool:
        """Whether one more operation is noted; count it."""
        self._operations += 1
        return self._operations <= MAX_OPERATIONS

    def begin_training(self) -> None:
        """Write as many of each kind as if none had been: new parameters are trained."""
        self._counts.clear()

    def event(self, kind: str, line: str, members: str) -> None:
        """Write what seldom comes."""
        self.journal.add(f'{{"e":"{kind}","line":{line},"at":{self._at()},{members}}}')

    def read(self, line: str, members: str) -> None:
        """Write that a tensor is written out, for the first ones."""
        self.flush()
        self._reads += 1
        if self._reads <= MAX_READS:
            self.event("read", line, members)

    def milestone(self, kind: str, line: str, members: str) -> int:
        """Write what comes in every round; give its number."""
        at, number = self._at(), self.take_number()
        rest = f",{members}" if members else ""
        place = self._places[kind] = self._places.get(kind, 0) + 1
        described = f'{{"e":"{kind}","id":{number},"line":{line},"at":{at},"n":{place}{rest}}}'
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count <= _FIRST:
            self.journal.add(described)
        else:
            self._pending[kind] = described
        return number

    def flush(self) -> None:
        """Write what has waited for something to be printed."""
        pending, self._pending = self._pending, {}
        for described in pending.values():
            self.journal.add(described)

    def _at(self) -> int:
        """Give how many lines have been printed."""
        at = self._lines()
        if at != self._printed:
            self._printed = at
            self.flush()
        return at
