"""Every diagnosis has its words, and they are the lab's data."""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from tests.unit.diagnosis.diagnosing import CATALOGUE, LAB
from verifier.errors import BadDataError
from verifier.lab.catalogue import (
    CONCEPTS,
    FILE,
    NO_CATALOGUE,
    common_wordings,
    filled,
    load_catalogue,
    stage_of,
    words_in,
)
from verifier.lab.load import load_lab
from verifier.lab.stage import STAGES, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Lab

RULES = sorted((CHECKOUT / "verifier" / "diagnosis").rglob("*.py"))
IDS = sorted(CATALOGUE.wordings)


def _copy(folder: Path) -> Lab:
    shutil.copytree(LAB_ROOT / LAB.id, folder / LAB.id)
    return load_lab(folder / LAB.id / "lab.toml")


def _named_in_rules() -> set[str]:
    """Every text in the rules that looks like an id of the catalogue's kind."""
    text = "\n".join(path.read_text() for path in RULES)
    return set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text))


@pytest.mark.parametrize("name", IDS)
def test_id_of_the_catalogue_has_three_sentences(name: str) -> None:
    """What we saw, what was expected, where to look."""
    wording = CATALOGUE.wordings[name]
    words = dict.fromkeys(words_in(wording.message) | words_in(wording.fix), "X") | {"at": ""}
    message = filled(wording.message, words)

    assert len(re.findall(r"\.(?: |$)", message)) == 2, message
    assert len(re.findall(r"[.?](?: |$)", filled(wording.fix, words))) == 1
    assert "expected" in message or wording.stage.value in {"run", "output", "loop"}


@pytest.mark.parametrize("name", IDS)
def test_value_that_is_solved_for_stands_in_the_message(name: str) -> None:
    """Else a learner would not be told it."""
    wording = CATALOGUE.wordings[name]

    assert wording.solves_for is None or wording.solves_for in words_in(wording.message)


@pytest.mark.parametrize("name", IDS)
def test_fix_says_where_to_look_and_is_no_solution(name: str) -> None:
    """No line of code that a learner could paste."""
    fix = CATALOGUE.wordings[name].fix

    assert not re.search(r"\w\(\w|[=<>]|\.\w+\(", fix), fix


def test_every_id_of_a_rule_has_words() -> None:
    """A suspicion without words would be dropped in silence."""
    known_otherwise = {"input-wrong"} | set(CATALOGUE.symptoms)

    named = _named_in_rules() - set(IDS) - known_otherwise
    assert named - set(common_wordings()) == set()


@pytest.mark.parametrize("name", sorted(common_wordings()))
def test_common_words_are_of_a_concept_and_fill_in(name: str) -> None:
    """In any lab, whatever its stages are called."""
    wording = common_wordings()[name]
    words = dict.fromkeys(words_in(wording.message) | words_in(wording.fix), "X") | {"at": ""}

    assert wording.concept in CONCEPTS
    assert filled(wording.message, words).endswith((".", "?"))
    assert filled(wording.fix, words).endswith((".", "?"))
    assert not re.search(
        r"\w\(\w|[=<>]|\.\w+\(", wording.fix.replace("exit()", "").replace("__init__", "")
    )


def test_a_concept_finds_a_stage_in_any_lab() -> None:
    """Its own, or the nearest; `output` where there is none."""
    own = (
        Stage("run", place=0, concept="run"),
        Stage("output", place=1, concept="output"),
        Stage("fit", place=2, concept="update"),
        Stage("judge", place=3, concept="evaluation"),
    )
    found = {
        name: stage_of(common_wordings()[name], own).value
        for name in ("setting-differs", "evaluation-differs", "forward-differs", "seed-differs")
    }

    assert found == {
        "setting-differs": "fit", "evaluation-differs": "judge", "forward-differs": "fit",
        "seed-differs": "output",
    }  # fmt: skip
    assert stage_of(common_wordings()["seed-differs"], STAGES) == "forward"
    assert stage_of(common_wordings()["first-difference"], own, concept="update") == "fit"


def test_every_id_of_the_catalogue_has_a_rule() -> None:
    """Words that nothing ever says mislead whoever reads the list."""
    built = {"momentum-used", "weight-decay-used"} | {
        f"loop-{name}" for name in ("backward-missing", "zero-grad-missing", "step-missing")
    }

    assert set(IDS) - _named_in_rules() - built == set()


def test_every_stage_and_the_five_symptoms_of_the_lesson_have_words() -> None:
    """`labcheck explain` takes a stage, too."""
    assert list(CATALOGUE.stages) == [stage.value for stage in STAGES]
    assert len(CATALOGUE.symptoms) == 5
    shown = {wording.symptom for wording in CATALOGUE.wordings.values()}
    assert set(CATALOGUE.symptoms) <= shown


def test_lab_without_a_catalogue_diagnoses_nothing(tmp_path: Path) -> None:
    """A canary teaches nobody."""
    lab = _copy(tmp_path)
    (lab.folder / FILE).unlink()

    assert load_catalogue(lab) == NO_CATALOGUE


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema_version = 1", "schema_version = ", "Invalid value"),
        ("schema_version = 1", "schema_version = 2", "1 was expected"),
        ("[symptoms.gradients-grow]", "[symptoms.gradients-shrink]", "names symptom 'gradients-grow'"),
        ('formulas = "one-unit"', 'formulas = "two-units"', "'two-units' is not one of"),
    ],
)  # fmt: skip
def test_bad_catalogue_is_bad_data(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Exit 5, with the place."""
    lab = _copy(tmp_path)
    path = lab.folder / FILE
    path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(BadDataError, match=said):
        load_catalogue(lab)


def test_word_that_nobody_knows_reads_as_a_sentence_all_the_same() -> None:
    """A message is never shown with braces."""
    assert filled("It is {name}{at}.", {"at": ""}) == "It is another value."
