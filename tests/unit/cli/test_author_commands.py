"""Commands for authors: golden, lab, completion; and what the README says of them all."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import click
import pytest

from tests.fakes import CHECKOUT, LAB_ROOT, PUBLISHED, TRACE, FakeRunner, run_result
from verifier import cli
from verifier.cli import options
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


def test_golden_update_is_refused_in_ci(monkeypatch: pytest.MonkeyPatch, fake: FakeRunner) -> None:
    """Accepting new values is a person's step."""
    monkeypatch.setenv("CI", "true")

    assert cli.run(["golden", "update", "--reason", "x"]) == ExitCode.USAGE
    assert fake.sources == []


@pytest.mark.usefixtures("fake")
def test_golden_update_needs_a_reason() -> None:
    """It is kept in the file for the next reader."""
    assert cli.run(["golden", "update"]) == ExitCode.USAGE
    assert cli.run(["golden", "update", "--reason", " "]) == ExitCode.USAGE


def test_golden_update_prints_old_and_new_and_writes(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Diff shows the same and writes nothing."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    where = ["--lab-root", str(tmp_path)]
    kept = tmp_path / "forward-backward" / "golden" / "baseline.json"
    before = kept.read_bytes()
    fake.result = run_result(PUBLISHED.replace(b"0.1927", b"0.1928"))

    assert cli.run(["golden", "diff", *where]) == ExitCode.FAILED
    assert kept.read_bytes() == before
    assert cli.run(["golden", "update", "--reason", "a test", *where]) == ExitCode.PASSED
    assert "one_training_step/loss_before: 0.1927 → 0.1928" in capsys.readouterr().out
    assert cli.run(["golden", "diff", *where]) == ExitCode.PASSED
    assert cli.run(["golden", "show", *where]) == ExitCode.PASSED
    assert "a test" in capsys.readouterr().out


def test_golden_show_tells_how_near_each_value_is_to_another_text(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nearest of the lesson is the prediction at step 4; a list's numbers are not kept."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    where = ["--lab-root", str(tmp_path), "--exercise", "baseline"]
    fake.result = run_result(trace=TRACE)
    assert cli.run(["golden", "update", "--reason", "a test", *where]) == ExitCode.PASSED
    capsys.readouterr()

    assert cli.run(["golden", "show", *where]) == ExitCode.PASSED
    lines = {line[11:39].strip(): line[39:] for line in capsys.readouterr().out.splitlines()}
    assert lines["pred at step=4"].split(maxsplit=3) == [
        "0.945", "±", "0.001", "exact 0.9454970956, 49 ULP or 0.003 units from flipping",
    ]  # fmt: skip
    assert lines["loss at step=4"].endswith(
        "exact 0.05604446307, 1487 ULP or 0.055 units from flipping"
    )
    assert lines["bias_grad"].endswith("± 0.0001")


def test_unrounded_values_that_move_are_told_and_are_no_change_of_print(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another CPU gives other bits; nobody who reads the page would see it."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    where = ["--lab-root", str(tmp_path), "--exercise", "baseline"]
    fake.result = run_result(trace=TRACE)
    assert cli.run(["golden", "update", "--reason", "a test", *where]) == ExitCode.PASSED
    capsys.readouterr()

    assert cli.run(["golden", "diff", *where]) == ExitCode.PASSED
    assert "unrounded" not in capsys.readouterr().out
    fake.result = run_result(trace=TRACE.replace(b"0x1.e41832p-1", b"0x1.e41834p-1"))
    assert cli.run(["golden", "diff", *where]) == ExitCode.PASSED
    out = capsys.readouterr().out
    assert "0 of 21 values change\n  behind the printed ones, 1 unrounded value" in out


@pytest.mark.usefixtures("fake")
def test_first_golden_is_made_where_there_was_none(tmp_path: Path) -> None:
    """A new lab starts without."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    shutil.rmtree(tmp_path / "forward-backward" / "golden")
    where = ["--lab-root", str(tmp_path)]

    assert cli.run(["verify", *where]) == ExitCode.BAD_DATA
    assert cli.run(["golden", "update", "--reason", "first", *where]) == ExitCode.PASSED
    assert cli.run(["golden", "diff", "--exercise", "baseline", *where]) == ExitCode.PASSED


@pytest.mark.usefixtures("fake")
def test_golden_that_cannot_be_written_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a fault of labcheck, and not a learner's."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    shutil.rmtree(tmp_path / "forward-backward" / "golden")
    (tmp_path / "forward-backward" / "golden").touch()

    code = cli.run(["golden", "update", "--reason", "x", "--lab-root", str(tmp_path)])
    assert code == ExitCode.USAGE
    assert "cannot be written" in capsys.readouterr().err


def test_golden_update_never_falls_back_to_a_runner_without_walls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A golden names the pinned environment; the local one must be asked for by name."""
    monkeypatch.setattr(options, "engine_trouble", lambda: "no socket")

    assert cli.run(["golden", "update", "--reason", "x"]) == ExitCode.ENVIRONMENT


@pytest.mark.usefixtures("fake")
def test_one_wrong_digit_in_any_golden_value_makes_verify_exit_1_and_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each printed value of the golden file in turn, in a copy named by ``LABCHECK_LAB``."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    monkeypatch.setenv("LABCHECK_LAB", str(tmp_path))
    file = tmp_path / "forward-backward" / "golden" / "baseline.json"
    golden = file.read_text()
    readings = json.loads(golden)["record"]["readings"]
    assert len(readings) == 21

    for place, reading in enumerate(readings):
        document = json.loads(golden)
        text = reading["text"]
        last = max(index for index, character in enumerate(text) if character.isdigit())
        wrong = text[:last] + str((int(text[last]) + 1) % 10) + text[last + 1 :]
        document["record"]["readings"][place]["text"] = wrong
        file.write_text(json.dumps(document))

        assert cli.run(["verify"]) == ExitCode.FAILED
        out = capsys.readouterr().out
        assert reading["key"] in next(line for line in out.splitlines() if "✗" in line)


def test_lab_list_and_show_tell_what_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """With every tolerance and its reason."""
    assert cli.run(["lab", "list"]) == ExitCode.PASSED
    assert cli.run(["lab", "show"]) == ExitCode.PASSED
    out = capsys.readouterr().out

    assert "forward-backward  (lesson 6.1.4)" in out
    assert "loss at step=5" in out
    assert "± 0.0001" in out


def test_lab_list_and_show_mark_canaries(capsys: pytest.CaptureFixture[str]) -> None:
    """Behind the lessons; with what a change of their numbers means, and without points."""
    assert cli.run(["lab", "list"]) == ExitCode.PASSED
    listed = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert cli.run(["lab", "show", "--lab", "canary-dropout"]) == ExitCode.PASSED
    shown = capsys.readouterr().out

    assert listed[0].startswith("forward-backward  (lesson 6.1.4)")
    assert "canary-dropout  (canary: dropout) What dropout drops" in listed
    assert "dropout draws different masks for the same seed (sampler)" in shown
    assert "points" not in shown


def test_canary_gets_its_golden_as_any_lab(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """But none under other seeds, which only tell whether a learner's numbers were computed."""
    shutil.copytree(LAB_ROOT / "canary" / "dropout", tmp_path / "canary" / "dropout")
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    kept = tmp_path / "canary" / "dropout" / "golden" / "baseline.json"
    lesson = (tmp_path / "forward-backward" / "golden" / "baseline.json").read_bytes()
    where = ["--lab-root", str(tmp_path), "--lab", "canary-dropout"]
    ones = ", ".join(["1.000000"] * 8)
    fake.result = run_result(
        f"dropout\nfew= [{ones}]\nmany= [{ones}]\nchannels= [{ones}]\n".encode()
    )

    assert cli.run(["golden", "diff", *where]) == ExitCode.FAILED
    assert cli.run(["golden", "update", "--reason", "a test", *where]) == ExitCode.PASSED
    assert f"→ [{ones}]" in capsys.readouterr().out
    assert cli.run(["golden", "diff", *where]) == ExitCode.PASSED
    assert json.loads(kept.read_text())["reseeded"] == []
    assert (tmp_path / "forward-backward" / "golden" / "baseline.json").read_bytes() == lesson
    assert len(fake.sources) == 3


def test_lab_show_tells_a_learner_what_to_do_and_what_to_print(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The lines are those that the reference prints, with # for every digit."""
    assert cli.run(["lab", "show", "--exercise", "two-samples"]) == ExitCode.PASSED
    out = capsys.readouterr().out
    shown = [line.removeprefix("    | ") for line in out.splitlines() if line.startswith("    | ")]

    assert "  1. Start from the baseline" in out
    assert "baseline: One training step" not in out
    assert shown[:2] == ["shapes", "x_shape= [#, #]"]
    assert "prediction_before= [[#.###], [#.###]]" in shown
    assert shown[-1] == "step=5 loss=#.#### pred=[[#.###], [#.###]]"
    assert "first_dimensions_agree" in out


def test_lab_show_tells_every_relation_with_its_tolerance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And why it is that tolerance."""
    assert cli.run(["lab", "show", "--exercise", "weights"]) == ExitCode.PASSED
    out = capsys.readouterr().out

    assert "weight_moves_by_lr_times_grad update    moved_by  ± 0.0002" in out
    assert "make 0.000125" in out


def test_unknown_lab_and_bad_root_have_their_own_codes(tmp_path: Path) -> None:
    """A typing error is usage, a missing lab folder bad data."""
    assert cli.run(["lab", "show", "--lab", "nope"]) == ExitCode.USAGE
    assert cli.run(["lab", "show", "--lab-root", str(tmp_path)]) == ExitCode.BAD_DATA


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For every shell click knows."""
    assert cli.run(["completion", shell]) == ExitCode.PASSED
    assert "_LABCHECK_COMPLETE" in capsys.readouterr().out


def test_readme_shows_every_command_and_exit_code() -> None:
    """A table that nobody compares goes stale."""
    readme = (CHECKOUT / "README.md").read_text()

    names = cli.cli.list_commands(click.Context(cli.cli))

    assert {"grade", "drift", "upgrade", "history", "portability"} <= set(names)
    assert all(f"labcheck {name}" in readme for name in names)
    assert all(f"| {code.value} |" in readme for code in ExitCode)


def test_labs_to_choose_from_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two lessons: the user must say which."""
    for name in ("one", "two"):
        shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / name)
        manifest = tmp_path / name / "lab.toml"
        manifest.write_text(manifest.read_text().replace('"forward-backward"', f'"{name}"'))

    assert cli.run(["lab", "show", "--lab-root", str(tmp_path)]) == ExitCode.USAGE
    assert "there are 2 lessons\n  → choose one with --lab: one, two" in capsys.readouterr().err
    assert cli.run(["lab", "show", "--lab-root", str(tmp_path), "--lab", "two"]) == 0
