"""A record of a script, as an author or a learner asks for it, without judging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.checks.ending import check_ending
from verifier.golden.record import Record, build_record
from verifier.output.match import match_output
from verifier.run.interface import Examination
from verifier.trace.unrounded import traced_transcript

if TYPE_CHECKING:
    from verifier.checks.check import Check
    from verifier.lab.spec import Exercise, Lab
    from verifier.run.interface import Runner
    from verifier.submission import Submission

TRACED = Examination(trace=True)
"""A run that shows what it computed before it rounded."""


def record_run(
    submission: Submission, *, lab: Lab, exercise: Exercise, runner: Runner
) -> tuple[Record, Check]:
    """Run a gradable submission; give the record of what it printed, and how it ended.

    Raises:
        EnvironmentFailure: The runner could not do its work.
    """
    run = runner.run(submission.source, limits=lab.limits, examination=TRACED)
    match = match_output(traced_transcript(run.stdout, run.trace), exercise)
    return build_record(match, exercise), check_ending(run, limits=lab.limits)
