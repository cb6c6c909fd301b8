"""What held is known again, and nothing else is taken for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeRunner, run_result
from verifier.lesson import cache as module
from verifier.lesson.cache import MAX_AGE_S, Cache, cache_folder
from verifier.lesson.page import Output, Page, Script
from verifier.lesson.verdict import judge
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Name a folder that is not there yet."""
    return tmp_path / "cache" / "lesson"


def _key(cache: Cache, *, source: str = "s", shown: str = "o", ignore: tuple[str, ...] = ()) -> str:
    return cache.key(source=source, shown=shown, ignore=ignore)


def test_what_was_kept_is_there(folder: Path) -> None:
    """Also for another process, and for this environment only."""
    cache = Cache(folder, where=("here",))
    key = _key(cache)
    before = cache.has(key)
    cache.keep(key)

    assert not before
    assert Cache(folder, where=("here",)).has(key)
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


def test_it_works_whatever_the_umask(folder: Path) -> None:
    """Many systems let a user's group write to new folders; this one is the user's alone."""
    before = os.umask(0)
    try:
        cache = Cache(folder, where=())
        cache.keep(_key(cache))
    finally:
        os.umask(before)

    assert cache.has(_key(cache))


def test_each_part_of_a_key_counts() -> None:
    """Another script, output, pattern or machine is another block."""
    cache = Cache(None, where=("here",))
    keys = [
        _key(cache), _key(cache, source="t"), _key(cache, shown="p"), _key(cache, ignore=("a",)),
        _key(Cache(None, where=("there",))), _key(Cache(None, where=("her", "e"))),
    ]  # fmt: skip

    assert len(set(keys)) == len(keys)


def _link(path: Path) -> None:
    other = path.with_name("elsewhere")
    other.write_text(path.name)
    path.symlink_to(other)


def _second_name(path: Path) -> None:
    other = path.with_name("elsewhere")
    other.write_text(path.name)
    path.hardlink_to(other)


def _old(path: Path) -> None:
    path.write_text(path.name)
    os.utime(path, (1, path.stat().st_mtime - MAX_AGE_S - 1))


def _future(path: Path) -> None:
    path.write_text(path.name)
    os.utime(path, (1, path.stat().st_mtime + 1_000))


@pytest.mark.parametrize(
    "plant",
    [
        _link, _second_name, _old, _future, os.mkfifo,
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.write_text(""),
        lambda path: path.write_text("{}"),
        lambda path: path.write_text(path.name + "x" * 10_000_000),
    ],
    ids=range(10),
)  # fmt: skip
def test_whatever_else_lies_there_is_no_entry(folder: Path, plant: object) -> None:
    """Links, pipes, folders, garbage and what is old are passed over, and hold up no check."""
    cache = Cache(folder, where=())
    folder.mkdir(parents=True)
    key = _key(cache)
    plant(folder / key)  # type: ignore[operator] # a table of callables

    assert not cache.has(key)
    cache.keep(key)
    cache.prune()


def test_a_folder_that_others_may_write_to_is_not_used(folder: Path) -> None:
    """They could have a wrong page pass."""
    cache = Cache(folder, where=())
    key = _key(cache)
    cache.keep(key)
    folder.chmod(0o777)

    assert not cache.has(key)


def test_without_a_folder_nothing_is_kept(folder: Path) -> None:
    """A read-only home, a file in the way, or none at all: everything runs, as before."""
    folder.parent.write_text("")
    for cache in (Cache(None, where=()), Cache(folder, where=())):
        key = _key(cache)
        cache.keep(key)
        cache.prune()

        assert not cache.has(key)


def test_the_folder_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go, and so does what a killed process left; no other file is touched."""
    monkeypatch.setattr(module, "MAX_ENTRIES", 2)
    cache = Cache(folder, where=())
    keys = [_key(cache, source=str(number)) for number in range(4)]
    for key, age_s in zip(keys, (MAX_AGE_S + 9, 30, 20, 10), strict=True):
        cache.keep(key)
        path = folder / key
        os.utime(path, (1, path.stat().st_mtime - age_s))
    partial = folder / ".labcheck-0123456789abcdef.part"
    partial.write_text("")
    os.utime(partial, (1, 1))
    (folder / "notes.txt").write_text("")
    cache.prune()

    assert {path.name for path in folder.iterdir()} == {keys[2], keys[3], "notes.txt"}


def test_it_lies_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As other programs have it; a relative path counts for nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    named = cache_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    assert named == tmp_path / "labcheck" / "lesson"
    assert cache_folder() == tmp_path / "home" / ".cache" / "labcheck" / "lesson"


@pytest.mark.parametrize(
    ("stdout", "code", "is_kept"),
    [(b"0.5\n", 0, True), (b"0.6\n", 0, False), (b"x\n", 0, False), (b"0.5\n", 1, False)],
)
def test_only_what_is_the_same_is_kept(
    folder: Path,
    stdout: bytes,
    code: int,
    is_kept: bool,  # noqa: FBT001 - a table
) -> None:
    """A digit that is off, other text and a crash are looked at each time."""
    script = Script(index=1, line=1, text="s", output=Output(text="0.5", line=2, text_line=3))
    page = Page(scripts=(script,), notes=())
    runner = FakeRunner(run_result(stdout, outcome=Exited(code=code)))
    cache = Cache(folder, where=())
    judge(script, page, runner=runner, cache=cache)
    again = judge(script, page, runner=runner, cache=cache)

    assert again.is_cached is is_kept
