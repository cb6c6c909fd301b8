"""The lesson whose diagnoses are measured, and its own ways to change a script."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "lab" / "forward-backward" / "bench"))

from mutations import MUTATIONS
from restyles import RESTYLES
from verifier.lab.load import load_lab

__all__ = ["LESSON", "MUTATIONS", "RESTYLES", "ROOT"]

ROOT = Path(__file__).resolve().parents[2]
LESSON = load_lab(ROOT / "lab" / "forward-backward" / "lab.toml")
