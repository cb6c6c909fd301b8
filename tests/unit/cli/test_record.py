"""Command record: of captured output, or of a script that is run first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.exercises import PRINTED
from tests.fakes import ITEMS, LAB_ROOT, PUBLISHED, TRACE, FakeRunner, run_result
from verifier import cli
from verifier.errors import ExitCode
from verifier.run.interface import TimedOut

if TYPE_CHECKING:
    from pathlib import Path


def test_record_prints_json_and_the_five_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And reads its own text form back."""
    captured = tmp_path / "out.txt"
    captured.write_bytes(PUBLISHED)
    cli.run(["record", str(captured)])
    assert json.loads(capsys.readouterr().out)["before_after"]["loss_after"] == 0.1183

    cli.run(["record", "--format", "text", str(captured)])
    five = capsys.readouterr().out
    captured.write_text(five)
    cli.run(["record", "--format", "text", str(captured)])

    assert capsys.readouterr().out == five
    assert five.startswith(
        "prediction_before: 0.825\nloss_before: 0.1927\ngradient_seen: weight_grad"
    )


@pytest.mark.parametrize("exercise", ["lr-sweep", "no-zero-grad"])
def test_five_lines_of_an_exercise_without_them_are_a_usage_error(
    exercise: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five times "missing" would blame the learner; the JSON form has every reading."""
    captured = tmp_path / "out.txt"
    captured.write_bytes(PRINTED[exercise])
    asked = ["record", "--exercise", exercise, str(captured)]

    assert cli.run([*asked, "--format", "text"]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert f"exercise {exercise} has no evidence" in said.err
    assert cli.run(asked) == ExitCode.PASSED
    assert len(json.loads(capsys.readouterr().out)["readings"]) > 20


def test_record_of_a_script_that_is_run_holds_unrounded_values(
    fake: FakeRunner, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are in the trace alone, so captured output cannot tell them."""
    fake.result = run_result(trace=TRACE)

    assert cli.run(["record", "--run", script]) == ExitCode.PASSED
    readings = json.loads(capsys.readouterr().out)["readings"]
    assert [reading["exact"] for reading in readings if reading["key"] == "pred"] == [
        float.fromhex(item).hex() for item in ITEMS[8::2]
    ]
    assert cli.run(["record", "--run", "--format", "text", script]) == ExitCode.PASSED
    assert capsys.readouterr().out.startswith("prediction_before: 0.825\n")


def test_record_of_a_script_that_fails_exits_1_with_what_it_printed(
    fake: FakeRunner, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody should take half a record for a whole one."""
    fake.result = run_result(PUBLISHED.partition(b"weight_grad")[0], outcome=TimedOut())

    assert cli.run(["record", "--run", script]) == ExitCode.FAILED
    captured = capsys.readouterr()
    assert json.loads(captured.out)["readings"][0]["text"] == "0.825"
    assert "still running" in captured.err


@pytest.mark.usefixtures("fake")
def test_record_runs_a_strangers_script_behind_walls_only(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lab's own may be run without."""
    reference = LAB_ROOT / "forward-backward" / "forward_backward_lab.py"

    assert cli.run(["record", "--run", "--runner", "local", script]) == ExitCode.USAGE
    assert "has no walls" in capsys.readouterr().err
    assert cli.run(["record", "--run", "--runner", "local", str(reference)]) == ExitCode.PASSED


def test_record_of_too_much_is_a_usage_error(tmp_path: Path) -> None:
    """Bounded before it is parsed, and no verdict on anybody."""
    (tmp_path / "big").write_bytes(b"x" * (2 << 20))

    assert cli.run(["record", str(tmp_path / "big")]) == ExitCode.USAGE
