"""A quiet environment and a fake runner, for every command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.exercises import results_of_references
from tests.fakes import ENVIRONMENT, LAB_ROOT, FakeRunner, run_result
from verifier.cli import batch, golden, grade, mistakes, record, verify

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABCHECK_LAB", str(LAB_ROOT))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("LABCHECK_IN_IMAGE", raising=False)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    """A runner in place of every real one; its result may be replaced.

    The references of the other exercises print what they should.
    """
    runner = FakeRunner(run_result(), results=results_of_references())
    for module in (verify, grade, record, golden, mistakes):
        monkeypatch.setattr(module, "chosen_runner", lambda *_args, **_kwargs: runner)
    monkeypatch.setattr(batch, "resolved_runner", lambda *_args, **_kwargs: "container")
    monkeypatch.setattr(batch, "chosen_image", lambda _name: ENVIRONMENT.image)
    return runner


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A learner's file."""
    path = tmp_path / "submission.py"
    path.write_text("print('hello')\n")
    return str(path)
