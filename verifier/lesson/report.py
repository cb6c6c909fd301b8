"""What was found of a page, as text, JSON, JUnit XML and GitHub annotations."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.lesson.repeats import repeated
from verifier.lesson.verdict import UNTRUE
from verifier.printable import printable
from verifier.report.github import Annotation, workflow_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from verifier.lesson.block import Note
    from verifier.lesson.page import Page
    from verifier.lesson.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A page, and what became of its blocks."""

    path: str
    verdicts: tuple[Verdict, ...]
    left_out: tuple[Note, ...] = ()
    repeats: tuple[Note, ...] = ()
    """What the page repeats otherwise than it is printed; no fault by itself."""

    @property
    def notes(self) -> list[Note]:
        """All notes, in the order of their lines."""
        return sorted((*self.left_out, *self.repeats), key=lambda note: note.line)

    @property
    def is_true(self) -> bool:
        """Whether there is nothing to mend."""
        return not any(verdict.status in UNTRUE for verdict in self.verdicts)


def checked_page(path: str, page: Page, verdicts: Sequence[Verdict]) -> Checked:
    """Join what became of a page's blocks with what was read of it and with what it repeats."""
    return Checked(
        path=path,
        verdicts=tuple(verdicts),
        left_out=page.notes,
        repeats=repeated(page, verdicts),
    )


def page_document(page: Checked) -> dict[str, Any]:
    """Give a page as ``schemas/lesson.schema.json`` has it."""
    return {
        "schema_version": 1,
        "page": printable(page.path, limit=1000),
        "blocks": [_block(verdict) for verdict in page.verdicts],
        "notes": [{"line": n.line, "message": printable(n.message)} for n in page.notes],
    }


def _block(verdict: Verdict) -> dict[str, Any]:
    output = verdict.script.output
    return {
        "index": verdict.script.index,
        "line": verdict.script.line,
        "status": verdict.status,
        "output_line": None if output is None else output.line,
        "why": printable(verdict.why, limit=400),
        "diff": list(verdict.diff),
    }


def pages_json(pages: Iterable[Checked]) -> str:
    """Write one line of strict ASCII a page."""
    return "".join(f"{json.dumps(page_document(page), allow_nan=False)}\n" for page in pages)


def pages_text(pages: Sequence[Checked], *, diff: bool) -> str:
    """Write a line a block, the notes of each page, and a last line that counts.

    Args:
        pages: What was checked.
        diff: Whether what differs is shown line by line.
    """
    counts = Counter(verdict.status for page in pages for verdict in page.verdicts)
    total = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    lines = [line for page in pages for line in _page_lines(page, diff=diff)]
    cached = sum(verdict.is_cached for page in pages for verdict in page.verdicts)
    known = f" ({cached} not run, for they held in the last days)" if cached else ""
    named = f"{len(pages)} page{'' if len(pages) == 1 else 's'}"
    return "\n".join([*lines, f"{named}: {total or 'no scripts'}{known}", ""])


def _page_lines(page: Checked, *, diff: bool) -> Iterator[str]:
    yield printable(page.path, limit=1000)
    for verdict in page.verdicts:
        why = f": {printable(verdict.why, limit=400)}" if verdict.why else ""
        yield f"  {verdict.script.line:>5}  #{verdict.script.index} {verdict.status}{why}"
        if diff:
            yield from (f"         {line}" for line in verdict.diff)
    for note in page.notes:
        yield f"  {note.line:>5}  note: {printable(note.message)}"


def pages_github(pages: Iterable[Checked]) -> str:
    """Write an annotation for each block to mend, at its output's line, and for each repeat."""
    return workflow_commands(each for page in pages for each in _annotations(page))


def _annotations(page: Checked) -> Iterator[Annotation]:
    for verdict in page.verdicts:
        if verdict.status in UNTRUE:
            output = verdict.script.output
            yield Annotation(
                level="error",
                title=f"block {verdict.script.index}: {verdict.status}",
                message="\n".join([verdict.why, *verdict.diff]),
                file=page.path,
                line=output.line if output else verdict.script.line,
            )
    for note in page.repeats:
        title = "repeated otherwise"
        yield Annotation(
            level="notice", title=title, message=note.message, file=page.path, line=note.line
        )


def pages_junit(pages: Iterable[Checked]) -> str:
    """Write one test suite a page, one test case a block; the notes are the suite's output."""
    from junitparser import (  # noqa: PLC0415 - only where it is asked for
        Failure,
        JUnitXml,
        Skipped,
        SystemOut,
        TestCase,
        TestSuite,
    )

    xml = JUnitXml("labcheck lesson check")
    for page in pages:
        name = printable(page.path, limit=1000)
        suite = TestSuite(name)
        for verdict in page.verdicts:
            case = TestCase(f"block {verdict.script.index}", classname=name)
            message = f"{verdict.status}: {printable(verdict.why, limit=400)}"
            if verdict.status in UNTRUE:
                failure = Failure(message)
                failure.text = "\n".join(verdict.diff)
                case.result = [failure]
            elif verdict.status not in ("same", "within_tolerance"):
                case.result = [Skipped(message)]
            suite.add_testcase(case)
        if page.notes:
            notes = SystemOut()
            notes.text = "\n".join(f"line {n.line}: {printable(n.message)}" for n in page.notes)
            suite.append(notes)  # type: ignore[no-untyped-call] # as below
        xml.add_testsuite(suite)
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call] # junitparser leaves it untyped
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode("utf-8")}\n'
