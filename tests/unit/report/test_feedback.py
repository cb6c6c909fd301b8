"""What is left of a report under a policy: no number, no ratio, and sentences that are true."""

from __future__ import annotations

import dataclasses
import io

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import pipeline
from verifier.checks.check import WOULD_FAIL, Status
from verifier.diagnosis.diagnosis import Diagnosis
from verifier.lab.feedback import Feedback, chosen_feedback
from verifier.lab.load import load_labs
from verifier.lab.stage import Stage
from verifier.report.feedback import NEAR, QUOTING, told
from verifier.report.report import Report, Verdict
from verifier.run.interface import Exited
from verifier.submission import read_stream
from verifier.task import load_task

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASK = load_task(LAB, "baseline")
WRONG = PUBLISHED.replace(b"0.1927", b"0.5000").replace(b"0.0478", b"0.9")


def _report(stdout: bytes = WRONG, source: bytes = b"print(1)", **outcome: object) -> Report:
    submission = read_stream(io.BytesIO(source), name="a.py")
    if not submission.gradable:
        return pipeline.refuse(submission, task=TASK)
    runner = FakeRunner(run_result(stdout, **outcome))  # type: ignore[arg-type]
    return pipeline.grade(submission, task=TASK, runner=runner).report


def _diagnosis(**words: object) -> Diagnosis:
    plain = Diagnosis(
        concept="loss",
        id="lr-wrong",
        stage=Stage.UPDATE,
        confidence=0.9,
        evidence=(),
        message="M.",
        fix="F.",
    )
    return dataclasses.replace(plain, **words)  # type: ignore[arg-type]


def _left_of(**words: object) -> Diagnosis:
    report = dataclasses.replace(_report(), diagnoses=(_diagnosis(**words),))
    (only,) = told(report, Feedback.NO_VALUES).diagnoses
    return only


def test_in_full_nothing_changes() -> None:
    """But that the report names its policy, as it does without one."""
    report = _report()

    assert told(report, Feedback.FULL) == report


def test_without_values_checks_keep_what_was_printed_and_points_stay() -> None:
    """Passed, failed and skipped checks, each under its name."""
    report = _report()
    left = told(report, Feedback.NO_VALUES)
    verdicts = [
        (each.verdict, each.score, each.max_score, each.start_here, each.record)
        for each in (report, left)
    ]

    assert verdicts[0] == verdicts[1]
    for before, check in zip(report.checks, left.checks, strict=True):
        assert (check.name, check.status) == (before.name, before.status)
        assert (check.expected, check.difference, check.allowed) == (None, None, None)
        assert check.observed == before.observed
        assert WOULD_FAIL not in check.message
    (wrong,) = [each for each in left.checks if each.status is Status.FAILED]
    assert wrong.message == "loss_before is not right"
    assert left.computed_evidence == "how that is known is not told here"


def test_a_failed_check_without_other_words_tells_no_more_than_that() -> None:
    """Whoever adds a check and forgets the words for it tells too little, not too much."""
    report = _report()
    forgetful = [dataclasses.replace(each, discreet=None) for each in report.checks]
    left = told(dataclasses.replace(report, checks=tuple(forgetful)), Feedback.NO_VALUES)
    (wrong,) = [each for each in left.checks if each.status is Status.FAILED]

    assert (wrong.message, wrong.observed) == ("loss_before is not right", None)


@pytest.mark.parametrize(
    "sentence",
    [
        "A step is missing (line 32).",
        "Look at lines 3, 5 and 9.",
        "The row step=3 is not there.",
        "The line lr_0.05 is missing.",
        "float64 takes part, log1p too.",
        "Adam does not change parameters by learning rate times gradient.",
    ],
)
def test_a_sentence_without_a_value_stays(sentence: str) -> None:
    """Lines, rows, sections and names have digits that are no value."""
    left = _left_of(message=sentence, fix=sentence, evidence=(sentence,))

    assert (left.message, left.fix, left.evidence) == (sentence, sentence, (sentence,))


@pytest.mark.parametrize(
    "sentence",
    [
        "It shows 0.1927.",
        "It shows -3.5e-05.",
        "It was .5 before.",
        "The lr=0.1 is another.",
        "It is nan times the lab's.",
        "There are 2 of 3.",
        "It shows step=0.1927.",
        "The value x0.1927 stands there.",
    ],
)
def test_a_sentence_with_a_number_or_a_ratio_goes(sentence: str) -> None:
    """Also a number that was printed: it is told only where it means something."""
    left = _left_of(
        message=f"{sentence} More.", fix=sentence, evidence=(f"{sentence} Look there.", sentence)
    )

    assert left.message == (
        "Something at stage update is not as the lab has it; "
        "the numbers that show it are not told here."
    )
    assert left.fix == "Compare that step with the lesson's, operation by operation."
    assert left.evidence == ("Look there.",)


def test_a_line_of_the_script_is_told_in_any_case() -> None:
    """A line of the output is none."""
    fact = "it was 0.1 (line 2 of the output), set on line 9"

    assert "as the lab has it (line 9);" in _left_of(message="0.1.", evidence=(fact,)).message


def test_a_later_sentence_goes_and_the_first_stays() -> None:
    """As far as it stands by itself."""
    assert _left_of(message="The loss is another. It was 0.5.").message == "The loss is another."


def test_what_python_says_is_told_whole() -> None:
    """Nothing was compared with anything there."""
    stderr = b'Traceback\n  File "submission.py", line 1\nValueError: 0.1927 of 3\n'
    report = _report(b"", outcome=Exited(code=1), stderr=stderr)
    left = told(report, Feedback.NO_VALUES)

    assert any("ValueError: 0.1927 of 3" in each.message for each in left.diagnoses)
    assert left.diagnoses == report.diagnoses
    assert left.findings == report.findings


@pytest.mark.parametrize("name", sorted(NEAR))
def test_a_diagnosis_that_finds_golden_numbers_is_not_given(name: str) -> None:
    """Its mere being there would tell whoever types numbers that one of them is right."""
    report = dataclasses.replace(_report(), diagnoses=(_diagnosis(id=name, stage=Stage.OUTPUT),))

    assert told(report, Feedback.NO_VALUES).diagnoses == ()
    assert name in TASK.catalogue.wordings


def test_without_a_diagnosis_there_is_advice_that_depends_on_nothing() -> None:
    """The same where one was left out and where there was none."""
    near = dataclasses.replace(_report(), diagnoses=(_diagnosis(id=min(NEAR)),))
    none = dataclasses.replace(near, diagnoses=())
    found = [told(each, Feedback.NO_VALUES).findings for each in (near, none)]

    assert [each.kind for each in found[0]] == ["advice"]
    assert found[0] == found[1]
    assert told(_report(PUBLISHED), Feedback.NO_VALUES).findings == ()


@pytest.mark.parametrize("name", sorted(QUOTING))
def test_what_is_printed_in_place_of_a_number_is_quoted(name: str) -> None:
    """A text is no candidate for a number."""
    assert _left_of(id=name, message="It is {loss:.4f}.").message == "It is {loss:.4f}."
    assert name in TASK.catalogue.wordings


def test_a_verdict_alone_tells_why_nothing_could_be_graded() -> None:
    """Or nobody could mend it."""
    report = _report(source=b"")
    left = told(report, Feedback.VERDICT)

    assert left.verdict is Verdict.NOT_GRADABLE
    assert left.findings == report.findings
    assert left.computed_evidence == report.computed_evidence


@pytest.mark.parametrize(
    ("asked", "of_lab", "published", "in_class", "expected"),
    [
        (None, None, False, False, Feedback.FULL),
        (None, None, True, True, Feedback.FULL),
        (None, None, False, True, Feedback.NO_VALUES),
        (None, Feedback.VERDICT, True, False, Feedback.VERDICT),
        (None, Feedback.FULL, False, True, Feedback.FULL),
        (Feedback.NO_VALUES, Feedback.FULL, True, False, Feedback.NO_VALUES),
        (Feedback.FULL, Feedback.VERDICT, False, True, Feedback.FULL),
    ],
)
def test_the_command_decides_then_the_lab_then_who_asks(
    asked: Feedback | None,
    of_lab: Feedback | None,
    published: bool,  # noqa: FBT001 - a test's argument
    in_class: bool,  # noqa: FBT001 - a test's argument
    expected: Feedback,
) -> None:
    """A teacher overrules an author, who overrules labcheck."""
    lab = dataclasses.replace(LAB, feedback=of_lab)
    exercise = dataclasses.replace(TASK.exercise, published=published)

    assert chosen_feedback(asked, lab=lab, exercise=exercise, in_class=in_class) is expected


def test_of_the_lessons_exercises_only_the_first_is_published() -> None:
    """Its output stands on the page."""
    assert [name for name, each in LAB.exercises.items() if each.published] == ["baseline"]
