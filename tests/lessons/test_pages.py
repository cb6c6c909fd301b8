"""The lessons' own pages hold what they promise, and what other scripts print is known.

Beside the pages, for each lesson: right scripts in other styles, faked ones, which print the same
without computing it, and wrong ones, with a mistake that learners make.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT, PUBLISHED
from verifier.lesson.comparison import compared
from verifier.lesson.folder import Place, read_page
from verifier.lesson.verdict import LIMITS, judge
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lesson.page import Output, Script
    from verifier.run.interface import Outcome
    from verifier.run.sandbox import SandboxRunner

SCRIPTS = CHECKOUT / "tests" / "lessons"
FIRST = "forward-backward"
OWN = (
    "attention",
    "autograd",
    "convolution",
    "linear-regression",
    "logistic-numpy",
    "mini-batches",
)  # fmt: skip
_SECTION = re.compile(r"^## (Evidence to keep|Exercises)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"-?\d+\.\d+")
AT_LEAST = {"styles": 5, "faked": 2, "wrong": 4}


def _scripts(*kinds: str) -> list[Path]:
    return sorted(path for kind in kinds for path in SCRIPTS.glob(f"*/{kind}/*.py"))


def _name(script: Path) -> str:
    return str(script.relative_to(SCRIPTS))


def _place(lesson: str) -> Place:
    return Place(base=LAB_ROOT / lesson / "lesson.md")


def _shown(lesson: str) -> tuple[Script, Output]:
    (script,) = read_page(_place(lesson)).scripts
    assert script.output is not None
    return script, script.output


def _section(lesson: str, title: str) -> str:
    text = _place(lesson).path.read_text(encoding="utf-8")
    return next(found[2] for found in _SECTION.finditer(text) if found[1] == title)


def _printed(script: Path, runner: SandboxRunner) -> tuple[Outcome, str]:
    result = runner.run(script.read_bytes(), limits=LIMITS)
    return result.outcome, result.stdout.decode()


def test_every_page_is_a_lesson_of_ours() -> None:
    """The tests below look at all pages there are."""
    assert sorted(path.parent.name for path in LAB_ROOT.glob("*/lesson.md")) == sorted((*OWN, FIRST))


@pytest.mark.parametrize("lesson", [*OWN, FIRST])
def test_a_page_prints_what_it_shows(lesson: str, sandbox: SandboxRunner) -> None:
    """To the character, and nothing on it is left out."""
    page = read_page(_place(lesson))

    assert [judge(script, page, runner=sandbox).status for script in page.scripts] == ["same"]
    assert page.notes == ()


@pytest.mark.parametrize("lesson", [*OWN, FIRST])
def test_a_page_asks_for_evidence_that_its_output_holds(lesson: str) -> None:
    """Each line names what is printed, and every number with decimals in it is printed."""
    _, output = _shown(lesson)
    lines = _section(lesson, "Evidence to keep").split("```")[1].strip().split("\n")[1:]
    told = [line.partition(": ") for line in lines]
    numbers = [number for _, _, rest in told for number in _NUMBER.findall(rest)]

    assert 4 <= len(told) <= 8
    assert [key for key, _, _ in told if key not in output.text] in ([], ["gradient_seen"])
    assert [number for number in numbers if number not in output.text] == []


@pytest.mark.parametrize("lesson", [*OWN, FIRST])
def test_a_page_ends_with_exercises(lesson: str) -> None:
    """Each with a name, by which it can be spoken of."""
    numbered = re.findall(r"^(\d)\. \*\*[^*]+\.\*\* ", _section(lesson, "Exercises"), re.MULTILINE)

    assert numbered == ["1", "2", "3", "4", "5"][: len(numbered)]
    assert len(numbered) >= 2


def test_the_page_of_the_first_lesson_shows_the_very_script_and_output() -> None:
    """The script that the lab runs, and the output that was published."""
    script, output = _shown(FIRST)

    assert script.text == (LAB_ROOT / FIRST / "forward_backward_lab.py").read_text(encoding="utf-8")
    assert output.text == PUBLISHED.decode()


@pytest.mark.parametrize("lesson", OWN)
def test_a_lesson_has_scripts_of_all_kinds(lesson: str) -> None:
    """As many as it takes to try a grader on it."""
    found = {kind: len(list((SCRIPTS / lesson / kind).glob("*.py"))) for kind in AT_LEAST}

    assert {kind: max(0, least - found[kind]) for kind, least in AT_LEAST.items()} == dict.fromkeys(
        AT_LEAST, 0
    )


@pytest.mark.parametrize("script", _scripts("faked"), ids=_name)
def test_faked_scripts_print_the_same(script: Path, sandbox: SandboxRunner) -> None:
    """To the character: what tells them is not what they print."""
    _, output = _shown(script.parent.parent.name)

    assert _printed(script, sandbox) == (Exited(code=0), output.text)


@pytest.mark.parametrize("script", _scripts("wrong"), ids=_name)
def test_wrong_scripts_print_something_else(script: Path, sandbox: SandboxRunner) -> None:
    """By more than a unit of a last digit: a tolerance lets none of them pass."""
    _, output = _shown(script.parent.parent.name)
    _, printed = _printed(script, sandbox)

    assert compared(output.text, printed).likeness == "differs"
