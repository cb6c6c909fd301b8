"""`labcheck explain` prints; a report adds the learner's own steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from verifier import cli
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

REPORT = CHECKOUT / "schemas" / "examples" / "report.failed.json"


def test_diagnosis_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """By its id."""
    assert cli.run(["explain", "step-missing"]) == ExitCode.PASSED
    assert "forward → loss → clear → backward → update" in capsys.readouterr().out


def test_report_adds_the_learners_own_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """As the trace showed them when it was graded."""
    assert cli.run(["explain", "update", "--report", str(REPORT)]) == ExitCode.PASSED
    assert "  1       forward → loss → clear → backward\n" in capsys.readouterr().out


@pytest.mark.parametrize(("content", "code"), [("{", ExitCode.USAGE), ("{}", ExitCode.BAD_DATA)])
def test_file_that_is_no_report_is_refused(tmp_path: Path, content: str, code: ExitCode) -> None:
    """Its text is not trusted before it satisfies the schema."""
    path = tmp_path / "report.json"
    path.write_text(content)

    assert cli.run(["explain", "update", "--report", str(path)]) == code


def test_unknown_name_is_a_usage_error() -> None:
    """Exit 2."""
    assert cli.run(["explain", "nonsense"]) == ExitCode.USAGE


def test_a_lab_with_stages_of_its_own_shows_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    """And explains what is told in any lab."""
    assert cli.run(["explain", "setting-differs", "--lab", "mini-batches"]) == ExitCode.PASSED
    told = capsys.readouterr().out
    assert "  run → output → " in told
    assert "Compare the optimizer's settings" in told
    assert cli.run(["explain", "run", "--lab", "mini-batches"]) == ExitCode.PASSED
    assert capsys.readouterr().out.splitlines()[-1] == "  ^^^"


def test_nothing_to_explain_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what can be asked."""
    assert cli.run(["explain"]) == ExitCode.USAGE
    assert "--run" in capsys.readouterr().err


@pytest.mark.torch
def test_a_script_s_steps_stand_beside_the_lesson_s(capsys: pytest.CaptureFixture[str]) -> None:
    """With a mark where they differ, its lines, and none of the lesson's numbers."""
    script = CHECKOUT / "tests" / "lessons" / "linear-regression" / "wrong" / "no-zero-grad.py"
    asked = ["explain", "--lab", "linear-regression", "--run", str(script), "--runner", "sandbox"]

    assert cli.run(asked) == ExitCode.PASSED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[-1].strip() == "this script"
    marked = [line for line in lines if " > " in f"{line} "]
    assert marked == [f"  {'gradients cleared':<40}>"] * 2
    assert any(line.endswith("backward pass (line 24)") for line in lines)
    assert not any("0.01" in line or "0.2" in line for line in lines)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("lab", "source", "code", "says"),
    [
        ("logistic-numpy", "print(1)", ExitCode.USAGE, "nothing is kept"),
        ("autograd", "print(1)", ExitCode.PASSED, "exited 0, and did nothing with torch"),
        ("autograd", "", ExitCode.USAGE, "at most 1 MiB"),
    ],
)
def test_what_has_no_steps_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lab: str,
    source: str,
    code: ExitCode,
    says: str,
) -> None:
    """Of the lesson, or of the script."""
    script = tmp_path / "submission.py"
    script.write_text(source)

    assert cli.run(["explain", "--lab", lab, "--run", str(script), "--runner", "sandbox"]) == code
    printed = capsys.readouterr()
    assert says in printed.out + printed.err
