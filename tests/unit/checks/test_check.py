"""A check behind a failed stage is skipped, and nothing is hidden."""

from __future__ import annotations

from verifier.checks.check import Status, failed, first_failed, in_debug_order, passed
from verifier.lab.stage import Stage


def test_checks_are_in_debug_order_and_skipped_behind_the_first_failure() -> None:
    """A learner mends the first wrong step first."""
    ordered = in_debug_order(
        [passed(Stage.LOOP, "c"), failed(Stage.LOSS, "b", "wrong"), passed(Stage.FORWARD, "a")]
    )

    assert [(check.name, check.status.value) for check in ordered] == [
        ("a", "passed"),
        ("b", "failed"),
        ("c", "skipped"),
    ]


def test_checks_of_the_failed_stage_itself_are_all_judged() -> None:
    """Two wrong gradients are two facts."""
    both = in_debug_order([failed(Stage.LOSS, "a", "wrong"), failed(Stage.LOSS, "b", "wrong")])

    assert {check.status for check in both} == {Status.FAILED}


def test_skipped_failure_says_what_it_would_have_said() -> None:
    """Skipped is not hidden."""
    _, skipped = in_debug_order(
        [failed(Stage.LOSS, "a", "wrong"), failed(Stage.LOOP, "b", "also wrong")]
    )

    assert skipped.message == "not judged before loss is right; it would have failed: also wrong"


def test_nothing_failed_means_nowhere_to_start() -> None:
    """``start_here`` is null then."""
    assert first_failed([passed(Stage.RUN, "a")]) is None
    assert in_debug_order([]) == ()
