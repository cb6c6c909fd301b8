"""The author's workshop: fresh golden records and signatures, with where they came from.

Nothing is written here: `golden.write` does that, where an author asks for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from verifier.authoring.derive import derived_fields, unsteady
from verifier.authoring.recorded import TRACED
from verifier.checks.syntax import written_in
from verifier.errors import BadDataError
from verifier.golden.golden import Golden, Provenance, Reseeded, golden_answers, reading_name
from verifier.golden.record import build_record
from verifier.golden.signature import FEWEST, Signature, signature_of
from verifier.lab.derived import Derived
from verifier.lab.field import sections_of
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.printable import counted, printable
from verifier.run.interface import Examination, Exited, in_words
from verifier.submission import read_reference, read_submission
from verifier.trace.reader import read_trace
from verifier.trace.unrounded import traced_transcript

if TYPE_CHECKING:
    from verifier.lab.mistake import Mistake
    from verifier.lab.spec import Exercise, Lab
    from verifier.run.interface import Limits, Runner, RunResult
    from verifier.submission import Submission

SEED_SHIFTS = (101, 202, 303, 404, 505, 606, 707, 808)
"""What a golden record holds besides the lab's own seed: too many to be typed in."""
MOST_FIELDS = 1000
"""Of one exercise: a report that names more is read by nobody."""


def fresh_golden(
    lab: Lab,
    exercise: Exercise,
    *,
    runner: Runner,
    reason: str,
    reference: Submission | None = None,
    keeps_fields: bool = False,
) -> Golden:
    """Run a reference and make a golden of what it prints. Nothing is written.

    Args:
        lab: Whose limits hold.
        exercise: What is run.
        runner: Where it runs.
        reason: Why, in the author's words.
        reference: The script, where it stands on a page; else the exercise's file.
        keeps_fields: Whether every field that was derived before has to be printed again.
    Raises:
        BadDataError: The reference fails, or does not print what lab.toml asks for.
        EnvironmentFailure: The runner could not do its work.
    """
    reference = reference or read_reference(exercise.script)
    run = runner.run(reference.source, limits=lab.limits, examination=TRACED)
    _refuse_failed(run, reference)
    derived, asked = None, exercise
    if exercise.is_derived:
        derived = _derived(run, reference, lab=lab, runner=runner)
        exercise = replace(exercise, sections=sections_of(each.field for each in derived.fields))
    match = match_output(traced_transcript(run.stdout, run.trace), exercise)
    fresh = Golden(
        lab=lab.id,
        exercise=exercise.id,
        provenance=_provenance(run, source=reference.source, reason=reason),
        record=build_record(match, exercise),
        # Other seeds tell whether a learner's numbers were computed; nobody answers a canary.
        reseeded=tuple(
            _reseeded(reference, shift, lab=lab, exercise=exercise, runner=runner)
            for shift in (SEED_SHIFTS if lab.canary is None and lab.seeds else ())
        ),
        seeds=lab.seeds,
        derived=derived,
    )
    golden_answers(fresh, asked if keeps_fields else exercise)
    return fresh


def _refuse_failed(run: RunResult, reference: Submission) -> None:
    if run.outcome != Exited(code=0):
        tail = printable(run.stderr.decode(errors="replace")[-500:], limit=500, keep="\n")
        raise BadDataError(
            f"{printable(reference.path)} did not run to its end:\n{tail}",
            remedy="mend the reference",
        )


def _derived(run: RunResult, reference: Submission, *, lab: Lab, runner: Runner) -> Derived:
    """Derive the fields of a reference's run, by another run that tells what no seed fixes."""
    if not run.stdout.strip():
        raise BadDataError(
            f"{printable(reference.path)} prints nothing",
            remedy="name a script that prints: page.md#2 is the second of a page",
        )
    second = runner.run(reference.source, limits=lab.limits)
    if second.outcome != Exited(code=0):
        raise BadDataError(
            f"{printable(reference.path)} ran to its end, and run again it "
            f"{in_words(second.outcome)}",
            remedy="mend the reference: nothing that it prints could be relied on",
        )
    transcript, again = read_stdout(run.stdout), read_stdout(second.stdout)
    fields = derived_fields(
        transcript,
        again=again,
        trace=read_trace(run.trace),
        typed=written_in(reference.source).numbers,
    )
    if len(fields) > MOST_FIELDS:
        raise BadDataError(
            f"the reference prints {counted(len(fields), 'value')}, more than {MOST_FIELDS}",
            remedy="print fewer, or a summary of them",
        )
    return Derived(
        fields=fields,
        unsteady=tuple(map(reading_name, unsteady(transcript, again))),
        output=run.stdout.decode(errors="replace"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A mistake whose output cannot be a signature."""

    reason: str


def fresh_signature(
    mistake: Mistake, *, limits: Limits, runner: Runner, again: Runner
) -> Signature | Unsigned:
    """Run a mistake twice and make a signature of what it prints. Nothing is written.

    Args:
        mistake: What is run.
        limits: What it may use.
        runner: Where it runs first.
        again: Where it runs the second time: a runner that shares no process with the first, for
            what one server starts has its memory at the same addresses, and some print those.
    Raises:
        EnvironmentFailure: The runner could not do its work.
    """
    submission = read_submission(mistake.script)
    if not submission.gradable:
        return Unsigned(reason="it cannot be handed in")
    run = runner.run(submission.source, limits=limits)
    if run.outcome != Exited(code=0):
        return Unsigned(reason="it does not run to its end")
    first = _signature(run, mistake)
    if len(first.readings) < FEWEST:
        return Unsigned(
            reason=f"it prints {counted(len(first.readings), 'value')}, fewer than {FEWEST}"
        )
    # Whatever no seed fixes is drawn anew.
    if _signature(again.run(submission.source, limits=limits), mistake) != first:
        return Unsigned(reason="it prints other values each time")
    return first


def _signature(run: RunResult, mistake: Mistake) -> Signature:
    return signature_of(
        read_stdout(run.stdout),
        mistake=mistake.id,
        exercise=mistake.exercise,
        diagnosis=mistake.diagnosis,
    )


def _reseeded(
    reference: Submission, shift: int, *, lab: Lab, exercise: Exercise, runner: Runner
) -> Reseeded:
    raised = Examination(seed_shift=shift, generators=lab.seeds)
    run = runner.run(reference.source, limits=lab.limits, examination=raised)
    if run.outcome != Exited(code=0):
        raise BadDataError(
            f"{exercise.script} did not run to its end with every seed raised by {shift}",
            remedy="mend the reference",
        )
    return Reseeded(shift=shift, stdout=run.stdout.decode(errors="replace"))


def _provenance(run: RunResult, *, source: bytes, reason: str) -> Provenance:
    environment = run.environment
    return Provenance(
        torch=environment.torch,
        python=environment.python,
        platform=environment.platform,
        cpu_capability=environment.cpu_capability,
        threads=environment.threads,
        runtime_image=environment.image,
        pins_sha256=environment.pins_sha256,
        script_sha256=hashlib.sha256(source).hexdigest(),
        stdout_sha256=hashlib.sha256(run.stdout).hexdigest(),
        date=datetime.now(tz=UTC).date().isoformat(),
        reason=reason,
    )
