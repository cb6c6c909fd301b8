"""A fault of labcheck's own that one submission brought out: never anybody's mistake.

It is told by a reference number, the same for the same fault wherever it happens, so that two
teachers who report it find each other. Its traceback holds a stranger's text and is printable.
"""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from verifier.errors import LabcheckError
from verifier.finding import Finding
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_Result = TypeVar("_Result")

KIND = "internal"
"""Of the finding that tells of a fault in place of a verdict."""
_PACKAGE = Path(__file__).resolve().parent.parent
_TRACEBACK_CHARACTERS = 8_000
_SUMMARY_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong in labcheck, and where."""

    reference: str
    """Eight hexadecimal digits of the kind of error and its place in labcheck's code."""
    summary: str
    """The error in one printable line."""
    traceback: str
    """All of it, printable; lines end in a line feed."""

    def finding(self) -> Finding:
        """Tell it to the learner, whose fault it is not."""
        message = (
            "labcheck itself failed on this submission, which says nothing about it; "
            f"its teacher can report the reference {self.reference}"
        )
        return Finding(kind=KIND, line=None, message=message)

    def advice_finding(self) -> Finding:
        """Tell that there would be advice, had labcheck not failed over it."""
        message = f"no advice can be given: labcheck itself failed, reference {self.reference}"
        return Finding(kind="no_advice", line=None, message=message)


def attempted(call: Callable[[], _Result]) -> _Result | Fault:
    """Give what a call gives, or the fault that it ended in.

    Raises:
        LabcheckError: That is no fault of labcheck's, and has a remedy.
    """
    try:
        return call()
    except LabcheckError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours and not the learner's
        return fault_of(error)


def fault_of(error: Exception) -> Fault:
    """Describe an error that nobody expected."""
    whole = "".join(traceback.format_exception(error))
    shown = printable(whole[-_TRACEBACK_CHARACTERS:], limit=_TRACEBACK_CHARACTERS, keep="\n")
    said = error.problem if isinstance(error, LabcheckError) else f"{type(error).__name__}: {error}"
    return Fault(
        reference=_reference(error),
        summary=printable(said, limit=_SUMMARY_CHARACTERS),
        traceback=shown,
    )


def _reference(error: Exception) -> str:
    place = f"{type(error).__qualname__} {_place(error.__traceback__)}"
    return hashlib.sha256(place.encode()).hexdigest()[:8]


def _place(raised: TracebackType | None) -> str:
    """Name the innermost place in labcheck's code, wherever labcheck lies on this machine."""
    place = ""
    for frame in traceback.StackSummary.extract(traceback.walk_tb(raised), lookup_lines=False):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            place = f"{path.relative_to(_PACKAGE).as_posix()}:{frame.name}:{frame.lineno}"
    return place
