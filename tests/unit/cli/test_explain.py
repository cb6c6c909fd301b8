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
