"""Commands drift, observe and compare: what they refuse, write and exit with."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import LAB_ROOT
from tests.unit.cli.worlds import World
from tests.unit.drift.observing import DROPOUT, observation_of, run_of
from verifier import cli
from verifier.drift import torch_environment
from verifier.drift.observation import Observation, Shown, load_observation, observation_text
from verifier.errors import ExitCode, TorchMissingError
from verifier.schema import validate

PYTHON = f"python:{sys.executable}"
LESSON = ("--lab", "forward-backward")


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """No interpreter is started."""
    found = World()
    monkeypatch.setattr(torch_environment, "SandboxRunner", found)
    return found


def _kept(folder: Path, name: str, found: Observation) -> str:
    path = folder / name
    path.write_text(observation_text(found))
    return str(path)


def _moved(text: str | None, *exact: float) -> Observation:
    shown = None if text is None else Shown(text=text, exact=exact or None)
    return observation_of(run_of(other={"loss_before": shown}), torch="2.14.1")


def _compare(*arguments: str) -> int:
    return cli.run(["drift", "compare", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "two environments are compared"),
        (["--candidate", PYTHON], "two environments are compared"),
        (["--baseline", PYTHON], "two environments are compared"),
        (["--baseline", "here", "--candidate", PYTHON], "'here' is no environment"),
        (["--baseline", PYTHON, "--candidate", "python:/no/such"], "no interpreter /no/such"),
        (
            ["--baseline", PYTHON, "--candidate", PYTHON, "--candidate-env", "x"],
            "'x' is no variable",
        ),
        (
            ["--baseline", PYTHON, "--candidate", PYTHON, "--baseline-env", "a=b"],
            "'a=b' is no variable",
        ),
        (["--baseline", PYTHON, "--candidate", PYTHON, "--lab", "no"], "there is no lab 'no'"),
        (["--baseline", PYTHON, "--candidate", PYTHON, "--repeat", "0"], "--repeat"),
        (["--baseline", PYTHON, "--candidate", PYTHON, "--fail-on", "noise"], "--fail-on"),
        (["--baseline", PYTHON, "--candidate", PYTHON, "--format", "pdf"], "--format"),
        (["observe"], "ENV"),
        (["observe", "here"], "'here' is no environment"),
        (["observe", PYTHON, "--env", "x"], "'x' is no variable"),
        (["observe", PYTHON, "--lab", "\x1b[2J"], r"there is no lab '\x1b[2J'"),
        (["compare"], "A.json"),
        (["nothing"], "nothing"),
    ],
    ids=str,
)
def test_what_cannot_be_understood_exits_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is run, with what to write instead."""
    code = cli.run(["drift", *arguments])
    captured = capsys.readouterr()

    assert (code, captured.out) == (ExitCode.USAGE, "")
    assert said in captured.err
    assert "runs" not in captured.err


def test_two_environments_that_print_the_same_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    """The result is on standard output, progress on standard error."""
    code = cli.run(["drift", "--baseline", PYTHON, "--candidate", PYTHON, *LESSON])
    captured = capsys.readouterr()

    assert code == ExitCode.PASSED
    assert captured.out.startswith("torch 2.13.0+cpu under another environment: nothing changed")
    assert "identical: 6 of 6 scripts" in captured.out
    assert captured.err == "labcheck: 48 runs\n"


def test_a_variable_of_one_side_is_that_sides(capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever it is."""
    sides = ["drift", "--baseline", PYTHON, "--candidate", PYTHON, *LESSON, "--repeat", "1"]

    assert cli.run([*sides, "--candidate-env", "WHAT=moved"]) == ExitCode.FAILED
    assert "loss_before: 0.1927 → 0.1928" in capsys.readouterr().out
    assert cli.run([*sides, "--baseline-env", "WHAT=moved"]) == ExitCode.FAILED
    assert "loss_before: 0.1928 → 0.1927" in capsys.readouterr().out
    both = ["--baseline-env", "WHAT=moved", "--candidate-env", "WHAT=moved"]
    assert cli.run([*sides, *both]) == ExitCode.PASSED


def test_another_cpu_is_no_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 all the same."""
    settings = ["--candidate-env", "WHAT=moved", "--candidate-env", "ATEN_CPU_CAPABILITY=DEFAULT"]
    code = cli.run(["drift", "--baseline", PYTHON, "--candidate", PYTHON, *settings, *LESSON])
    out = capsys.readouterr().out

    assert code == ExitCode.FAILED
    assert "  - not a version: the same torch was run otherwise (CPU capability: AVX2 → DEF" in out


def test_an_environment_that_cannot_be_run_exits_4(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Naming it; nothing is compared."""
    world.prints["broken"] = TorchMissingError(python=sys.executable)
    sides = ["--baseline", PYTHON, "--candidate", PYTHON, "--candidate-env", "WHAT=broken"]
    code = cli.run(["drift", *sides, *LESSON])
    captured = capsys.readouterr()

    assert (code, captured.out) == (ExitCode.ENVIRONMENT, "")
    assert f"{PYTHON} WHAT=broken: {sys.executable} cannot import torch" in captured.err


def test_an_interrupt_exits_130(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """As everywhere."""
    world.prints["stopped"] = KeyboardInterrupt()

    assert cli.run(["drift", "observe", PYTHON, *LESSON, "--env", "WHAT=stopped"]) == (
        ExitCode.INTERRUPTED
    )
    assert capsys.readouterr().out == ""


def test_what_is_observed_can_be_kept_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On another day, by another machine; the files say the same as a run of both."""
    paths = [str(tmp_path / name) for name in ("a.json", "b.json")]
    for path, settings in zip(paths, ([], ["--env", "WHAT=moved"]), strict=True):
        code = cli.run(["drift", "observe", PYTHON, *settings, *LESSON, "-o", path])
        assert code == ExitCode.PASSED
    assert capsys.readouterr().out == ""

    assert load_observation(Path(paths[1])).settings == {"WHAT": "moved"}
    assert _compare(*paths) == ExitCode.FAILED
    compared = capsys.readouterr().out
    sides = ["--baseline", PYTHON, "--candidate", PYTHON, "--candidate-env", "WHAT=moved"]
    cli.run(["drift", *sides, *LESSON])
    ratios = "candidate / baseline"
    assert [line for line in compared.splitlines() if ratios not in line] == [
        line for line in capsys.readouterr().out.splitlines() if ratios not in line
    ]


def test_an_observation_may_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON under its schema."""
    assert cli.run(["drift", "observe", PYTHON, *LESSON]) == ExitCode.PASSED

    validate("observation", json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("text", "exact", "bits", "printed", "tolerance"),
    [
        ("0.1927", (0.1875,), 0, 0, 0),
        ("0.1927", (0.25,), 1, 0, 0),
        ("0.1928", (0.1875,), 1, 1, 0),
        ("0.1929", (0.1875,), 1, 1, 1),
        (None, (), 1, 1, 1),
    ],
)
def test_what_fails_is_for_the_caller_to_say(
    tmp_path: Path,
    text: str | None,
    exact: tuple[float, ...],
    bits: int,
    printed: int,
    tolerance: int,
) -> None:
    """Other bits, other text, or text beyond tolerance; text is what a reader sees."""
    before = _kept(tmp_path, "a.json", _moved("0.1927", 0.1875))
    after = _kept(tmp_path, "b.json", _moved(text, *exact))

    for name, code in (("bits", bits), ("printed", printed), ("tolerance", tolerance)):
        assert _compare(before, after, "--fail-on", name) == code, name
    assert _compare(before, after) == printed


@pytest.mark.parametrize(
    ("format_name", "begins", "holds"),
    [
        ("text", "torch 2.13.0+cpu → 2.14.1", "loss_before: 0.1927 → 0.1928"),
        ("json", '{"schema_version": 1', '"status": "printed_differs"'),
        ("markdown", "## torch 2.13.0", "| script | status |"),
        ("html", "<!DOCTYPE html>", "Content-Security-Policy"),
    ],
)
def test_every_format_is_written_to_standard_output_or_a_file(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    format_name: str,
    begins: str,
    holds: str,
) -> None:
    """The same bytes; the exit code is the same."""
    paths = [
        _kept(tmp_path, "a.json", observation_of()),
        _kept(tmp_path, "b.json", _moved("0.1928")),
    ]
    written = tmp_path / "written"

    assert _compare(*paths, "--format", format_name) == ExitCode.FAILED
    out = capsys.readouterr().out
    assert _compare(*paths, "--format", format_name, "-o", str(written)) == ExitCode.FAILED
    assert capsys.readouterr().out == ""
    assert out.startswith(begins)
    assert holds in out
    assert written.read_text(encoding="utf-8") == out


def test_json_says_what_it_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader of the file knows what the exit code meant."""
    paths = [
        _kept(tmp_path, "a.json", observation_of()),
        _kept(tmp_path, "b.json", _moved("0.1928")),
    ]
    _compare(*paths, "--format", "json", "--fail-on", "tolerance")
    document: dict[str, Any] = json.loads(capsys.readouterr().out)

    validate("drift", document)
    assert (document["status"], document["fail_on"], document["fails"]) == (
        "printed_differs", "beyond_tolerance", False,
    )  # fmt: skip


def test_a_file_that_cannot_be_written_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named, with what to do."""
    path = _kept(tmp_path, "a.json", observation_of())

    assert _compare(path, path, "-o", str(tmp_path / "no" / "such")) == ExitCode.USAGE
    assert "cannot be written" in capsys.readouterr().err


def test_what_cannot_be_read_exits_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, one that is no observation, one of a lab that is not here."""
    good = _kept(tmp_path, "a.json", observation_of())
    (tmp_path / "broken.json").write_text("{")
    strange = observation_of()
    for number, (lab, exercise) in enumerate(
        [("other-lab", "baseline"), ("forward-backward", "other"), ("\x07\u202e", "x")]
    ):
        scripts = (replace(strange.scripts[0], lab=lab, exercise=exercise),)
        _kept(tmp_path, f"strange{number}.json", replace(strange, scripts=scripts))

    for name in ("missing.json", "broken.json", "strange0.json", "strange1.json", "strange2.json"):
        for paths in ((good, str(tmp_path / name)), (str(tmp_path / name), good)):
            assert _compare(*paths) == ExitCode.BAD_DATA, name
            captured = capsys.readouterr()
            assert captured.out == ""
            assert "→" in captured.err
            assert captured.err.replace("\n", "").isprintable()


def test_where_nothing_can_be_compared_nothing_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gate that compared no number is no gate."""
    paths = [
        _kept(tmp_path, "a.json", observation_of()),
        _kept(tmp_path, "b.json", observation_of(key=DROPOUT)),
        _kept(tmp_path, "c.json", replace(observation_of(), scripts=())),
    ]

    for other in paths[1:]:
        assert _compare(paths[0], other) == ExitCode.BAD_DATA
        assert "no script was run in both" in capsys.readouterr().err


def test_goldens_are_those_of_the_labs_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One altered by a unit in its last digit is stale, and that is no drift."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "labs" / "forward-backward")
    golden = tmp_path / "labs" / "forward-backward" / "golden" / "baseline.json"
    golden.write_text(golden.read_text().replace('"0.0861"', '"0.0862"', 1))
    path = _kept(tmp_path, "a.json", observation_of())
    root = ["--lab-root", str(tmp_path / "labs")]

    assert _compare(path, path) == ExitCode.PASSED
    capsys.readouterr()
    assert _compare(path, path, *root) == ExitCode.FAILED
    out = capsys.readouterr().out
    assert "has a stale golden record: loss at step=2 is 0.0862 there, and 0.0861 from" in out
    golden.unlink()
    assert _compare(path, path, *root) == ExitCode.PASSED
