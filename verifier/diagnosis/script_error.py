"""The error that ended a script, as Python's traceback names it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier.printable import printable

_TAIL_CHARACTERS = 16_000
_MESSAGE_CHARACTERS = 200
_FRAME = re.compile(r'^ +File "submission\.py", line ([0-9]{1,7})', re.MULTILINE)
_ENDING = re.compile(r"^([A-Za-z_][A-Za-z0-9_.]{0,80})(?:: (.*))?$", re.MULTILINE)
_GUESS = re.compile(r"Did you mean: '([^']{1,60})'\?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptError:
    """The exception nobody caught."""

    kind: str
    """Its class, without the module."""
    message: str
    """The first line of what it says, bounded; not yet printable."""
    line: int | None
    """The innermost line of the script."""
    guess: str | None
    """The name that Python thinks was meant."""

    @property
    def shown(self) -> str:
        """As it may be shown; without a full stop at its end."""
        said = f"{self.kind}: {self.message}" if self.message else self.kind
        return printable(said.rstrip(" ."), limit=_MESSAGE_CHARACTERS)

    def quoted(self, place: int = 0) -> str:
        """Give a text that the message puts in quotes, printable; empty where there is none."""
        found = re.findall(r"'([^']{1,80})'", self.message)
        return printable(found[place]) if len(found) > place else ""


def read_error(stderr: bytes) -> ScriptError | None:
    """Find the exception that ended a script; None where standard error names none."""
    text = stderr.decode("utf-8", errors="replace")[-_TAIL_CHARACTERS:]
    frames = list(_FRAME.finditer(text))
    if not frames:
        return None
    # Notes and a torch error's own lines may stand below; the exception is the last unindented
    # line below the last frame that names a class.
    endings = [
        found
        for found in _ENDING.finditer(text, frames[-1].end())
        if found[1].rpartition(".")[2][:1].isupper()
        and (found[2] is not None or _is_bare(found[1]))
    ]
    if not endings:
        return None
    ending = endings[0]
    message = (ending[2] or "")[:1000]
    guess = _GUESS.search(message)
    return ScriptError(
        kind=ending[1].rpartition(".")[2],
        message=message,
        line=int(frames[-1][1]),
        guess=None if guess is None else guess[1],
    )


def _is_bare(name: str) -> bool:
    return name.endswith(("Error", "Exception", "Interrupt", "Exit", "Iteration"))
