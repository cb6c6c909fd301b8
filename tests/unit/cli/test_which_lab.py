"""Which labs a command loads: the one that is meant, and the others only where they tell it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED
from verifier import cli
from verifier.errors import ExitCode
from verifier.schema import read_document

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of all manifests that are parsed, in order."""
    folders: list[str] = []

    def noted(path: Path, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
        folders.append(path.parent.name)
        return read_document(path, **how)

    monkeypatch.setattr("verifier.lab.load.read_document", noted)
    return folders


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two lessons and a canary, none of which is meant by default."""
    folder = tmp_path / "lab"
    ignored = shutil.ignore_patterns("mistakes", "bench")
    for name in ("autograd", "attention", "canary/dropout"):
        shutil.copytree(LAB_ROOT / name, folder / name, ignore=ignored)
    return folder


def _mark(root: Path, *names: str) -> None:
    for name in names:
        manifest = root / name / "lab.toml"
        manifest.write_text(f"default = true\n{manifest.read_text()}")


@pytest.mark.parametrize("lab", [(), ("--lab", "forward-backward")])
def test_who_grades_loads_one_lab(lab: tuple[str, ...], tmp_path: Path, loaded: list[str]) -> None:
    """It is named, or the one that is marked; the other thirty cost nothing."""
    output = tmp_path / "output.txt"
    output.write_bytes(PUBLISHED)

    assert cli.run(["check", str(output), *lab]) == ExitCode.PASSED
    assert loaded == ["forward-backward"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [("autograd", "autograd"), ("attention", "attention"), ("canary-attention", "attention")],
)
def test_who_looks_at_a_lab_loads_that_alone(
    name: str, folder: str, loaded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A canary's folder may be called like a lesson's."""
    assert cli.run(["lab", "show", "--lab", name]) == ExitCode.PASSED
    assert loaded == [folder]
    assert capsys.readouterr().out.startswith(f"{name}: ")


def test_the_only_lesson_is_meant(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It need not be marked."""
    shutil.rmtree(root / "attention")

    assert cli.run(["lab", "show", "--lab-root", str(root)]) == ExitCode.PASSED
    assert capsys.readouterr().out.startswith("autograd: ")


def test_of_several_lessons_one_is_named_or_marked(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None marked, or two: neither is guessed."""
    for marked in ([], ["autograd", "attention"]):
        _mark(root, *marked)
        assert cli.run(["lab", "show", "--lab-root", str(root)]) == ExitCode.USAGE
        assert "there are 2 lessons" in capsys.readouterr().err


def test_a_canary_that_is_marked_is_not_meant(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody hands anything in for it."""
    _mark(root, "canary/dropout", "attention")

    assert cli.run(["lab", "show", "--lab-root", str(root)]) == ExitCode.PASSED
    assert capsys.readouterr().out.startswith("attention: ")


def test_a_broken_lab_harms_who_means_another_in_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named or marked; it is told of to whoever means it, or may mean it."""
    broken = root / "autograd" / "lab.toml"
    broken.write_text("schema_version = 2\nid = 5\n")

    show = ["lab", "show", "--lab-root", str(root)]
    assert cli.run([*show, "--lab", "attention"]) == ExitCode.PASSED
    assert cli.run(show) == ExitCode.BAD_DATA
    assert cli.run([*show, "--lab", "autograd"]) == ExitCode.BAD_DATA
    assert str(broken) in capsys.readouterr().err
    _mark(root, "attention")
    assert cli.run(show) == ExitCode.PASSED


def test_a_broken_canary_is_told_of_by_its_name(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is there, and wrong."""
    broken = root / "canary" / "dropout" / "lab.toml"
    broken.write_text("schema_version = 1\n")

    show = ["lab", "show", "--lab-root", str(root), "--lab", "canary-dropout"]
    assert cli.run(show) == ExitCode.BAD_DATA
    assert str(broken) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("autogard", "is autograd meant?"),
        ("dropout", "canary-dropout"),
        ("", "there is no lab ''"),
        (".", "there is no lab '.'"),
        ("..", "there is no lab '..'"),
        ("canary/dropout", "is canary-dropout meant?"),
        ("./autograd", "is autograd meant?"),
        ("*", "there is no lab '*'"),
        ("a\x1b[2Jb", r"there is no lab 'a\x1b[2Jb'"),
        ("x" * 300, "there is no lab"),
    ],
)
def test_a_lab_that_is_not_there_is_told_with_the_nearest(
    name: str, said: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name is no path, and no pattern."""
    shown = ["lab", "show", "--lab-root", str(root), "--lab", name]
    assert cli.run(shown) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert said in error
    assert "attention, autograd, canary-dropout" in error


def test_a_lab_that_is_not_called_like_its_folder_is_broken(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the folder's name; under its own nothing is there."""
    shutil.move(root / "autograd", root / "moved")
    show = ["lab", "show", "--lab-root", str(root), "--lab"]

    assert cli.run([*show, "moved"]) == ExitCode.BAD_DATA
    assert "is not the name of its folder" in capsys.readouterr().err
    assert cli.run([*show, "autograd"]) == ExitCode.USAGE
