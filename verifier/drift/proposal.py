"""New golden records that a candidate's torch would give: proposed, never put in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.authoring import fresh
from verifier.drift.drift import Status
from verifier.errors import BadDataError
from verifier.golden.golden import golden_changes, golden_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from verifier.drift.drift import Drift
    from verifier.drift.torch_environment import TorchEnvironment
    from verifier.golden.golden import Change, Golden
    from verifier.lab.spec import Lab
    from verifier.run.interface import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One golden record as the candidate would have it."""

    lab: str
    exercise: str
    text: str
    """The file's content."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproposed:
    """A golden record that would have to change, and for which there is no proposal."""

    lab: str
    exercise: str
    reason: str


def propose(
    drift: Drift,
    where: TorchEnvironment,
    *,
    labs: Mapping[str, Lab],
    goldens: Mapping[tuple[str, str], Golden],
) -> Iterator[Proposal | Unproposed]:
    """Make a golden record for every script whose printed numbers moved and that still runs.

    Raises:
        EnvironmentFailure: The candidate's server failed.
    """
    moved = [
        script
        for script in drift.scripts
        if script.failure is None and script.status.rank >= Status.PRINTED_DIFFERS.rank
    ]
    for script in moved:
        if script.noisy:
            yield Unproposed(
                lab=script.lab, exercise=script.exercise, reason="it is not deterministic"
            )
    steady = [script for script in moved if not script.noisy]
    if not steady:
        return
    before, after = drift.baseline.environment.torch, drift.candidate.environment.torch
    reason = f"torch {before} → {after}: {'; '.join(drift.causes)}"
    with where.runner(hide=tuple({lab.root for lab in labs.values()})) as runner:
        for script in steady:
            golden = goldens.get((script.lab, script.exercise))
            yield from _proposed(labs[script.lab], script.exercise, golden, runner, reason)


def _proposed(
    lab: Lab, exercise: str, golden: Golden | None, runner: Runner, reason: str
) -> Iterator[Proposal | Unproposed]:
    try:
        made = fresh.fresh_golden(
            lab, lab.exercise(exercise), runner=runner, reason=reason, keeps_fields=True
        )
    except BadDataError as error:
        yield Unproposed(lab=lab.id, exercise=exercise, reason=error.problem)
        return
    changes = golden_changes(golden, made)
    if changes:  # else the golden record is of the candidate's kind already
        yield Proposal(lab=lab.id, exercise=exercise, text=golden_text(made), changes=changes)
