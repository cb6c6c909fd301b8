"""Reports as Markdown, for the summary of a job; nothing of a stranger's is taken for markup."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from verifier.printable import counted, printable
from verifier.report.report import failed_checks, judged_by, place_in_output, policy, right_so_far

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SUMMARY_BYTES = (1 << 20) - (16 << 10)
"""A longer summary of a step is not shown at all: 1 MiB, less what others may add to it."""

_NOTE_BYTES = 200
_MARKUP = frozenset("\\`*_{}[]<>()#+!|~@:&$")
_LONGEST_CELL = 400
_LONGEST_SENTENCE = 600
_SHOWN = 20
"""So many checks, and so many findings, of one report."""


def escaped(text: str, *, limit: int = _LONGEST_CELL) -> str:
    """Make a text mean itself in Markdown's tables and lists."""
    shown = "".join(f"\\{c}" if c in _MARKUP else c for c in printable(text, limit=limit))
    return shown.replace("www.", "www\\.")


def table(titles: Sequence[str], rows: Iterable[str]) -> list[str]:
    """Give the lines of a table.

    Args:
        titles: Of its columns; the first may be empty.
        rows: As `cells` writes them.
    """
    head = " | ".join(titles).lstrip()
    return [f"| {head} |", f"|{'---|' * len(titles)}", *rows]


def cells(*texts: str) -> str:
    """Write a row of a table; nothing in it is taken for markup."""
    return f"| {' | '.join(map(escaped, texts))} |"


def within_summary(text: str, *, limit_bytes: int = SUMMARY_BYTES) -> str:
    """Cut a text after a line, and say so, where it is too long for a summary.

    Args:
        text: Markdown in which every line stands for itself, or is a table's.
        limit_bytes: Of the result, as UTF-8.
    """
    encoded = text.encode("utf-8", "backslashreplace")
    if len(encoded) <= limit_bytes:
        return text
    end = encoded.rfind(b"\n", 0, max(0, limit_bytes - _NOTE_BYTES)) + 1
    left_out = len(encoded[end:].splitlines())
    said = counted(left_out, "line is", "lines are")
    note = f"\n**Cut here: a summary holds no more.** {said} left out.\n"
    return encoded[:end].decode() + note


def markdown_reports(documents: Iterable[Mapping[str, Any]]) -> str:
    """Write a table of all reports; then, of each that did not pass, what it has to say.

    Args:
        documents: Reports as their schema has them.
    """
    verdicts: Counter[str] = Counter()
    judges: dict[str, None] = {}
    rows: list[str] = []
    details: list[str] = []
    room = SUMMARY_BYTES
    for document in documents:
        verdicts[document["verdict"]] += 1
        judges[f"judged by: {judged_by(document)}"] = None
        rows.append(_row(document))
        if document["verdict"] != "passed" and room > 0:
            told = ["", *_detail(document)]
            details += told
            room -= sum(map(len, told))
    counts = [f"{count} {name.replace('_', ' ')}" for name, count in sorted(verdicts.items())]
    lines = [f"## labcheck: {', '.join(counts) or 'nothing was judged'}", ""]
    lines += table(("submission", "exercise", "verdict", "points", "start here", "what"), rows)
    told = [line for judge in judges for line in ("", escaped(judge, limit=_LONGEST_SENTENCE))]
    return within_summary("\n".join([*lines, *details, *told]) + "\n")


def _row(document: Mapping[str, Any]) -> str:
    return cells(
        document["submission"]["path"],
        f"{document['lab']}/{document['exercise']}",
        document["verdict"].replace("_", " "),
        f"{document['score']} of {document['max_score']}",
        document["start_here"] or "",
        document["diagnoses"][0]["id"] if document["diagnoses"] else "",
    )


def _detail(document: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines about one report; none of them opens what a later one must close."""
    yield f"### {escaped(document['submission']['path'])}"
    right = right_so_far(document)
    if right is not None:
        yield ""
        yield escaped(right)
    for best in document["diagnoses"][:1]:
        yield ""
        for sentence in (best["message"], best["fix"], *best["evidence"]):
            yield f"- {escaped(sentence, limit=_LONGEST_SENTENCE)}"
    failed = failed_checks(document)
    if failed:
        yield ""
        yield from table(("stage", "check", "what"), map(_check, failed[:_SHOWN]))
    yield ""
    yield from _remarks(document)


def _check(check: Mapping[str, Any]) -> str:
    said = check["message"].removeprefix(f"{check['name']}: ")
    return cells(check["stage"], check["name"], said)


def _remarks(document: Mapping[str, Any]) -> Iterator[str]:
    checks, missing = document["checks"], document["tier"]["missing"]
    if checks:
        passed = sum(check["status"] == "passed" for check in checks)
        yield f"- {passed} of {counted(len(checks), 'check')} passed"
        yield f"- computed by training: {document['computed']}"
    untold = policy(document)
    if untold is not None:
        yield f"- {untold}"
    if missing:
        yield f"- walls that were missing: {', '.join(missing)}"
    for finding in document["findings"][:_SHOWN]:
        kind = escaped(finding["kind"].replace("_", " "))
        yield f"- {kind}{place_in_output(finding)}: {escaped(finding['message'])}"
    if len(document["findings"]) > _SHOWN:
        yield f"- and {len(document['findings']) - _SHOWN} more"
