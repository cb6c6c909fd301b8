"""The lesson's exercises: instructions, lines, goldens and points belong together."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.exercises import PRINTED, results_of_references
from tests.fakes import LAB_ROOT, FakeRunner, run_result
from verifier import pipeline
from verifier.golden.golden import golden_answers, load_golden
from verifier.golden.record import record_to_json
from verifier.lab.load import load_labs
from verifier.lab.mistake import load_mistakes
from verifier.lab.stage import STAGES
from verifier.report.report import Verdict, report_to_json
from verifier.schema import validate
from verifier.submission import read_stream
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.lab.mistake import Mistake
    from verifier.output.value import Value
    from verifier.submission import Submission

LAB = load_labs(LAB_ROOT)["forward-backward"]
MISTAKES = load_mistakes(LAB)
POINTS = {
    "baseline": 100,
    "lr-sweep": 80,
    "no-zero-grad": 50,
    "logits": 100,
    "two-samples": 100,
    "weights": 80,
}
"""Of the stages that each asks about."""


def _captured(stdout: bytes) -> Submission:
    return read_stream(io.BytesIO(stdout), name="out.txt", is_script=False)


def _submission(source: bytes) -> Submission:
    return read_stream(io.BytesIO(source), name="submission.py")


def test_lesson_has_the_exercises_of_the_contract() -> None:
    """In the lesson's order."""
    assert list(LAB.exercises) == list(PRINTED) == list(POINTS)


@pytest.mark.parametrize("name", PRINTED)
def test_golden_was_made_of_what_the_reference_prints(name: str) -> None:
    """To the byte, from the script that lies there."""
    exercise = LAB.exercise(name)
    golden = load_golden(lab=LAB.id, exercise=exercise)
    script = hashlib.sha256(exercise.script.read_bytes()).hexdigest()

    assert golden.provenance.stdout_sha256 == hashlib.sha256(PRINTED[name]).hexdigest()
    assert golden.provenance.script_sha256 == script


@pytest.mark.parametrize("name", PRINTED)
def test_instructions_come_with_the_shape_of_every_value(name: str) -> None:
    """The lines that a learner is shown are those that the reference prints."""
    exercise = LAB.exercise(name)
    answers = golden_answers(load_golden(lab=LAB.id, exercise=exercise), exercise)

    assert exercise.instructions
    for field, reading in answers.items():
        assert _shape(reading.value) == field.shape, field.name
        assert (reading.decimals or 0) <= field.decimals, field.name


def _shape(value: Value) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, tuple) else ()


@pytest.mark.parametrize("name", PRINTED)
def test_every_value_has_a_name_of_its_own(name: str) -> None:
    """Two checks of one name could not be told apart."""
    names = [field.name for field in LAB.exercise(name).fields]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", PRINTED)
def test_reference_verifies_and_passes_with_all_points_asked_for(name: str) -> None:
    """Graded, captured and verified alike."""
    task = replace(load_task(LAB, name), reseeded=())
    runner = FakeRunner(run_result(PRINTED[name]))
    graded = pipeline.grade(_submission(b"print(1)\n"), task=task, runner=runner).report
    checked = pipeline.check_captured(_captured(PRINTED[name]), task=task).report

    assert pipeline.verify(task, runner=runner).verdict is Verdict.PASSED
    assert (graded.verdict, graded.score, graded.max_score) == (
        Verdict.PASSED,
        POINTS[name],
        POINTS[name],
    )
    assert (checked.verdict, checked.score) == (Verdict.PASSED, POINTS[name] - 5)
    assert report_to_json(graded)["exercise"] == name


@pytest.mark.parametrize("name", PRINTED)
@pytest.mark.parametrize("stdout", [b"", b"hello= 1\n"])
def test_points_do_not_depend_on_what_was_printed(name: str, stdout: bytes) -> None:
    """Nor on whether anything was run."""
    task = load_task(LAB, name)
    runner = FakeRunner(run_result(stdout))
    report = pipeline.grade(_submission(b"print(1)\n"), task=task, runner=runner).report

    assert (report.score, report.max_score) == (5, POINTS[name])
    assert pipeline.refuse(_submission(b""), task=task).max_score == POINTS[name]


@pytest.mark.parametrize("name", PRINTED)
def test_stages_of_an_exercise_are_those_of_its_checks(name: str) -> None:
    """What `max_score` counts."""
    task = load_task(LAB, name)
    runner = FakeRunner(run_result(PRINTED[name]))
    report = pipeline.grade(_submission(b"print(1)\n"), task=task, runner=runner).report

    assert {check.stage for check in report.checks} == task.exercise.stages
    assert (
        sum(LAB.points[stage] for stage in STAGES if stage in task.exercise.stages)
        == (POINTS[name])
    )


@pytest.mark.parametrize("name", ["lr-sweep", "no-zero-grad"])
def test_exercise_without_a_before_and_after_has_an_empty_one(name: str) -> None:
    """The record keeps its form: every piece of evidence is null, the readings are there."""
    record = record_to_json(load_golden(lab=LAB.id, exercise=LAB.exercise(name)).record)

    validate("record", record)
    assert set(record["before_after"].values()) == {None}
    assert record["readings"]


def test_logits_give_the_baselines_record() -> None:
    """The probability is the lesson's prediction; only the path to it differs."""
    logits, baseline = (
        record_to_json(load_golden(lab=LAB.id, exercise=LAB.exercise(name)).record)
        for name in ("logits", "baseline")
    )

    assert logits["before_after"] == baseline["before_after"]


def test_two_samples_keep_both_predictions_in_the_record() -> None:
    """A value may be a nested list."""
    exercise = LAB.exercise("two-samples")
    record = record_to_json(load_golden(lab=LAB.id, exercise=exercise).record)

    assert record["before_after"]["prediction_before"] == [[0.825], [0.581]]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("lr-sweep", b"lr_0.05\n", b"lr_0.05:\n"),
        ("lr-sweep", b" pred=", b"\npred = "),
        ("no-zero-grad", b" weight_signal=", b"\nweight_signal= "),
        ("no-zero-grad", b" bias_grad=", b", bias_grad: "),
        ("no-zero-grad", b"[[-0.2869, -0.5737]]", b"tensor([[-0.2869, -0.5737]])"),
        ("no-zero-grad", b"[[-0.2869, -0.5737]]", b"[[-0.2870, -0.5736]]"),
        ("logits", b"logit_before= 1.5488", b"logit_before= 1.548790"),
        ("two-samples", b"x_shape= [2, 2]", b"x_shape= torch.Size([2, 2])"),
        ("two-samples", b"y_shape= [2, 1]", b"y_shape= (2, 1)"),
        ("two-samples", b"pred=[[0.876], [0.2]]", b"pred=[[0.876], [0.200]]"),
        ("weights", b"[[0.6282, 0.7622]]", b"[[0.62824, 0.76216]]"),
        ("weights", b"[-0.078]", b"tensor([-0.0780], requires_grad=True)"),
    ],
)
def test_other_layout_of_right_numbers_passes(name: str, old: bytes, new: bytes) -> None:
    """As in the baseline: spaces, brackets and further digits are the learner's."""
    assert old in PRINTED[name]
    stdout = PRINTED[name].replace(old, new)
    report = pipeline.check_captured(_captured(stdout), task=load_task(LAB, name)).report

    assert report.verdict is Verdict.PASSED, [
        check.message for check in report.checks if check.status != "passed"
    ]


def test_output_of_the_baseline_is_no_answer_to_another_exercise() -> None:
    """A learner who hands in the wrong file is told so."""
    for name in list(PRINTED)[1:]:
        report = pipeline.check_captured(
            _captured(PRINTED["baseline"]), task=load_task(LAB, name)
        ).report

        assert report.verdict is Verdict.FAILED, name


def test_verify_fails_where_the_point_is_missed_though_the_golden_agrees() -> None:
    """A golden accepted by mistake does not make the lesson true."""
    task = load_task(LAB, "logits")
    answers = dict(task.related["baseline"])
    field = next(field for field in answers if field.name == "loss_before")
    answers[field] = answers[next(field for field in answers if field.name == "loss_after")]
    altered = replace(task, related={"baseline": answers})
    report = pipeline.verify(altered, runner=FakeRunner(run_result(PRINTED["logits"])))

    assert [check.name for check in report.checks if check.status == "failed"] == [
        "loss_as_in_baseline"
    ]


def test_result_of_every_reference_is_known_to_the_tests() -> None:
    """By its source, as `verify` runs it."""
    assert len(results_of_references()) == len(LAB.exercises) - 1


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_mistake_says_what_it_must_be_called(mistake: Mistake) -> None:
    """Its exercise exists."""
    assert mistake.exercise in LAB.exercises


@pytest.mark.parametrize("name", list(PRINTED)[1:])
def test_every_exercise_has_at_least_three_mistakes_of_its_own(name: str) -> None:
    """So that its checks are tried on what learners do."""
    own = [mistake.id for mistake in MISTAKES if mistake.exercise == name]

    assert len(own) >= 3
    assert all(each.startswith(f"{name}-") for each in own)
