"""The results folder: this user's own, one grader at a time, no file of it ever half written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import TYPE_CHECKING, Self

from verifier.batch.item import key_of
from verifier.batch.marker import LIMIT_BYTES, Marker
from verifier.errors import EnvironmentFailure, UsageError
from verifier.files import PARTIAL, open_alone, open_folder, replace_in
from verifier.printable import counted
from verifier.state import STATE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ROWS = "results.jsonl"
SUPERSEDED = "superseded.jsonl"
SET_ASIDE = "set-aside.txt"
GRADEBOOK = "gradebook.csv"
REPORT = "report.html"
MARKER = ".labcheck"
FAULTS = "internal-errors.txt"
_LOCK = ".lock"
_OURS = (ROWS, SUPERSEDED, SET_ASIDE, GRADEBOOK, REPORT, FAULTS)


class ResultsFolder:
    """A folder that is made if need be, and held against other graders while it is entered.

    Every file is looked up in the folder as it was opened; no link is followed.

    Args:
        path: The folder: new, empty, or one that this user's labcheck made.
        adopt: Whether one that somebody else filled is taken over.
    Raises:
        UsageError: It cannot be made or written to, another grader holds it, or it is not ours.
    """

    def __init__(self, path: Path, *, adopt: bool = False) -> None:
        self.path = path
        self.adopted: tuple[str, ...] = ()
        """What lay there and was taken over, with sizes."""
        self._adopt = adopt
        self._marker: Marker | None = None
        self._folder = self._lock = -1

    def __enter__(self) -> Self:
        try:
            self._folder = open_folder(self.path, make=True)
            self._refuse_if_not_ours()  # before a lock is left in it
            self._lock = self.open(_LOCK, os.O_RDWR | os.O_CREAT)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._take()
        except BaseException as error:
            self._release()
            if isinstance(error, OSError):
                raise self._unusable(error) from error
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._release()

    @property
    def seeds(self) -> bytes:
        """What the seeds of second runs are chosen by in this folder; 32 bytes, never shown."""
        if self._marker is None:
            raise AssertionError(f"{self.path} is not entered")
        return self._marker.seed

    def open(self, name: str, flags: int) -> int:
        """Open a file of the folder, which has no other name.

        Raises:
            OSError: It is a link, a pipe or the like, or cannot be opened.
        """
        return open_alone(name, flags, folder=self._folder)

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file so that its name stands for the whole old or the whole new content.

        Raises:
            EnvironmentFailure: It cannot be written; the old content is still there.
        """
        with writing(self.path / name):
            replace_in(self._folder, name, chunks)

    def append(self, name: str, lines: Iterable[bytes]) -> None:
        """Add lines to a file, which is made with the first of them.

        Raises:
            EnvironmentFailure: It cannot be written.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        for line in lines:
            with writing(self.path / name), os.fdopen(self.open(name, flags), "ab") as file:
                file.write(line)

    def _take(self) -> None:
        """Mark the folder as ours, unless it is already; remove what a killed grader left."""
        inode = os.fstat(self._folder).st_ino
        self._refuse_if_not_ours()
        marker = self._marker
        if marker is None or not marker.fits(inode):
            self.adopted = tuple(self._found())
            seed = None if marker is None else marker.seed
            self._marker = Marker.made(inode, seed=seed)
            replace_in(self._folder, MARKER, [self._marker.text()], mode=0o600)
        for name in self._names():
            if PARTIAL.fullmatch(name):
                os.unlink(name, dir_fd=self._folder)

    def _refuse_if_not_ours(self) -> None:
        self._marker = self._read_marker()
        if self._adopt or (self._marker and self._marker.fits(os.fstat(self._folder).st_ino)):
            return
        if any(name != _LOCK and not PARTIAL.fullmatch(name) for name in self._names()):
            raise UsageError(
                f"{key_of(str(self.path))}/ was not made by this user's labcheck, "
                "so its rows could be anybody's",
                remedy="name another folder with --results; or take this one over with --adopt, "
                "if you know where it is from:\n"
                "    another machine or user, a container, or a labcheck before this one "
                f"({STATE_VARIABLE}, a folder that stays, makes it yours)",
            )

    def _read_marker(self) -> Marker | None:
        try:
            with os.fdopen(self.open(MARKER, os.O_RDONLY), "rb") as file:
                return Marker.read(file.read(LIMIT_BYTES))
        except OSError:  # none, or a link or the like, which is none either
            return None

    def _names(self) -> list[str]:
        listing = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._folder)
        try:
            with os.scandir(listing) as entries:
                return sorted(entry.name for entry in entries)
        finally:
            os.close(listing)

    def _found(self) -> Iterator[str]:
        """Name the files of results that lie there."""
        for name in _OURS:
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
                yield f"{name} ({counted(status.st_size, 'byte')})"

    def _release(self) -> None:
        for descriptor in (self._lock, self._folder):
            if descriptor >= 0:
                os.close(descriptor)
        self._lock = self._folder = -1

    def _unusable(self, error: OSError) -> UsageError:
        shown, why = key_of(str(self.path)), key_of(error.strerror or str(error))
        if isinstance(error, BlockingIOError):
            return UsageError(
                f"another labcheck is writing its results to {shown}",
                remedy="wait until it is done, or name another folder with --results",
            )
        remedy = "name a folder that you may write to with --results"
        if error.errno == errno.ELOOP:
            remedy = "name the folder itself with --results: a repository could bring such a link"
        return UsageError(f"results cannot be written to {shown}: {why}", remedy=remedy)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a file that cannot be written into an error of ours.

    Raises:
        EnvironmentFailure: Naming the file and what helps.
    """
    try:
        yield
    except OSError as error:
        remedy = "see that it can be written to"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "free some space on that disk"
        elif error.errno == errno.ELOOP:
            remedy = "remove it"
        raise EnvironmentFailure(
            f"{key_of(str(path))} cannot be written: {error.strerror}",
            remedy=f"{remedy}, then give the same command again: it goes on from there",
        ) from error
