"""The results folder: one grader at a time, and no file of it ever half written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import TYPE_CHECKING, Self

from verifier.batch.item import key_of
from verifier.errors import EnvironmentFailure, UsageError
from verifier.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ROWS = "results.jsonl"
SUPERSEDED = "superseded.jsonl"
SET_ASIDE = "set-aside.txt"
GRADEBOOK = "gradebook.csv"
REPORT = "report.html"
_LOCK = ".lock"


class ResultsFolder:
    """A folder that is made if need be, and held against other graders while it is entered.

    Raises:
        UsageError: It cannot be made or written to, or another grader holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    def __enter__(self) -> Self:
        shown = key_of(str(self.path))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(
                self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644
            )
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._release()
            raise UsageError(
                f"another labcheck is writing its results to {shown}",
                remedy="wait until it is done, or name another folder with --results",
            ) from error
        except OSError as error:
            self._release()
            raise UsageError(
                f"results cannot be written to {shown}: {error.strerror}",
                remedy="name a folder that you may write to with --results",
            ) from error
        return self

    def __exit__(self, *_error: object) -> None:
        self._release()

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file so that its name stands for the whole old or the whole new content.

        Raises:
            EnvironmentFailure: It cannot be written; the old content is still there.
        """
        path = self.path / name
        with writing(path):
            replace_file(path, chunks)

    def append(self, name: str, lines: Iterable[bytes]) -> None:
        """Add lines to a file, which is made with the first of them.

        Raises:
            EnvironmentFailure: It cannot be written.
        """
        path = self.path / name
        for line in lines:
            with writing(path), path.open("ab") as file:
                file.write(line)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a file that cannot be written into an error of ours.

    Raises:
        EnvironmentFailure: Naming the file and what helps.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "free some space on that disk" if full else "see that it can be written to"
        raise EnvironmentFailure(
            f"{key_of(str(path))} cannot be written: {error.strerror}",
            remedy=f"{remedy}, then give the same command again: it goes on from there",
        ) from error
