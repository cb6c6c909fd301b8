"""A drift as JSON satisfies its schema, whatever was observed."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import ITEMS
from tests.unit.drift.observing import DROPOUT, LESSON, drift_of, observation_of, run_of
from tests.unit.drift.test_observation import EXACTS, TEXTS
from verifier.drift.document import drift_document, drift_json
from verifier.drift.drift import Status
from verifier.drift.observation import Shown
from verifier.schema import validate

PRINTED = st.sampled_from(["0.1927", "0.1928", "nan", "inf", "-0.0", "[1, 2]", "1e400"]) | TEXTS
SHOWN = st.none() | st.builds(Shown, text=PRINTED, exact=EXACTS)
VALUES = st.fixed_dictionaries(
    {}, optional={"loss_before": SHOWN, "weight_grad": SHOWN, "pred at step=4": SHOWN}
)


@given(
    runs=st.lists(VALUES, min_size=4, max_size=4),
    ended=st.sampled_from(["exited 0", "exited 0", "timed out"]),
    wall_s=st.floats(min_value=0, allow_infinity=False, allow_nan=False),
)
def test_any_drift_satisfies_the_schema(
    runs: list[dict[str, Shown | None]], ended: str, wall_s: float
) -> None:
    """And is read back by any parser: no NaN, no infinity, ASCII alone."""
    first, second, third, fourth = [run_of(other=each) for each in runs]
    baseline = observation_of(replace(first, wall_s=wall_s), second)
    candidate = observation_of(third, replace(fourth, ended=ended), torch="2.14.1")
    drift = drift_of(baseline, candidate)
    text = drift_json(drift, fail_on=Status.BITS_DIFFER)
    document = json.loads(text, parse_constant=pytest.fail)

    validate("drift", document)
    assert text.isascii()
    assert text.count("\n") == 1
    assert document["status"] == drift.status.value
    assert document["fails"] is drift.fails(Status.BITS_DIFFER)
    assert [each["name"] for each in document["scripts"][0]["readings"]] == [
        each.name for each in drift.scripts[0].readings
    ]


def test_it_holds_what_a_reader_needs() -> None:
    """Text, bits, distance, margin, tolerance, golden; the environments; the causes."""
    before, after = float.fromhex(ITEMS[1]), math.nextafter(0.19275, 0)
    drift = drift_of(
        observation_of(run_of(other={"loss_before": Shown(text="0.1927", exact=(before,))})),
        observation_of(
            run_of(other={"loss_before": Shown(text="0.1928", exact=(after,))}),
            torch="2.14.1",
            settings={"A": "1"},
        ),
    )
    document = drift_document(drift, fail_on=Status.PRINTED_DIFFERS)
    (script,) = document["scripts"]
    (moved,) = [each for each in script["readings"] if each["status"] != "identical"]

    assert (document["status"], document["fails"]) == ("printed_differs", True)
    assert document["candidate"]["settings"] == {"A": "1"}
    assert document["changes"] == [
        {"what": "torch", "before": "2.13.0+cpu", "after": "2.14.1"},
        {"what": "A", "before": None, "after": "1"},
    ]
    assert (moved["name"], moved["golden"]) == ("loss_before", "0.1927")
    assert moved["baseline"]["text"] == "0.1927"
    assert moved["baseline"]["exact"] == [before.hex()]
    assert moved["baseline"]["margin_ulps"] > 0
    assert moved["candidate"]["exact"] == [after.hex()]
    assert (moved["difference"], moved["allowed"]) == ("0.0001", "0.0001")


def test_a_canary_says_which_mechanism_it_is_of() -> None:
    """A lesson is of none."""
    for key, mechanism in ((DROPOUT, "dropout"), (LESSON, None)):
        drift = drift_of(observation_of(key=key), observation_of(key=key))
        (script,) = drift_document(drift, fail_on=Status.BITS_DIFFER)["scripts"]

        assert script["mechanism"] == mechanism


def test_what_cannot_be_compared_has_no_readings() -> None:
    """It says why."""
    broken = observation_of(run_of(ended="exited 1"), torch="2.14.1")
    document = drift_document(drift_of(observation_of(), broken), fail_on=Status.BEYOND_TOLERANCE)
    (script,) = document["scripts"]

    assert (script["readings"], script["status"]) == ([], "beyond_tolerance")
    assert script["failure"] == "in the candidate it exited 1: RuntimeError: no such thing"
    assert document["fails"] is True


def test_nothing_to_divide_by_gives_no_ratio() -> None:
    """A clock that did not move, and memory that nobody measured."""
    run = replace(run_of(), wall_s=0.0, peak_bytes=None)
    document = drift_document(
        drift_of(observation_of(run), observation_of(run)), fail_on=Status.BITS_DIFFER
    )
    (script,) = document["scripts"]

    assert (script["run_time_ratio"], script["peak_memory_ratio"]) == (None, None)
    assert document["start_ratio"] == 1.0


def test_a_ratio_that_no_number_holds_is_none() -> None:
    """JSON has no infinity."""
    drift = drift_of(observation_of(replace(run_of(), wall_s=5e-324)), observation_of(run_of()))
    (script,) = drift_document(drift, fail_on=Status.BITS_DIFFER)["scripts"]

    assert script["run_time_ratio"] is None
