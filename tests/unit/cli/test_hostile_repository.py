"""``labcheck grade .`` in a repository that brings links, pipes and rows: nothing else changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import PUBLISHED, FakeRunner, run_result
from tests.unit.batch.batches import ScriptedRunner, hand_in
from verifier import cli
from verifier.batch.intake import Intake
from verifier.cli import grade
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

WRONG = PUBLISHED.replace(b"0.1927", b"0.5")
NAMES = (
    "results.jsonl", "superseded.jsonl", "set-aside.txt", "gradebook.csv", "report.html", ".lock",
    ".labcheck", ".gradebook.csv.part", ".report.html.part", ".results.jsonl.part",
)  # fmt: skip


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one wrong submission in it, and the working directory there."""
    del fake
    made = hand_in(tmp_path / "repository", "wrong.py")
    runner = ScriptedRunner(lambda source: run_result(WRONG if b"wrong" in source else PUBLISHED))
    monkeypatch.setattr(grade, "chosen_runner", lambda *_args, **_kwargs: runner)
    monkeypatch.chdir(made)
    return made


@pytest.fixture(autouse=True)
def outside(tmp_path: Path) -> Path:
    """What no grading may change."""
    made = tmp_path / "outside"
    (made / "empty").mkdir(parents=True)
    (made / "keys").write_bytes(b"no newline at its end")
    (made / "rows.jsonl").write_bytes(b"{}\nno row\ntorn")
    return made


def _all_of(folder: Path) -> dict[str, str]:
    """Say what lies in a folder, links unfollowed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kind = "folder" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(folder))] = f"{kind} {path.lstat().st_mode:o}"
    return found


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("more", [[], ["--adopt"]], ids=["", "adopt"])
@pytest.mark.parametrize("how", ["link", "dangling", "hard", "fifo", "folder"])
@pytest.mark.parametrize("name", NAMES)
def test_planted_file_of_the_results_leads_nowhere(
    repository: Path, outside: Path, name: str, how: str, more: list[str]
) -> None:
    """A link to a file, to none, a second name of one, a pipe: nothing is written or waited for."""
    planted = repository / "labcheck-results" / name
    planted.parent.mkdir()
    match how:
        case "link":
            planted.symlink_to(outside / "rows.jsonl")
        case "dangling":
            planted.symlink_to(outside / "new")
        case "hard":
            os.link(outside / "rows.jsonl", planted)
        case "fifo":
            os.mkfifo(planted)
        case _:
            planted.mkdir()
    before = _all_of(outside)

    code = cli.run(["grade", ".", *more])

    assert _all_of(outside) == before
    if not more and name != ".lock":
        assert code == ExitCode.USAGE
        assert _names(planted.parent) == [name]
    if code == ExitCode.PASSED:
        for made in ("results.jsonl", "gradebook.csv", "report.html"):
            assert not (planted.parent / made).is_symlink()
            assert (planted.parent / made).stat().st_nlink == 1


def test_planted_row_is_not_believed(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says that a wrong submission passed; the folder that it lies in is refused."""
    _plant_a_row(repository, tmp_path)

    assert cli.run(["grade", "."]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "labcheck-results/ was not made by this user's labcheck" in said
    assert "--adopt" in said
    assert "--results" in said
    assert _names(repository / "labcheck-results") == ["results.jsonl"]


def test_published_marker_does_not_fit_another_folder(repository: Path, tmp_path: Path) -> None:
    """Who has read a teacher's results folder can copy all of it into a repository."""
    _plant_a_row(repository, tmp_path, with_marker=True)

    assert cli.run(["grade", "."]) == ExitCode.USAGE


def test_adopted_folder_is_named_with_what_is_taken_over(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user's word counts: rows that fit are kept, and afterwards the folder is this user's."""
    _plant_a_row(repository, tmp_path)
    rows = (repository / "labcheck-results" / "results.jsonl").read_bytes()

    assert cli.run(["grade", ".", "--adopt"]) == ExitCode.PASSED
    said = capsys.readouterr()
    assert f"takes over labcheck-results/: results.jsonl ({len(rows)} bytes)" in said.err
    assert "1 passed" in said.out
    assert cli.run(["grade", "."]) == ExitCode.PASSED
    assert cli.run(["grade", ".", "--adopt"]) == ExitCode.PASSED


def _plant_a_row(repository: Path, tmp_path: Path, *, with_marker: bool = False) -> None:
    """Grade a right script under the wrong one's name, and bring its row with the wrong bytes."""
    elsewhere = tmp_path / "elsewhere"
    cli.run(["grade", ".", "--results", str(elsewhere)])
    row = json.loads((elsewhere / "results.jsonl").read_bytes())
    row["report"] |= {"verdict": "passed", "score": row["report"]["max_score"]}
    (repository / "labcheck-results").mkdir()
    (repository / "labcheck-results" / "results.jsonl").write_text(json.dumps(row) + "\n")
    if with_marker:
        shutil.copy(elsewhere / ".labcheck", repository / "labcheck-results" / ".labcheck")


@pytest.mark.parametrize("target", ["empty", "new", "", "results", "../repository"])
@pytest.mark.parametrize("place", ["itself", "parent"])
def test_planted_way_to_the_results_is_not_followed(
    repository: Path, outside: Path, target: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """To an empty folder, to none, to a full one, to another class's results, to the class."""
    cli.run(["grade", ".", "--results", str(outside / "results")])
    before = _all_of(outside)
    name = "labcheck-results" if place == "itself" else "out/6"
    link = repository / name.partition("/")[0]
    link.symlink_to(outside / target)

    code = cli.run(["grade", ".", "--results", name])

    assert code == ExitCode.USAGE
    assert "is a link" in capsys.readouterr().err
    assert _all_of(outside) == before
    assert _names(repository) == sorted([link.name, "wrong.py"])


def test_results_that_are_a_link_to_the_class_hide_nobody(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of the results is passed over; a link does not choose which one that is."""
    hand_in(repository / "6", "a.py")
    (repository / "labcheck-results").symlink_to("6")

    assert cli.run(["grade", "."]) == ExitCode.USAGE
    assert "is a link" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["link", "dangling", "fifo", "parent", "folder"])
def test_planted_output_is_refused_before_anything_is_graded(
    repository: Path, outside: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``-o`` goes where the user says, and a repository does not say where that is."""
    name = "out/r.json" if how == "parent" else "r.json"
    planted = repository / "r.json"
    match how:
        case "link":
            planted.symlink_to(outside / "keys")
        case "dangling":
            planted.symlink_to(outside / "new")
        case "fifo":
            os.mkfifo(planted)
        case "parent":
            (repository / "out").symlink_to(outside)
        case _:
            planted.mkdir()
    before = _all_of(outside)

    for arguments in (["wrong.py"], ["."]):
        assert cli.run(["grade", *arguments, "-o", f"json={name}"]) == ExitCode.USAGE
        said = capsys.readouterr()
        assert said.out == ""
        assert "name another path" in said.err
    assert _all_of(outside) == before
    assert not (repository / "labcheck-results").exists()


def test_output_that_is_a_second_name_leaves_the_first_as_it_was(
    repository: Path, outside: Path
) -> None:
    """A hard link to a file outside is the same attack."""
    os.link(outside / "keys", repository / "r.json")
    before = _all_of(outside)

    assert cli.run(["grade", "wrong.py", "-o", "json=r.json"]) == ExitCode.FAILED

    assert _all_of(outside) == before
    assert json.loads((repository / "r.json").read_text())["verdict"] == "failed"


def test_link_among_the_submissions_is_not_read(repository: Path, outside: Path) -> None:
    """Neither a file that it points to, nor what lies in a folder."""
    (outside / "solution.py").write_text("print(1)\n")
    (repository / "a.py").symlink_to(outside / "solution.py")
    (repository / "more").symlink_to(outside)
    os.mkfifo(repository / "pipe.py")

    assert cli.run(["grade", "."]) == ExitCode.PASSED

    written = (repository / "labcheck-results" / "results.jsonl").read_text()
    rows = [json.loads(line) for line in written.splitlines()]
    said = {row["path"]: row["report"]["findings"] for row in rows}
    assert sorted(said) == ["a.py", "pipe.py", "wrong.py"]
    assert "it is a link" in said["a.py"][0]["message"]
    assert "no regular file" in said["pipe.py"][0]["message"]


@pytest.mark.parametrize("argument", ["class", "class/*/*.py", "class/**/*.py"])
@pytest.mark.parametrize("swapped", ["6", "6/a.py"])
def test_folder_that_becomes_a_link_after_it_was_listed_is_not_followed(
    repository: Path, outside: Path, argument: str, swapped: str
) -> None:
    """Who can write there can swap it between the look and the reading."""
    hand_in(repository / "class", "6/a.py")
    (outside / "a.py").write_text("print('solution')\n")
    with Intake([argument], apart_from=repository / "results") as intake:
        place = repository / "class" / swapped
        place.rename(repository / "away")
        place.symlink_to(outside if swapped == "6" else outside / "a.py")

        submission = intake.items[0].submission()

    assert submission.source == b""
    assert not submission.gradable
