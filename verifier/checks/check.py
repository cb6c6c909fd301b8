"""A check: one thing that was judged, in which stage, with which result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.lab.stage import Stage


WOULD_FAIL = "; it would have failed"
"""Stands in the message of a skipped check that was wrong too."""


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discreet:
    """What of a check tells no golden number, and nothing that depends on one."""

    message: str
    observed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question about a run, answered."""

    stage: Stage
    name: str
    status: Status
    message: str
    """One or two sentences a learner can act on; printable characters only."""
    expected: str | None = None
    observed: str | None = None
    difference: str | None = None
    """``|observed - golden|`` of the worst element, exact, as a decimal number."""
    allowed: str | None = None
    """The bound for that element, inclusive."""
    discreet: Discreet | None = None
    """The same where no golden number may be told; None where message and observed tell none."""


def passed(stage: Stage, name: str, message: str = "as it should be") -> Check:
    """Make a check that passed and has no numbers to show."""
    return Check(stage=stage, name=name, status=Status.PASSED, message=message)


def failed(stage: Stage, name: str, message: str, *, discreet: Discreet | None = None) -> Check:
    """Make a check that failed and has no numbers to show."""
    return Check(stage=stage, name=name, status=Status.FAILED, message=message, discreet=discreet)


def in_debug_order(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Order checks by stage, and skip every check whose stage comes after a failed one's.

    A skipped check keeps what was expected and observed, for the diagnosis and for `verify`.
    """
    ordered = sorted(checks, key=lambda check: check.stage.place)
    broken = first_failed(ordered)
    return tuple(
        _skip(check, after=broken)
        if broken is not None and check.stage.place > broken.place
        else check
        for check in ordered
    )


def _skip(check: Check, *, after: Stage) -> Check:
    also = f"{WOULD_FAIL}: {check.message}" if check.status is Status.FAILED else ""
    return replace(
        check,
        status=Status.SKIPPED,
        message=f"not judged before {after} is right{also}",
        discreet=None,
    )


def untold(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Take the values out of every skipped check: who has not got there yet is not told them."""
    return tuple(
        _without_values(check) if check.status is Status.SKIPPED else check for check in checks
    )


def _without_values(check: Check) -> Check:
    reason, would_fail, _ = check.message.partition(WOULD_FAIL)
    return replace(
        check,
        message=reason + would_fail,
        expected=None,
        observed=None,
        difference=None,
        allowed=None,
    )


def first_failed(checks: Iterable[Check]) -> Stage | None:
    """Name the stage to start with: the first in debug order that holds a failed check."""
    return min(
        (check.stage for check in checks if check.status is Status.FAILED),
        key=lambda stage: stage.place,
        default=None,
    )
