"""Whole files, and no link on the way to them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from verifier import files

if TYPE_CHECKING:
    from pathlib import Path


def test_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    """Who made a gradebook private keeps it so."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)

    files.replace_file(path, [b"new"])

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_file_that_cannot_be_replaced_is_written_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is mounted on its own, say; nothing of the longer old content stays."""

    def busy(*_: object, **__: object) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "rename", busy)
    path = tmp_path / "file"
    path.write_bytes(b"longer than the new one")

    files.write_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_link_that_root_made_is_followed_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``/tmp`` and ``/home`` are links on some machines."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    owner = (tmp_path / "link").lstat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:
        files.replace_file(tmp_path / "link" / "file", [b"new"])

        assert (tmp_path / "real" / "file").read_bytes() == b"new"
    else:
        with pytest.raises(OSError, match="link is a link"):
            files.replace_file(tmp_path / "link" / "file", [b"new"])


def test_a_folder_that_cannot_be_written_is_named_as_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that the file, which was to be made, is not there."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "replace_in", refused)

    with pytest.raises(PermissionError):
        files.write_file(tmp_path / "new", b"")
