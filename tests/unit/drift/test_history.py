"""A line a step, in the order of the releases; no step that is not the version's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.drift.observing import DROPOUT, drift_of, observation_of, run_of
from verifier.drift.drift import Status
from verifier.drift.history import (
    Step,
    history_table,
    history_text,
    load_history,
    step_of,
    with_step,
)
from verifier.drift.observation import Shown
from verifier.errors import BadDataError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.drift.observation import Observation

MOVED = {"few": Shown(text="[9, 9, 9, 9, 9, 9, 9, 9]", exact=None)}


def _step(before: str, after: str, **moved: Status) -> Step:
    return Step(
        before=before,
        after=after,
        date="2026-11-24",
        platform="Linux",
        cpu_capability="AVX2",
        wheels_sha256=(None, "a" * 64),
        scripts=29,
        moved={name.replace("_", "-"): status for name, status in moved.items()},
    )


def _dropout(torch: str, *, moved: bool = False) -> Observation:
    run = run_of(DROPOUT, other=MOVED if moved else None)
    return replace(observation_of(run, key=DROPOUT, torch=torch), wheel_sha256="b" * 64)


def test_a_step_says_what_moved() -> None:
    """Releases without their builds, both wheels, and the scripts by name."""
    drift = drift_of(_dropout("2.6.0+cu124"), _dropout("2.7.1+cpu", moved=True))

    assert step_of(drift, date="2026-11-24") == Step(
        before="2.6.0",
        after="2.7.1",
        date="2026-11-24",
        platform="Linux-x86_64-glibc2.36",
        cpu_capability="AVX2",
        wheels_sha256=("b" * 64, "b" * 64),
        scripts=1,
        moved={"canary-dropout": Status.BEYOND_TOLERANCE},
    )


@pytest.mark.parametrize(
    "change",
    [{"platform": "Darwin"}, {"cpu_capability": "DEFAULT"}, {"threads": 2}],
    ids=str,
)
def test_a_step_on_unequal_terms_is_refused(change: dict[str, Any]) -> None:
    """Who can say that it was the version?"""
    after = _dropout("2.7.1", moved=True)
    drift = drift_of(
        _dropout("2.6.0"), replace(after, environment=replace(after.environment, **change))
    )

    with pytest.raises(BadDataError, match="not observed on equal terms") as caught:
        step_of(drift, date="2026-11-24")
    assert caught.value.exit_code == ExitCode.BAD_DATA


def test_a_step_under_other_variables_is_refused() -> None:
    """The same variables on both sides are fine."""
    before, after = _dropout("2.6.0"), _dropout("2.7.1")
    setting = {"MKL_CBWR": "COMPATIBLE"}

    with pytest.raises(BadDataError, match="not observed on equal terms"):
        step_of(drift_of(before, replace(after, settings=setting)), date="2026-11-24")
    both = drift_of(replace(before, settings=setting), replace(after, settings=setting))
    assert step_of(both, date="2026-11-24").moved == {}


@pytest.mark.parametrize("torch", ["2.6.0", "2.6.0+cu124"])
def test_a_release_against_itself_is_no_step(torch: str) -> None:
    """Nor is one build of it against another."""
    with pytest.raises(BadDataError, match=r"both are torch 2\.6\.0"):
        step_of(drift_of(_dropout("2.6.0"), _dropout(torch)), date="2026-11-24")


@pytest.mark.parametrize("torch", [None, "2.7.1 <b>", "nightly", "2.7.1\n"])
def test_a_torch_that_is_no_release_is_no_step(torch: str | None) -> None:
    """A line that could not be read back is not written."""
    after = _dropout("2.7.1")
    after = replace(after, environment=replace(after.environment, torch=torch))

    with pytest.raises(BadDataError, match="is no release"):
        step_of(drift_of(_dropout("2.6.0"), after), date="2026-11-24")


def test_noise_is_no_step() -> None:
    """What differs from run to run would be kept as identical."""
    noisy = observation_of(
        run_of(DROPOUT), run_of(DROPOUT, other=MOVED), key=DROPOUT, torch="2.7.1"
    )

    with pytest.raises(BadDataError, match="canary-dropout is not deterministic"):
        step_of(drift_of(_dropout("2.6.0"), noisy), date="2026-11-24")


def test_steps_stand_in_the_order_of_releases() -> None:
    """Of numbers, not of letters: 2.10 comes after 2.9, a candidate before its release."""
    steps: tuple[Step, ...] = ()
    pairs = [
        ("2.10.0", "2.11.0"), ("2.9.1", "2.10.0"), ("1.13.1", "2.6.0"), ("2.6.0", "2.9.1"),
        ("2.6.0", "2.7.1"), ("2.14.0", "2.14.1"), ("2.14.0rc1", "2.14.0"),
    ]  # fmt: skip
    for before, after in pairs:
        steps = with_step(steps, _step(before, after))

    assert [(step.before, step.after) for step in steps] == [
        ("1.13.1", "2.6.0"), ("2.6.0", "2.7.1"), ("2.6.0", "2.9.1"), ("2.9.1", "2.10.0"),
        ("2.10.0", "2.11.0"), ("2.14.0rc1", "2.14.0"), ("2.14.0", "2.14.1"),
    ]  # fmt: skip


def test_a_candidate_stands_after_the_release_before_it() -> None:
    """2.14.1rc1 is no 2.14: it comes after 2.14.0, and before 2.14.1."""
    steps: tuple[Step, ...] = ()
    for pair in (("2.14.1rc1", "2.14.1"), ("2.14.0", "2.14.1rc1"), ("2.14.0", "2.14.1")):
        steps = with_step(steps, _step(*pair))

    assert [(step.before, step.after) for step in steps] == [
        ("2.14.0", "2.14.1rc1"), ("2.14.0", "2.14.1"), ("2.14.1rc1", "2.14.1"),
    ]  # fmt: skip


def test_a_step_takes_the_place_of_an_earlier_one() -> None:
    """Between the same releases; the others stay."""
    old, other = _step("2.6.0", "2.7.1"), _step("2.7.1", "2.11.0")
    new = _step("2.6.0", "2.7.1", canary_dropout=Status.BITS_DIFFER)

    assert with_step(with_step((old,), other), new) == (new, other)


def test_what_is_read_is_what_was_kept(tmp_path: Path) -> None:
    """Line by line; and no file is an empty history."""
    path = tmp_path / "history.jsonl"
    steps = (_step("2.6.0", "2.7.1", canary_dropout=Status.BITS_DIFFER), _step("2.7.1", "2.11.0"))
    assert load_history(path) == ()
    path.write_text(history_text(steps))

    assert load_history(path) == steps
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "number"),
    [
        (b"{", 2),
        (b"", 2),
        (b"[]", 2),
        (b'{"schema_version": 1}', 2),
        (b"[" * 100_000, 2),
        (b'"' + b"\xe2\x80\xa8" + b'"', 2),
    ],
    ids=lambda value: str(value)[:16],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: bytes, number: int) -> None:
    """By file and number, for somebody has to mend it."""
    good = history_text([_step("2.6.0", "2.7.1")]).encode()
    path = tmp_path / "history.jsonl"
    path.write_bytes(good + line + b"\n" + good)

    with pytest.raises(BadDataError, match=rf"history\.jsonl, line {number}: ") as caught:
        load_history(path)
    assert caught.value.remedy == "mend or remove the line"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"before": "2.6.0"', '"before": "2.6.0 | x |"'),
        ('"before": "2.6.0"', '"before": "2.6.0\\n"'),
        ('"date": "2026-11-24"', '"date": "today"'),
        ('"bits_differ"', '"identical"'),
        ('"canary-dropout"', '"<b>"'),
        ('"scripts": 29', '"scripts": -1'),
        ('"scripts": 29', '"scripts": 29, "more": 1'),
    ],
)
def test_a_line_that_breaks_its_schema_is_named(tmp_path: Path, old: str, new: str) -> None:
    """What would stand in a table of the README is no markup."""
    text = history_text([_step("2.6.0", "2.7.1", canary_dropout=Status.BITS_DIFFER)])
    path = tmp_path / "history.jsonl"
    path.write_text(text.replace(old, new))
    assert path.read_text() != text

    with pytest.raises(BadDataError, match=r"history\.jsonl, line 1: "):
        load_history(path)


def test_what_cannot_be_read_is_bad_data(tmp_path: Path) -> None:
    """A folder; bytes that are no text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path, tmp_path / "binary"):
        with pytest.raises(BadDataError, match=str(path)):
            load_history(path)


def test_the_table_has_a_row_for_each_step() -> None:
    """As Markdown, for the README."""
    steps = [
        _step("2.6.0", "2.7.1", canary_dropout=Status.BEYOND_TOLERANCE, a=Status.BITS_DIFFER),
        _step("2.7.1", "2.11.0"),
    ]

    assert history_table(steps).splitlines() == [
        "| step | identical | moved |",
        "|---|---|---|",
        "| 2.6.0 → 2.7.1 | 27 of 29 | canary-dropout (beyond_tolerance), a (bits_differ) |",
        "| 2.7.1 → 2.11.0 | 29 of 29 | nothing |",
    ]
