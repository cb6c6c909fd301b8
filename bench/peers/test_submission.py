"""What a course author would write with pytest: run the script, compare what it printed."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

SINGLE = {
    "prediction_before": (0.825, 0.001),
    "loss_before": (0.1927, 0.0001),
    "prediction_after": (0.888, 0.001),
    "loss_after": (0.1183, 0.0001),
}
GRADIENTS = {"weight_grad": [-0.1753, -0.3505], "bias_grad": [-0.1753]}
LOSSES = [0.1183, 0.0861, 0.0678, 0.0560, 0.0478]
PREDICTIONS = [0.888, 0.918, 0.934, 0.945, 0.953]
NUMBER = r"-?\d+\.?\d*(?:e-?\d+)?"


@pytest.fixture(scope="module")
def output() -> str:
    """Run the submission once."""
    done = subprocess.run(
        [sys.executable, "submission.py"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers_after(label: str, text: str) -> list[float]:
    """Find the numbers on the first line of a label."""
    found = re.search(rf"^{label}\s*[=:](.*)$", text, re.MULTILINE)
    assert found, f"no line for {label}"
    return [float(each) for each in re.findall(NUMBER, found[1])]


@pytest.mark.parametrize("label", SINGLE)
def test_value(output: str, label: str) -> None:
    """The step's predictions and losses."""
    expected, tolerance = SINGLE[label]
    assert numbers_after(label, output) == [pytest.approx(expected, abs=tolerance)]


@pytest.mark.parametrize("label", GRADIENTS)
def test_gradient(output: str, label: str) -> None:
    """The gradients after backward."""
    assert numbers_after(label, output) == pytest.approx(GRADIENTS[label], abs=0.0001)


def test_loop(output: str) -> None:
    """The five steps."""
    rows = re.findall(rf"^step=\d+ loss=({NUMBER}) pred=({NUMBER})", output, re.MULTILINE)
    assert [float(loss) for loss, _ in rows] == pytest.approx(LOSSES, abs=0.0001)
    assert [float(pred) for _, pred in rows] == pytest.approx(PREDICTIONS, abs=0.001)
