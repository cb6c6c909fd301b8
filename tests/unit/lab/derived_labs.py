"""Labs of schema 2, made as `golden update` makes them, of what a fake run prints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fakes import FakeRunner, run_result
from verifier.authoring.fresh import fresh_golden
from verifier.golden.golden import golden_text
from verifier.lab.load import load_lab

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Lab

PRINTED = b"""\
shapes
x: (2, 3)
loop
sgd  step=1 loss=9.0000
sgd  step=2 loss=8.1234
good: True
"""
MANIFEST = 'schema_version = 2\nid = "steps"\nscript = "reference.py"\n'


def made_lab(root: Path, more: str = "", *, printed: bytes = PRINTED, trace: bytes = b"") -> Lab:
    """Make a lab, and then write more into its manifest."""
    folder = root / "steps"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reference.py").write_text("print(1)\n")
    (folder / "lab.toml").write_text(MANIFEST)
    lab = load_lab(folder / "lab.toml")
    runner = FakeRunner(replace(run_result(printed), trace=trace))
    exercise = lab.exercise("baseline")
    golden = fresh_golden(lab, exercise, runner=runner, reason="a test")
    (folder / "golden").mkdir(exist_ok=True)
    exercise.golden.write_text(golden_text(golden))
    (folder / "lab.toml").write_text(MANIFEST + more)
    return load_lab(folder / "lab.toml")
