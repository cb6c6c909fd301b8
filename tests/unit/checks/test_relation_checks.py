"""Every exercise has a point, and its checks find where an output misses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exercises import PRINTED, matched
from tests.fakes import LAB_ROOT
from verifier.checks.check import Check, Discreet, Status
from verifier.checks.relations import relation_checks
from verifier.lab.load import load_labs
from verifier.lab.stage import Stage
from verifier.task import load_task

LAB = load_labs(LAB_ROOT)["forward-backward"]
EXERCISES = [name for name in PRINTED if name != "baseline"]


def _checks(exercise_id: str, stdout: bytes) -> tuple[Check, ...]:
    task = load_task(LAB, exercise_id)
    match = matched(stdout, task.exercise)
    return relation_checks(match, exercise=task.exercise, related=task.related)


def _not_passed(exercise_id: str, old: bytes, new: bytes) -> dict[str, Check]:
    """Checks of a reference's output with one place altered."""
    stdout = PRINTED[exercise_id]
    assert old in stdout
    checks = _checks(exercise_id, stdout.replace(old, new))
    return {check.name: check for check in checks if check.status is not Status.PASSED}


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_reference_makes_the_point_of_its_exercise(exercise_id: str) -> None:
    """A claim that the reference breaks would be no claim of the lesson."""
    checks = _checks(exercise_id, PRINTED[exercise_id])

    assert checks
    assert {check.status for check in checks} == {Status.PASSED}
    assert [check.message for check in checks] == [
        relation.claim for relation in LAB.exercise(exercise_id).relations
    ]


def test_baseline_has_no_relations() -> None:
    """Its report stays what it was."""
    assert _checks("baseline", PRINTED["baseline"]) == ()


@pytest.mark.parametrize(
    ("exercise_id", "old", "new", "name", "stage"),
    [
        (
            "lr-sweep",
            b"lr_0.5\nstep=1 loss=0.1927 pred=0.825",
            b"lr_0.5\nstep=1 loss=0.1927 pred=0.827",
            "same_start",
            Stage.FORWARD,
        ),
        (
            "lr-sweep",
            b"lr_1.0\nstep=1 loss=0.1927",
            b"lr_1.0\nstep=1 loss=0.1930",
            "same_first_loss",
            Stage.LOSS,
        ),
        ("lr-sweep", b"loss=0.1608", b"loss=0.1678", "curves_fall", Stage.UPDATE),
        ("lr-sweep", b"loss=0.1183", b"loss=0.1837", "smallest_rate_is_slowest", Stage.LOOP),
        (
            "no-zero-grad",
            b"weight_grad=[[-0.2869, -0.5737]]",
            b"weight_grad=[[-0.1116, -0.2232]]",
            "weight_grad_is_a_sum",
            Stage.GRADIENT,
        ),
        (
            "no-zero-grad",
            b"bias_grad=[-0.3628]",
            b"bias_grad=[-0.0066]",
            "bias_grad_is_a_sum",
            Stage.GRADIENT,
        ),
        (
            "logits",
            b"logit_before= 1.5488",
            b"logit_before= 0.825",
            "logit_is_not_squashed",
            Stage.FORWARD,
        ),
        (
            "logits",
            b"probability_before= 0.825",
            b"probability_before= 0.695",
            "probability_of_its_logit",
            Stage.FORWARD,
        ),
        ("logits", b"0.1927", b"0.3635", "loss_as_in_baseline", Stage.LOSS),
        ("logits", b"-0.3505", b"-0.0881", "weight_grad_as_in_baseline", Stage.GRADIENT),
        ("logits", b"[-0.1753]\n", b"[-0.0441]\n", "bias_grad_as_in_baseline", Stage.GRADIENT),
        ("logits", b"loss=0.0478", b"loss=0.0480", "losses_as_in_baseline", Stage.LOOP),
        (
            "two-samples",
            b"pred_shape= [2, 1]",
            b"pred_shape= [1, 1]",
            "predictions_match_samples",
            Stage.FORWARD,
        ),
        (
            "two-samples",
            b"loss_input_shape= [2, 1]",
            b"loss_input_shape= [1, 1]",
            "first_dimensions_agree",
            Stage.LOSS,
        ),
        (
            "weights",
            b"weight_after= [[0.6282, 0.7622]]\nbias_after= [-0.078]",
            b"weight_after= [[0.5406, 0.5869]]\nbias_after= [-0.1657]",
            "a_parameter_changes",
            Stage.UPDATE,
        ),
        (
            "weights",
            b"[[0.6282, 0.7622]]",
            b"[[0.6282, 0.7625]]",
            "weight_moves_by_lr_times_grad",
            Stage.UPDATE,
        ),
        ("weights", b"[-0.078]", b"[-0.0777]", "bias_moves_by_lr_times_grad", Stage.UPDATE),
    ],
)
def test_output_that_misses_the_point_fails_at_its_stage(
    exercise_id: str, old: bytes, new: bytes, name: str, stage: Stage
) -> None:
    """Every relation of the lab, each by an output that breaks it."""
    check = _not_passed(exercise_id, old, new)[name]

    assert (check.status, check.stage) == (Status.FAILED, stage)
    assert check.message.startswith("it should hold that ")


def test_message_says_what_should_hold_what_was_seen_and_where_to_look() -> None:
    """The three sentences of a good teaching assistant."""
    check = _not_passed("logits", b"logit_before= 1.5488", b"logit_before= 0.825")[
        "logit_is_not_squashed"
    ]

    assert check == Check(
        stage=Stage.FORWARD,
        name="logit_is_not_squashed",
        status=Status.FAILED,
        message="it should hold that the sigmoid of logit_before is the baseline's prediction, "
        "but the baseline's prediction_before is 0.825 and the sigmoid of logit_before is "
        "0.695297; difference 0.129703, allowed 0.001: look whether the model still "
        "squashes what it gives",
        expected="0.695297",
        observed="0.825",
        difference="0.129703",
        allowed="0.001",
        discreet=Discreet(
            message="it should hold that the sigmoid of logit_before is the baseline's "
            "prediction: look whether the model still squashes what it gives"
        ),
    )


def test_relation_whose_value_is_missing_is_skipped() -> None:
    """The missing value's own check fails; to fail here too would name another stage."""
    check = _not_passed("weights", b"bias_grad= [-0.1753]\n", b"")["bias_moves_by_lr_times_grad"]

    assert (check.status, check.message) == (
        Status.SKIPPED,
        "not judged: bias_grad is not printed",
    )


def test_value_missing_on_one_row_is_named_with_its_section() -> None:
    """Three sections have a loss at step 3."""
    check = _not_passed("lr-sweep", b"step=3 loss=0.0861 pred=0.918\n", b"")["curves_fall"]

    assert check.message == "not judged: loss at step=3 under lr_0.5 is not printed"


def test_nan_is_a_failure_not_a_gap() -> None:
    """A diverged curve does not fall."""
    check = _not_passed("lr-sweep", b"loss=0.0295", b"loss=nan")["curves_fall"]

    assert check.status is Status.FAILED
    assert "loss at step=5 under lr_1.0 is nan, which is no finite number" in check.message


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_of_an_empty_output_every_relation_is_skipped(exercise_id: str) -> None:
    """They are still asked about, so that the points do not depend on what was printed."""
    checks = _checks(exercise_id, b"")

    assert len(checks) == len(LAB.exercise(exercise_id).relations)
    assert {check.status for check in checks} == {Status.SKIPPED}


@given(st.binary(max_size=200), st.sampled_from(EXERCISES))
def test_no_output_makes_the_check_raise(noise: bytes, exercise_id: str) -> None:
    """Whatever stands in place of a number."""
    stdout = PRINTED[exercise_id].replace(b"0.1927", noise).replace(b"-0.1753", noise)

    assert _checks(exercise_id, stdout)
