"""A recorded run is the same as any other, and its record is bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from tests.integration import trace_scripts as scripts
from tests.integration.trace_client import Parent, warm_parent
from verifier.sandbox.trace import recording

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.torch

_HEAD, *_BODIES = (CHECKOUT / "tests/integration/look_scripts.txt").read_text().split("### ")
LOOKED = {name: _HEAD + body for name, _, body in (each.partition("\n") for each in _BODIES)}
"""Scripts of every kind; each is a body below one head."""


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    """Warm one up for all tests."""
    with warm_parent() as found:
        yield found


@pytest.mark.parametrize("name", scripts.SCRIPTS)
def test_a_recorded_run_is_the_same_to_the_byte(parent: Parent, name: str) -> None:
    """Output, traceback, warnings, status and what is left of random states: nothing differs."""
    untraced = parent.run(scripts.SCRIPTS[name], traced=False)
    traced = parent.run(scripts.SCRIPTS[name], traced=True)

    for key in ("stdout", "stderr", "status", "state"):
        assert traced[key] == untraced[key]
    assert traced["trace"]


@pytest.mark.parametrize(
    ("script", "most"), [(scripts.FLOOD, 400), (scripts.ITEMS, 2_000)], ids=["bytes", "events"]
)
def test_what_is_behind_the_bounds_is_counted(parent: Parent, script: str, most: int) -> None:
    """A trace is a whole beginning of the run: nothing is missing in between."""
    text = parent.run(script, traced=True)["trace"]
    events = [json.loads(line) for line in text.splitlines()]

    assert len(text) <= 60_000
    assert len(events) <= most
    assert events[-1]["e"] == "end"
    assert events[-1]["events"] == len(events) - 1
    assert events[-1]["dropped"] > 1_000


@pytest.mark.parametrize("script", [scripts.C_CALLS, scripts.RECURSION], ids=["calls", "depth"])
def test_recording_ends_where_it_would_cost_too_much(parent: Parent, script: str) -> None:
    """Many calls take longer when seen, and a deep one would reach the limit sooner."""
    assert parent.events(script) == [{"e": "end", "events": 0, "dropped": 1}]


def test_what_was_seen_is_kept_when_the_process_dies(parent: Parent) -> None:
    """Events are written at once, so that a time-out keeps them."""
    script = scripts.SCRIPTS["exit-status"].replace(
        "raise SystemExit(7)", "__import__('os')._exit(9)"
    )

    assert [event["e"] for event in parent.events(script)] == ["model", *(["forward"] * 3)]


def test_a_script_that_takes_the_descriptor_ends_the_recording(parent: Parent) -> None:
    """Nothing is written into a file that the script has opened since."""
    kinds = [event["e"] for event in parent.events(scripts.DESCRIPTOR_TAKEN)]

    assert kinds == ["model", "forward"]


def test_a_script_that_fills_the_descriptor_gets_no_further_line(parent: Parent) -> None:
    """A file in which somebody else has written is left alone."""
    assert set(parent.run(scripts.DESCRIPTOR_FILLED, traced=True)["trace"]) == {"x"}


def test_stopping_twice_or_without_a_start_is_nothing() -> None:
    """Whoever stops need not know whether there is a recording."""
    recording.stop()
    recording.stop()


def test_a_rehearsal_leaves_no_random_state_behind() -> None:
    """Forks of the process draw what they would have drawn without it."""
    script = (
        "import sys, torch\n"
        "from verifier.sandbox.trace import recording\n"
        "torch.manual_seed(5)\n"
        "before = torch.get_rng_state()\n"
        "recording.rehearse()\n"
        "print(torch.equal(before, torch.get_rng_state()), sys.getprofile())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.returncode) == ("True None\n", 0)


@pytest.mark.parametrize("name", LOOKED)
def test_a_second_look_is_the_same_to_the_byte(parent: Parent, name: str) -> None:
    """Whatever a script does with torch, its process or its output; but for errors' own frames."""
    plain = parent.run(LOOKED[name])
    looked = parent.run(LOOKED[name], looked=True)

    for key in ("stdout", "status", "state"):
        assert looked[key] == plain[key]
    # A traceback names frames of the look, which is why a verdict is of the first run.
    assert looked["stderr"].splitlines()[-1:] == plain["stderr"].splitlines()[-1:]
    assert looked["trace"]
