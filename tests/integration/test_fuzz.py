"""Hostile runs for a while: graded, reported and read back without a fault."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fakes import CHECKOUT

SECONDS = 60 if os.environ.get("CI") else 10
SEED = ["--seed", "11"] if os.environ.get("CI") else []
"""In CI each run tries the same cases, so that a red one means that the change is to blame."""


def test_hostile_runs_are_graded_and_reported_within_bounds() -> None:
    """What fails names its case, which `--case` repeats."""
    target = CHECKOUT / "tests" / "fuzz" / "fuzz_pipeline.py"
    command = [sys.executable, "-W", "ignore", str(target), "--seconds", str(SECONDS), *SEED]
    fuzzed = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    assert fuzzed.returncode == 0, fuzzed.stdout + fuzzed.stderr
    assert "every promise held" in fuzzed.stdout
