"""Reports as annotations of a GitHub job: one command to the runner a line.

A runner takes a line of a step's log for a command where it begins with ``::``, white space apart,
and where ``##[`` stands anywhere in it. So every line written here begins with a command of ours,
and a stranger's text stands only after it, printable and escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from verifier.printable import printable
from verifier.report.report import failed_checks, judged_by, policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Level = Literal["error", "warning", "notice"]

PER_LEVEL = 10
"""So many annotations of each level are shown of a step; a runner drops the others in silence."""

_LONGEST_TITLE = 120
_LONGEST_MESSAGE = 2000
_LONGEST_FILE = 1000
_SHOWN_CHECKS = 10
# As `verifier.diagnosis` names a line of the script: "(line 12)", or "at line 12".
_SCRIPT_LINE = re.compile(r"(?: \(| at )line ([1-9][0-9]{0,6})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark on a file, or on none."""

    level: Level
    title: str
    message: str
    """Any text; lines stay apart."""
    file: str | None = None
    """A path from the root of the repository, or an absolute one."""
    line: int | None = None
    """1-based."""


def workflow_commands(annotations: Iterable[Annotation]) -> str:
    """Write annotations, the first of each level; what a step has no room for is counted.

    Args:
        annotations: The weightiest of a level first; what is said twice is written once.
    """
    kept: dict[Level, list[Annotation]] = {level: [] for level in get_args(Level)}
    for annotation in dict.fromkeys(annotations):
        kept[annotation.level].append(annotation)
    return "".join(
        f"{_command(annotation)}\n"
        for level, found in kept.items()
        for annotation in _with_room(level, found)
    )


def _with_room(level: Level, found: list[Annotation]) -> list[Annotation]:
    if len(found) <= PER_LEVEL:
        return found
    shown = found[: PER_LEVEL - 1]
    more = len(found) - len(shown)
    message = f"A step shows {PER_LEVEL} of a kind; the job's summary and its artifacts have all."
    return [*shown, Annotation(level=level, title=f"and {more} more like these", message=message)]


def _command(annotation: Annotation) -> str:
    properties = [f"title={_property(annotation.title, limit=_LONGEST_TITLE)}"]
    if annotation.file:
        properties.append(f"file={_property(annotation.file, limit=_LONGEST_FILE)}")
        if annotation.line is not None:
            properties.append(f"line={annotation.line:d}")
    message = printable(annotation.message, limit=_LONGEST_MESSAGE, keep="\n")
    return f"::{annotation.level} {','.join(properties)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str, *, limit: int) -> str:
    return _data(printable(text, limit=limit)).replace(":", "%3A").replace(",", "%2C")


def github_reports(documents: Iterable[Mapping[str, Any]]) -> str:
    """Write the annotations of reports; each of them has its first before any has a second.

    Whose lab judged is said last, once.

    Args:
        documents: Reports as their schema has them.
    """
    first: list[Annotation] = []
    others: list[Annotation] = []
    judges: dict[Annotation, None] = {}
    for document in documents:
        found = list(report_annotations(document))
        first += found[:1]
        others += found[1:]
        judge = Annotation(level="notice", title="judged by", message=judged_by(document))
        judges[judge] = None
    return workflow_commands([*first, *others, *judges])


def report_annotations(document: Mapping[str, Any]) -> Iterator[Annotation]:
    """Say what a report has to complain of, the first thing to mend first; nothing of a pass."""
    path = document["submission"]["path"]
    file = None if path == "-" else path
    match document["verdict"]:
        case "not_gradable":
            reasons = [finding["message"] for finding in document["findings"]]
            message = "\n".join(reasons) or "it was not run"
            yield Annotation(level="error", title="not gradable", message=message, file=file)
        case "failed":
            yield from _failure(document, file)
    missing = ", ".join(document["tier"]["missing"])
    if missing:
        message = f"These walls did not stand around a submission: {missing}."
        yield Annotation(level="warning", title="walls are missing", message=message)


def _failure(document: Mapping[str, Any], file: str | None) -> Iterator[Annotation]:
    checks = failed_checks(document)
    name = f"{document['lab']}/{document['exercise']}"
    start = document["start_here"]
    title = f"{name} failed" + ("" if start is None else f", start here: {start}")
    if document["diagnoses"]:
        best = document["diagnoses"][0]
        yield Annotation(
            level="error",
            title=title,
            message="\n".join(
                [best["message"], best["fix"], *(f"- {e}" for e in best["evidence"])]
            ),
            file=file,
            line=_script_line(best),
        )
    else:
        message = checks.pop(0)["message"] if checks else policy(document) or title
        yield Annotation(level="error", title=title, message=message, file=file)
    for check in checks[:_SHOWN_CHECKS]:
        title = f"{name} {check['stage']}: {check['name']}"
        yield Annotation(level="error", title=title, message=check["message"], file=file)


def _script_line(diagnosis: Mapping[str, Any]) -> int | None:
    """Read the line of the script that a diagnosis names first; None where it names none."""
    for sentence in (diagnosis["message"], *diagnosis["evidence"]):
        found = _SCRIPT_LINE.search(sentence)
        if found:
            return int(found[1])
    return None
