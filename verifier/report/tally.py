"""A tally: the rows of a batch in short, one line each, and all of them counted."""

from __future__ import annotations

import signal
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.lab.stage import Stage
from verifier.report.report import failed_checks

if TYPE_CHECKING:
    from verifier.report.row import Row

_MOST_CHECKS = 2000
"""Different checks that are counted; scripts can make up names of rows without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row in short."""

    path: str
    sha256: str | None
    verdict: str
    score: int
    max_score: int
    start_here: str | None
    check: str | None
    """Name of the first failed check."""
    message: str
    """Its message, or why the submission is not gradable; empty where it passed."""
    outcome: str
    wall_s: float | None
    cpu_s: float | None


def entry_of(row: Row) -> Entry:
    """Put a row in short."""
    report = row["report"]
    failed = next(iter(failed_checks(report)), None)
    reason = report["findings"][0]["message"] if report["findings"] else ""
    refused = report["verdict"] == "not_gradable"
    return Entry(
        path=row["path"],
        sha256=row["sha256"],
        verdict=report["verdict"],
        score=report["score"],
        max_score=report["max_score"],
        start_here=report["start_here"],
        check=None if failed is None else failed["name"],
        message=failed["message"] if failed is not None else reason if refused else "",
        outcome=outcome_text(row["outcome"]),
        wall_s=row["wall_s"],
        cpu_s=row["cpu_s"],
    )


def outcome_text(outcome: dict[str, Any] | None) -> str:
    """Say in a few words how a run ended."""
    if outcome is None:
        return "not run"
    match outcome["kind"]:
        case "exited":
            return f"exit status {outcome['code']}"
        case "killed":
            return f"killed by {_signal_name(outcome['signal'])}"
        case "timed_out":
            return "timed out"
        case _:
            return f"output flood on {outcome['stream']}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(slots=True, kw_only=True)
class CheckCount:
    """How one check came out over all submissions it was asked of."""

    stage: Stage
    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """Submissions it was asked of."""
        return self.passed + self.failed + self.skipped


class Tally:
    """Counts rows, one after another, in memory that does not grow with what they hold."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.shares: list[float] = []
        """Score over greatest score, from 0 to 1, of every submission that was run."""
        self.scores: list[int] = []
        """Of every submission that was run."""
        self.wall_s: list[float] = []
        self._checks: dict[tuple[str, str], CheckCount] = {}

    def add(self, row: Row) -> None:
        """Count a row."""
        report = row["report"]
        self.verdicts[report["verdict"]] += 1
        self.outcomes[outcome_text(row["outcome"])] += 1
        if row["outcome"] is not None:
            self.scores.append(report["score"])
            self.shares.append(report["score"] / report["max_score"] if report["max_score"] else 0)
        if row["wall_s"] is not None:
            self.wall_s.append(row["wall_s"])
        for check in report["checks"]:
            self._add_check(check)

    def _add_check(self, check: dict[str, Any]) -> None:
        key = (check["stage"], check["name"])
        count = self._checks.get(key)
        if count is None:
            if len(self._checks) >= _MOST_CHECKS:
                return
            count = self._checks[key] = CheckCount(stage=Stage(key[0]), name=key[1])
        status = check["status"]
        setattr(count, status, getattr(count, status) + 1)

    @property
    def total(self) -> int:
        """Rows counted."""
        return self.verdicts.total()

    @property
    def median_score(self) -> float | None:
        """Of every submission that was run; None where none was."""
        return statistics.median(self.scores) if self.scores else None

    @property
    def most_failed(self) -> CheckCount | None:
        """The check at which most submissions fail; None where none does."""
        worst = max(self._checks.values(), key=lambda count: count.failed, default=None)
        return worst if worst is not None and worst.failed else None

    def checks(self, limit: int) -> list[CheckCount]:
        """Give the checks that were asked of most submissions, in debug order."""
        often = sorted(self._checks.values(), key=lambda count: -count.total)[:limit]
        return sorted(often, key=lambda count: count.stage.place)
