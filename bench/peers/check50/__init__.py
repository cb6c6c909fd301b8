"""What a course author would write with check50: the script runs once, later checks read it."""

import re

import check50  # type: ignore[import-not-found]

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
TIMEOUT_S = 120


@check50.check()  # type: ignore[untyped-decorator]
def exists() -> None:
    """The file submission.py exists."""
    check50.exists("submission.py")


@check50.check(exists, timeout=TIMEOUT_S)  # type: ignore[untyped-decorator]
def runs() -> str:
    """The script runs to its end."""
    output: str = check50.run("python3 submission.py").stdout(timeout=TIMEOUT_S)
    return output


@check50.check(runs, timeout=TIMEOUT_S)  # type: ignore[untyped-decorator]
def forward(output: str) -> None:
    """Prediction and loss before the update."""
    _compare(output, "prediction_before")
    _compare(output, "loss_before")


@check50.check(runs, timeout=TIMEOUT_S)  # type: ignore[untyped-decorator]
def gradient(output: str) -> None:
    """Gradients after backward."""
    for label, expected in GRADIENTS.items():
        _close(label, _numbers(output, label), expected, 0.0001)


@check50.check(runs, timeout=TIMEOUT_S)  # type: ignore[untyped-decorator]
def update(output: str) -> None:
    """Prediction and loss after the update."""
    _compare(output, "prediction_after")
    _compare(output, "loss_after")


@check50.check(runs, timeout=TIMEOUT_S)  # type: ignore[untyped-decorator]
def loop(output: str) -> None:
    """Five more steps."""
    rows = re.findall(rf"^step=\d+ loss=({NUMBER}) pred=({NUMBER})", output, re.MULTILINE)
    _close("loss in the loop", [float(loss) for loss, _ in rows], LOSSES, 0.0001)
    _close("prediction in the loop", [float(pred) for _, pred in rows], PREDICTIONS, 0.001)


def _compare(output: str, label: str) -> None:
    expected, tolerance = SINGLE[label]
    _close(label, _numbers(output, label), [expected], tolerance)


def _numbers(output: str, label: str) -> list[float]:
    found = re.search(rf"^{label}\s*[=:](.*)$", output, re.MULTILINE)
    if not found:
        raise check50.Missing(label, output)
    return [float(each) for each in re.findall(NUMBER, found[1])]


def _close(label: str, seen: list[float], expected: list[float], tolerance: float) -> None:
    near = (
        abs(one - other) <= tolerance * 1.001 for one, other in zip(seen, expected, strict=False)
    )
    if len(seen) != len(expected) or not all(near):
        raise check50.Failure(f"{label}: expected {expected}, not {seen}")
