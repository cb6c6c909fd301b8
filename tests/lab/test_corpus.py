"""Every script of the corpus is run, and does what is said about it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.exercises import matched
from tests.lab.corpus import (
    BY_HAND,
    CATALOGUE,
    CHEATS,
    DOUBLES,
    LAB,
    MISTAKES,
    STYLES,
    UNREPEATABLE,
)
from tests.lab.test_situations import SITUATIONS
from verifier import pipeline
from verifier.authoring.recorded import TRACED
from verifier.checks.check import first_failed
from verifier.checks.ending import ending_checks
from verifier.checks.grade import grade_output
from verifier.checks.relations import relation_checks
from verifier.diagnosis.explain import explain
from verifier.lab.stage import STAGES
from verifier.run.interface import Exited, OutputFlood, TimedOut
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.corpus import Cheat, Double
    from verifier.checks.check import Check
    from verifier.lab.mistake import Mistake
    from verifier.run.interface import RunResult
    from verifier.run.sandbox import SandboxRunner
    from verifier.task import Task

TASKS = {name: load_task(LAB, name) for name in LAB.exercises}
ENDLESS = replace(LAB.limits, time_limit_s=2.0)
"""For a script that is known never to end; the others have the lab's own time."""

_WITH_TABLES: tuple[Mistake | Double | Cheat, ...] = (*MISTAKES, *CHEATS, *DOUBLES)
EVERY_SCRIPT = (*(each.script for each in _WITH_TABLES), *STYLES, *BY_HAND)

_TEE = """import sys
class Tee:
    def __init__(self, stream):
        self.stream = stream
    def write(self, text):
        return self.stream.write(text)
sys.stdout = Tee(sys.stdout)
TRAINING
"""
ENDINGS = ("TRAINING\nimport sys\nsys.stdout.close()\n", _TEE)
"""Standard output is closed at the end; it is replaced by what cannot be flushed."""

_GIVEN_AWAY = re.compile(r"(#|\"\"\").*\b(mistake|wrong|forg[oe]t|missing|bug)", re.IGNORECASE)


def _stem(script: Path) -> str:
    return script.stem


def _id(each: Mistake | Double | Cheat) -> str:
    return each.id


def _checks(run: RunResult, task: Task) -> list[Check]:
    match = matched(run.stdout, task.exercise)
    return [
        *ending_checks(run, limits=LAB.limits, match=match, exercise=task.exercise),
        *grade_output(match, answers=task.answers),
        *relation_checks(match, exercise=task.exercise, related=task.related),
    ]


@pytest.mark.torch
@pytest.mark.parametrize("script", [*STYLES, *(each.script for each in CHEATS)], ids=_stem)
def test_right_output_passes_every_check_in_any_style(sandbox: SandboxRunner, script: Path) -> None:
    """A learner who writes otherwise is not accused; typed output is for others to tell apart."""
    run = sandbox.run(script.read_bytes(), limits=LAB.limits, examination=TRACED)

    assert run.outcome == Exited(code=0), run.stderr.decode(errors="replace")
    assert first_failed(_checks(run, TASKS["baseline"])) is None, run.stdout.decode(
        errors="replace"
    )


@pytest.mark.torch
@pytest.mark.parametrize("script", STYLES, ids=_stem)
def test_right_numbers_in_any_style_are_seen_to_be_computed(
    sandbox: SandboxRunner, script: Path
) -> None:
    """A learner who writes otherwise passes, and is not doubted."""
    report = pipeline.grade(read_submission(script), task=TASKS["baseline"], runner=sandbox).report

    assert (report.verdict, report.computed) == ("passed", "yes"), report.computed_evidence
    assert report.diagnoses == ()


@pytest.mark.torch
@pytest.mark.parametrize("script", BY_HAND, ids=_stem)
def test_training_by_hand_is_not_accused(sandbox: SandboxRunner, script: Path) -> None:
    """Who writes the gradient out, or types the weights, has computed the numbers all the same."""
    task = TASKS[script.parent.name]
    report = pipeline.grade(read_submission(script), task=task, runner=sandbox).report

    assert report.computed in {"yes", "unclear"}, report.computed_evidence
    assert report.verdict == "passed"


@pytest.mark.torch
@pytest.mark.parametrize("ending", ENDINGS)
def test_end_of_standard_output_costs_nothing(
    sandbox: SandboxRunner, tmp_path: Path, ending: str
) -> None:
    """What was printed is all there."""
    script = tmp_path / "submission.py"
    reference = TASKS["baseline"].exercise.script.read_text(encoding="utf-8")
    script.write_text(ending.replace("TRAINING\n", reference), encoding="utf-8")
    report = pipeline.grade(read_submission(script), task=TASKS["baseline"], runner=sandbox).report

    assert (report.verdict, report.computed) == ("passed", "yes")


@pytest.mark.torch
@pytest.mark.parametrize("cheat", CHEATS, ids=_id)
def test_typed_numbers_are_told_from_computed_ones(sandbox: SandboxRunner, cheat: Cheat) -> None:
    """Whatever they hide behind; and who draws no weights is not accused."""
    submission = read_submission(cheat.script)
    report = pipeline.grade(submission, task=TASKS["baseline"], runner=sandbox).report

    assert report.computed == cheat.computed, report.computed_evidence
    assert report.verdict == ("failed" if cheat.computed == "no" else "passed")


@pytest.mark.torch
@pytest.mark.parametrize("mistake", MISTAKES, ids=_id)
def test_mistake_gets_its_diagnosis_first(sandbox: SandboxRunner, mistake: Mistake) -> None:
    """The sentence that a good teaching assistant would say, and about the right step."""
    lab = replace(LAB, limits=ENDLESS) if mistake.diagnosis == "endless-loop" else LAB
    task = replace(TASKS[mistake.exercise], lab=lab)
    submission = read_submission(mistake.script)
    found = pipeline.grade(submission, task=task, runner=sandbox).report.diagnoses

    assert [(each.id, each.stage) for each in found[:1]] == [(mistake.diagnosis, mistake.stage)]
    assert all("{" not in explain(e.id, CATALOGUE, evidence=e.evidence) for e in found)
    for value in mistake.params.values():
        assert (value if isinstance(value, str) else f"{value:g}") in found[0].message


@pytest.mark.torch
@pytest.mark.parametrize("double", DOUBLES, ids=_id)
def test_first_of_two_mistakes_is_named_first(sandbox: SandboxRunner, double: Double) -> None:
    """Whoever mends it sees the other one more clearly, which is named behind it."""
    graded = pipeline.grade(read_submission(double.script), task=TASKS["baseline"], runner=sandbox)
    found = [(each.id, each.stage) for each in graded.report.diagnoses]

    assert found[:1] == [double.diagnoses[0]]
    assert double.diagnoses[1] in found[1:]


@pytest.mark.torch
@pytest.mark.parametrize("name", LAB.exercises)
def test_reference_of_an_exercise_gets_no_diagnosis(sandbox: SandboxRunner, name: str) -> None:
    """What the lesson itself does is right."""
    reference = read_submission(TASKS[name].exercise.script)
    report = pipeline.grade(reference, task=TASKS[name], runner=sandbox).report

    assert (report.verdict, report.diagnoses) == ("passed", ())


@pytest.mark.torch
@pytest.mark.parametrize("mistake", MISTAKES, ids=_id)
def test_wrong_numbers_are_no_reason_to_doubt_the_right_ones(
    sandbox: SandboxRunner, mistake: Mistake
) -> None:
    """A mistake is a mistake, not a fraud."""
    if mistake.diagnosis == "endless-loop":
        return  # it never ends, so nothing of it is examined
    submission = read_submission(mistake.script)
    report = pipeline.grade(submission, task=TASKS[mistake.exercise], runner=sandbox).report

    assert report.computed != "no"


@pytest.mark.torch
@pytest.mark.parametrize("name", ["seed-missing", "seed-after-model", "seed-of-python"])
def test_numbers_that_are_right_by_chance_are_not_taken_for_typed(
    sandbox: SandboxRunner, name: str
) -> None:
    """Of an unseeded training any few may come near, and those may be predictions alone."""
    submission = read_submission(next(e.script for e in MISTAKES if e.id == name))
    graded = (
        pipeline.grade(submission, task=TASKS["baseline"], runner=sandbox).report for _ in range(60)
    )

    assert [each.computed_evidence for each in graded if each.computed == "no"] == []


@pytest.mark.torch
@pytest.mark.parametrize("mistake", MISTAKES, ids=_id)
def test_mistake_fails_where_the_checks_are_said_to_send_the_learner(
    sandbox: SandboxRunner, mistake: Mistake
) -> None:
    """A mistake that changes nothing a reader can see could not be diagnosed from a run."""
    limits = ENDLESS if mistake.diagnosis == "endless-loop" else LAB.limits
    run = sandbox.run(mistake.script.read_bytes(), limits=limits)
    start_here = first_failed(_checks(run, TASKS[mistake.exercise]))

    assert start_here is not None, run.stdout.decode(errors="replace")
    if mistake.diagnosis in UNREPEATABLE:
        # One value may come near the golden one by chance, or look like that one rounded.
        assert start_here == "output" or start_here.place >= mistake.start_here.place
    else:
        assert start_here is mistake.start_here
    assert isinstance(run.outcome, TimedOut) == (mistake.diagnosis == "endless-loop")
    assert isinstance(run.outcome, OutputFlood) == (mistake.diagnosis == "output-flood")


@pytest.mark.parametrize("mistake", MISTAKES, ids=_id)
def test_expectation_of_a_mistake_is_well_formed(mistake: Mistake) -> None:
    """Known ids, each with its own stage, and a parameter exactly where there is one."""
    wording = CATALOGUE.wordings[mistake.diagnosis]

    assert wording.stage is mistake.stage
    assert mistake.exercise in LAB.exercises
    assert mistake.symptom is None or mistake.symptom in CATALOGUE.symptoms
    assert set(mistake.also) <= CATALOGUE.wordings.keys() - {mistake.diagnosis}
    assert mistake.title
    assert list(mistake.params) == ([] if wording.solves_for is None else [wording.solves_for])


@pytest.mark.parametrize("double", DOUBLES, ids=_id)
def test_expectation_of_two_mistakes_is_well_formed(double: Double) -> None:
    """Known ids, each with its own stage, in debug order."""
    stages = [CATALOGUE.wordings[name].stage for name, _ in double.diagnoses]

    assert [stage for _, stage in double.diagnoses] == stages
    assert STAGES.index(stages[0]) < STAGES.index(stages[1])
    assert double.title


@pytest.mark.parametrize("cheat", CHEATS, ids=_id)
def test_expectation_of_a_cheat_is_well_formed(cheat: Cheat) -> None:
    """One of the report's three words."""
    assert cheat.computed in {"yes", "no", "unclear"}
    assert cheat.title


@pytest.mark.parametrize("script", EVERY_SCRIPT, ids=_stem)
def test_script_can_be_handed_in(script: Path) -> None:
    """What is refused unread would show nothing about the checks."""
    assert read_submission(script).gradable


@pytest.mark.parametrize("mistake", [*MISTAKES, *DOUBLES], ids=_id)
def test_mistake_does_not_name_itself(mistake: Mistake | Double) -> None:
    """A diagnosis must come from what the script does."""
    assert _GIVEN_AWAY.search(mistake.script.read_text(encoding="utf-8")) is None


def test_no_script_is_there_twice() -> None:
    """Two mistakes with the same bytes could not get different diagnoses."""
    assert len({script.read_bytes() for script in EVERY_SCRIPT}) == len(EVERY_SCRIPT)


def test_every_diagnosis_has_a_mistake() -> None:
    """No diagnosis is written that nothing was seen to need; a situation shows the need as well."""
    named = {each.diagnosis for each in MISTAKES} | {each.diagnosis for each in SITUATIONS}

    assert CATALOGUE.wordings.keys() - named == set()


def test_every_symptom_of_the_lesson_has_three_mistakes() -> None:
    """One script for a symptom would be a coincidence."""
    counts = Counter(mistake.symptom for mistake in MISTAKES)

    assert [each for each in CATALOGUE.symptoms if counts[each] < 3] == []


def test_corpus_is_as_large_as_promised() -> None:
    """Figures that are measured on it mean something."""
    assert (len(MISTAKES) >= 60, len(STYLES) >= 40, len(CHEATS) >= 25) == (True, True, True)
    assert len(DOUBLES) >= 8
    assert {cheat.computed for cheat in CHEATS} == {"yes", "no", "unclear"}


def test_styles_hold_the_bytes_that_editors_leave() -> None:
    """A checkout or a formatter that mends them would leave nothing to test."""
    style = {script.stem: script.read_bytes() for script in STYLES}
    pasted = next(each for each in MISTAKES if each.id == "nbsp-pasted")
    crlf = style["crlf"]

    assert crlf.count(b"\r\n") == crlf.count(b"\n") > 0
    assert style["byte-order-mark"].startswith(b"\xef\xbb\xbf")
    assert b"\n\t" in style["tabs"]
    assert "\u00a0".encode() in pasted.script.read_bytes()
