"""A batch as one web page: plots, a table, and a part for each submission.

The page is self-contained and holds no script; its policy lets a browser load nothing and
apply no style but the page's own. Learners' text gets in through `printable` and escaped.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verifier.printable import printable
from verifier.report.plot import figures
from verifier.report.report import failed_checks, place_in_output, right_so_far
from verifier.report.tally import Entry, entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jinja2 import Template

    from verifier.report.row import Row
    from verifier.report.tally import Tally

_TEMPLATES = Path(__file__).parent / "templates"
_PAGE_CHARACTERS = 20_000_000
"""Of learners' text in a whole page, shared among its submissions."""

_MOST_CHARACTERS = 9000
_LEAST_CHARACTERS = 900
_SHOWN_LINES = 12
_PIECES = 200
_LINE_CHARACTERS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A titled list."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What the page tells of one submission."""

    entry: Entry
    missing: str
    lists: tuple[Lines, ...]
    texts: tuple[_Text, ...]


def html_report(
    rows: Iterable[Row],
    *,
    entries: Sequence[Entry],
    tally: Tally,
    title: str,
    headline: str,
    notes: Sequence[str],
) -> Iterator[bytes]:
    """Write the page, piece by piece.

    Args:
        rows: Every submission; read once, as the page is written.
        entries: The same in short, in the same order.
        tally: All of them counted.
        title: The page's.
        headline: One sentence on what came out.
        notes: Lines on the lab and the image that graded them; printable.
    """
    style, policy = style_and_policy()
    share = _share(len(entries))
    stream = page_template("report.html").stream(
        policy=policy,
        style=style,
        title=title,
        headline=headline,
        notes=notes,
        figures=figures(tally),
        entries=entries,
        parts=(_part(row, share=share) for row in rows),
    )
    stream.enable_buffering(_PIECES)
    return (piece.encode("utf-8") for piece in stream)


def style_and_policy() -> tuple[str, str]:
    """Give the style of every page, and the policy that lets a browser apply no other."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return style, (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@cache
def page_template(name: str) -> Template:
    """Give a page's template; what it is filled with is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"shown": _shown, "words": _words, "seconds": _seconds}
    return environment.get_template(name)


def _share(submissions: int) -> int:
    """Give the characters of learners' text that each part may hold."""
    return min(_MOST_CHARACTERS, max(_LEAST_CHARACTERS, _PAGE_CHARACTERS // max(submissions, 1)))


def _shown(text: str, limit: int = 300) -> str:
    return _cut(printable(text, limit=limit), limit)


def _cut(shown: str, limit: int) -> str:
    """Bound a text again: an invisible character stands as up to ten."""
    return shown if len(shown) <= limit + 1 else shown[:limit] + "…"


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3g}"


def _part(row: Row, *, share: int) -> _Part:
    report = row["report"]
    third = share // 3
    right = right_so_far(report)
    blocks = (
        ("What is right", [] if right is None else [right]),
        ("What to do", [_diagnosis_line(each) for each in report["diagnoses"]]),
        ("What failed", [_check_line(check) for check in failed_checks(report)]),
        ("Noticed", [_finding_line(each) for each in report["findings"]]),
    )
    texts = (("Output", row["stdout"], False), ("Standard error, its end", row["stderr"], True))
    return _Part(
        entry=entry_of(row),
        missing=", ".join(report["tier"]["missing"]),
        lists=tuple(_bounded(title, lines, third) for title, lines in blocks if lines),
        texts=tuple(
            _Text(title=title, text=_stream_text(stream, limit=third, from_end=from_end))
            for title, stream, from_end in texts
            if stream["bytes"]
        ),
    )


def _check_line(check: dict[str, Any]) -> str:
    return f"{check['stage']}: {check['message']}"


def _diagnosis_line(diagnosis: dict[str, Any]) -> str:
    return f"{diagnosis['message']} {diagnosis['fix']}"


def _finding_line(finding: dict[str, Any]) -> str:
    return f"{_words(finding['kind'])}{place_in_output(finding)}: {finding['message']}"


def _bounded(title: str, lines: Sequence[str], characters: int) -> Lines:
    kept: list[str] = []
    for line in lines[:_SHOWN_LINES]:
        shown = _shown(line, min(_LINE_CHARACTERS, characters))
        characters -= len(shown)
        if characters < 0 and kept:
            break
        kept.append(shown)
    if len(kept) < len(lines):
        kept.append(f"and {len(lines) - len(kept)} more")
    return Lines(title=title, lines=tuple(kept))


def _stream_text(stream: dict[str, Any], *, limit: int, from_end: bool) -> str:
    """Show the beginning of a stream, or its end, and say so where that is not all."""
    tail = stream["tail"]
    if from_end:
        text = tail or stream["head"]
        shown = printable(text[-limit:], limit=limit, keep="\n")[-limit:]
        whole = not tail and len(text) <= limit
        return shown if whole else f"… (the end of {stream['bytes']} bytes)\n{shown}"
    text = stream["head"]
    shown = _cut(printable(text, limit=limit, keep="\n"), limit)
    whole = not tail and len(text) <= limit
    return shown if whole else f"{shown}\n… (the beginning of {stream['bytes']} bytes)"
