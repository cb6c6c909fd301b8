"""Each lesson's lab, as `labcheck lab new` made it: right styles pass, faked ones do not.

Wrong ones are in ``test_mistakes``.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier import cli, pipeline
from verifier.checks.check import Status
from verifier.checks.grade import grade_output
from verifier.errors import ExitCode
from verifier.lab.load import load_labs
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.report.report import Verdict
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.sandbox import SandboxRunner

SCRIPTS = CHECKOUT / "tests" / "lessons"
LABS = {name: lab for name, lab in load_labs(LAB_ROOT).items() if (SCRIPTS / name).is_dir()}
TASKS = {name: load_task(lab, "baseline") for name, lab in LABS.items()}


def _scripts(kind: str) -> list[Path]:
    return sorted(SCRIPTS.glob(f"*/{kind}/*.py"))


def _name(script: Path) -> str:
    return str(script.relative_to(SCRIPTS))


def test_there_are_six() -> None:
    """Beside 6.1.4."""
    assert len(LABS) == 6


@pytest.mark.torch
@pytest.mark.parametrize("script", _scripts("styles"), ids=_name)
def test_a_right_script_in_another_style_passes(sandbox: SandboxRunner, script: Path) -> None:
    """And is told nothing."""
    task = TASKS[script.parts[-3]]
    report = pipeline.grade(read_submission(script), task=task, runner=sandbox).report

    wrong = [check.message for check in report.checks if check.status is not Status.PASSED]
    assert (wrong, report.verdict, report.diagnoses) == ([], Verdict.PASSED, ())
    assert report.computed == "yes", report.computed_evidence


@pytest.mark.torch
@pytest.mark.parametrize("script", _scripts("faked"), ids=_name)
def test_a_faked_script_is_told(sandbox: SandboxRunner, script: Path) -> None:
    """By another seed, of torch or of NumPy."""
    task = TASKS[script.parts[-3]]
    report = pipeline.grade(read_submission(script), task=task, runner=sandbox).report

    assert (report.computed, report.verdict) == ("no", "failed")


@pytest.mark.parametrize("name", sorted(LABS))
def test_every_wrong_digit_fails(name: str) -> None:
    """Of every value that is judged: two units of its last digit are wrong."""
    task = TASKS[name]
    derived = task.golden.derived
    assert derived is not None
    lines = derived.output.split("\n")
    judged = match_output(read_stdout(derived.output.encode()), task.exercise).judged
    assert list(judged) == list(task.exercise.fields)
    for field, reading in judged.items():
        number = reading.line - 1
        text = reading.text.split("\n")[0]
        other = "wrong" if field.kind in {"text", "truth"} else _moved(text)
        changed = [*lines]
        before, found, behind = lines[number].rpartition(text)
        assert found, field.name
        changed[number] = before + other + behind
        match = match_output(read_stdout("\n".join(changed).encode()), task.exercise)
        checks = grade_output(match, answers=task.answers)
        assert any(check.status is Status.FAILED for check in checks), (field.name, other)


def _moved(text: str) -> str:
    """Change the last digit by two at least; in a list of truths the last of them."""
    if not any(map(str.isdigit, text)):
        return "False".join(text.rsplit("True", 1))
    place = max(place for place, each in enumerate(text) if each.isdigit())
    digit = int(text[place])
    return text[:place] + str(digit - 2 if digit > 4 else digit + 3) + text[place + 1 :]


@pytest.mark.torch
@pytest.mark.parametrize("name", sorted(LABS))
def test_the_lab_is_as_it_would_be_made_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line of it was written by hand; it verifies, too."""
    monkeypatch.delenv("CI", raising=False)
    page = tmp_path / name / "lesson.md"
    page.parent.mkdir()
    shutil.copyfile(LAB_ROOT / name / "lesson.md", page)
    where = ["--lab-root", str(tmp_path), "--runner", "sandbox"]
    assert cli.run(["lab", "new", "--from", str(page), *where]) == ExitCode.PASSED

    made, kept = tmp_path / name, LAB_ROOT / name
    for file in ("lab.toml", "golden/baseline.py"):
        assert (made / file).read_bytes() == (kept / file).read_bytes()
    fresh = load_task(load_labs(tmp_path)[name], "baseline")
    assert fresh.exercise.sections == LABS[name].exercise("baseline").sections
    assert cli.run(["verify", *where]) == ExitCode.PASSED
