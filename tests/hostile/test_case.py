"""The cases as files: none is passed over in silence, and each says what stops it and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.case import FAMILIES, ROOT, Case, CaseError, load_case, load_cases
from verifier.run.interface import WALLS

if TYPE_CHECKING:
    from pathlib import Path

CASES = load_cases()
SOAK = (
    "resources/cpu_limit",
    "resources/deep_folders_in_a_large_slot",
    "resources/million_files_in_a_large_slot",
)
"""Run by `make soak` alone, because each takes longer than twenty others."""

SCRIPT = "print('x')\n"
CASE = """\
title = "A title"
tries = "Something."
stopped_by = "uid"

[expect]
outcome = "exited 0"
verdict = "failed"

[[control]]
how = "bare"
shows = "It works."
expect = { stdout = "x" }
"""


def made(folder: Path, text: str) -> Path:
    """Write a case into ``folder``."""
    (folder / "case.toml").write_text(text, encoding="utf-8")
    (folder / "submission.py").write_text(SCRIPT, encoding="utf-8")
    return folder


def test_every_folder_is_a_case() -> None:
    """A folder without its two files would be an attack that nobody runs."""
    folders = {
        f"{path.parent.name}/{path.name}"
        for family in FAMILIES
        for path in (ROOT / family).iterdir()
        if path.name != "__pycache__"
    }

    assert {case.id for case in CASES} == folders
    assert {
        path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__"
    } == set(FAMILIES)


def test_cases_left_to_soak_are_these() -> None:
    """A case does not leave the suite without anyone's notice."""
    assert tuple(case.id for case in CASES if case.soak) == SOAK


@pytest.mark.parametrize("wall", WALLS)
def test_every_wall_stops_something_and_is_taken_down_somewhere(wall: str) -> None:
    """A wall of which no control shows what it is good for may as well not be there."""
    down = {each for case in CASES for control in case.controls for each in control.without}
    down |= {"no_network" for case in CASES for control in case.controls if control.neighbour}
    down |= {"container" for case in CASES for control in case.controls if control.host}

    assert wall in {each for case in CASES for each in case.stopped_by}
    assert wall in down


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_some_control_of_a_case_ends_otherwise(case: Case) -> None:
    """If all of them end as the attack does, what is tested is not what stops it."""
    assert [
        control
        for control in case.controls
        if control.how in ("arrives", "bare", "driver", "joined") or control.expect != case.expect
    ]


def test_case_that_says_all_is_read(tmp_path: Path) -> None:
    """The least that a case may say."""
    case = load_case(made(tmp_path, CASE))

    assert (case.title, case.stopped_by, case.source) == ("A title", ("uid",), SCRIPT.encode())
    assert case.controls[0].expect.stdout == ("x",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "A title"', 'title = "A title"\ntitel = "A title"', "unknown titel"),
        ('stopped_by = "uid"', 'stopped_by = "luck"', "must name walls or rules"),
        ('outcome = "exited 0"\n', "", "must be said"),
        ('verdict = "failed"', 'verdict = "fine"', "must be one of passed, failed"),
        ('how = "bare"', 'how = "hope"', "must be one of without, bare"),
        ('how = "bare"', 'how = "without"\nwithout = ["luck"]', "without names no wall"),
        ('how = "bare"', 'how = "bare"\nlimits = { luck = 1 }', "unknown limits"),
        ("[[control]]", "[[controls]]", "unknown controls"),
        ("[expect]", '[source]\nedits = [["y", "z"]]\n\n[expect]', "the script has no 'y'"),
        ('"A title"', "1", "title must be a string"),
        ('stopped_by = "uid"', 'stopped_by = "uid"\nsoak = 1', "soak must be true or false"),
        ('stdout = "x"', "stdout = [1]", "stdout must be strings"),
    ],
)
def test_case_that_says_less_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Read carelessly, a case would pass whatever happens."""
    assert old in CASE

    with pytest.raises(CaseError, match=message):
        load_case(made(tmp_path, CASE.replace(old, new)))


def test_case_without_a_control_is_refused(tmp_path: Path) -> None:
    """It may pass for the wrong reason."""
    with pytest.raises(CaseError, match="without a control"):
        load_case(made(tmp_path, CASE.partition("[[control]]")[0]))


def test_case_without_its_script_is_refused(tmp_path: Path) -> None:
    """Its folder says that there is an attack."""
    made(tmp_path, CASE)
    (tmp_path / "submission.py").unlink()

    with pytest.raises(CaseError, match="No such file"):
        load_case(tmp_path)
