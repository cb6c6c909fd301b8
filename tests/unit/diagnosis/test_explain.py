"""What the lesson says about a diagnosis or a stage, with its picture."""

from __future__ import annotations

import pytest

from tests.unit.diagnosis.diagnosing import CATALOGUE
from verifier.diagnosis.explain import explain
from verifier.diagnosis.training import AS_IT_RAN
from verifier.errors import UsageError
from verifier.lab.catalogue import NO_CATALOGUE
from verifier.lab.stage import STAGES

PICTURE = """\
  forward → loss → clear → backward → update
                                      ^^^^^^
  ↑                                        │
  └────────────────────────────────────────┘ next round
"""


def test_diagnosis_shows_step_picture_fix_and_symptom() -> None:
    """A page to learn from, without the solution."""
    text = explain("step-missing", CATALOGUE)

    assert text.startswith("step-missing: step update\n")
    assert PICTURE in text
    assert "where to look:" in text
    assert "  loss never changes: " in text


def test_diagnosis_without_a_symptom_row_shows_none() -> None:
    """The lesson's table has five."""
    assert "symptoms" not in explain("lr-wrong", CATALOGUE)


def test_stage_lists_its_mistakes() -> None:
    """Each with the lesson's sign, where it has one."""
    text = explain("gradient", CATALOGUE)

    assert "  backward-missing            grad is None\n" in text
    assert "  gradient-scaled\n" in text


@pytest.mark.parametrize("name", [*(stage.value for stage in STAGES), *CATALOGUE.wordings])
def test_everything_that_a_report_names_can_be_explained(name: str) -> None:
    """Ids and stages alike, and nothing is left to fill in."""
    assert "{" not in explain(name, CATALOGUE)


def test_learners_own_steps_stand_beside_the_picture() -> None:
    """They come from the evidence of a report, so they are shown as a stranger's text."""
    told = AS_IT_RAN + "1: forward, loss, backward; 2 to 6: \x1b[2J, loss"
    text = explain("step-missing", CATALOGUE, evidence=("line 3: x", told))

    assert "  1       forward → loss → backward\n" in text
    assert "  2 to 6  \\x1b[2J → loss\n" in text


@pytest.mark.parametrize("catalogue", [CATALOGUE, NO_CATALOGUE])
def test_unknown_name_is_a_usage_error(catalogue: object) -> None:
    """It says what there is."""
    with pytest.raises(UsageError, match="no diagnosis or stage 'nothing'"):
        explain("nothing", catalogue)  # type: ignore[arg-type] # a Catalogue either way


def test_stage_of_a_lab_without_a_catalogue_shows_the_order() -> None:
    """There is no more to tell; a name that is none is refused."""
    told = explain("update", NO_CATALOGUE)
    assert told.splitlines()[-1].strip() == "^^^^^^"
    with pytest.raises(UsageError, match="choose one of: run, output"):
        explain("updaet", NO_CATALOGUE)
