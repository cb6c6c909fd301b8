"""Why numbers moved: what differs between two environments, and which canaries sang."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.drift.observing import LABS, observation_of
from verifier.drift.cause import Change, changes, explain

TORCH = Change(what="torch", before="2.6.0", after="2.7.1")
PYTHON = Change(what="python", before="3.11.2", after="3.12.1")
CPU = Change(what="cpu_capability", before="AVX2", after="DEFAULT")
THREADS = Change(what="threads", before="1", after="2")
SETTING = Change(what="MKL_CBWR", before=None, after="COMPATIBLE")
LESSON = LABS["forward-backward"]
DROPOUT = LABS["canary-dropout"]
MATMUL = LABS["canary-matmul"]
SAYS = "dropout draws different masks for the same seed (canary dropout, a sampler)"


def test_what_differs_is_listed_the_version_first() -> None:
    """A variable that one of the two has not is not set there."""
    before = observation_of(settings={"B": "1", "A": "x"})
    after = observation_of(settings={"C": "2", "A": "x"}, torch="2.14.1", cpu_capability="AVX512")
    after = replace(after, environment=replace(after.environment, threads=2, python="3.12.1"))

    assert [str(change) for change in changes(before, after)] == [
        "torch: 2.13.0+cpu → 2.14.1",
        "Python: 3.11.2 → 3.12.1",
        "CPU capability: AVX2 → AVX512",
        "threads: 1 → 2",
        "B: 1 → not set",
        "C: not set → 2",
    ]
    assert str(Change(what="A", before="", after="x\n")) == "A: empty → x\\x0a"
    assert changes(before, before) == ()


def test_where_the_runner_stands_is_no_reason_for_numbers() -> None:
    """An image and an interpreter print the same, where torch and platform are."""
    before = observation_of()
    elsewhere = replace(before.environment, runner="sandbox", image=None, pins_sha256=None)

    assert changes(before, replace(before, environment=elsewhere)) == ()


@pytest.mark.parametrize(
    ("change", "of_the_machine"),
    [(TORCH, False), (PYTHON, False), (CPU, True), (THREADS, True), (SETTING, True)],
)
def test_a_version_is_told_from_where_it_was_run(change: Change, *, of_the_machine: bool) -> None:
    """No version is to blame for what the machine does."""
    assert change.is_of_the_machine is of_the_machine


@pytest.mark.parametrize("known", [(), (TORCH,), (CPU, SETTING)])
def test_nothing_that_moved_has_no_cause(known: tuple[Change, ...]) -> None:
    """Whatever differs."""
    assert explain([], known) == ()


@pytest.mark.parametrize("known", [(CPU,), (THREADS,), (SETTING,), (CPU, SETTING, PYTHON)])
def test_another_cpu_is_never_a_version(known: tuple[Change, ...]) -> None:
    """Though a canary moved as well."""
    (said,) = explain([LESSON, DROPOUT], known)

    assert said.startswith("not a version: the same torch was run otherwise (")
    assert all(str(change) in said for change in known if change is not PYTHON)


def test_a_version_is_explained_by_the_canaries_that_moved() -> None:
    """Each in its own words, and no more than those."""
    said = explain([DROPOUT, LESSON, MATMUL], (TORCH,))

    assert said[0] == SAYS
    assert len(said) == 2
    assert said[1].endswith("(canary matrix multiplication, a kernel)")


def test_a_version_that_is_not_all_that_differs_is_not_blamed_alone() -> None:
    """Whoever compared on unequal terms is told to do it again."""
    said = explain([DROPOUT], (TORCH, CPU, SETTING))

    assert said == (
        SAYS,
        (
            "the version is not all that differs (CPU capability: AVX2 → DEFAULT; "
            "MKL_CBWR: not set → COMPATIBLE): compare on equal terms"
        ),
    )


@pytest.mark.parametrize("known", [(), (TORCH,), (PYTHON,)])
def test_a_lesson_that_moved_alone_is_told_so(known: tuple[Change, ...]) -> None:
    """A cause is not made up."""
    assert explain([LESSON], known) == (
        "no canary moved, so the cause is in none of the mechanisms they watch",
    )
