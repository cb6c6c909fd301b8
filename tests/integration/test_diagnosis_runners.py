"""A mistake gets its diagnosis whichever runner it runs in; tests/lab has runner sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.lab.corpus import LAB, MISTAKES
from tests.lab.test_corpus import ENDLESS, TASKS
from verifier import pipeline
from verifier.authoring import fresh
from verifier.golden.signature import (
    Signature,
    signatures_file,
    signatures_text,
    signatures_to_json,
)
from verifier.run.container import ContainerRunner
from verifier.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.lab.mistake import Mistake
    from verifier.run.interface import Runner
    from verifier.run.local import LocalRunner

_BY_DIAGNOSIS = {mistake.diagnosis: mistake for mistake in reversed(MISTAKES)}
ONE_OF_EACH = sorted(_BY_DIAGNOSIS.values(), key=lambda mistake: mistake.id)
"""A mistake of every diagnosis: each costs the local runner seconds, for it imports torch anew.
`make bench-diagnosis ARGS="--runner local --mistakes-only"` runs all of them."""


@pytest.fixture(scope="module")
def pinned(runtime_image: str) -> Iterator[ContainerRunner]:
    """Start one container for all of them."""
    with ContainerRunner(image=runtime_image) as runner:
        yield runner


def _first(mistake: Mistake, runner: Runner) -> list[tuple[str, str]]:
    lab = replace(LAB, limits=ENDLESS) if mistake.diagnosis == "endless-loop" else LAB
    task = replace(TASKS[mistake.exercise], lab=lab)
    submission = read_submission(mistake.script)
    found = pipeline.grade(submission, task=task, runner=runner).report.diagnoses
    return [(each.id, each.stage.value) for each in found[:1]]


@pytest.mark.engine
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_mistake_gets_its_diagnosis_first_in_the_pinned_container(
    pinned: ContainerRunner, mistake: Mistake
) -> None:
    """That is where most are graded."""
    assert _first(mistake, pinned) == [(mistake.diagnosis, mistake.stage.value)]


@pytest.mark.torch
@pytest.mark.parametrize("mistake", ONE_OF_EACH, ids=lambda mistake: mistake.id)
def test_mistake_gets_its_diagnosis_first_without_walls(
    unboxed: LocalRunner, mistake: Mistake
) -> None:
    """One of each diagnosis; an author without an engine is told the same."""
    assert _first(mistake, unboxed) == [(mistake.diagnosis, mistake.stage.value)]


@pytest.mark.engine
def test_signatures_are_what_the_pinned_container_prints(
    pinned: ContainerRunner, runtime_image: str
) -> None:
    """`labcheck golden mistakes` was run when a mistake, or torch, changed."""
    made = []
    with ContainerRunner(image=runtime_image) as again:
        for mistake in MISTAKES:
            limits = ENDLESS if mistake.diagnosis == "endless-loop" else LAB.limits
            signature = fresh.fresh_signature(mistake, limits=limits, runner=pinned, again=again)
            if isinstance(signature, Signature):
                made.append(signature)

    assert signatures_file(LAB).read_text() == signatures_text(signatures_to_json(made), lab=LAB.id)
