"""No result of a run outside the walls that were asked for."""

from __future__ import annotations

import pytest

from tests.fakes import LIMITS, FakeRunner, run_result
from verifier.errors import WallMissingError, WorkerError
from verifier.run.required_walls import WalledRunner


def test_run_inside_the_required_walls_is_given_on() -> None:
    """As it came."""
    inner = FakeRunner(run_result())
    with WalledRunner(inner, required=frozenset({"uid"})) as runner:
        assert runner.run(b"x", limits=LIMITS) == inner.result

    assert (inner.sources, inner.closed) == ([b"x"], True)


def test_run_outside_one_gives_no_result() -> None:
    """Every missing wall is named."""
    runner = WalledRunner(FakeRunner(run_result()), required=frozenset({"uid", "b", "a"}))

    with pytest.raises(WallMissingError, match="missing a, b") as caught:
        runner.run(b"x", limits=LIMITS)
    assert "--require-tier" in caught.value.remedy


def test_trouble_of_the_runner_is_its_own() -> None:
    """Nothing is hidden."""
    runner = WalledRunner(FakeRunner(WorkerError("died")), required=frozenset({"uid"}))

    with pytest.raises(WorkerError, match="died"):
        runner.run(b"x", limits=LIMITS)
