"""A drift as annotations: what fails the gate is an error, what does not is milder."""

from __future__ import annotations

import pytest

from tests.github import Command, commands_in
from tests.unit.drift.observing import DROPOUT, LESSON, drift_of, observation_of, run_of
from verifier.drift.annotation import github_drift
from verifier.drift.drift import Drift, Status
from verifier.drift.observation import Shown

LOSS = "loss_before"


def _drift(text: str, *exact: float) -> Drift:
    before = run_of(other={LOSS: Shown(text="0.1927", exact=(0.1875,) if exact else None)})
    after = run_of(other={LOSS: Shown(text=text, exact=exact or None)})
    return drift_of(observation_of(before), observation_of(after, torch="2.14.1"))


def _of(drift: Drift, fail_on: Status = Status.PRINTED_DIFFERS) -> list[Command]:
    files = {"forward-backward/baseline": "lab/forward-backward/forward_backward_lab.py"}
    return commands_in(github_drift(drift, fail_on=fail_on, files=files))


@pytest.mark.parametrize(
    ("drift", "fail_on", "levels"),
    [
        (_drift("0.1927"), Status.BITS_DIFFER, []),
        (_drift("0.1927", 0.1876), Status.BITS_DIFFER, ["error"]),
        (_drift("0.1927", 0.1876), Status.PRINTED_DIFFERS, ["notice"]),
        (_drift("0.1928"), Status.PRINTED_DIFFERS, ["error"]),
        (_drift("0.1928"), Status.BEYOND_TOLERANCE, ["warning"]),
        (_drift("0.1929"), Status.BEYOND_TOLERANCE, ["error"]),
    ],
)
def test_what_fails_the_gate_is_an_error(drift: Drift, fail_on: Status, levels: list[str]) -> None:
    """From the same status on as the exit code."""
    assert [each.name for each in _of(drift, fail_on)] == levels
    assert drift.fails(fail_on) is ("error" in levels)


def test_it_says_which_value_moved_next_to_its_script() -> None:
    """And from which release to which, with the cause where one is known."""
    (only,) = _of(_drift("0.1928"))

    assert only.properties == {
        "title": "forward-backward/baseline: printed differs",
        "file": "lab/forward-backward/forward_backward_lab.py",
    }
    lines = only.data.splitlines()
    assert lines[0] == ("1 of 16 values: loss_before: 0.1927 → 0.1928, by 0.0001 (allowed 0.0001)")
    assert lines[1].startswith("torch 2.13.0+cpu → 2.14.1: published numbers changed")


def test_a_script_that_no_longer_runs_says_why() -> None:
    """There is no value to show."""
    broken = observation_of(run_of(ended="exited 1"), torch="2.14.1")
    (only,) = _of(drift_of(observation_of(), broken))

    assert only.name == "error"
    assert "RuntimeError: no such thing" in only.data


def test_noise_is_an_error_where_it_fails_the_gate_and_else_a_warning() -> None:
    """It is no drift, and says so."""
    noisy = [run_of(other={LOSS: Shown(text=text, exact=None)}) for text in ("0.1927", "0.1928")]
    drift = drift_of(observation_of(*noisy), observation_of(*noisy, torch="2.14.1"))
    error, warning = _of(drift), _of(drift, Status.BEYOND_TOLERANCE)

    assert [each.name for each in (*error, *warning)] == ["error", "warning"]
    assert error[0].properties["title"] == "forward-backward/baseline: not drift"
    assert "is not deterministic: loss_before differ" in error[0].data


def test_a_stale_golden_is_an_error() -> None:
    """At every --fail-on."""
    stale = observation_of(run_of(other={LOSS: Shown(text="0.2", exact=None)}))
    (only,) = _of(drift_of(stale, stale), Status.BEYOND_TOLERANCE)

    assert only.name == "error"
    assert "has a stale golden record: loss_before is 0.1927 there, and 0.2" in only.data


def test_what_a_script_printed_is_no_command() -> None:
    """A lab's own scripts are trusted; what torch makes them print need not be."""
    text = "\n::set-output name=a::b\r##[add-path]/x"
    (only,) = _of(_drift(text))

    assert only.name == "error"


def test_a_canary_has_its_own_name() -> None:
    """Where no file is known, none is named."""
    field = next(iter(run_of(DROPOUT).shown))
    moved = run_of(DROPOUT, other={field: Shown(text="9.9", exact=None)})
    drift = drift_of(observation_of(key=DROPOUT), observation_of(moved, key=DROPOUT, torch="3.0"))
    (only,) = _of(drift)

    assert only.properties == {"title": "canary-dropout: beyond tolerance"}
    assert LESSON[0] not in only.data
