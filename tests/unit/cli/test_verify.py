"""Command verify: every exercise of a lesson, against what is published."""

from __future__ import annotations

import json

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import cli
from verifier.errors import ExitCode
from verifier.lab.load import load_labs

LAB = load_labs(LAB_ROOT)["forward-backward"]


@pytest.mark.usefixtures("fake")
def test_verify_passes_and_prints_every_value(capsys: pytest.CaptureFixture[str]) -> None:
    """Six lines of values and five rows."""
    code = cli.run(["verify"])
    out = capsys.readouterr().out

    assert code == ExitCode.PASSED
    assert "runner container" in out.splitlines()[0]
    assert all(text in out for text in ("0.825", "[[-0.1753, -0.3505]]", "0.0478"))


@pytest.mark.usefixtures("fake")
def test_verify_covers_every_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    """One report each, in the lab's order."""
    code = cli.run(["verify", "--format", "json"])
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert code == ExitCode.PASSED
    assert [report["exercise"] for report in reports] == list(LAB.exercises)
    assert {report["verdict"] for report in reports} == {"passed"}


def test_verify_of_drifted_output_exits_1(
    fake: FakeRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    """The value is named."""
    fake.result = run_result(PUBLISHED.replace(b"0.0478", b"0.0479"))

    assert cli.run(["verify"]) == ExitCode.FAILED
    assert "0.0478 is published, 0.0479 is printed" in capsys.readouterr().out


def test_verify_runs_no_canary_unless_it_is_named(fake: FakeRunner) -> None:
    """Canaries are for the day on which torch changes."""
    assert cli.run(["verify"]) == ExitCode.PASSED

    references = {exercise.script.read_bytes() for exercise in LAB.exercises.values()}
    assert set(fake.sources) == references
