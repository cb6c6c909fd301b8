"""Whose lab judges: labcheck's own or one that was named, never one that merely lies there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED
from verifier import cli
from verifier.errors import ExitCode
from verifier.run.local import LocalRunner

if TYPE_CHECKING:
    from pathlib import Path

LAB = "forward-backward"


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABCHECK_LAB", raising=False)


def _planted(folder: Path) -> Path:
    """Make a copy of the lab that takes anything for right."""
    root = folder / "lab"
    shutil.copytree(LAB_ROOT / LAB, root / LAB, ignore=shutil.ignore_patterns("mistakes", "bench"))
    manifest = root / LAB / "lab.toml"
    anything = '[[exercises.baseline.fields]]\nat = "*"\natol = "99"\n'
    manifest.write_text(f"{manifest.read_text()}\n{anything}")
    return root


def test_planted_lab_judges_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hand-in is a folder that may hold anything: a lab whose tolerance is 99, too."""
    root = _planted(tmp_path)
    output = tmp_path / "output.txt"
    output.write_bytes(PUBLISHED.replace(b"0.825", b"0.1"))
    monkeypatch.chdir(tmp_path)

    assert cli.run(["check", str(output)]) == ExitCode.FAILED
    assert cli.run(["check", str(output), "--lab-root", str(root)]) == ExitCode.PASSED
    assert "not used" not in capsys.readouterr().err


def test_author_is_told_of_a_lab_that_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who works in another checkout than the one installed has to name it."""
    root = _planted(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert cli.run(["lab", "list"]) == ExitCode.PASSED
    said = capsys.readouterr().err
    assert f"{root} is not used" in said
    assert "--lab-root" in said
    assert cli.run(["lab", "list", "--lab-root", "lab"]) == ExitCode.PASSED
    assert "is not used" not in capsys.readouterr().err


def test_without_an_engine_no_reference_runs_that_was_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that lies there must not get its script run without walls."""
    root = _planted(tmp_path)
    (root / LAB / "forward_backward_lab.py").write_text("print('planted')")
    ran: list[bytes] = []

    def refuse(_self: object, source: bytes, **_: object) -> object:
        ran.append(source)
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalRunner, "__enter__", lambda runner: runner)
    monkeypatch.setattr(LocalRunner, "run", refuse)
    monkeypatch.setattr("verifier.cli.options.engine_trouble", lambda: "none here")
    monkeypatch.delenv("LABCHECK_IN_IMAGE", raising=False)
    monkeypatch.chdir(tmp_path)
    arguments = ["verify", "--exercise", "baseline"]

    assert cli.run(arguments) == ExitCode.INTERRUPTED
    assert ran == [(LAB_ROOT / LAB / "forward_backward_lab.py").read_bytes()]
    assert "without walls" in capsys.readouterr().err
    assert cli.run([*arguments, "--lab-root", "lab"]) == ExitCode.INTERRUPTED
    assert ran[1:] == [b"print('planted')"]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_link_inside_the_lab_is_not_the_labs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Without walls runs only what lies in the lab's folder, wherever a path seems to lie."""
    root = _planted(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.py").write_text("print(1)")
    link = root / LAB / "link"
    link.symlink_to(outside if what == "folder" else outside / "mine.py")
    ran: list[bytes] = []
    monkeypatch.setattr(LocalRunner, "run", lambda _self, source, **_: ran.append(source))
    file = link / "mine.py" if what == "folder" else link

    code = cli.run(["grade", str(file), "--lab-root", str(root), "--runner", "local"])

    assert code == ExitCode.USAGE
    assert ran == []
