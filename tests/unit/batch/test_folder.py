"""The results folder: held by one grader, and no file of it half written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from tests.unit.batch.batches import LAB
from verifier.batch.folder import ResultsFolder
from verifier.batch.journal import Journal
from verifier.errors import BadDataError, EnvironmentFailure, UsageError
from verifier.lab.load import load_lab
from verifier.lab.revision import lab_revision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    """And left for the next grader."""
    for _ in range(2):
        with ResultsFolder(tmp_path / "a" / "b") as folder:
            assert folder.path.is_dir()


def test_second_grader_is_turned_away(tmp_path: Path) -> None:
    """Two would write over each other."""
    with (
        ResultsFolder(tmp_path),
        pytest.raises(UsageError, match="another labcheck is writing"),
        ResultsFolder(tmp_path),
    ):
        pass


def test_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    """A file of that name, or a lock that is a link to somewhere."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Not a directory"), ResultsFolder(tmp_path / "file"):
        pass
    results = tmp_path / "results"
    results.mkdir()
    (results / ".lock").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match=r"\.lock is a link"), ResultsFolder(results):
        pass


def test_file_is_whole_old_or_whole_new(tmp_path: Path) -> None:
    """A reader never sees a half, and a failure leaves nothing lying about."""

    def break_off() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with ResultsFolder(tmp_path) as folder:
        folder.replace("file", [b"old"])
        with pytest.raises(KeyboardInterrupt):
            folder.replace("file", break_off())

    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".labcheck", ".lock", "file"]


def test_file_that_cannot_be_written_says_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command goes on from there."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with ResultsFolder(tmp_path) as folder:
        (tmp_path / "file").mkdir()
        with pytest.raises(EnvironmentFailure, match=r"Is a directory") as caught:
            folder.replace("file", [b"new"])
        assert "see that it can be written to" in caught.value.remedy
        (tmp_path / "folder").mkdir()
        with pytest.raises(EnvironmentFailure, match="Is a directory"):
            folder.append("folder", [b"line\n"])


def test_journal_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """Rows are not written to wherever somebody points."""
    results = tmp_path / "results"
    with ResultsFolder(results) as folder:
        (results / "results.jsonl").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(EnvironmentFailure, match="is a link") as caught, Journal(folder):
            pass

    assert "remove it" in caught.value.remedy
    assert not (tmp_path / "elsewhere").exists()


def test_same_folder_judges_by_the_same_seeds(tmp_path: Path) -> None:
    """A class is judged alike again, where it is copied to as well; another class by others."""
    with ResultsFolder(tmp_path / "a") as folder:
        seeds = folder.seeds
    with ResultsFolder(tmp_path / "a") as folder:
        assert folder.seeds == seeds
        assert folder.adopted == ()
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    with pytest.raises(UsageError, match="was not made by this user"):
        ResultsFolder(tmp_path / "copy").__enter__()
    with ResultsFolder(tmp_path / "copy", adopt=True) as folder:
        assert folder.seeds == seeds
    with ResultsFolder(tmp_path / "b") as folder:
        assert folder.seeds != seeds

    assert len(seeds) == 32
    assert (tmp_path / "a" / ".labcheck").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'{"salt": 1}', b"[" * 100_000, b'{"salt": "zz"}']
)
def test_marker_that_is_none_is_no_marker(tmp_path: Path, text: bytes) -> None:
    """Whatever a stranger writes there; taken over, it gets a seed of its own."""
    (tmp_path / ".labcheck").write_bytes(text)
    with pytest.raises(UsageError, match="was not made by this user"):
        ResultsFolder(tmp_path).__enter__()
    with ResultsFolder(tmp_path, adopt=True) as folder:
        assert len(folder.seeds) == 32


def test_what_a_killed_grader_left_half_written_is_removed(tmp_path: Path) -> None:
    """Its name is another each time, so nobody would write over it."""
    with ResultsFolder(tmp_path):
        pass
    (tmp_path / ".labcheck-0123456789abcdef.part").touch()
    with ResultsFolder(tmp_path):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".labcheck", ".lock"]


def test_revision_follows_what_decides_the_grading(tmp_path: Path) -> None:
    """Manifest, goldens, references, words and signatures, but no other file."""
    folder = tmp_path / "forward-backward"
    shutil.copytree(LAB_ROOT / "forward-backward", folder)
    seen = {lab_revision(LAB)}
    for name in (
        "lab.toml", "forward_backward_lab.py", "golden/baseline.json", "diagnoses.toml",
        "golden/mistakes.json",
    ):  # fmt: skip
        (folder / name).write_text((folder / name).read_text() + "\n")
        seen.add(lab_revision(load_lab(folder / "lab.toml")))
    assert len(seen) == 6

    (folder / "notes.txt").touch()
    assert lab_revision(load_lab(folder / "lab.toml")) in seen
    (folder / "golden" / "baseline.json").unlink()
    assert lab_revision(load_lab(folder / "lab.toml")) not in seen


def test_lab_without_its_manifest_has_no_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody removed it meanwhile."""

    def deny(path: Path, *, limit_bytes: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("verifier.lab.revision.read_regular", deny)

    with pytest.raises(BadDataError, match="Permission denied"):
        lab_revision(LAB)
