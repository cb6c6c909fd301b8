"""The error that ended a script, as Python's traceback names it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier.printable import last_line, plain, printable

_MESSAGE_CHARACTERS = 300
_FRAME = re.compile(r'^ +File "submission\.py", line ([0-9]{1,7}).*$', re.MULTILINE)
_FILE = re.compile(r'^ +File "([^"\n]{1,400})", line ', re.MULTILINE)
_ENDING = re.compile(r"^([A-Za-z_][A-Za-z0-9_.]{0,80})(?:: (.*))?$", re.MULTILINE)
_GUESS = re.compile(r"Did you mean: '([^']{1,60})'\?")
_AFTERWARDS = re.compile(r"^Exception ignored (in|on)\b", re.MULTILINE)
_GROUP_MARGIN = re.compile(r"^ {2}[+|] ", re.MULTILINE)
"""In front of the traceback of a group of exceptions; those of its members stand further in."""
_MARKS = re.compile(r"^ *([~^]+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptError:
    """The exception nobody caught."""

    kind: str
    """Its class, without the module."""
    message: str
    """The first line of what it says, and the second where the first ends in a colon; bounded; not
    yet printable."""
    line: int | None
    """The innermost line of the script."""
    guess: str | None
    """The name that Python thinks was meant."""
    statement: str = ""
    """That line as the traceback shows it; not yet printable."""
    marked: str = ""
    """The part of it that the traceback marks; the whole where it marks none."""
    files: tuple[str, ...] = ()
    """Files of the frames that lie further in than that line."""

    @property
    def shown(self) -> str:
        """As it may be shown; without a full stop at its end, cut after a sentence where long."""
        said = f"{self.kind}: {self.message}" if self.message else self.kind
        if len(said) > _MESSAGE_CHARACTERS:
            said = said[: _MESSAGE_CHARACTERS + 1].rpartition(". ")[0] or said
        return printable(said.rstrip(" ."), limit=_MESSAGE_CHARACTERS)

    def quoted(self, place: int = 0) -> str:
        """Give a text that the message puts in quotes, printable; empty where there is none."""
        found = re.findall(r"'([^']{1,80})'", self.message)
        return printable(found[place]) if len(found) > place else ""


def read_error(stderr: bytes) -> ScriptError | None:
    """Find the exception that ended a script; None where standard error names none."""
    text = _of_the_end(stderr)
    frames = list(_FRAME.finditer(text))
    if not frames:
        return None
    # Notes and a torch error's own lines may stand below; the exception is the first unindented
    # line below the last frame that names a class.
    ending = next(
        (
            found
            for found in _ENDING.finditer(text, frames[-1].end())
            if _is_class(found[1]) and (found[2] is not None or _is_bare(found[1]))
        ),
        None,
    )
    if ending is None:
        return None
    message = _message(ending, text)
    guess = _GUESS.search(message)
    inner = text[frames[-1].end() : ending.start()]
    statement, marked = _statement(inner)
    return ScriptError(
        kind=ending[1].rpartition(".")[2],
        message=message,
        line=int(frames[-1][1]),
        guess=None if guess is None else guess[1],
        statement=statement,
        marked=marked,
        files=tuple(_FILE.findall(inner)),
    )


def script_line(stderr: bytes) -> int | None:
    """Give the script's innermost line in the traceback that ended it, whatever was raised."""
    frames = _FRAME.findall(_of_the_end(stderr))
    return int(frames[-1]) if frames else None


def _of_the_end(stderr: bytes) -> str:
    """Leave out what objects say while Python clears up: that comes after what counts."""
    text = _GROUP_MARGIN.sub("", plain(stderr.decode("utf-8", errors="replace")))
    ended = _AFTERWARDS.search(text)
    return text[: ended.start()] if ended and _FRAME.search(text, 0, ended.start()) else text


def last_words(stderr: bytes, *, limit: int) -> str:
    """Show what a script said last: the error that ended it, or else its last line."""
    error = read_error(stderr)
    if error is not None:
        return error.shown
    return last_line(plain(stderr.decode("utf-8", errors="replace")), limit=limit)


def _message(ending: re.Match[str], text: str) -> str:
    if ending[2] is None:
        return ""
    first = ending[2][:1000].strip()
    if first and not first.endswith(":"):
        return first
    following = text[ending.end() :].strip().partition("\n")[0].strip()
    return f"{first} {following}".strip()[:1000]


def _statement(below: str) -> tuple[str, str]:
    """Give the line of the script below a frame, and what is marked in it."""
    lines = below.split("\n")[1:3]
    if not lines or not lines[0].startswith("    ") or lines[0].lstrip().startswith("File "):
        return "", ""
    statement = lines[0].strip()
    marks = _MARKS.match(lines[1]) if len(lines) > 1 else None
    if marks is None:
        return statement, statement
    return statement, lines[0][marks.start(1) : marks.end(1)].strip()


def _is_class(name: str) -> bool:
    """Whether an exception may be called so: ``ValueError``, ``socket.gaierror``, ``_OurError``."""
    module, _, last = name.rpartition(".")
    return last.lstrip("_")[:1].isupper() or (bool(module) and last.endswith("error"))


def _is_bare(name: str) -> bool:
    return name.endswith(("Error", "error", "Exception", "Interrupt", "Exit", "Iteration", "Quit"))
