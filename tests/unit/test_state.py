"""The user's secret: made once, kept, and never one that somebody else planted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from verifier import state
from verifier.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the state of each test apart."""
    monkeypatch.setenv(state.STATE_VARIABLE, str(tmp_path / "state"))
    state.user_secret.cache_clear()
    yield
    state.user_secret.cache_clear()


def test_the_secret_is_kept_and_only_its_user_can_read_it(tmp_path: Path) -> None:
    """The next process finds the same one."""
    first = state.user_secret()
    state.user_secret.cache_clear()

    assert state.user_secret() == first
    assert len(first) == state.SECRET_BYTES
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
    assert (tmp_path / "state" / "secret").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["secret"]


@pytest.mark.parametrize("planted", ["link", "short", "long", "open", "fifo"])
def test_a_file_that_is_no_secret_of_this_user_is_an_error(planted: str, tmp_path: Path) -> None:
    """It is named, and not followed, waited for or believed."""
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / "secret"
    if planted == "link":
        (tmp_path / "elsewhere").write_bytes(bytes(32))
        path.symlink_to(tmp_path / "elsewhere")
    elif planted == "fifo":
        os.mkfifo(path, 0o600)
    else:
        path.write_bytes(bytes({"short": 31, "long": 33, "open": 32}[planted]))
        path.chmod(0o644 if planted == "open" else 0o600)

    with pytest.raises(EnvironmentFailure, match="is not this user's secret"):
        state.user_secret()


def test_a_home_that_cannot_be_written_gives_a_secret_of_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only container grades as well."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(state.STATE_VARIABLE, str(tmp_path / "file" / "below"))

    assert len(state.user_secret()) == state.SECRET_BYTES
    assert state.user_secret() == state.user_secret()


@pytest.mark.parametrize("name", ["", "relative/path"])
def test_a_state_folder_that_is_not_absolute_is_passed_over(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in the working directory can be a learner's."""
    monkeypatch.setenv(state.STATE_VARIABLE, name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert state.state_folder() == tmp_path / "labcheck"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state.state_folder() == tmp_path / ".local" / "state" / "labcheck"


def test_a_secret_is_kept_where_there_are_no_hard_links(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Some mounts of a container's host have none."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    state.user_secret.cache_clear()
    first = state.user_secret()
    state.user_secret.cache_clear()

    assert state.user_secret() == first
    assert [each.name for each in (tmp_path / "state").iterdir()] == ["secret"]
