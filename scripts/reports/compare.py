"""Which reports differ between two folders, and how the first of them do."""

from __future__ import annotations

import subprocess
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from scripts.reports.folder import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHOWN_FILES = 5
_SHOWN_LINES = 24
_SHOWN_CHARACTERS = 200
_SHOWN_BEFORE = 60


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
    # A batch's pages say again what is said of its scripts.
    shown = sorted(names, key=lambda name: name.startswith("batches/"))[:_SHOWN_FILES]
    for name in shown:
        lines += ["", *_short_diff(one / name, two / name, name)]
    if len(names) > _SHOWN_FILES:
        lines += ["", f"for the others: diff -ru {one} {two}"]
    lines += ["", "a busy machine makes differences too: FRESH=1 makes both again"]
    return "\n".join(lines) + "\n", True


def _only_in(one: Path, two: Path, name: str) -> str:
    for folder, other in ((one, two), (two, one)):
        if not (other / name).exists():
            return f"  (only in {folder.name})"
    return ""


def _short_diff(old: Path, new: Path, name: str) -> list[str]:
    # Not difflib: on a page of a megabyte it takes minutes.
    ran = subprocess.run(
        [
            *("diff", "--unified=1", "--new-file", "--text"),
            *("--label", f"{old.parents[name.count('/')].name}/{name}"),
            *("--label", f"{new.parents[name.count('/')].name}/{name}"),
            *(str(old), str(new)),
        ],
        capture_output=True,
        check=False,
    )
    lines = ran.stdout.decode("utf-8", errors="backslashreplace").splitlines()
    shown = _cut(lines[:_SHOWN_LINES])
    more = len(lines) - len(shown)
    return [*shown, *([f"… and {more} more lines"] if more else [])]


def _cut(lines: list[str]) -> list[str]:
    """Shorten long lines: of one that took another's place, so that the change is seen."""
    shown = [line[:_SHOWN_CHARACTERS] for line in lines]
    for at, (old, new) in enumerate(pairwise(lines)):
        same = next(
            (n for n, (a, b) in enumerate(zip(old[1:], new[1:], strict=False)) if a != b), 0
        )
        if old[:1] == "-" and new[:1] == "+" and same > _SHOWN_CHARACTERS // 2:
            begin = same - _SHOWN_BEFORE
            for place, line in ((at, old), (at + 1, new)):
                shown[place] = f"{line[0]}… {line[begin : begin + _SHOWN_CHARACTERS]}"
    return shown
