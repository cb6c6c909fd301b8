"""What the figures are held to, and how rounds share the work."""

from __future__ import annotations

import pytest

from bench.bound import Bound
from bench.speed.figures import BOUNDS
from bench.speed.runs import _share, _spread


@pytest.mark.parametrize(
    ("measured", "holds"), [(200.0, True), (199.9, False), (None, False)], ids=str
)
def test_least_is_inclusive_and_not_measured_does_not_hold(
    measured: float | None, *, holds: bool
) -> None:
    """A benchmark that could not measure must not be green."""
    assert Bound(name="n", least=200).holds(measured) is holds


@pytest.mark.parametrize(("measured", "holds"), [(1.1, True), (1.11, False)])
def test_most_is_inclusive(measured: float, *, holds: bool) -> None:
    """The bound itself is allowed."""
    assert Bound(name="n", most=1.1).holds(measured) is holds


def test_bounds_are_those_of_the_issue() -> None:
    """They change with it, not with what was measured."""
    assert {bound.name: str(bound) for bound in BOUNDS} == {
        "runs_vs_python": ">= 200",
        "throughput_vs_python": ">= 100",
        "walls_vs_no_walls": "<= 1.1",
        "cold_run_vs_python": "<= 1.3",
        "cpu_ms_per_clean_submission": "<= 20",
    }


@pytest.mark.parametrize("count", [1, 7, 200])
def test_rounds_together_run_every_submission_once(count: int) -> None:
    """None twice, none never, in order."""
    everything = list(range(count))
    shares = [_share(everything, number, 10) for number in range(10)]

    assert [each for share in shares for each in share] == everything


def test_gradings_are_spread_up_to_the_last_round() -> None:
    """A machine that slows down slows them as it slows the rest."""
    assert _spread(3, 10) == [2, 5, 9]
    assert _spread(1, 2) == [1]
