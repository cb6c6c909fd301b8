"""Command upgrade: what is written where, and that no golden record is touched."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from tests.unit.cli.worlds import MOVED, World
from verifier import cli
from verifier.cli import upgrade
from verifier.drift import torch_environment
from verifier.drift.observation import load_observation
from verifier.drift.torch_environment import TorchEnvironment
from verifier.errors import EnvironmentFailure, ExitCode
from verifier.schema import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LESSON = ("--lab", "forward-backward", "--repeat", "1")
FILES = {
    "annotations.txt",
    "baseline.json",
    "candidate.json",
    "drift.json",
    "drift.txt",
    "drift.md",
    "drift.html",
}


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """No interpreter is started."""
    found = World()
    monkeypatch.setattr(torch_environment, "SandboxRunner", found)
    return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, Path]]:
    """Environments are made of nothing; which were asked for is kept."""
    asked: list[tuple[str, Path]] = []

    def make(version: str, *, cache: Path, say: object) -> TorchEnvironment:
        asked.append((version, cache))
        assert callable(say)
        return TorchEnvironment(
            kind="python", name=str(tmp_path / f"torch-{version}"), wheel_sha256="d" * 64
        )

    monkeypatch.setattr(upgrade, "environment_of", make)
    return asked


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Where everything is written."""
    return tmp_path / "results"


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    """A copy of the lesson, as a folder of labs."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "labs" / "forward-backward")
    return tmp_path / "labs"


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _upgrade(*arguments: str | Path) -> int:
    return cli.run(["upgrade", *LESSON, *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "one of --to and --to-env is needed"),
        (["--to", "2.14.1", "--to-env", "image:x"], "one of --to and --to-env is needed"),
        (["--from", "2.6.0", "--from-env", "image:x", "--to", "2.7.1"], "one of --from and"),
        (["--to-env", "here"], "'here' is no environment"),
        (["--to-env", "image:x", "--lab", "no"], "there is no lab 'no'"),
        (["--to-env", "image:x", "--fail-on", "x"], "--fail-on"),
    ],
    ids=str,
)
def test_what_cannot_be_understood_exits_2(
    made: list[tuple[str, Path]], arguments: list[str], said: str, results: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Before anything is run or written."""
    assert _upgrade(*arguments, "--results", results) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert not results.exists()
    assert made == []


def test_what_is_no_version_exits_2(
    made: list[tuple[str, Path]], results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is made of it, nor of the other one."""
    assert _upgrade("--to", "../x", "--results", results) == ExitCode.USAGE
    assert "'../x' is no version" in capsys.readouterr().err
    assert (made, results.exists()) == ([], False)


def test_the_pin_is_compared_with_a_release(
    made: list[tuple[str, Path]], world: World, results: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Both in the cache that was named; everything is written, and the verdict said."""
    world.torch["torch-2.14.1"] = "2.14.1+cpu"
    code = _upgrade("--to", "2.14.1", "--cache", tmp_path / "cache", "--results", results)
    out = capsys.readouterr().out

    assert code == ExitCode.PASSED
    assert made == [("2.13.0", tmp_path / "cache"), ("2.14.1", tmp_path / "cache")]
    assert out.startswith("torch 2.13.0+cpu → 2.14.1+cpu: nothing changed")
    assert out.endswith(f"\nresults: {results}\n")
    assert set(_contents(results)) == FILES
    assert (results / "drift.txt").read_text() in out
    document = json.loads((results / "drift.json").read_text())
    validate("drift", document)
    assert document["candidate"]["wheel_sha256"] == "d" * 64
    assert load_observation(results / "candidate.json").environment.torch == "2.14.1+cpu"
    assert "<svg" in (results / "drift.html").read_text()
    assert (results / "drift.md").read_text().startswith("## torch")


def test_the_folder_is_named_after_both_releases(
    made: list[tuple[str, Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody names one."""
    monkeypatch.chdir(tmp_path)
    _upgrade("--from", "2.6.0", "--to", "2.7.1")

    assert [version for version, _ in made] == ["2.6.0", "2.7.1"]
    assert set(_contents(tmp_path / "upgrade-2.6.0-2.7.1")) == FILES


@pytest.mark.usefixtures("made")
def test_goldens_are_proposed_and_none_is_put_in_place(
    world: World, results: Path, labs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To accept one is a person's step."""
    world.prints["torch-2.14.1"] = MOVED
    world.torch["torch-2.14.1"] = "2.14.1+cpu"
    before = _contents(labs)
    code = _upgrade("--to", "2.14.1", "--results", results, "--lab-root", labs)

    assert code == ExitCode.FAILED
    assert "loss_before: 0.1927 → 0.1928" in capsys.readouterr().out
    assert _contents(labs) == before
    proposed = results / "golden"
    assert set(_contents(proposed)) == {"CHANGES.md", "forward-backward/baseline.json"}
    document = json.loads((proposed / "forward-backward" / "baseline.json").read_text())
    validate("golden", document)
    assert document["provenance"]["torch"] == "2.14.1+cpu"
    changes = (proposed / "CHANGES.md").read_text().splitlines()
    assert changes[0] == "# Proposed"
    assert "## forward-backward/baseline" in changes
    assert "- one\\_training\\_step/loss\\_before: 0.1927 → 0.1928" in changes


@pytest.mark.usefixtures("made")
def test_what_cannot_be_proposed_is_told(
    world: World, results: Path, labs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reference that does not print what its lab asks for cannot become a golden record."""
    world.prints["torch-2.14.1"] = MOVED.replace(b"loss_after= 0.1183\n", b"")
    code = _upgrade("--to", "2.14.1", "--results", results, "--lab-root", labs)

    assert code == ExitCode.FAILED
    assert "loss_after: printed in one of the two only" in capsys.readouterr().out
    assert set(_contents(results / "golden")) == {"CHANGES.md"}
    text = (results / "golden" / "CHANGES.md").read_text()
    assert "- not proposed: the golden of forward-backward/baseline has 0 values" in text


@pytest.mark.usefixtures("made")
def test_an_earlier_proposal_is_cleared_away(world: World, results: Path, labs: Path) -> None:
    """Nobody accepts what was of another comparison."""
    where = ["--to", "2.14.1", "--results", str(results), "--lab-root", str(labs)]
    world.prints["torch-2.14.1"] = MOVED
    assert _upgrade(*where) == ExitCode.FAILED
    del world.prints["torch-2.14.1"]

    assert _upgrade(*where) == ExitCode.PASSED
    assert not (results / "golden").exists()


@pytest.mark.parametrize(
    "place", ["labs", "labs/forward-backward", "labs/forward-backward/golden", "labs/new/deep"]
)
def test_results_do_not_go_among_the_labs(
    made: list[tuple[str, Path]], world: World, labs: Path, place: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """There are folders called golden, and files called baseline.json."""
    world.prints["torch-2.14.1"] = MOVED
    before = _contents(labs)
    results = tmp_path / "other" / ".." / place

    assert _upgrade("--to", "2.14.1", "--results", results, "--lab-root", labs) == ExitCode.USAGE
    assert "--results" in capsys.readouterr().err
    assert _contents(labs) == before
    assert made == []


def test_a_folder_of_goldens_that_is_no_proposal_is_left_alone(
    made: list[tuple[str, Path]], results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody keeps their own there."""
    (results / "golden").mkdir(parents=True)
    (results / "golden" / "baseline.json").write_text("mine")

    assert _upgrade("--to", "2.14.1", "--results", results) == ExitCode.USAGE
    assert "holds something else" in capsys.readouterr().err
    assert _contents(results) == {"golden/baseline.json": b"mine"}
    assert made == []


def test_results_that_cannot_be_written_are_told_before_the_runs(
    made: list[tuple[str, Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Minutes and gigabytes later would be late."""
    (tmp_path / "file").write_text("")

    for results in (tmp_path / "file", tmp_path / "file" / "below"):
        assert _upgrade("--to", "2.14.1", "--results", results) == ExitCode.USAGE
        assert "cannot be made" in capsys.readouterr().err
    assert made == []


def test_an_environment_that_cannot_be_made_exits_4(
    monkeypatch: pytest.MonkeyPatch, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what pip said last."""

    def fail(version: str, **_how: object) -> TorchEnvironment:
        message = f"torch {version} could not be installed: no"
        raise EnvironmentFailure(message, remedy="see the log")

    monkeypatch.setattr(upgrade, "environment_of", fail)

    assert _upgrade("--to", "2.14.1", "--results", results) == ExitCode.ENVIRONMENT
    assert "torch 2.13.0 could not be installed" in capsys.readouterr().err


def test_what_takes_long_is_said_next_to_the_result(
    monkeypatch: pytest.MonkeyPatch, results: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """On standard error: the result may be piped."""

    def make(version: str, *, cache: Path, say: Callable[[str], None]) -> TorchEnvironment:
        say(f"installing torch {version} into {cache}")
        return TorchEnvironment(kind="python", name=str(tmp_path / version))

    monkeypatch.setattr(upgrade, "environment_of", make)
    _upgrade("--to", "2.14.1", "--cache", tmp_path, "--results", results)
    captured = capsys.readouterr()

    assert captured.err.splitlines()[:2] == [
        f"installing torch 2.13.0 into {tmp_path}", f"installing torch 2.14.1 into {tmp_path}",
    ]  # fmt: skip
    assert "installing" not in captured.out


def test_ones_own_environments_are_taken(
    made: list[tuple[str, Path]], world: World, results: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Nothing is made then."""
    for name in ("old", "new"):
        (tmp_path / name).write_text("")
        world.torch[name] = f"2.{len(name)}.0"
    code = _upgrade(
        "--from-env", f"python:{tmp_path}/old", "--to-env", f"python:{tmp_path}/new",
        "--results", results, "--fail-on", "bits",
    )  # fmt: skip

    assert (code, made) == (ExitCode.PASSED, [])
    assert "torch 2.3.0 under another environment" in capsys.readouterr().out
