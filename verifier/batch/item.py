"""One submission of a batch, before it is read; and the names it can have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.finding import Finding
from verifier.printable import printable
from verifier.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SUFFIX = ".py"
"""What a submission's name ends in, in upper or lower case."""

_LONGEST_PATH = 1000
_NEVER_HANDED_IN = frozenset({"__pycache__", "__MACOSX"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One submission that was found, and how to read it."""

    path: str
    """The key of its row: printable, and different for every submission of a batch."""
    read: Callable[[str], Submission]
    """Reads it under the path given; any thread may, again and again. A trouble is a refusal."""

    def submission(self) -> Submission:
        """Read it now."""
        return self.read(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that lay among the submissions and is none."""

    path: str
    """Printable."""
    reason: str
    """A few words that many can share, such as ``no .py file``."""


def key_of(name: str) -> str:
    """Make a name printable, so that no two names become the same.

    Args:
        name: Any string, lone surrogates included, as a file name that is not UTF-8 has them.
    """
    if len(name) > _LONGEST_PATH:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{name[: _LONGEST_PATH - len(digest) - 1]}~{digest}"
    # A backslash of its own would look like the escape of something else.
    return printable(name.replace("\\", "\\x5c"), limit=_LONGEST_PATH * 4)


def is_script(name: str) -> bool:
    """Whether a name is a submission's."""
    return name.lower().endswith(SUFFIX)


def is_hidden(parts: Sequence[str]) -> bool:
    """Whether one part of a path is a name that programs use, and nobody hands in."""
    return any(part.startswith(".") or part in _NEVER_HANDED_IN for part in parts)


def refused(path: str, *, message: str, kind: str = "unreadable") -> Submission:
    """Make a submission that cannot be graded."""
    finding = Finding(kind=kind, line=None, message=message)
    return Submission(path=path, sha256=None, source=b"", refusals=(finding,))
