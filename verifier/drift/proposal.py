"""New golden records that a candidate's torch would give: proposed, never put in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier import pipeline
from verifier.drift.drift import Status
from verifier.golden import golden_changes, golden_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from verifier.drift.drift import Drift
    from verifier.drift.torch_environment import TorchEnvironment
    from verifier.golden import Change, Golden
    from verifier.lab_spec import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One golden record as the candidate would have it."""

    lab: str
    exercise: str
    text: str
    """The file's content."""
    changes: tuple[Change, ...]


def propose(
    drift: Drift,
    where: TorchEnvironment,
    *,
    labs: Mapping[str, Lab],
    goldens: Mapping[tuple[str, str], Golden],
) -> Iterator[Proposal]:
    """Make a golden record for every script whose printed numbers moved and that still runs.

    Raises:
        EnvironmentFailure: The candidate's server failed.
    """
    moved = [
        script
        for script in drift.scripts
        if script.failure is None and script.status.rank >= Status.PRINTED_DIFFERS.rank
    ]
    if not moved:
        return
    reason = f"torch {drift.baseline.environment.torch} → {drift.candidate.environment.torch}: " + (
        "; ".join(drift.causes)
    )
    with where.runner(hide=tuple({lab.folder.parent for lab in labs.values()})) as runner:
        for script in moved:
            lab = labs[script.lab]
            exercise = lab.exercise(script.exercise)
            fresh = pipeline.fresh_golden(lab, exercise, runner=runner, reason=reason)
            changes = golden_changes(goldens.get((script.lab, script.exercise)), fresh)
            if changes:  # else the golden record is of the candidate's kind already
                yield Proposal(
                    lab=script.lab,
                    exercise=script.exercise,
                    text=golden_text(fresh),
                    changes=changes,
                )
