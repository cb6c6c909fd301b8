"""The calls of torch's functions that have begun and not ended, innermost last."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from verifier.sandbox.trace.parameters import Leaf

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module


class Call:
    """A call that has begun."""

    __slots__ = ("frame", "gathers", "kind", "leaves", "line", "reached", "text")

    def __init__(self, frame: FrameType, kind: str, *, line: str, text: str) -> None:
        self.frame = id(frame)
        self.kind = kind
        self.line = line
        """Of the script, as JSON."""
        self.text = text
        """What the event says that was known when it began."""
        self.leaves: list[tuple[Leaf, str, str]] = []
        """The parameters it is about, with values and gradient when it began."""
        self.reached: list[Leaf] = []
        """Those that a backward pass leads to."""
        self.gathers = False
        """Whether it is a step that computes gradients itself."""


class Calls:
    """All calls that have begun and not ended."""

    __slots__ = ("_open", "forwards", "steps")

    def __init__(self) -> None:
        self._open: list[Call] = []
        self.forwards = 0
        """How many of a module are open."""
        self.steps = 0
        """How many of an optimizer's step."""

    def begin(self, call: Call) -> None:
        """Take one up."""
        self._open.append(call)
        self._count(call, 1)

    def end(self, frame: FrameType) -> Call | None:
        """Give the call of a frame that ends, and drop it; None where it was not taken up.

        Those that were begun within it and never ended, because profiling paused, go too.
        """
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at].frame == id(frame):
                ended = self._open[at:]
                del self._open[at:]
                for each in ended:
                    self._count(each, -1)
                return ended[0]
        return None

    def holds(self, kind: str, *, text: str) -> bool:
        """Whether just such a call is open."""
        return any(each.kind == kind and each.text == text for each in self._open)

    def _count(self, call: Call, number: int) -> None:
        if call.kind == "forward":
            self.forwards += number
        elif call.kind == "step":
            self.steps += number


def line_of(frame: FrameType | None, path: str) -> str:
    """Give the line of the script that a frame was called from, as JSON."""
    while frame is not None:
        if frame.f_code.co_filename == path:
            return str(frame.f_lineno or "null")
        frame = frame.f_back
    return "null"
