"""What a course author would write for otter-grader: cases run in the submission's kernel.

A learner names variables freely, so the cases cannot ask for them: they run the file once more in
the kernel, where torch is in memory already, and read what it prints.
"""

import contextlib
import io
import re
import runpy
from pathlib import Path

from otter.test_files import test_case  # type: ignore[import-not-found]

OK_FORMAT = False
name = "baseline"
points = None


@test_case(points=1, name="all_values")  # type: ignore[untyped-decorator]
def test_all_values() -> None:
    """Each printed value, in the order of the lesson."""
    number = r"-?\d+\.?\d*(?:e-?\d+)?"
    single = {
        "prediction_before": ([0.825], 0.001),
        "loss_before": ([0.1927], 0.0001),
        "weight_grad": ([-0.1753, -0.3505], 0.0001),
        "bias_grad": ([-0.1753], 0.0001),
        "prediction_after": ([0.888], 0.001),
        "loss_after": ([0.1183], 0.0001),
    }
    printed = io.StringIO()
    file = next(path for path in Path().glob("*.py") if path.name != "__init__.py")
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(file), run_name="__main__")
    output = printed.getvalue()

    def close(seen: list[float], expected: list[float], tolerance: float) -> bool:
        return len(seen) == len(expected) and all(
            abs(one - other) <= tolerance * 1.001 for one, other in zip(seen, expected, strict=True)
        )

    for label, (expected, tolerance) in single.items():
        found = re.search(rf"^{label}\s*[=:](.*)$", output, re.MULTILINE)
        assert found, f"no line for {label}"
        seen = [float(each) for each in re.findall(number, found[1])]
        assert close(seen, expected, tolerance), f"{label}: expected {expected}, got {seen}"
    rows = re.findall(rf"^step=\d+ loss=({number}) pred=({number})", output, re.MULTILINE)
    losses = [float(loss) for loss, _ in rows]
    predictions = [float(pred) for _, pred in rows]
    assert close(losses, [0.1183, 0.0861, 0.0678, 0.0560, 0.0478], 0.0001), f"losses: {losses}"
    assert close(predictions, [0.888, 0.918, 0.934, 0.945, 0.953], 0.001), (
        f"predictions: {predictions}"
    )
