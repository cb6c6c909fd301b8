"""The order of the stages.

submission → run → stdout → readings → record → checks → diagnosis → report

The only module that knows it. It takes the runner as an argument and never learns which one it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from verifier.checks.check import Check, failed, first_failed, in_debug_order
from verifier.checks.computed import (
    Computed,
    SecondRun,
    judge,
    judge_followed,
    kept_fields,
    telling_fields,
)
from verifier.checks.ending import check_ending, traceback_findings
from verifier.checks.grade import grade_output, match_findings
from verifier.checks.point import point_checks
from verifier.checks.verify import verify_output
from verifier.diagnosis.catalogue import NO_CATALOGUE, Catalogue, load_catalogue
from verifier.diagnosis.diagnose import Assignment, diagnose
from verifier.diagnosis.signature import FEWEST, Signature, load_signatures, signature_of
from verifier.errors import BadDataError
from verifier.golden.golden import (
    Golden,
    Provenance,
    Reseeded,
    golden_answers,
    load_golden,
    related_answers,
    reseeded_answers,
)
from verifier.golden.record import EMPTY_RECORD, Record, build_record
from verifier.lab.stage import Stage
from verifier.output.match import first_readings
from verifier.output.transcript import Transcript, read_stdout
from verifier.printable import printable
from verifier.report.report import Report, SubmissionName, Verdict, score_of, verdict_of
from verifier.run.interface import NOWHERE, Examination, Exited, Tier
from verifier.submission import Submission, read_submission
from verifier.trace.reader import read_trace
from verifier.trace.unrounded import with_exact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.finding import Finding
    from verifier.lab.limits import Limits
    from verifier.lab.mistake import Mistake
    from verifier.lab.spec import Exercise, Field, Lab
    from verifier.output.transcript import Reading
    from verifier.run.interface import Environment, Runner, RunResult

_NO_TIER = Tier(walls=(), missing=())
_REFERENCE = "not examined: this is the lab's own script"
_NOT_RESEEDED = "not examined: the golden record holds no other seeds"
_NOT_ENDED = "not examined: the script did not run to its end"
_NOTHING_RIGHT = "not examined: no value that changes with the seed is right"
SEED_SHIFTS = (101, 202, 303, 404, 505, 606, 707, 808)
"""What a golden record holds beside the lab's own seed: too many to be typed in for one of them."""
_TRACED = Examination(trace=True)
_NOT_RUN = "not examined: nothing was run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Which exercise of which lab a submission answers, with its golden."""

    lab: Lab
    exercise: Exercise
    golden: Golden
    related: Mapping[str, Mapping[Field, Reading]] = field(default_factory=dict)
    """Golden readings of the other exercises that this one's relations name."""
    catalogue: Catalogue = NO_CATALOGUE
    """What is said about the mistakes of this lab."""
    signatures: tuple[Signature, ...] = ()
    """What the known mistakes of this exercise print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A report, with the runs that it rests on."""

    report: Report
    runs: tuple[RunResult, ...]
    """In the order they took place; empty for what was never run."""


def load_task(lab: Lab, exercise_id: str) -> Task:
    """Join an exercise with its golden.

    Raises:
        UsageError: The lab has no such exercise.
        BadDataError: Its golden is missing or bad.
    """
    exercise = lab.exercise(exercise_id)
    return Task(
        lab=lab,
        exercise=exercise,
        golden=load_golden(lab=lab.id, exercise=exercise),
        related=related_answers(lab, exercise),
        catalogue=load_catalogue(lab),
        signatures=load_signatures(lab, exercise),
    )


def grade(submission: Submission, *, task: Task, runner: Runner) -> Graded:
    """Run a gradable submission and judge its output with tolerance.

    Raises:
        BadDataError: The golden does not answer every field of the exercise.
        EnvironmentFailure: The runner could not do its work; that gives no verdict.
    """
    answers = golden_answers(task.golden, task.exercise)
    reseeded = _chosen(submission, task.golden)
    wanted = Examination(trace=True, rerun_shift=reseeded.shift if reseeded else 0)
    run = runner.run(submission.source, limits=task.lab.limits, examination=wanted)
    transcript = traced_transcript(run)
    ending = check_ending(run, limits=task.lab.limits)
    computed, others = _examine(
        submission, task=task, runner=runner, first=run, transcript=transcript, answers=answers
    )
    checks = in_debug_order(
        [
            ending,
            *grade_output(transcript, exercise=task.exercise, answers=answers),
            *_point_checks(transcript, task),
            *_computed_checks(computed, task),
        ]
    )
    report = _report(
        submission,
        task=task,
        checks=checks,
        diagnoses=diagnose(
            source=submission.source,
            run=run,
            transcript=transcript,
            checks=checks,
            task=Assignment(exercise=task.exercise, answers=answers, catalogue=task.catalogue),
            trace=read_trace(run.trace if first_failed(checks) else b""),
            signatures=task.signatures,
        ),
        findings=(*traceback_findings(run), *_findings(transcript, task)),
        computed=computed,
        record=build_record(transcript, task.exercise),
        run=run,
    )
    return Graded(report=report, runs=(run, *others))


def traced_transcript(run: RunResult) -> Transcript:
    """Read what a traced run printed, with the numbers that it rounded."""
    return with_exact(read_stdout(run.stdout), read_trace(run.trace, only="item"))


def _chosen(submission: Submission, golden: Golden) -> Reseeded | None:
    """Choose the seeds to run a submission under again; None where the golden has no others.

    They follow from the submission's own bytes: the same again each time, and not to be chosen.
    """
    if not golden.reseeded or submission.sha256 is None:
        return None
    return golden.reseeded[int(submission.sha256, 16) % len(golden.reseeded)]


def _examine(
    submission: Submission,
    *,
    task: Task,
    runner: Runner,
    first: RunResult,
    transcript: Transcript,
    answers: Mapping[Field, Reading],
) -> tuple[Computed, tuple[RunResult, ...]]:
    """Tell whether a submission's numbers follow the reference to other seeds.

    The first run has done so already, in its own process, where the script was quick and ended
    well. What followed there was computed; for any other answer it is run once more, in a process
    that nothing has touched.
    """
    if first.outcome != Exited(code=0):
        return Computed(answer="unclear", evidence=_NOT_ENDED), ()
    reseeded = _chosen(submission, task.golden)
    if reseeded is None:
        return Computed(answer="unclear", evidence=_NOT_RESEEDED), ()
    expected = reseeded_answers(reseeded, task.exercise)
    printed = first_readings(transcript, task.exercise)
    telling = telling_fields(printed, answers=answers, expected=expected)
    if not telling:
        return Computed(answer="unclear", evidence=_NOTHING_RIGHT), ()
    if first.rerun is not None:
        again = first_readings(read_stdout(first.rerun), task.exercise)
        followed = judge_followed(telling, readings=again, expected=expected, shift=reseeded.shift)
        if followed is not None:
            return followed, ()
    other = Examination(seed_shift=reseeded.shift)
    run = runner.run(submission.source, limits=task.lab.limits, examination=other)
    runs: tuple[RunResult, ...] = (run,)
    again = first_readings(read_stdout(run.stdout), task.exercise)
    if kept_fields(telling, answers=answers, readings=again):
        # Only what stayed as it was needs a trace, which costs as much as a third of a run.
        other = replace(other, trace=True)
        run = runner.run(submission.source, limits=task.lab.limits, examination=other)
        runs = (*runs, run)
        again = first_readings(read_stdout(run.stdout), task.exercise)
    if run.outcome != Exited(code=0):
        evidence = f"with every seed raised by {reseeded.shift} the script did not run to its end"
        return Computed(answer="unclear", evidence=evidence), runs
    second = SecondRun(
        shift=reseeded.shift,
        readings=again,
        expected=expected,
        trace=read_trace(run.trace),
    )
    judged = judge(telling=telling, answers=answers, second=second, source=submission.source)
    return judged, runs


def _computed_checks(computed: Computed, task: Task) -> list[Check]:
    if computed.answer != "no" or not task.lab.computed_required:
        return []
    message = (
        f"the script printed numbers that it did not compute: {computed.evidence}; "
        "print what your own training gives"
    )
    return [failed(Stage.OUTPUT, "computed", message)]


def check_captured(stdout: Submission, *, task: Task) -> Report:
    """Judge output that was captured elsewhere, without running anything.

    Args:
        stdout: The captured bytes as ``source``, under the name they came by.
        task: What they should show.
    """
    if not stdout.gradable:
        return refuse(stdout, task=task)
    transcript = read_stdout(stdout.source)
    return _report(
        stdout,
        task=task,
        checks=in_debug_order(
            [
                *grade_output(
                    transcript,
                    exercise=task.exercise,
                    answers=golden_answers(task.golden, task.exercise),
                ),
                *_point_checks(transcript, task),
            ]
        ),
        findings=_findings(transcript, task),
        computed=Computed(answer="unclear", evidence=_NOT_RUN),
        record=build_record(transcript, task.exercise),
        run=None,
    )


def verify(task: Task, *, runner: Runner) -> Report:
    """Run a reference and compare what it prints with its golden, exactly.

    It is not traced: what is published is text. Unrounded values differ from one CPU to another,
    so they are for comparing environments.

    Raises:
        EnvironmentFailure: The runner could not do its work.
    """
    reference = read_submission(task.exercise.script)
    run = runner.run(reference.source, limits=task.lab.limits)
    transcript = read_stdout(run.stdout)
    record = build_record(transcript, task.exercise)
    checks = verify_output(run.stdout, record=record, exercise=task.exercise, golden=task.golden)
    return _report(
        reference,
        task=task,
        checks=in_debug_order(
            [check_ending(run, limits=task.lab.limits), *checks, *_point_checks(transcript, task)]
        ),
        findings=(*traceback_findings(run), *transcript.findings),
        computed=Computed(answer="unclear", evidence=_REFERENCE),
        record=record,
        run=run,
    )


def record_run(
    submission: Submission, *, lab: Lab, exercise: Exercise, runner: Runner
) -> tuple[Record, Check]:
    """Run a gradable submission; give the record of what it printed, and how it ended.

    Raises:
        EnvironmentFailure: The runner could not do its work.
    """
    run = runner.run(submission.source, limits=lab.limits, examination=_TRACED)
    ending = check_ending(run, limits=lab.limits)
    return build_record(traced_transcript(run), exercise), ending


def fresh_golden(lab: Lab, exercise: Exercise, *, runner: Runner, reason: str) -> Golden:
    """Run a reference and make a golden of what it prints. Nothing is written.

    Raises:
        BadDataError: The reference fails, or does not print what lab.toml asks for.
        EnvironmentFailure: The runner could not do its work.
    """
    reference = read_submission(exercise.script)
    run = runner.run(reference.source, limits=lab.limits, examination=_TRACED)
    if run.outcome != Exited(code=0):
        tail = printable(run.stderr.decode(errors="replace")[-500:], limit=500, keep="\n")
        raise BadDataError(
            f"{exercise.script} did not run to its end:\n{tail}", remedy="mend the reference"
        )
    record = build_record(traced_transcript(run), exercise)
    provenance = _provenance(
        run.environment, source=reference.source, stdout=run.stdout, reason=reason
    )
    fresh = Golden(
        lab=lab.id,
        exercise=exercise.id,
        provenance=provenance,
        record=record,
        # Other seeds tell whether a learner's numbers were computed; nobody answers a canary.
        reseeded=tuple(
            _reseeded(reference, shift, lab=lab, exercise=exercise, runner=runner)
            for shift in (SEED_SHIFTS if lab.canary is None else ())
        ),
    )
    golden_answers(fresh, exercise)
    return fresh


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
        return Unsigned(reason=f"it prints {len(first.readings)} values, fewer than {FEWEST}")
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
    run = runner.run(reference.source, limits=lab.limits, examination=Examination(seed_shift=shift))
    if run.outcome != Exited(code=0):
        raise BadDataError(
            f"{exercise.script} did not run to its end with every seed raised by {shift}",
            remedy="mend the reference",
        )
    return Reseeded(shift=shift, stdout=run.stdout.decode())


def _provenance(
    environment: Environment, *, source: bytes, stdout: bytes, reason: str
) -> Provenance:
    return Provenance(
        torch=environment.torch,
        python=environment.python,
        platform=environment.platform,
        cpu_capability=environment.cpu_capability,
        threads=environment.threads,
        runtime_image=environment.image,
        pins_sha256=environment.pins_sha256,
        script_sha256=hashlib.sha256(source).hexdigest(),
        stdout_sha256=hashlib.sha256(stdout).hexdigest(),
        date=datetime.now(tz=UTC).date().isoformat(),
        reason=reason,
    )


def _point_checks(transcript: Transcript, task: Task) -> tuple[Check, ...]:
    return point_checks(transcript, exercise=task.exercise, related=task.related)


def _findings(transcript: Transcript, task: Task) -> tuple[Finding, ...]:
    return (*transcript.findings, *match_findings(transcript, task.exercise))


def _report(
    submission: Submission,
    *,
    task: Task,
    checks: tuple[Check, ...],
    findings: tuple[Finding, ...],
    computed: Computed,
    record: Record,
    run: RunResult | None,
    diagnoses: tuple[Diagnosis, ...] = (),
) -> Report:
    score, max_score = score_of(checks, task.lab.points)
    return Report(
        lab=task.lab.id,
        exercise=task.exercise.id,
        submission=SubmissionName(path=submission.path, sha256=submission.sha256),
        verdict=verdict_of(checks),
        score=score,
        max_score=max_score,
        start_here=first_failed(checks),
        checks=checks,
        findings=findings,
        diagnoses=diagnoses,
        computed=computed.answer,
        computed_evidence=computed.evidence,
        record=record,
        tier=_NO_TIER if run is None else run.tier,
        environment=NOWHERE if run is None else run.environment,
    )


def refuse(submission: Submission, *, task: Task) -> Report:
    """Report why a submission cannot be graded; it was never run."""
    return Report(
        lab=task.lab.id,
        exercise=task.exercise.id,
        submission=SubmissionName(path=submission.path, sha256=submission.sha256),
        verdict=Verdict.NOT_GRADABLE,
        score=0,
        max_score=sum(task.lab.points[stage] for stage in task.exercise.stages),
        start_here=None,
        checks=(),
        findings=submission.refusals,
        computed="unclear",
        computed_evidence=_NOT_RUN,
        record=EMPTY_RECORD,
        tier=_NO_TIER,
        environment=NOWHERE,
    )
