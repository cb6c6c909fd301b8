"""A small class that handed in, and where its results go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.batch.batches import (
    hand_in,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of four: one right, one wrong, one crashing, one empty."""
    made = hand_in(tmp_path / "class", "a.py", "b/wrong.py", "c/crash.py")
    (made / "empty.py").touch()
    return made


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Where the results go."""
    return tmp_path / "results"
