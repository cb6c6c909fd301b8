"""What a learner hands in: the lesson's own script, and one with a step left out."""

from __future__ import annotations

from tests.fakes import LAB_ROOT

REFERENCE = LAB_ROOT / "forward-backward" / "forward_backward_lab.py"
NO_UPDATE = REFERENCE.read_text().replace("optimizer.step()\n\nwith", "\nwith")
