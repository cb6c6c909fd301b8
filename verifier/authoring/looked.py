"""A second look at a reference: the milestones that scripts are compared with."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.authoring.fresh import SEED_SHIFTS
from verifier.authoring.recorded import TRACED
from verifier.authoring.unit import unit_of
from verifier.diagnosis.alike import alike
from verifier.golden.reference import Reference
from verifier.golden.unit import ONE_UNIT
from verifier.lab.catalogue import load_catalogue
from verifier.output.transcript import read_stdout
from verifier.run.interface import Examination, Exited
from verifier.trace.milestone import read_milestones
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.lab.spec import Exercise, Lab
    from verifier.run.interface import Runner
    from verifier.submission import Submission
    from verifier.trace.milestone import Milestone


def fresh_reference(
    lab: Lab, exercise: Exercise, reference: Submission, *, runner: Runner
) -> Reference | None:
    """Run a reference under a second look, twice: as it is, and with its seeds raised.

    Returns:
        Its milestones; None where it has none, as without torch, or does not run to its end so.
    Raises:
        EnvironmentFailure: The runner could not do its work.
    """
    if lab.canary is not None:
        return None
    seen = _milestones(reference, lab, runner, shift=0)
    if not seen:
        return None
    unit = None
    if load_catalogue(lab).formulas == ONE_UNIT:
        traced = runner.run(reference.source, limits=lab.limits, examination=TRACED)
        unit = unit_of(read_trace(traced.trace), read_stdout(traced.stdout).readings)
    others = _milestones(reference, lab, runner, shift=SEED_SHIFTS[0])
    return Reference(
        lab=lab.id,
        exercise=exercise.id,
        script_sha256=hashlib.sha256(reference.source).hexdigest(),
        milestones=tuple(
            replace(each, seeded=_is_other(each, others[place] if place < len(others) else None))
            for place, each in enumerate(seen)
        ),
        unit=unit,
    )


def _milestones(
    reference: Submission, lab: Lab, runner: Runner, *, shift: int
) -> tuple[Milestone, ...]:
    wanted = Examination(trace=True, milestones=True, seed_shift=shift, generators=lab.seeds)
    run = runner.run(reference.source, limits=lab.limits, examination=wanted)
    return read_milestones(run.trace) if run.outcome == Exited(code=0) else ()


def _is_other(milestone: Milestone, other: Milestone | None) -> bool:
    if milestone.sums is None:
        return False
    return other is None or other.kind != milestone.kind or not alike(milestone.sums, other.sums)
