"""The intake: submissions that arguments name, in folders, archives, files and patterns of these.

No link is followed that was not named itself, nothing is written, and whatever lies among the
submissions without being one is told, so that nobody's notebook disappears silently.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from verifier.batch.archive import Archive
from verifier.batch.item import Item, LeftOut, is_hidden, is_script, key_of, refused
from verifier.errors import UsageError
from verifier.files import open_below
from verifier.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from verifier.submission import Submission

_ARCHIVE_SUFFIX = ".zip"
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One submission, before its key is known."""

    relative: str
    """To the argument that it was found under."""
    qualified: str
    """The same, after the argument's name."""
    read: Callable[[str], Submission]


class Intake:
    """Everything that the arguments name; open archives are closed with it.

    Args:
        arguments: As typed; patterns that no shell expanded are expanded here.
        apart_from: A folder to pass over in silence, for the results may lie among the submissions.
    Raises:
        UsageError: An argument names nothing, or an archive that cannot be opened, or there is
            no submission at all.
    """

    def __init__(self, arguments: Sequence[str], *, apart_from: Path) -> None:
        self._apart_from = apart_from
        self._archives = contextlib.ExitStack()
        self.left_out: list[LeftOut] = []
        try:
            found = [each for argument in _named(arguments) for each in self._find(*argument)]
        except BaseException:
            self._archives.close()
            raise
        self.items = tuple(
            Item(path=path, read=each.read) for path, each in sorted(_keyed(found).items())
        )
        if not self.items:
            self._archives.close()
            raise UsageError(
                f"there is no *.py among {', '.join(key_of(each) for each in arguments[:5])}"
                f"{_told(self.left_out)}",
                remedy="name the folder or the archive that holds the submissions",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._archives.close()

    def _find(self, argument: str, name: str) -> Iterator[_Found]:
        """Find what one argument names.

        Args:
            argument: The argument, as typed.
            name: What its submissions are called by where their relative paths are not enough.
        """
        if names_one_file(argument):
            path = Path(argument)
            yield from self._file(path, (), relative=path.name, qualified=argument)
        elif os.path.lexists(argument):
            yield from self._any(Path(argument), (), relative="", qualified=name)
        else:
            base, pattern = _split(argument)
            matches = sorted(set(_matches(base, pattern)))
            if not matches:
                raise UsageError(
                    f"there is nothing that matches {key_of(argument)}", remedy="check the pattern"
                )
            for path in matches:
                relative = "" if path == base else path.relative_to(base).as_posix()
                names = {"relative": relative, "qualified": str(path)}
                # A match is not named itself: what a link points to is not looked at.
                find = self._file if path.is_symlink() else self._any
                yield from find(base, path.relative_to(base).parts, **names)

    def _any(
        self, base: Path, below: Sequence[str], *, relative: str, qualified: str
    ) -> Iterator[_Found]:
        path = base.joinpath(*below)
        if path.is_dir():
            yield from self._folder(base, below, relative=relative, qualified=qualified)
        elif path.name.lower().endswith(_ARCHIVE_SUFFIX) and path.is_file():
            yield from self._archive(path, relative=relative, qualified=qualified)
        else:
            yield from self._file(base, below, relative=relative, qualified=qualified)

    def _file(
        self, base: Path, below: Sequence[str], *, relative: str, qualified: str
    ) -> Iterator[_Found]:
        path = base.joinpath(*below)
        if str(path) == "-":
            raise UsageError(
                "standard input is one submission", remedy="grade it alone, without --results"
            )
        if not os.path.lexists(path):
            raise UsageError(f"there is no file {key_of(str(path))}", remedy="check the path")
        if is_script(path.name):
            read = partial(_read_file, base, below)
            yield _Found(relative=relative, qualified=qualified, read=read)
        else:
            reason = "a link" if path.is_symlink() else "no .py file"
            self.left_out.append(LeftOut(path=key_of(qualified), reason=reason))

    def _archive(self, path: Path, *, relative: str, qualified: str) -> Iterator[_Found]:
        archive = self._archives.enter_context(Archive(path))
        for entry in archive.contents():
            if isinstance(entry, LeftOut):
                self.left_out.append(entry)
            else:
                yield _Found(
                    relative=_joined(relative, entry.name),
                    qualified=_joined(qualified, entry.name.lstrip("/")),
                    read=entry.read,
                )

    def _folder(
        self, base: Path, start: Sequence[str], *, relative: str, qualified: str
    ) -> Iterator[_Found]:
        waiting: list[tuple[str, ...]] = [()]  # no recursion: strangers nest folders deep
        while waiting:
            parts = waiting.pop()
            names = [_joined(above, "/".join(parts)) for above in (relative, qualified)]
            try:
                with _listed(base, (*start, *parts)) as entries:
                    for entry in entries:
                        below = (*parts, entry.name)
                        is_folder = entry.is_dir(follow_symlinks=False)
                        reason = _reason_to_pass(entry, is_folder=is_folder)
                        place = [_joined(above, entry.name) for above in names]
                        if is_folder and self._is_apart(entry):
                            continue
                        if reason is not None:
                            self.left_out.append(LeftOut(path=key_of(place[0]), reason=reason))
                        elif is_folder:
                            waiting.append(below)
                        else:
                            read = partial(_read_file, base, (*start, *below))
                            yield _Found(relative=place[0], qualified=place[1], read=read)
            except OSError as error:
                why = f"a folder that cannot be read ({error.strerror})"
                self.left_out.append(LeftOut(path=key_of(names[1]), reason=why))

    def _is_apart(self, entry: os.DirEntry[str]) -> bool:
        try:
            # A link at that place is not followed: it would choose whose submissions are seen.
            return os.path.samestat(self._apart_from.lstat(), entry.stat(follow_symlinks=False))
        except OSError:
            return False


def names_one_file(argument: str) -> bool:
    """Whether an argument is a single file, or ``-``: no folder, archive or pattern."""
    if argument == "-":
        return True
    if not os.path.lexists(argument):
        return not _MAGIC & set(argument)
    is_archive = argument.lower().endswith(_ARCHIVE_SUFFIX)
    return not Path(argument).is_dir() and not (is_archive and Path(argument).is_file())


def left_out_lines(left_out: Iterable[LeftOut], *, shown: int = 10) -> list[str]:
    """Tell what was left out: how many for each reason, and the first of them by name."""
    by_reason: dict[str, list[str]] = {}
    for each in left_out:
        by_reason.setdefault(each.reason, []).append(each.path)
    lines = []
    for reason, paths in by_reason.items():
        more = f", and {len(paths) - shown} more" if len(paths) > shown else ""
        lines.append(f"{len(paths)} × {reason}: {', '.join(sorted(paths)[:shown])}{more}")
    return lines


def _told(left_out: Sequence[LeftOut]) -> str:
    return "".join(f"\n  left out: {line}" for line in left_out_lines(left_out))


def _reason_to_pass(entry: os.DirEntry[str], *, is_folder: bool) -> str | None:
    if is_hidden([entry.name]):
        return "hidden"
    if is_folder or is_script(entry.name):
        return None
    return "a link" if entry.is_symlink() else "no .py file"


def _read_file(base: Path, below: Sequence[str], path: str) -> Submission:
    try:
        submission = read_submission(base, below)
    except UsageError as error:  # it went away, or became a folder, since it was listed
        return refused(path, message=error.problem)
    return replace(submission, path=path)


def _named(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Pair every argument with its name: its last part, where that tells them apart."""
    if "" in arguments:
        raise UsageError("an argument is empty", remedy="name a folder, an archive or files")
    tidy = list(dict.fromkeys(os.path.normpath(each) for each in arguments))
    lasts = Counter(Path(each).name for each in tidy)
    return [(each, Path(each).name if lasts[Path(each).name] == 1 else each) for each in tidy]


def _keyed(found: Sequence[_Found]) -> dict[str, _Found]:
    """Give every submission a key of its own: the relative path, or else the qualified one.

    What is found twice by the same name is graded once.
    """
    names = [each.relative for each in found]
    while True:
        counts = Counter(names)
        again = [
            each.qualified if counts[name] > 1 else name
            for each, name in zip(found, names, strict=True)
        ]
        if again == names:
            return {key_of(name): each for name, each in zip(names, found, strict=True)}
        names = again


def _joined(above: str, name: str) -> str:
    return f"{above}/{name}" if above and name else above or name


def _split(pattern: str) -> tuple[Path, list[str]]:
    """Split a pattern into the folder before its first wild part, and its parts from there on."""
    path = Path(pattern)
    parts = list(path.parts)
    wild = next(place for place, part in enumerate(parts) if _MAGIC & set(part))
    return Path(*parts[:wild]), parts[wild:]


def _matches(base: Path, pattern: Sequence[str]) -> Iterator[Path]:
    """Expand a pattern as a shell does; no link to a folder is followed, nor a hidden name met."""
    waiting = [(base, tuple(pattern))]
    while waiting:
        folder, (first, *rest) = waiting.pop()
        if first == "**" and not rest:  # everything below, which is what a folder means here
            yield folder
            continue
        if first == "**":
            waiting.append((folder, tuple(rest)))
        for name, is_folder in _listed_if_possible(base, folder):
            path = folder / name
            if is_hidden([name]):
                continue
            if first == "**":
                waiting += [(path, (first, *rest))] if is_folder else []
            elif fnmatch.fnmatchcase(name, first):
                if not rest:
                    yield path
                elif is_folder:
                    waiting.append((path, tuple(rest)))


@contextlib.contextmanager
def _listed(base: Path, parts: Sequence[str]) -> Iterator[list[os.DirEntry[str]]]:
    """List a folder, which stays open so that its entries can be asked."""
    flags = os.O_RDONLY | os.O_DIRECTORY
    folder = open_below(base, parts, flags) if parts else os.open(base, flags | os.O_CLOEXEC)
    try:
        with os.scandir(folder) as listing:
            yield sorted(listing, key=lambda entry: entry.name)
    finally:
        os.close(folder)


def _listed_if_possible(base: Path, folder: Path) -> list[tuple[str, bool]]:
    """Name what lies in a folder below a base, each with whether it is a folder."""
    try:
        with _listed(base, folder.relative_to(base).parts) as entries:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return []
