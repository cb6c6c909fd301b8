"""The summary of a batch: a few lines for a person, at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.batch.batch import headline
from verifier.batch.folder import FAULTS, GRADEBOOK, REPORT, ROWS, SET_ASIDE, SUPERSEDED
from verifier.batch.item import key_of
from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from verifier.batch.batch import Summary

_SHOWN = 10


def summary_text(summary: Summary, *, left_out: Sequence[str], results: Path) -> str:
    """Say what came out, what did not, how fast, and where the files are."""
    lines = [
        headline(summary.tally),
        *(f"  {line}" for line in _figures(summary)),
        *(f"  {line}" for line in _remarks(summary)),
        *(f"  left out: {line}" for line in left_out),
        f"  files: {key_of(str(results))}/ {ROWS}, {GRADEBOOK}, {REPORT}",
    ]
    return "\n".join(lines) + "\n"


def _figures(summary: Summary) -> Iterator[str]:
    tally = summary.tally
    if tally.median_score is not None:
        yield f"score: median {tally.median_score:g}"
    if tally.most_failed is not None:
        worst = tally.most_failed
        name = printable(worst.name, limit=60)
        yield f"most failed check: {worst.stage}, {name} ({counted(worst.failed, 'submission')})"
    graded = tally.total - summary.before
    jobs = counted(summary.jobs, "job")
    if summary.jobs:
        rate = graded / max(summary.seconds, 1e-9)
        yield f"took {summary.seconds:.1f} s: {rate:.1f} submissions per second with {jobs}"
    if summary.before:
        said = counted(summary.before, "was", "were")
        have = "has" if summary.before == 1 else "have"
        yield f"{said} graded before, and {have} not changed"


def _remarks(summary: Summary) -> Iterator[str]:
    repair = summary.repair
    if repair.superseded:
        one, more = "row no longer fits, and is", "rows no longer fit, and are"
        yield f"{counted(repair.superseded, one, more)} in {SUPERSEDED} now"
    if repair.set_aside:
        number = repair.set_aside
        said = counted(number, f"line of {ROWS} was no row", f"lines of {ROWS} were no rows")
        yield f"warning: {said}: see {SET_ASIDE}"
    if repair.torn:
        yield f"the last line of {ROWS} was cut off; its submission was graded again"
    if summary.faults:
        yield f"warning: labcheck itself failed on {summary.faults}: please report {FAULTS}"
    for each in summary.troubled[:_SHOWN]:
        problem = printable(each.problem, limit=300)
        yield f"not graded, by the machine's fault: {each.path}: {problem}"
    if len(summary.troubled) > _SHOWN:
        yield f"and {len(summary.troubled) - _SHOWN} more like these"
    for warning in summary.warnings[:_SHOWN]:
        yield f"warning: {printable(warning, limit=300)}"
    missing = summary.expected - summary.tally.total
    if missing:
        yield f"{missing} have no row yet: the same command goes on from there"
