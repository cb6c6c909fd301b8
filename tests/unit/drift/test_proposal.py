"""What a candidate's goldens would be: of what moved in print and runs; the rest is told."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.exercises import results_of_references
from tests.fakes import ENVIRONMENT, PUBLISHED, FakeRunner, run_result
from tests.unit.drift.observing import GOLDENS, LABS, LESSON, drift_of, observation_of, run_of
from verifier.drift import torch_environment
from verifier.drift.observation import Shown
from verifier.drift.proposal import Proposal, Unproposed, propose
from verifier.drift.torch_environment import TorchEnvironment
from verifier.golden.golden import Change, load_golden
from verifier.run.interface import Exited
from verifier.schema import validate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from verifier.drift.drift import Drift
    from verifier.golden.golden import Golden
    from verifier.run.interface import RunResult

MOVED = PUBLISHED.replace(b"loss_before= 0.1927", b"loss_before= 0.1928")
WHERE = TorchEnvironment(kind="python", name=sys.executable)


def _drift(*texts: str, ended: str = "exited 0") -> Drift:
    runs = [
        run_of(other={"loss_before": Shown(text=text, exact=None)}, ended=ended) for text in texts
    ]
    return drift_of(observation_of(torch="2.6.0"), observation_of(*runs, torch="2.7.1"))


def _propose(
    monkeypatch: pytest.MonkeyPatch,
    drift: Drift,
    result: RunResult,
    goldens: Mapping[tuple[str, str], Golden] = GOLDENS,
) -> tuple[list[Proposal | Unproposed], list[FakeRunner]]:
    started: list[FakeRunner] = []

    def start(**_how: object) -> FakeRunner:
        started.append(FakeRunner(result, results=results_of_references()))
        return started[-1]

    monkeypatch.setattr(torch_environment, "SandboxRunner", start)
    return list(propose(drift, WHERE, labs=LABS, goldens=goldens)), started


def test_where_nothing_moved_in_print_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bits alone change no page, and no golden."""
    assert _propose(monkeypatch, _drift("0.1927"), run_result()) == ([], [])


def test_a_golden_is_proposed_with_old_and_new_and_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the candidate would have it: a whole file under its schema."""
    result = replace(run_result(MOVED), environment=replace(ENVIRONMENT, torch="2.7.1"))
    (found,), (runner,) = _propose(monkeypatch, _drift("0.1928"), result)

    assert isinstance(found, Proposal)
    assert (found.lab, found.exercise) == ("forward-backward", "baseline")
    name = "one_training_step/loss_before"
    assert Change(name=name, old="0.1927", new="0.1928") in found.changes
    document = json.loads(found.text)
    validate("golden", document)
    assert document["provenance"]["torch"] == "2.7.1"
    assert document["provenance"]["reason"] == (
        "torch 2.6.0 → 2.7.1: no canary moved, so the cause is in none of the mechanisms they watch"
    )
    assert runner.closed


def test_a_golden_that_is_the_candidates_already_is_not_proposed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The pin was raised before; the baseline is an old release."""
    (found,), _ = _propose(monkeypatch, _drift("0.1928"), run_result(MOVED))
    assert isinstance(found, Proposal)
    path = tmp_path / "baseline.json"
    path.write_text(found.text)
    exercise = replace(LABS[LESSON[0]].exercise(LESSON[1]), golden=path)
    accepted = {LESSON: load_golden(lab=LESSON[0], exercise=exercise)}

    again, (runner,) = _propose(monkeypatch, _drift("0.1928"), run_result(MOVED), accepted)
    assert again == []
    assert runner.sources != []


def test_a_script_that_fails_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its failure is told by the drift."""
    drift = _drift("0.1928", ended="exited 1")

    assert _propose(monkeypatch, drift, run_result()) == ([], [])


def test_noise_is_never_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A golden record of what nobody can repeat would be stale at once."""
    runs = [
        run_of(
            other={
                "loss_before": Shown(text="0.1928", exact=None),
                "loss_after": Shown(text=text, exact=None),
            }
        )
        for text in ("0.1", "0.2")
    ]
    drift = drift_of(observation_of(torch="2.6.0"), observation_of(*runs, torch="2.7.1"))
    (found,), started = _propose(monkeypatch, drift, run_result(MOVED))

    assert found == Unproposed(
        lab="forward-backward", exercise="baseline", reason="it is not deterministic"
    )
    assert started == []


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (run_result(outcome=Exited(code=1), stderr=b"\x1b[2Jno"), "did not run to its end"),
        (run_result(b"nothing"), "0 values for prediction_before"),
    ],
)
def test_a_golden_that_cannot_be_made_is_told(
    monkeypatch: pytest.MonkeyPatch, result: RunResult, reason: str
) -> None:
    """The others are proposed all the same, and the verdict stands."""
    (found,), _ = _propose(monkeypatch, _drift("0.1928"), result)

    assert isinstance(found, Unproposed)
    assert reason in found.reason
    assert "\x1b" not in found.reason
