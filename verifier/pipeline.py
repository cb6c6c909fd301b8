"""The order of the stages.

submission → run → output → match → checks → diagnosis → record → report

The only module that knows it. It takes the runner as an argument and never learns which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from verifier.checks.check import Check, first_failed, in_debug_order, untold
from verifier.checks.computed import (
    TYPED,
    Computed,
    Runs,
    computed_checks,
    discriminating_fields,
    judge,
    judge_followed,
    judge_uncalculated,
    uncalculated,
    unclear,
)
from verifier.checks.ending import (
    came_to_its_end,
    check_ending,
    ending_checks,
    traceback_findings,
)
from verifier.checks.grade import grade_output, match_findings
from verifier.checks.relations import relation_checks
from verifier.checks.verify import verify_output
from verifier.checks.whole import whole_output_check
from verifier.diagnosis.diagnose import diagnose
from verifier.golden.record import EMPTY_RECORD, Record, build_record
from verifier.lab.feedback import Feedback
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.report.bounds import bounded
from verifier.report.fault import Fault, attempted
from verifier.report.feedback import told
from verifier.report.report import Report, SubmissionName, Verdict, score_of, verdict_of
from verifier.run.interface import NOWHERE, Examination, Tier, in_words
from verifier.run.repeat import Repeat
from verifier.run.second import second_look
from verifier.submission import Submission, read_reference
from verifier.trace.milestone import NO_LOOK, Look, read_look
from verifier.trace.reader import read_trace
from verifier.trace.unrounded import with_exact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.finding import Finding
    from verifier.lab.field import Field
    from verifier.output.match import Match
    from verifier.output.transcript import Reading
    from verifier.output.value import Value
    from verifier.run.interface import Runner, RunResult
    from verifier.task import OtherSeeds, Task

_NO_TIER = Tier(walls=(), missing=())
_REFERENCE = "not examined: this is the lab's own script"
_NOT_RESEEDED = "not examined: the golden record holds no other seeds"
_NOT_ENDED = "not examined: the script did not run to its end"
_NOTHING_RIGHT = "not examined: no value that changes with the seed is right"
_NOT_RUN = "not examined: nothing was run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A report, with the runs that it rests on."""

    report: Report
    runs: tuple[RunResult, ...]
    """In the order they took place; empty for what was never run."""
    fault: Fault | None = None
    """Of labcheck's own, to be told aloud; it took the verdict, or the advice alone."""


def grade(submission: Submission, *, task: Task, runner: Runner) -> Graded:
    """Run a gradable submission and judge its output with tolerance.

    A fault of labcheck's own that this submission brings out is told in the report, which then
    has no verdict: a class goes on.

    Raises:
        EnvironmentFailure: The runner could not do its work; that gives no verdict.
    """
    graded = attempted(partial(_grade, submission, task=task, runner=runner))
    return faulted(submission, graded, task=task) if isinstance(graded, Fault) else graded


def _grade(submission: Submission, *, task: Task, runner: Runner) -> Graded:
    other = task.other_seeds(submission.sha256)
    shift = other.shift if other else 0
    wanted = Examination(trace=True, rerun_shift=shift, generators=task.lab.seeds)
    run = runner.run(submission.source, limits=task.lab.limits, examination=wanted)
    match = match_output(read_stdout(run.stdout), task.exercise)
    computed, others = _examine(submission, task=task, runner=runner, first=run, match=match)
    checks = in_debug_order(
        [
            *ending_checks(run, limits=task.lab.limits, match=match, exercise=task.exercise),
            *_output_checks(match, task, run.stdout),
            *(computed_checks(computed) if task.lab.computed_required else ()),
        ]
    )
    # What passes needs the numbers that left torch alone, a tenth of the time.
    trace = read_trace(run.trace, only=None if first_failed(checks) else "item")
    limits = task.lab.limits
    runs = [run, *others]
    repeat = Repeat(source=submission.source, limits=limits, runner=runner, runs=runs)
    look = _look_again(repeat, task, checks)
    # A rule that raises takes the advice with it, and never the verdict.
    advise = partial(diagnose, source=submission.source, run=run, match=match, checks=checks)
    advice = attempted(partial(advise, task=task, trace=trace, look=look))
    fault = advice if isinstance(advice, Fault) else None
    exact = replace(match, transcript=with_exact(match.transcript, trace))
    report = _report(
        submission,
        task=task,
        checks=untold(checks),
        diagnoses=() if isinstance(advice, Fault) else advice,
        findings=(*traceback_findings(run), *_findings(match, fault)),
        computed=computed,
        record=build_record(exact, task.exercise),
        run=run,
    )
    return Graded(report=report, runs=tuple(runs), fault=fault)


def _look_again(repeat: Repeat, task: Task, checks: tuple[Check, ...]) -> Look:
    """Give the milestones of a script that printed something wrong, where they are of use."""
    if first_failed(checks) is None or not task.compares:
        return NO_LOOK
    look = second_look(repeat)
    return NO_LOOK if look is None else read_look(look.trace, look.stdout == repeat.runs[0].stdout)


def faulted(submission: Submission, fault: Fault, *, task: Task) -> Graded:
    """Report that labcheck failed on a submission, in place of a verdict."""
    blameless = replace(submission, refusals=(fault.finding(),))
    return Graded(report=refuse(blameless, task=task), runs=(), fault=fault)


def _examine(
    submission: Submission, *, task: Task, runner: Runner, first: RunResult, match: Match
) -> tuple[Computed, tuple[RunResult, ...]]:
    """Tell whether a submission's numbers follow the reference to other seeds.

    The first run has done so already, in its own process, where the script was quick and ended
    well. What followed there was computed. For any other answer it is run once more, in a process
    that nothing has touched; and where its training does not explain what it printed, under its own
    seeds with its own arithmetic in the trace. All of it takes the time of one run.
    """
    other = task.other_seeds(submission.sha256)
    if other is None:
        return unclear(_NOT_RESEEDED), ()
    fields = discriminating_fields(match.judged, answers=task.answers, expected=other.answers)
    if not fields:
        return unclear(_NOTHING_RIGHT if came_to_its_end(first) else _NOT_ENDED), ()
    if first.rerun is not None:
        again = _judged(first.rerun, task)
        followed = judge_followed(fields, readings=again, expected=other.answers)
        if followed is not None:
            return followed, ()
    repeat = Repeat(source=submission.source, limits=task.lab.limits, runner=runner, runs=[first])
    examine = partial(_examine_again, fields, first, task=task, repeat=repeat)
    return examine(readings=match.judged, other=other), tuple(repeat.runs[1:])


def _examine_again(
    fields: Sequence[Field],
    first: RunResult,
    *,
    task: Task,
    repeat: Repeat,
    readings: Mapping[Field, Reading],
    other: OtherSeeds,
) -> Computed:
    ended = came_to_its_end(first)
    runs = Runs(first=read_trace(first.trace), source=repeat.source)
    is_calculated = len(uncalculated(fields, readings=readings, runs=runs)) < TYPED
    if is_calculated and not ended:
        return unclear(_NOT_ENDED)
    raised = Examination(trace=True, seed_shift=other.shift, generators=task.lab.seeds)
    wanted = replace(raised, arithmetic=not is_calculated)
    second = repeat.run(wanted, then=not is_calculated)
    if second is not None:
        again = _judged(second.stdout, task)
        runs = replace(
            runs,
            readings=again,
            second=read_trace(second.trace),
            trouble="" if second.outcome == first.outcome else in_words(second.outcome),
        )
        followed = judge_followed(fields, readings=again, expected=other.answers)
        if followed is not None:
            return followed if ended else unclear(_NOT_ENDED)
    if not is_calculated:
        watched = repeat.run(Examination(trace=True, arithmetic=True))
        if watched is not None and _values(_judged(watched.stdout, task)) == _values(readings):
            runs = replace(runs, by_hand=read_trace(watched.trace))
        typed = judge_uncalculated(fields, readings=readings, expected=other.answers, runs=runs)
        if typed is not None or not ended:
            return typed or unclear(_NOT_ENDED)
    return judge(fields=fields, answers=task.answers, expected=other.answers, runs=runs)


def _values(readings: Mapping[Field, Reading]) -> dict[Field, Value]:
    return {field: reading.value for field, reading in readings.items()}


def _judged(stdout: bytes, task: Task) -> Mapping[Field, Reading]:
    return match_output(read_stdout(stdout), task.exercise).judged


def _output_checks(match: Match, task: Task, stdout: bytes) -> tuple[Check, ...]:
    if task.exercise.is_whole:
        return (whole_output_check(stdout, task.golden),)
    tells_near = task.feedback is Feedback.FULL
    graded = grade_output(match, answers=task.answers, tells_near=tells_near)
    return (*graded, *_related(match, task))


def _related(match: Match, task: Task) -> tuple[Check, ...]:
    return relation_checks(match, exercise=task.exercise, related=task.related)


def check_captured(stdout: Submission, *, task: Task) -> Graded:
    """Judge output that was captured elsewhere, without running anything.

    Args:
        stdout: The captured bytes as ``source``, under the name they came by.
        task: What they should show.
    Returns:
        As `grade`, without a run.
    """
    if not stdout.gradable:
        return Graded(report=refuse(stdout, task=task), runs=())
    report = attempted(partial(_check_captured, stdout, task=task))
    if isinstance(report, Fault):
        return faulted(stdout, report, task=task)
    return Graded(report=report, runs=())


def _check_captured(stdout: Submission, *, task: Task) -> Report:
    match = match_output(read_stdout(stdout.source), task.exercise)
    return _report(
        stdout,
        task=task,
        checks=untold(in_debug_order(_output_checks(match, task, stdout.source))),
        findings=_findings(match),
        computed=unclear(_NOT_RUN),
        record=build_record(match, task.exercise),
        run=None,
    )


def verify(task: Task, *, runner: Runner) -> Report:
    """Run a reference and compare what it prints with its golden, exactly.

    It is not traced: what is published is text. Unrounded values differ from one CPU to another,
    so they are for comparing environments.

    Raises:
        BadDataError: The reference cannot be run.
        EnvironmentFailure: The runner could not do its work.
    """
    reference = read_reference(task.exercise.script)
    run = runner.run(reference.source, limits=task.lab.limits)
    match = match_output(read_stdout(run.stdout), task.exercise)
    record = build_record(match, task.exercise)
    checks = verify_output(run.stdout, record=record, exercise=task.exercise, golden=task.golden)
    return _report(
        reference,
        task=task,
        checks=in_debug_order(
            [check_ending(run, limits=task.lab.limits), *checks, *_related(match, task)]
        ),
        findings=(*traceback_findings(run), *match.transcript.findings),
        computed=unclear(_REFERENCE),
        record=record,
        run=run,
    )


def _findings(match: Match, fault: Fault | None = None) -> tuple[Finding, ...]:
    told = () if fault is None else (fault.advice_finding(),)
    return (*match.transcript.findings, *match_findings(match), *told)


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
    report = Report(
        lab=task.lab.id,
        exercise=task.exercise.id,
        basis=task.basis,
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
    return bounded(told(report, task.feedback))


def refuse(submission: Submission, *, task: Task) -> Report:
    """Report why a submission cannot be graded; it was never run."""
    report = Report(
        lab=task.lab.id,
        exercise=task.exercise.id,
        basis=task.basis,
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
    return told(report, task.feedback)
