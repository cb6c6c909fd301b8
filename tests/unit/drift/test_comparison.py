"""Two observations, compared: bits, print, tolerance, noise, stale goldens, failures."""

from __future__ import annotations

import math

import pytest

from tests.unit.drift.observing import DROPOUT, GOLDENS, LESSON, drift_of, observation_of, run_of
from verifier.drift.drift import Status, worst
from verifier.drift.observation import Shown

LOSS = "loss_before"


def _loss(text: str, *exact: float) -> dict[str, Shown]:
    return {LOSS: Shown(text=text, exact=exact or None)}


@pytest.mark.parametrize(
    ("baseline", "candidate", "status", "ulps"),
    [
        (_loss("0.1927"), _loss("0.1927"), Status.IDENTICAL, None),
        (_loss("0.1927", 0.1926), _loss("0.1927"), Status.IDENTICAL, None),
        (_loss("0.1927", 0.1875), _loss("0.1927", 0.1875), Status.IDENTICAL, 0),
        (_loss("0.1927", 0.1875), _loss("0.1927", 0.1875 + 2**-26), Status.BITS_DIFFER, 1),
        (_loss("0.1927", 0.0), _loss("0.1927", -0.0), Status.BITS_DIFFER, 0),
        (_loss("0.1927", math.nan), _loss("0.1927", math.nan), Status.IDENTICAL, 0),
        (_loss("0.1927", math.nan), _loss("0.1927", 0.1875), Status.BITS_DIFFER, None),
        (_loss("0.1927", 0.1875, 1.0), _loss("0.1927", 0.1875), Status.BITS_DIFFER, None),
        (_loss("0.1927"), _loss("0.1928"), Status.PRINTED_DIFFERS, None),
        (_loss("0.1927"), _loss("0.1929"), Status.BEYOND_TOLERANCE, None),
        (_loss("0.1927"), _loss("nan"), Status.BEYOND_TOLERANCE, None),
        (_loss("0.1927"), _loss("[0.1927, 0.2]"), Status.BEYOND_TOLERANCE, None),
        (_loss("0.1927"), {LOSS: None}, Status.BEYOND_TOLERANCE, None),
        ({LOSS: None}, {LOSS: None}, Status.IDENTICAL, None),
    ],
)
def test_a_value_has_the_status_of_how_far_it_moved(
    baseline: dict[str, Shown | None],
    candidate: dict[str, Shown | None],
    status: Status,
    ulps: int | None,
) -> None:
    """One unit of the last decimal is the lab's tolerance, inclusive."""
    runs = [run_of(other=each) for each in (baseline, candidate)]
    drift = drift_of(observation_of(runs[0]), observation_of(runs[1], torch="2.14.1"))
    (reading,) = [each for each in drift.scripts[0].readings if each.name == LOSS]

    assert (reading.status, reading.ulps, drift.status) == (status, ulps, status)


@pytest.mark.parametrize(
    ("status", "fail_on", "fails"),
    [
        ("0.1927", Status.BITS_DIFFER, False),
        ("0.1928", Status.BITS_DIFFER, True),
        ("0.1928", Status.PRINTED_DIFFERS, True),
        ("0.1928", Status.BEYOND_TOLERANCE, False),
        ("0.1929", Status.BEYOND_TOLERANCE, True),
    ],
)
def test_it_fails_from_the_status_on_that_was_asked_for(
    status: str, fail_on: Status, *, fails: bool
) -> None:
    """Whoever cares for bits says so."""
    candidate = observation_of(run_of(other=_loss(status)), torch="2.14.1")

    assert drift_of(observation_of(), candidate).fails(fail_on) is fails


def test_what_differs_between_two_runs_of_one_environment_is_noise() -> None:
    """Unseeded numbers differ from run to run; no release of torch is to blame."""
    noisy = [run_of(other=_loss(text)) for text in ("0.1", "0.2")]
    drift = drift_of(observation_of(*noisy), observation_of(*noisy, torch="2.14.1"))
    (script,) = drift.scripts

    assert (script.status, script.noise) == (Status.IDENTICAL, Status.BEYOND_TOLERANCE)
    assert not script.stale
    assert drift.fails(Status.PRINTED_DIFFERS)


def test_noise_in_the_candidate_alone_is_noise() -> None:
    """A release that does not repeat itself is reported as that."""
    noisy = [run_of(other=_loss(text)) for text in ("0.1927", "0.2")]
    (script,) = drift_of(observation_of(), observation_of(*noisy, torch="2.14.1")).scripts

    assert (script.status, script.noise) == (Status.IDENTICAL, Status.BEYOND_TOLERANCE)


def test_a_golden_that_its_own_torch_does_not_print_is_stale() -> None:
    """One unit in the last digit is enough, as in verify; and it is no drift."""
    moved = run_of(other=_loss("0.1928"))
    drift = drift_of(observation_of(moved), observation_of(moved, torch="2.14.1"))
    (script,) = drift.scripts

    assert (script.status, script.stale) == (Status.IDENTICAL, True)
    assert drift.fails(Status.BEYOND_TOLERANCE)


@pytest.mark.parametrize(
    ("exact", "cpu_capability", "ulps"),
    [
        (0.19269309937953949, "AVX512", 0),
        (0.19269309937953949 + 2**-26, "AVX512", 1),
        (0.19269309937953949, "AVX2", None),
        (None, "AVX512", None),
    ],
)
def test_distance_from_the_goldens_unrounded_value_is_told_on_an_equal_cpu(
    exact: float | None, cpu_capability: str, ulps: int | None
) -> None:
    """Elsewhere the bits may differ by right."""
    assert GOLDENS[LESSON].provenance.cpu_capability == "AVX512"
    shown = _loss("0.1927") if exact is None else _loss("0.1927", exact)
    candidate = observation_of(run_of(other=shown), torch="2.14.1", cpu_capability=cpu_capability)
    readings = drift_of(observation_of(), candidate).scripts[0].readings

    assert [each.golden_ulps for each in readings if each.name == LOSS] == [ulps]


def test_a_golden_of_another_torch_is_not_stale() -> None:
    """What an old release prints says nothing about it."""
    moved = run_of(other=_loss("0.1928"))
    (script,) = drift_of(
        observation_of(moved, torch="2.6.0"), observation_of(moved, torch="2.7.1")
    ).scripts

    assert not script.stale


def test_a_script_that_fails_in_one_environment_is_beyond_tolerance() -> None:
    """With what Python said last."""
    broken = observation_of(run_of(ended="exited 1"), torch="2.14.1")
    drift = drift_of(observation_of(), broken)

    assert drift.status is Status.BEYOND_TOLERANCE
    assert drift.scripts[0].failure == "in the candidate it exited 1: RuntimeError: no such thing"


def test_the_canary_that_moved_names_the_cause() -> None:
    """The lesson held still, so the report speaks of dropout."""
    moved = {"few": Shown(text="[9, 9, 9, 9, 9, 9, 9, 9]", exact=None)}
    drift = drift_of(
        observation_of(key=DROPOUT, torch="2.6.0"),
        observation_of(run_of(DROPOUT, other=moved), key=DROPOUT, torch="2.7.1"),
    )

    assert drift.causes == (
        "dropout draws different masks for the same seed (canary dropout, a sampler)",
    )


def test_a_canary_that_fails_names_no_cause() -> None:
    """That dropout was removed does not say that it draws otherwise."""
    drift = drift_of(
        observation_of(key=DROPOUT, torch="2.6.0"),
        observation_of(run_of(DROPOUT, ended="exited 1"), key=DROPOUT, torch="2.7.1"),
    )

    assert (drift.status, drift.causes) == (Status.BEYOND_TOLERANCE, ())


@pytest.mark.parametrize(
    ("key", "cpu_capability", "settings", "stale"),
    [
        (LESSON, "AVX512", {}, True),
        (LESSON, "AVX2", {}, True),
        (LESSON, "AVX512", {"ATEN_CPU_CAPABILITY": "avx512"}, False),
        (DROPOUT, "AVX512", {}, True),
        (DROPOUT, "AVX2", {}, False),
        (DROPOUT, "AVX512", {"MKL_CBWR": "COMPATIBLE"}, False),
    ],
)
def test_a_golden_is_stale_only_on_equal_terms(
    key: tuple[str, str], cpu_capability: str, settings: dict[str, str], *, stale: bool
) -> None:
    """A lesson prints the same on every CPU; a canary may not, and a setting is nobody's usual."""
    moved = {name: Shown(text="9", exact=None) for name in list(run_of(key).shown)[:1]}
    found = observation_of(
        run_of(key, other=moved), key=key, cpu_capability=cpu_capability, settings=settings
    )
    drift = drift_of(found, found)

    assert drift.scripts[0].stale is stale
    assert drift.fails(Status.BEYOND_TOLERANCE) is stale


def test_where_no_canary_moved_that_is_said() -> None:
    """A cause is not made up."""
    drift = drift_of(observation_of(), observation_of(run_of(other=_loss("0.5")), torch="2.14.1"))

    assert drift.causes == (
        "no canary moved, so the cause is in none of the mechanisms they watch",
    )


def test_the_same_torch_on_another_cpu_is_never_called_a_version() -> None:
    """Even where a canary moved."""
    moved = {"few": Shown(text="[9, 9, 9, 9, 9, 9, 9, 9]", exact=None)}
    drift = drift_of(
        observation_of(key=DROPOUT),
        observation_of(
            run_of(DROPOUT, other=moved),
            key=DROPOUT,
            cpu_capability="DEFAULT",
            settings={"ATEN_CPU_CAPABILITY": "default"},
        ),
    )

    assert [change.what for change in drift.changes] == ["cpu_capability", "ATEN_CPU_CAPABILITY"]
    (cause,) = drift.causes
    assert cause.startswith("not a version: the same torch was run otherwise (CPU capability")


def test_nothing_moved_has_no_cause() -> None:
    """Another version alone explains nothing that is not there."""
    drift = drift_of(observation_of(), observation_of(torch="2.14.1"))

    assert (drift.status, drift.causes) == (Status.IDENTICAL, ())
    assert [str(change) for change in drift.changes] == ["torch: 2.13.0+cpu → 2.14.1"]


def test_new_warnings_are_counted_by_category() -> None:
    """Their text differs in every version and is not compared."""
    candidate = run_of(warnings=("UserWarning", "UserWarning", "FutureWarning"))
    drift = drift_of(
        observation_of(run_of(warnings=("UserWarning",))), observation_of(candidate, torch="2.14.1")
    )

    assert drift.scripts[0].new_warnings == {"UserWarning": 1, "FutureWarning": 1}


def test_scripts_that_one_side_did_not_run_are_not_compared() -> None:
    """Somebody named other labs."""
    assert drift_of(observation_of(key=LESSON), observation_of(key=DROPOUT)).scripts == ()


def test_the_worst_of_nothing_is_identical() -> None:
    """A script without values has not moved."""
    assert worst(()) is Status.IDENTICAL
