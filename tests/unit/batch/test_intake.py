"""What the arguments name, and what lies among it."""

from __future__ import annotations

import json
import os
import subprocess
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.batch.batches import grade, hand_in, verdicts
from verifier.batch.intake import Intake, left_out_lines, names_one_file
from verifier.batch.item import Item, LeftOut, key_of
from verifier.errors import UsageError
from verifier.submission import SIZE_LIMIT_BYTES


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _intake(*arguments: str) -> Intake:
    return Intake(arguments, apart_from=Path("labcheck-results"))


def _paths(*arguments: str) -> list[str]:
    with _intake(*arguments) as intake:
        return [item.path for item in intake.items]


def _refusals(*arguments: str) -> dict[str, list[str]]:
    with _intake(*arguments) as intake:
        return {
            item.path: [finding.kind for finding in item.submission().refusals]
            for item in intake.items
        }


def _left_out(*arguments: str) -> list[str]:
    with _intake(*arguments) as intake:
        return left_out_lines(intake.left_out)


def test_folder_gives_every_script_below_it() -> None:
    """At any depth, in upper and lower case, by its path below the folder."""
    hand_in(Path("class"), "a.py", "b/c/B.PY", "b/.git/x.py", "b/__pycache__/y.py", ".hidden.py")

    assert _paths("class") == ["a.py", "b/c/B.PY"]
    assert _paths("class/") == ["a.py", "b/c/B.PY"]
    assert _paths("class/b/..") == ["a.py", "b/c/B.PY"]


def test_what_is_no_script_is_counted_and_named() -> None:
    """Nobody's notebook disappears silently."""
    hand_in(Path("class"), "a.py", "b/notes.ipynb", "c/answer.txt", ".git/x.py")
    Path("class/link").symlink_to("b")

    assert _left_out("class") == [
        "1 × hidden: .git",
        "1 × a link: link",
        "2 × no .py file: b/notes.ipynb, c/answer.txt",
    ]


def test_names_of_what_is_left_out_are_bounded() -> None:
    """A folder may hold thousands of other files."""
    left_out = [LeftOut(path=str(number), reason="no .py file") for number in range(1000)]

    assert left_out_lines(left_out, shown=2) == ["1000 × no .py file: 0, 1, and 998 more"]


def test_link_pipe_and_large_file_are_refused_not_read() -> None:
    """They keep their row, so that somebody asks."""
    hand_in(Path("class"), "a.py")
    Path("class/link.py").symlink_to("a.py")
    Path("class/big.py").write_bytes(b"#" * (SIZE_LIMIT_BYTES + 1))
    os.mkfifo("class/pipe.py")

    assert _refusals("class") == {
        "a.py": [],
        "big.py": ["too_large"],
        "link.py": ["unreadable"],
        "pipe.py": ["unreadable"],
    }


def test_file_that_goes_away_is_refused() -> None:
    """Between the look at its folder and the look into it."""
    hand_in(Path("class"), "a.py", "b.py")
    with _intake("class") as intake:
        Path("class/b.py").unlink()
        gone = intake.items[1].submission()

    assert (gone.path, [finding.kind for finding in gone.refusals]) == ("b.py", ["unreadable"])


def test_folder_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the class is graded."""
    hand_in(Path("class"), "a.py", "private/b.py")
    opened = os.open

    def deny(path: str | Path, flags: int, *mode: int, dir_fd: int | None = None) -> int:
        if Path(path).name == "private":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", deny)

    assert _left_out("class") == [
        "1 × a folder that cannot be read (Permission denied): class/private"
    ]
    assert _paths("class/*") == ["a.py"]
    with pytest.raises(UsageError, match="nothing that matches"):
        _intake("class/private/*")


def test_deeply_nested_folders_exhaust_nothing() -> None:
    """Deeper than Python recurses, and than the kernel takes a path."""
    hand_in(Path("class"), "a.py")
    here = os.open("class", os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("deep.py", os.O_CREAT, dir_fd=here))
    os.close(here)

    assert _paths("class") == ["a.py"]
    assert "File name too long" in _left_out("class")[0]
    assert _paths("class/**/*.py") == ["a.py"]
    # pytest's own clean-up recurses.
    subprocess.run(["rm", "-r", "class"], check=True, timeout=60)


def test_results_among_the_submissions_are_passed_over() -> None:
    """As where ``labcheck grade .`` is the command."""
    hand_in(Path(), "a.py", "labcheck-results/b.py")

    assert _paths(".") == ["a.py"]
    assert _left_out(".") == []


def test_several_arguments_keep_short_names_where_these_tell_apart() -> None:
    """And are called by the argument's name where not."""
    hand_in(Path("week/one"), "a.py", "b.py")
    hand_in(Path("week/two"), "a.py", "c.py")

    assert _paths("week/one", "week/two") == ["b.py", "c.py", "one/a.py", "two/a.py"]


def test_arguments_of_the_same_name_are_called_by_their_whole_path() -> None:
    """As a shell expands ``*/main.py``."""
    hand_in(Path(), "jane/main.py", "joe/main.py", "jane/sub/x.py", "joe/sub/x.py")

    assert _paths("jane/main.py", "joe/main.py") == ["jane/main.py", "joe/main.py"]
    assert _paths("jane/sub", "joe/sub") == ["jane/sub/x.py", "joe/sub/x.py"]


def test_same_file_named_twice_is_graded_once() -> None:
    """Also through its folder."""
    hand_in(Path("class"), "a.py")

    assert _paths("class", "class", "./class", "class/a.py") == ["class/a.py"]


def test_qualified_name_that_is_taken_is_qualified_in_turn() -> None:
    """Every submission keeps a key of its own."""
    hand_in(Path("p"), "q/x.py")
    hand_in(Path("q"), "x.py")
    hand_in(Path("r"), "x.py")

    assert _paths("p", "q", "r") == ["p/q/x.py", "q/x.py", "r/x.py"]


def test_pattern_that_no_shell_expanded_is_expanded() -> None:
    """In a container there is no shell."""
    hand_in(Path("class"), "a/main.py", "a/other.py", "b/main.py", "b/.c/main.py", "b/d/main.py")
    Path("class/loop").symlink_to(".")

    assert _paths("class/*/main.py") == ["a/main.py", "b/main.py"]
    assert _paths("class/**/main.py") == ["a/main.py", "b/d/main.py", "b/main.py"]
    assert _paths("class/b/**") == ["d/main.py", "main.py"]
    assert _paths("class/[b]") == ["b/d/main.py", "b/main.py"]
    assert _left_out("class/*/main.py") == []
    assert _left_out("class/*") == ["1 × hidden: b/.c", "1 × a link: class/loop"]
    with pytest.raises(UsageError, match="nothing that matches"):
        _intake("class/*.pyc")


def test_file_whose_name_looks_like_a_pattern_is_that_file() -> None:
    """As a shell would have it."""
    hand_in(Path(), "a[1].py", "a1.py")

    assert _paths("a[1].py") == ["a[1].py"]


def test_archive_is_read_like_a_folder() -> None:
    """Beside folders and files."""
    hand_in(Path("class"), "a.py")
    with zipfile.ZipFile("week.zip", "w") as archive:
        archive.writestr("a.py", "print('zip')\n")
        archive.writestr("notes.txt", "")

    assert _paths("week.zip") == ["a.py"]
    assert _paths("class", "week.zip") == ["class/a.py", "week.zip/a.py"]
    assert _paths("*.zip") == ["week.zip/a.py"]
    assert _left_out("week.zip") == ["1 × no .py file: notes.txt"]


@pytest.mark.parametrize("arguments", [["empty"], ["no.py", "b.py"], ["-", "b.py"], [""]])
def test_nothing_to_grade_is_a_usage_error(arguments: list[str]) -> None:
    """A typing error must not look like a class that handed in nothing."""
    Path("empty").mkdir()

    with pytest.raises(UsageError):
        _intake(*arguments)


def test_other_files_alone_are_named_in_the_error() -> None:
    """They are the likely reason."""
    hand_in(Path("class"), "a.ipynb")

    with pytest.raises(UsageError, match=r"left out: 1 × no \.py file: a\.ipynb"):
        _intake("class")


def test_bad_archive_closes_the_good_one() -> None:
    """Nothing stays open after an error."""
    with zipfile.ZipFile("good.zip", "w") as archive:
        archive.writestr("a.py", "")
    Path("bad.zip").write_bytes(b"PK")

    with pytest.raises(UsageError, match=r"bad\.zip cannot be used"):
        _intake("good.zip", "bad.zip")


def test_one_file_is_no_batch() -> None:
    """It keeps its report on standard output; so does one that is not there."""
    hand_in(Path(), "a.py", "folder/b.py", "a.zip")

    assert [names_one_file(each) for each in ("a.py", "-", "no.py", "no.zip")] == [True] * 4
    assert [names_one_file(each) for each in ("folder", "a.zip", "*.py")] == [False] * 3


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    """Bytes, newlines, terminal escapes: printable in the row, and the file is graded."""
    folder = tmp_path / "class"
    folder.mkdir()
    names = [b"\xff.py", b"a\nb.py", b"\x1b[2J.py", b"\\xff.py", "\u202e.py".encode(), b"##x.py"]
    for name in names:
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_bytes(b"print(1)\n")
    grade([folder], tmp_path / "results")

    assert sorted(verdicts(tmp_path / "results")) == sorted(
        ["\\udcff.py", "a\\x0ab.py", "\\x1b[2J.py", "\\x5cxff.py", "\\u202e.py", "#\\x23x.py"]
    )
    assert set(verdicts(tmp_path / "results").values()) == {"passed"}
    for line in (tmp_path / "results" / "results.jsonl").read_bytes().splitlines():
        assert line.isascii()
        assert json.loads(line)["path"].isprintable()


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_different_names_have_different_keys(one: str, other: str) -> None:
    """A submission must not take another's row."""
    assert (key_of(one) == key_of(other)) == (one == other)
    assert all(unicodedata.category(character)[0] != "C" for character in key_of(one))


def test_key_of_an_endless_name_is_bounded_and_its_own() -> None:
    """An archive's names may be 65,535 bytes long."""
    one, other = key_of("a" * 60_000 + "1.py"), key_of("a" * 60_000 + "2.py")

    assert one != other
    assert len(one) <= 1000


def test_item_reads_under_its_path(tmp_path: Path) -> None:
    """The report names the row's key, not a path on the grader's machine."""
    hand_in(tmp_path / "class", "a/b.py")
    with Intake([str(tmp_path / "class")], apart_from=tmp_path) as intake:
        (item,) = intake.items

    assert isinstance(item, Item)
    assert item.submission().path == "a/b.py"
