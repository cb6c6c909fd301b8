"""A lab is what its manifest says, and a bad manifest is named."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, WRITTEN
from verifier.errors import BadDataError, UsageError
from verifier.lab.canary import CanaryCause, CanarySpec
from verifier.lab.feedback import Feedback
from verifier.lab.load import load_lab, load_labs
from verifier.lab.stage import STAGES, Stage

if TYPE_CHECKING:
    from pathlib import Path


def test_stages_are_the_contract_in_its_order() -> None:
    """Checks that are not in this repository rely on the names and the order."""
    assert [stage.value for stage in STAGES] == [
        "run",
        "output",
        "forward",
        "loss",
        "gradient",
        "update",
        "loop",
    ]


def test_lesson_lab_asks_for_six_values_and_five_rows_of_two() -> None:
    """The published output of lesson 6.1.4."""
    exercise = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline")

    assert [field.name for field in exercise.fields[:8]] == [
        "prediction_before",
        "loss_before",
        "weight_grad",
        "bias_grad",
        "prediction_after",
        "loss_after",
        "loss at step=1",
        "pred at step=1",
    ]
    assert len(exercise.fields) == 16


def test_a_lab_may_say_how_much_is_told_and_what_is_published(tmp_path: Path) -> None:
    """Neither need be said; another word is refused."""
    manifest = _copy(tmp_path)
    text = manifest.read_text()
    assert load_lab(manifest).feedback is None
    assert load_lab(manifest).exercise("baseline").published
    assert not load_lab(manifest).exercise("logits").published

    manifest.write_text(text.replace('id = "', 'feedback = "verdict"\nid = "', 1))
    assert load_lab(manifest).feedback is Feedback.VERDICT
    manifest.write_text(text.replace('id = "', 'feedback = "some"\nid = "', 1))
    with pytest.raises(BadDataError, match="some"):
        load_lab(manifest)


def test_tolerance_defaults_to_one_unit_of_the_last_decimal(tmp_path: Path) -> None:
    """A printed digit can be no more exact than its last place."""
    manifest = _copy(tmp_path)
    text = manifest.read_text().replace('atol = "0.001"\nrtol = "0"\n', "")
    manifest.write_text(text)

    field = load_lab(manifest).exercise("baseline").fields[0]

    assert (field.atol, field.rtol) == (Decimal("0.001"), Decimal(0))


def test_unknown_exercise_names_the_known_ones() -> None:
    """A typing error should cost one look."""
    with pytest.raises(UsageError) as caught:
        load_labs(LAB_ROOT)["forward-backward"].exercise("basline")

    assert "baseline" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("decimals = 3", "decimals = -3", "decimals"),
        ('stage = "forward"', 'stage = "run"', "stage"),
        ('atol = "0.001"', 'atol = "NaN"', "atol"),
        ('id = "forward-backward"', 'id = "other"', "not the name of its folder"),
        ('script = "forward_backward_lab.py"', 'script = "gone.py"', "there is no gone.py"),
        ('script = "forward_backward_lab.py"', 'script = "../../etc/passwd.py"', "script"),
        ('"one_training_step/loss_before"', '"one_training_step/nothing"', "which is no field"),
        ("schema_version = 1", "schema_version = 1\nsurprise = true", "surprise"),
        ('kind = "lesson"', 'kind = "exam"', "exam"),
        ('kind = "lesson"', 'kind = "canary"', "canary"),
        ('lesson = "6.1.4"', "", "lesson"),
        ("schema_version = 1", "schema_version = ", "lab.toml"),
        ("exercises.weights", "exercises.mistakes", "mistakes"),
    ],
)
def test_bad_manifest_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    """Exit 5 with the place, not a traceback."""
    manifest = _copy(tmp_path)
    manifest.write_text(manifest.read_text().replace(old, new))

    with pytest.raises(BadDataError, match=named):
        load_lab(manifest)


def test_a_lab_is_a_lesson_unless_it_says_otherwise(tmp_path: Path) -> None:
    """Lessons are what labcheck is for."""
    manifest = _copy(tmp_path)
    manifest.write_text(manifest.read_text().replace('kind = "lesson"\n', ""))
    lab = load_lab(manifest)

    assert (lab.kind, lab.lesson, lab.canary) == ("lesson", "6.1.4", None)


def test_a_canary_says_what_it_shows_and_is_worth_no_points() -> None:
    """A report must name the mechanism, not a line."""
    lab = load_labs(LAB_ROOT)["canary-dropout"]

    assert lab.canary == CanarySpec(
        mechanism="dropout",
        cause=CanaryCause.SAMPLER,
        says="dropout draws different masks for the same seed",
    )
    assert (lab.kind, lab.lesson, set(lab.points.values())) == ("canary", None, {0})


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "canary"\n', "", "'lesson' is a required property"),
        ('kind = "canary"', 'kind = "lesson"', "'lesson' is a required property"),
        ('id = "canary-dropout"', 'id = "dropout"', "not the name of its folder, 'canary-dropout'"),
        ('cause = "sampler"', 'cause = "magic"', "magic"),
        ('cause = "sampler"\n', "", "cause"),
        ('mechanism = "dropout"\n', "", "mechanism"),
        ('for the same seed"', 'for the same seed."', "says"),
        ('kind = "canary"', 'kind = "canary"\nlesson = "6.1.4"', "'lesson' should not be"),
        ('kind = "canary"', 'kind = "canary"\ncomputed = "required"', "'computed' should not be"),
        ("[limits]", "[points]\nrun = 5\n[limits]", "'points' should not be"),
    ],
)
def test_bad_canary_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    """It is no exercise: it has no points, and no lesson to belong to."""
    manifest = _copy(tmp_path, "canary/dropout")
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))

    with pytest.raises(BadDataError, match=named):
        load_lab(manifest)


@pytest.mark.parametrize(
    ("name", "place"), [("canary/dropout", "dropout"), ("forward-backward", "canary/a")]
)
def test_lab_that_lies_elsewhere_needs_another_id(tmp_path: Path, name: str, place: str) -> None:
    """No two labs can have the same one."""
    shutil.copytree(LAB_ROOT / name, tmp_path / place)

    with pytest.raises(BadDataError, match="is not the name of its folder"):
        load_labs(tmp_path)


def test_folder_that_is_hidden_holds_every_lab() -> None:
    """A canary's script may read no lesson's golden values."""
    assert {lab.root for lab in load_labs(LAB_ROOT).values()} == {LAB_ROOT}


def test_points_of_the_lab_make_a_hundred() -> None:
    """Course pages speak of per cent."""
    assert sum(load_labs(LAB_ROOT)["forward-backward"].points.values()) == 100


def test_stage_without_points_is_worth_nothing(tmp_path: Path) -> None:
    """A lab need not reward every stage."""
    manifest = _copy(tmp_path)
    manifest.write_text(manifest.read_text().replace("run = 5\n", ""))

    assert load_lab(manifest).points[Stage.RUN] == 0


def _copy(tmp_path: Path, name: str = "forward-backward") -> Path:
    """Copy a lab; the lesson with a manifest of schema 1, in which all is written down."""
    shutil.copytree(LAB_ROOT / name, tmp_path / name)
    manifest = tmp_path / name / "lab.toml"
    if name == "forward-backward":
        shutil.copyfile(WRITTEN, manifest)
    return manifest
