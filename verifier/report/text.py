"""Reports for people: what was judged, the first thing to mend, and under which walls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from verifier.checks.check import WOULD_FAIL, Check, Status
from verifier.lab_spec import STAGES
from verifier.printable import printable
from verifier.report.report import Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.finding import Finding
    from verifier.lab_spec import Stage

_MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.SKIPPED: "·"}
_COLOURS = {Status.PASSED: "green", Status.FAILED: "red", Status.SKIPPED: "bright_black"}
_VERDICT_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.NOT_GRADABLE: "yellow"}
_SHOWN_FINDINGS = 12


def text_reports(reports: Sequence[Report]) -> str:
    """Write reports for a terminal; the caller strips the colours where none are wanted."""
    return "\n".join(_text(report) for report in reports)


def _text(report: Report) -> str:
    lines = [_where(report), _headline(report)]
    lines += [""] if report.checks else []
    for stage in STAGES:
        lines += _stage_lines(stage, [check for check in report.checks if check.stage is stage])
    lines += _finding_lines(report.findings)
    lines += _closing_lines(report)
    return "\n".join(lines) + "\n"


def _where(report: Report) -> str:
    environment = report.environment
    name = printable(report.submission.path)
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
        return f"{styled}: it was not run"
    start = "" if report.start_here is None else f", start here: {report.start_here}"
    return f"{styled}{start} ({report.score} of {report.max_score} points)"


def _stage_lines(stage: Stage, checks: list[Check]) -> list[str]:
    judged = [check for check in checks if check.status is not Status.SKIPPED]
    return [_check_line(check) for check in judged] + _skipped_lines(
        stage, [check for check in checks if check.status is Status.SKIPPED]
    )


def _check_line(check: Check) -> str:
    label = printable(check.name)
    if check.status is Status.PASSED and check.observed is not None:
        said = check.observed
    else:
        said = check.message.removeprefix(f"{label}: ")
    return _line(check.status, check.stage, label, printable(said, limit=600))


def _skipped_lines(stage: Stage, checks: list[Check]) -> list[str]:
    """One line a stage: a learner mends the first wrong step before the others mean anything."""
    if not checks:
        return []
    reason = checks[0].message.partition(WOULD_FAIL)[0]
    wrong = sum(WOULD_FAIL in check.message for check in checks)
    also = f"; {wrong} would fail as it is" if wrong else ""
    count = f"{len(checks)} check{'s' if len(checks) > 1 else ''}"
    return [_line(Status.SKIPPED, stage, count, reason + also)]


def _line(status: Status, stage: Stage, label: str, said: str) -> str:
    mark = click.style(_MARKS[status], fg=_COLOURS[status])
    return f"  {mark} {stage.value:<10}{label:<32} {said}"


def _finding_lines(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    lines = ["", "noticed:"]
    for finding in findings[:_SHOWN_FINDINGS]:
        place = "" if finding.line is None else f" (line {finding.line} of the output)"
        message = printable(finding.message, limit=4000, keep="\n").replace("\n", "\n      ")
        lines.append(f"  {finding.kind}{place}: {message}")
    if len(findings) > _SHOWN_FINDINGS:
        lines.append(f"  and {len(findings) - _SHOWN_FINDINGS} more")
    return lines


def _closing_lines(report: Report) -> list[str]:
    passed = sum(check.status is Status.PASSED for check in report.checks)
    lines = ["", f"{passed} of {len(report.checks)} checks passed"] if report.checks else []
    if report.tier.walls or report.tier.missing:
        missing = ", ".join(report.tier.missing)
        lines.append(
            f"walls: {', '.join(report.tier.walls) or 'none'}"
            + (click.style(f"; missing: {missing}", fg="yellow") if missing else "")
        )
    return lines
