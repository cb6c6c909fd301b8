"""Numbers for the modules and optimizers of a trace, which does not keep them alive."""

from __future__ import annotations

import builtins
from weakref import ref

from verifier.sandbox.trace.tensor import text

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module


class Known:
    """One that was seen."""

    __slots__ = ("called", "id", "kind", "thing")

    def __init__(self, thing: object, *, number: int) -> None:
        self.thing = ref(thing)
        self.id = number
        """By first sight."""
        self.kind = text(type(thing).__name__)
        """Its class, as JSON."""
        self.called = False
        """Whether the script itself has called it before."""


class Register:
    """All of one sort that were seen."""

    __slots__ = ("_known", "_seen")

    def __init__(self) -> None:
        self._known: dict[int, Known] = {}
        self._seen = 0

    def find(self, thing: object) -> Known:
        """Give what is known of it, from now on at least its number."""
        known = self._known.get(id(thing))
        if known is None or known.thing() is not thing:
            known = self._known[id(thing)] = Known(thing, number=self._seen)
            self._seen += 1
        return known
