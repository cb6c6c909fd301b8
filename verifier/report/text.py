"""Reports as text for people: the verdict, the first thing to mend, the walls around the run."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from verifier.checks.check import WOULD_FAIL, Check, Status
from verifier.printable import counted, printable
from verifier.report.report import (
    Report,
    Verdict,
    judged_by,
    policy,
    right_stages,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


_MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.SKIPPED: "·"}
_COLOURS = {Status.PASSED: "green", Status.FAILED: "red", Status.SKIPPED: "bright_black"}
_VERDICT_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.NOT_GRADABLE: "yellow"}
_SHOWN_FINDINGS = 12
_WIDEST_NAME = 44
_LONGEST_SENTENCE = 600
_STAGE = 9
"""A stage takes so many columns at least."""


def text_reports(reports: Sequence[Report]) -> str:
    """Write reports for a terminal; the caller strips the colours where none are wanted."""
    return "\n".join(_text(report) for report in reports)


def _text(report: Report) -> str:
    lines = [_where(report), _headline(report), *_diagnosis_lines(report)]
    lines += [""] if report.checks else []
    width = min(_WIDEST_NAME, max((len(check.name) for check in report.checks), default=0)) + 2
    stages = {check.stage: check.stage.place for check in report.checks}
    indent = max(_STAGE, *map(len, stages)) + 1 if stages else 0
    for stage in sorted(stages, key=lambda each: stages[each]):
        checks = [check for check in report.checks if check.stage == stage]
        lines += _stage_lines(stage.value.ljust(indent), checks, width=width)
    lines += _finding_lines(report)
    lines += _closing_lines(report)
    return "\n".join(lines) + "\n"


def _where(report: Report) -> str:
    environment = report.environment
    name = printable(report.submission.path)
    name = "standard input" if name == "-" else name
    if environment.runner is None:
        return f"{report.lab}/{report.exercise}: {name}, nothing was run"
    image = "" if environment.image is None else f", image {environment.image[:19]}"
    return (
        f"{report.lab}/{report.exercise}: {name} in runner {environment.runner}{image}, "
        f"torch {environment.torch}, Python {environment.python}"
    )


def _headline(report: Report) -> str:
    word = report.verdict.value.replace("_", " ")
    styled = click.style(word, fg=_VERDICT_COLOURS[report.verdict], bold=True)
    if report.verdict is Verdict.NOT_GRADABLE:
        reason = report.findings[0].message if report.findings else "it was not run"
        return f"{styled}: {printable(reason)}"
    start = "" if report.start_here is None else f", start here: {report.start_here}"
    return f"{styled}{start} ({report.score} of {counted(report.max_score, 'point')})"


def _diagnosis_lines(report: Report) -> list[str]:
    """What is right, the likeliest mistake in three sentences, the others in short."""
    judged = ((check.stage, check.status) for check in report.checks)
    right = None if report.start_here is None else right_stages(judged)
    if not report.diagnoses:
        return [] if right is None else [right]
    best, *others = report.diagnoses
    lines = [right or "", f"  {_sentence(best.message)}", f"  {_sentence(best.fix)}"]
    lines += [f"    - {_sentence(fact)}" for fact in best.evidence]
    lines += [f"  also {other.id}: {_sentence(other.message)}" for other in others]
    # Who runs the image alone has no labcheck beside it.
    inside = "docker run --rm " if report.environment.runner == "sandbox" else ""
    return [*lines, f"  {inside}labcheck explain {best.id}"]


def _sentence(text: str) -> str:
    return printable(text, limit=_LONGEST_SENTENCE)


def _stage_lines(stage: str, checks: list[Check], *, width: int) -> list[str]:
    judged = [check for check in checks if check.status is not Status.SKIPPED]
    skipped = [check for check in checks if check.status is Status.SKIPPED]
    lines = [_check_line(stage, check, width=width) for check in judged]
    return lines + _skipped_lines(stage, skipped, width=width)


def _check_line(stage: str, check: Check, *, width: int) -> str:
    label = printable(check.name)
    if check.status is Status.PASSED and check.observed is not None:
        said = check.observed
    else:
        said = check.message.removeprefix(f"{label}: ")
    return _line(check.status, stage, label.ljust(width), printable(said, limit=600))


def _skipped_lines(stage: str, checks: list[Check], *, width: int) -> list[str]:
    """One line a stage: a learner mends the first wrong step before the others mean anything."""
    if not checks:
        return []
    reason = checks[0].message.partition(WOULD_FAIL)[0]
    wrong = sum(WOULD_FAIL in check.message for check in checks)
    also = f"; {wrong} would fail as it is" if wrong else ""
    count = counted(len(checks), "check")
    return [_line(Status.SKIPPED, stage, count.ljust(width), reason + also)]


def _line(status: Status, stage: str, label: str, said: str) -> str:
    mark = click.style(_MARKS[status], fg=_COLOURS[status])
    return f"  {mark} {stage}{label}{said}"


def _finding_lines(report: Report) -> list[str]:
    if not report.findings or report.verdict is Verdict.NOT_GRADABLE:
        return []
    places: dict[tuple[str, str], list[int]] = {}
    for finding in report.findings:
        found = places.setdefault((finding.kind, finding.message), [])
        found += [] if finding.line is None else [finding.line]
    lines = ["", "noticed:"]
    for (kind, message), where in list(places.items())[:_SHOWN_FINDINGS]:
        text = printable(message, limit=4000, keep="\n").replace("\n", "\n    | ")
        lines.append(f"  {kind.replace('_', ' ')}{_in_output(where)}: {text}")
    if len(places) > _SHOWN_FINDINGS:
        lines.append(f"  and {len(places) - _SHOWN_FINDINGS} more")
    return lines


def _in_output(lines: list[int]) -> str:
    if not lines:
        return ""
    shown = ", ".join(str(line) for line in lines[:_SHOWN_FINDINGS])
    more = ", …" if len(lines) > _SHOWN_FINDINGS else ""
    return f" (line{'s' if len(lines) > 1 else ''} {shown}{more} of the output)"


def _closing_lines(report: Report) -> list[str]:
    passed = sum(check.status is Status.PASSED for check in report.checks)
    lines = (
        ["", f"{passed} of {counted(len(report.checks), 'check')} passed"] if report.checks else []
    )
    if report.checks:
        lines.append(f"computed by training: {report.computed} ({report.computed_evidence})")
    untold = policy({"feedback": report.feedback})
    lines += [] if untold is None else [untold]
    lines.append(f"judged by: {judged_by(asdict(report.basis))}")
    if report.tier.walls or report.tier.missing:
        missing = ", ".join(report.tier.missing)
        lines.append(
            f"walls: {', '.join(report.tier.walls) or 'none'}"
            + (click.style(f"; missing: {missing}", fg="yellow") if missing else "")
        )
    return lines
