"""A restyled script does what it did: the held-out scripts rest on that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.diagnosis.held_out import restyled, right_scripts
from bench.diagnosis.lesson import RESTYLES
from tests.exercises import matched
from tests.lab.corpus import LAB
from tests.lab.test_corpus import TASKS
from verifier.checks.check import first_failed
from verifier.checks.grade import grade_output
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from bench.diagnosis.restyle import Restyle
    from verifier.run.sandbox import SandboxRunner

RIGHT = right_scripts(LAB)
REFERENCE = "forward-backward-lab"
OTHERS = 3
"""Styles that each restyle is tried on beside the reference."""


def _failure(sandbox: SandboxRunner, source: bytes) -> str:
    """Say what is wrong with a script that should be right; empty if nothing is."""
    task = TASKS["baseline"]
    run = sandbox.run(source, limits=LAB.limits)
    checks = grade_output(matched(run.stdout, task.exercise), answers=task.answers)
    stage = first_failed(tuple(checks))
    if run.outcome == Exited(code=0) and stage is None:
        return ""
    return f"{stage}: {run.stderr.decode(errors='replace')}"


@pytest.mark.torch
@pytest.mark.parametrize("restyle", RESTYLES, ids=lambda each: each.name)
def test_right_script_stays_right_however_it_is_restyled(
    sandbox: SandboxRunner, restyle: Restyle
) -> None:
    """The reference, where the restyle applies to it, and a few styles."""
    start = RESTYLES.index(restyle)
    names = [REFERENCE, *(name for name in RIGHT if name != REFERENCE)]
    turned = [names[0], *names[1 + start :], *names[1 : 1 + start]]
    made = {name: restyled(RIGHT[name], [restyle]) for name in turned}
    tried = [(name, source) for name, source in made.items() if source is not None]

    assert len(tried) > OTHERS
    for name, source in tried[: 1 + OTHERS]:
        assert _failure(sandbox, source) == "", name


@pytest.mark.torch
def test_reference_stays_right_through_many_restyles(sandbox: SandboxRunner) -> None:
    """One after the other, as far as each applies."""
    source, applied = RIGHT[REFERENCE], 0
    for restyle in RESTYLES:
        made = restyled(source, [restyle])
        if made is not None:
            source, applied = made, applied + 1

    assert applied > len(RESTYLES) / 2
    assert _failure(sandbox, source) == "", source.decode()
