"""What a killed server left is taken away; what another still holds is not."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

import pytest

from verifier.sandbox import slot
from verifier.sandbox.walls import ground

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_S = 86_400


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a folder the only ground there is."""
    alone = ground.Ground(folder=str(tmp_path), small=False, bounded=True, in_memory=True)
    monkeypatch.setattr(ground, "grounds", lambda: [alone])
    yield tmp_path
    for left in tmp_path.glob("labcheck-*"):
        left.rmdir()


def _left_behind(place: Path, *, age_s: float) -> Path:
    left = place / "labcheck-1"
    left.mkdir(mode=0o700)
    (left / "solution.txt").write_text("0.825")
    os.utime(left, (time.time() - age_s,) * 2)
    return left


def test_what_a_killed_server_left_is_taken_away(place: Path) -> None:
    """Else each costs every later start a look, and keeps what a run wrote."""
    left = _left_behind(place, age_s=DAY_S)
    made = slot.make(None)
    shown = [each.name for each in left.iterdir()]
    made.remove()

    assert (made.around, shown) == (str(left), [])


def test_what_another_server_holds_is_left_alone(place: Path) -> None:
    """However long it has waited for a run."""
    left = _left_behind(place, age_s=DAY_S)
    held = os.open(left, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    made = slot.make(None)
    made.remove()
    os.close(held)
    (left / "solution.txt").unlink()

    assert made.around == str(place / "labcheck-2")


def test_what_was_made_a_moment_ago_is_left_alone(place: Path) -> None:
    """Its server may not have locked it yet."""
    left = _left_behind(place, age_s=1)
    made = slot.make(None)
    made.remove()
    (left / "solution.txt").unlink()

    assert made.around == str(place / "labcheck-2")


def test_link_to_a_folder_is_not_followed(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It may lie where everybody can make one."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "kept.txt").write_text("mine")
    os.utime(elsewhere, (time.time() - DAY_S,) * 2)
    (place / "labcheck-1").symlink_to(elsewhere)
    made = slot.make(None)
    made.remove()
    (place / "labcheck-1").unlink()

    assert made.around == str(place / "labcheck-2")
    assert (elsewhere / "kept.txt").read_text() == "mine"


def test_server_s_own_folder_is_held_while_it_lives(place: Path) -> None:
    """So that no other takes it for left behind."""
    made = slot.make(None)
    other = os.open(made.around, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
    made.remove()

    assert list(place.iterdir()) == []
