"""Which reports differ between two folders, and how the first of them do."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import TYPE_CHECKING

from scripts.reports.folder import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHOWN_FILES = 5
_SHOWN_LINES = 24
_SHOWN_CHARACTERS = 200


def differences(one: Path, two: Path) -> list[str]:
    """Name the reports that differ, or that only one of two folders has."""
    names = sorted({*_names(one), *_names(two)})
    return [name for name in names if _content(one / name) != _content(two / name)]


def _names(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != ABOUT:
            yield path.relative_to(folder).as_posix()


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def comparison(one: Path, two: Path) -> tuple[str, bool]:
    """Say what differs between two folders of reports, and whether anything does."""
    names = differences(one, two)
    if not names:
        return (
            f"no differences: {len(set(_names(one)))} reports of {one.name} and {two.name}\n",
            False,
        )
    lines = [f"{len(names)} reports differ between {one.name} and {two.name}:"]
    folders = Counter(name.partition("/")[0] for name in names)
    lines += [f"  {folder}/: {count}" for folder, count in sorted(folders.items())]
    lines += ["", *(f"  {name}{_only_in(one, two, name)}" for name in names)]
    for name in names[:_SHOWN_FILES]:
        lines += ["", *_short_diff(one / name, two / name)]
    if len(names) > _SHOWN_FILES:
        lines += ["", f"for the others: diff -ru {one} {two}"]
    return "\n".join(lines) + "\n", True


def _only_in(one: Path, two: Path, name: str) -> str:
    for folder, other in ((one, two), (two, one)):
        if not (other / name).exists():
            return f"  (only in {folder.name})"
    return ""


def _short_diff(old: Path, new: Path) -> list[str]:
    # Not difflib: on a page of a megabyte it takes minutes.
    ran = subprocess.run(
        ["diff", "--unified=1", "--new-file", "--text", str(old), str(new)],
        capture_output=True,
        check=False,
    )
    lines = ran.stdout.decode("utf-8", errors="backslashreplace").splitlines()
    shown = [line[:_SHOWN_CHARACTERS] for line in lines[:_SHOWN_LINES]]
    more = len(lines) - len(shown)
    return [*shown, *([f"… and {more} more lines"] if more else [])]
