"""The stages come in their order, with any runner."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import (
    ENVIRONMENT,
    ITEMS,
    LAB_ROOT,
    PUBLISHED,
    TIER,
    TRACE,
    FakeRunner,
    reseeded,
    run_result,
)
from tests.unit.diagnosis.diagnosing import told
from verifier import pipeline
from verifier.authoring.recorded import record_run
from verifier.checks.check import Status
from verifier.errors import WorkerError
from verifier.lab.load import load_labs
from verifier.lab.revision import lab_revision
from verifier.lab.stage import Stage
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.report.report import Verdict
from verifier.run.interface import NOWHERE, PLAIN, Exited, Killed, TimedOut
from verifier.submission import Submission, read_stream
from verifier.task import load_task
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from types import FrameType

    from verifier.golden.record import Record
    from verifier.run.interface import Examination, Limits, RunResult
    from verifier.task import Task

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASK = load_task(LAB, "baseline")


def _submission(source: bytes = b"print('a learner was here')\n") -> Submission:
    return read_stream(io.BytesIO(source), name="submission.py")


def _verdict(runner: FakeRunner) -> Verdict:
    return pipeline.grade(_submission(), task=TASK, runner=runner).report.verdict


def test_right_output_passes_with_all_points_and_its_surroundings() -> None:
    """The report says what was judged, where, and behind which walls."""
    runner = FakeRunner(run_result())
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert runner.sources == [_submission().source]
    assert (report.verdict, report.score, report.max_score) == (Verdict.PASSED, 100, 100)
    assert (report.start_here, report.environment, report.tier) == (None, ENVIRONMENT, TIER)
    assert (report.computed, len(report.record.readings)) == ("yes", 21)


def test_every_report_names_whose_lab_judged_and_in_which_state() -> None:
    """Refused, captured, graded and verified ones alike: a planted lab cannot hide."""
    golden = TASK.exercise.golden.read_bytes()
    runner = FakeRunner(run_result())
    stdout = read_stream(io.BytesIO(PUBLISHED), name="-", is_script=False)

    reports = (
        pipeline.refuse(_submission(), task=TASK),
        pipeline.check_captured(stdout, task=TASK).report,
        pipeline.grade(_submission(), task=TASK, runner=runner).report,
        pipeline.verify(TASK, runner=runner),
    )

    for report in reports:
        assert report.basis.lab_root == str(TASK.lab.root)
        assert report.basis.lab_revision == lab_revision(TASK.lab)
        assert report.basis.golden_sha256 == hashlib.sha256(golden).hexdigest()


def test_wrong_loss_starts_there_and_keeps_the_points_before() -> None:
    """Run, output and forward were right."""
    runner = FakeRunner(run_result(PUBLISHED.replace(b"0.1927", b"0.5")))
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert (report.verdict, report.start_here, report.score) == (Verdict.FAILED, Stage.LOSS, 25)


def test_checks_that_were_not_judged_tell_no_value_of_a_later_stage() -> None:
    """Else whoever hands in anything reads the whole answer, and types it the next time."""
    stdout = PUBLISHED.replace(b"prediction_before= 0.825", b"prediction_before= 0.5")
    graded = pipeline.grade(_submission(), task=TASK, runner=FakeRunner(run_result(stdout)))
    captured = pipeline.check_captured(
        read_stream(io.BytesIO(stdout), name="-", is_script=False), task=TASK
    )

    for report in (graded.report, captured.report):
        skipped = [check for check in report.checks if check.status is Status.SKIPPED]
        assert len(skipped) > 10
        assert {
            (each.expected, each.observed, each.difference, each.allowed) for each in skipped
        } == {(None, None, None, None)}
        assert {each.message for each in skipped} == {"not judged before forward is right"}


def test_what_would_fail_behind_a_failed_stage_is_told_without_its_values() -> None:
    """That it would is kept, for the text counts them."""
    report = pipeline.grade(
        _submission(), task=TASK, runner=FakeRunner(run_result(b"one_training_step\n"))
    ).report
    skipped = [each for each in report.checks if each.status is Status.SKIPPED]

    assert {each.message for each in skipped} <= {
        "not judged before output is right",
        "not judged before output is right; it would have failed",
    }
    assert skipped[0].message.endswith("; it would have failed")


def test_failed_submission_is_diagnosed_from_its_trace() -> None:
    """What the run recorded of itself is read; a passed one is not diagnosed."""
    story = told(lr=0.1)
    result = dataclasses.replace(run_result(story.stdout), trace=story.trace)
    failed = pipeline.grade(_submission(), task=TASK, runner=FakeRunner(result)).report
    passed = pipeline.grade(_submission(), task=TASK, runner=FakeRunner(run_result())).report

    assert [each.id for each in failed.diagnoses] == ["lr-wrong"]
    assert passed.diagnoses == ()


def _exact(record: Record) -> list[float]:
    return [value for reading in record.readings for value in reading.exact or ()]


def test_graded_record_holds_what_each_number_was_before_it_was_rounded() -> None:
    """Of a right submission too, whose trace nothing else needs."""
    runner = FakeRunner(run_result(trace=TRACE))
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert report.verdict is Verdict.PASSED
    assert _exact(report.record) == list(map(float.fromhex, ITEMS))


def test_record_of_a_run_holds_unrounded_values_and_how_it_ended() -> None:
    """What a crashed script printed by then is a record as well."""
    begun = PUBLISHED.partition(b"weight_grad")[0]
    runner = FakeRunner(run_result(begun, trace=TRACE, outcome=Exited(code=1)))
    record, ending = record_run(_submission(), lab=LAB, exercise=TASK.exercise, runner=runner)

    assert [reading.text for reading in record.readings] == ["0.825", "0.1927"]
    assert _exact(record) == [float.fromhex(item) for item in ITEMS[:2]]
    assert ending.status is Status.FAILED


def test_right_output_and_exit_status_one_fails_at_run() -> None:
    """Printed numbers do not excuse a crash."""
    runner = FakeRunner(run_result(outcome=Exited(code=1), stderr=b"ValueError: x\n"))
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert (report.verdict, report.start_here, report.score) == (Verdict.FAILED, Stage.RUN, 0)
    assert report.findings[0].kind == "stderr"
    assert report.record.before_after.loss_before is not None


def test_right_training_that_ends_with_a_text_keeps_the_points_of_its_training() -> None:
    """`sys.exit("finished")` means status 1: the last stage fails, and nothing else."""
    runner = FakeRunner(run_result(outcome=Exited(code=1), stderr=b"finished\n"))
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert (report.verdict, report.start_here, report.score) == (Verdict.FAILED, Stage.LOOP, 80)
    assert [each.name for each in report.checks if each.status is Status.FAILED] == ["exit_status"]
    assert [each.id for each in report.diagnoses] == ["exit-status"]


def test_wrong_training_that_ends_with_a_text_is_judged_by_its_training() -> None:
    """The first wrong step is what to start with."""
    stdout = PUBLISHED.replace(b"0.1927", b"0.2927")
    runner = FakeRunner(run_result(stdout, outcome=Exited(code=1), stderr=b"finished\n"))
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert (report.start_here, report.score) == (Stage.LOSS, 25)
    assert "exit-status" not in [each.id for each in report.diagnoses]


def test_typed_numbers_are_not_hidden_by_an_exit_status() -> None:
    """What ended by itself is examined however it says it ended."""
    run = run_result(outcome=Exited(code=3))
    report = pipeline.grade(_submission(), task=TASK, runner=_Stubborn(run, first=run)).report

    assert (report.start_here, report.computed) == (Stage.OUTPUT, "no")


def test_timed_out_script_fails_with_what_it_printed() -> None:
    """The last line is the best clue."""
    runner = FakeRunner(run_result(PUBLISHED[:60], outcome=TimedOut()))
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert report.start_here == Stage.RUN
    assert len(report.record.readings) == 2


def test_graded_comes_with_the_runs_it_rests_on() -> None:
    """Output and times are kept beside the report, the first run's first."""
    result = run_result(stderr=b"a warning")
    first, second = pipeline.grade(_submission(), task=TASK, runner=FakeRunner(result)).runs

    assert first == result
    assert second.stdout != result.stdout


class _Follower(FakeRunner):
    """Gives, as the rerun, what the reference prints under the seeds that are asked for."""

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        result = super().run(source, limits=limits, examination=examination)
        stdout = {each.shift: each.stdout.encode() for each in TASK.golden.reseeded}
        return replace(result, rerun=stdout.get(examination.rerun_shift))


def test_a_rerun_in_the_same_process_that_follows_the_reference_is_enough() -> None:
    """What follows there was computed; a process of its own would say no more."""
    graded = pipeline.grade(_submission(), task=TASK, runner=_Follower(run_result()))

    assert (graded.report.verdict, graded.report.computed) == (Verdict.PASSED, "yes")
    assert len(graded.runs) == 1


@pytest.mark.parametrize(
    "rerun", [PUBLISHED, b"", b"loss_before= 0.5\n"], ids=["kept", "none", "other"]
)
def test_any_other_rerun_is_done_again_in_a_process_of_its_own(rerun: bytes) -> None:
    """What the first run left behind may have spoilt it: nobody is accused of that."""
    runner = FakeRunner(replace(run_result(), rerun=rerun))
    graded = pipeline.grade(_submission(), task=TASK, runner=runner)

    assert (graded.report.verdict, graded.report.computed) == (Verdict.PASSED, "yes")
    assert len(graded.runs) == 2


class _Stubborn(FakeRunner):
    """Runs what prints the same under any seed, or ends otherwise under another."""

    def __init__(self, second: RunResult, *, first: RunResult | None = None) -> None:
        super().__init__(first or run_result())
        self._second = second

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        return self._second if examination.seed_shift else super().run(source, limits=limits)


class _Slow(FakeRunner):
    """Takes all the time that it is given after the first run."""

    def __init__(self, result: RunResult) -> None:
        super().__init__(result)
        self.limits_s: list[float] = []

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        result = super().run(source, limits=limits)
        wall_s = limits.time_limit_s if self.limits_s else result.wall_s
        self.limits_s.append(limits.time_limit_s)
        stdout = b"" if examination.seed_shift else result.stdout
        return replace(result, wall_s=wall_s, stdout=stdout)


def test_numbers_that_no_training_gave_fail_where_the_lab_says_so() -> None:
    """The output is right, and shows nothing; what is printed is not the learner's work."""
    runner = _Stubborn(run_result())
    report = pipeline.grade(_submission(), task=TASK, runner=runner).report

    assert (report.verdict, report.start_here, report.computed) == (
        Verdict.FAILED,
        Stage.OUTPUT,
        "no",
    )
    (check,) = [each for each in report.checks if each.name == "computed"]
    assert check.message.startswith("the script printed numbers that it did not compute: ")


@pytest.mark.parametrize(
    "second",
    [
        run_result(outcome=Exited(code=1)),
        run_result(b"", outcome=Exited(code=1)),
        run_result(b"", outcome=TimedOut()),
        run_result(b"loss_before= 0.5\n"),
    ],
    ids=["crash at the end", "crash", "time", "other"],
)
def test_typed_numbers_are_told_however_the_run_under_other_seeds_ends(second: RunResult) -> None:
    """Nothing that was calculated gave them; and the raise of the seeds is in no report."""
    report = pipeline.grade(_submission(), task=TASK, runner=_Stubborn(second)).report

    assert (report.verdict, report.computed) == (Verdict.FAILED, "no")
    assert not any(str(each.shift) in report.computed_evidence for each in TASK.reseeded)


@pytest.mark.parametrize("took_s", [9.9, 4.0, 0.1])
def test_all_runs_of_a_submission_take_the_time_of_one(took_s: float) -> None:
    """Who sleeps does not hold up the class three times."""
    runner = _Slow(replace(run_result(), wall_s=took_s))
    graded = pipeline.grade(_submission(), task=TASK, runner=runner)
    limit_s = TASK.lab.limits.time_limit_s

    assert runner.limits_s[0] == limit_s
    assert sum(each.wall_s for each in graded.runs) <= limit_s
    assert graded.report.computed == "no"


def test_where_the_lab_only_reports_it_the_verdict_stands() -> None:
    """Another lab may have no seeds to raise."""
    lenient = replace(TASK, lab=replace(TASK.lab, computed_required=False))
    report = pipeline.grade(_submission(), task=lenient, runner=_Stubborn(run_result())).report

    assert (report.verdict, report.computed) == (Verdict.PASSED, "no")


@pytest.mark.parametrize(
    ("task", "runner", "evidence"),
    [
        (
            replace(TASK, reseeded=()),
            FakeRunner(run_result()),
            "holds no other seeds",
        ),
        (TASK, FakeRunner(run_result(outcome=Killed(signal=9))), "did not run to its end"),
        (TASK, FakeRunner(run_result(b"loss= 7\n")), "no value that changes with the seed"),
    ],
    ids=["no seeds in the golden", "first run crashes", "nothing right"],
)
def test_what_cannot_be_examined_is_unclear(task: Task, runner: FakeRunner, evidence: str) -> None:
    """Nobody is accused of what was not seen."""
    report = pipeline.grade(_submission(), task=task, runner=runner).report

    assert report.computed == "unclear"
    assert evidence in report.computed_evidence


def test_ungradable_submission_is_refused_without_a_runner() -> None:
    """Never run, no checks, no points, and the reason."""
    report = pipeline.refuse(_submission(b"\0"), task=TASK)

    assert (report.verdict, report.checks, report.environment) == (
        Verdict.NOT_GRADABLE,
        (),
        NOWHERE,
    )
    assert [finding.kind for finding in report.findings] == ["nul_byte"]


def test_failing_runner_gives_no_verdict() -> None:
    """The machine's failure is an exception, not a mark."""
    with pytest.raises(WorkerError):
        pipeline.grade(_submission(), task=TASK, runner=FakeRunner(WorkerError("the worker died")))


def test_captured_output_is_judged_without_a_run() -> None:
    """Stage run is not asked about, so it earns and costs nothing."""
    captured = read_stream(io.BytesIO(PUBLISHED), name="out.txt", is_script=False)
    report = pipeline.check_captured(captured, task=TASK).report

    assert (report.verdict, report.score, report.max_score) == (Verdict.PASSED, 95, 95)
    assert Stage.RUN not in {check.stage for check in report.checks}
    assert (report.computed, report.environment) == ("unclear", NOWHERE)


def test_captured_output_beyond_the_limit_is_not_gradable() -> None:
    """No lab prints a megabyte."""
    captured = read_stream(io.BytesIO(b"x" * (2 << 20)), name="out.txt", is_script=False)

    assert pipeline.check_captured(captured, task=TASK).report.verdict is Verdict.NOT_GRADABLE


def test_verify_runs_the_reference_and_passes_on_published_output() -> None:
    """What an author asks."""
    runner = FakeRunner(run_result())
    report = pipeline.verify(TASK, runner=runner)

    assert runner.sources == [TASK.exercise.script.read_bytes()]
    assert (report.verdict, report.start_here) == (Verdict.PASSED, None)


def test_verify_fails_within_tolerance_too() -> None:
    """One unit in the last digit is right for a learner, and drift for an author."""
    runner = FakeRunner(run_result(PUBLISHED.replace(b"0.1927", b"0.1928")))

    assert pipeline.verify(TASK, runner=runner).start_here == Stage.LOSS
    assert _verdict(runner) is Verdict.PASSED


def test_verify_of_a_crashing_reference_fails_at_run() -> None:
    """It is a finding about the lab, not an error of the tool."""
    runner = FakeRunner(run_result(b"", outcome=Exited(code=1), stderr=b"ImportError: torch\n"))
    report = pipeline.verify(TASK, runner=runner)

    assert (report.verdict, report.start_here) == (Verdict.FAILED, Stage.RUN)


@pytest.mark.parametrize("printed", [PUBLISHED, PUBLISHED.replace(b"0.1927", b"0.5")])
def test_each_output_and_each_trace_is_read_once_and_matched_once(printed: bytes) -> None:
    """By whoever judges it: checks, findings, record, diagnosis and the look at other seeds."""
    submission = _submission()
    other = TASK.other_seeds(submission.sha256)
    assert other is not None
    rerun = reseeded(printed, other.shift)
    runner = FakeRunner(replace(run_result(printed, trace=TRACE), rerun=rerun))
    counted = Counter[str]()
    names = {each.__code__: each.__name__ for each in (read_stdout, match_output, read_trace)}

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code in names:
            counted[names[frame.f_code]] += 1

    sys.setprofile(count)
    try:
        graded = pipeline.grade(submission, task=TASK, runner=runner)
    finally:
        sys.setprofile(None)

    # Of the run, and of what its process printed again under other seeds; what is wrong may also
    # be right for the one other exercise that asks for the same keys.
    matched = 2 if printed == PUBLISHED else 3
    assert len(graded.runs) == 1
    assert counted == {"read_stdout": 2, "match_output": matched, "read_trace": 1}


def test_pipeline_never_names_a_runner() -> None:
    """It takes the runner as an argument."""
    source = Path(pipeline.__file__).read_text()

    assert not any(name in source for name in ("ContainerRunner", "SandboxRunner", "LocalRunner"))
