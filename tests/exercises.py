"""What the references of the lesson's exercises print, to the character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes import LAB_ROOT, PUBLISHED, run_result
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout

if TYPE_CHECKING:
    from verifier.lab.spec import Exercise
    from verifier.output.match import Match
    from verifier.run.interface import RunResult

PRINTED = {
    "baseline": PUBLISHED,
    "lr-sweep": b"""\
lr_0.05
step=1 loss=0.1927 pred=0.825
step=2 loss=0.1837 pred=0.832
step=3 loss=0.1754 pred=0.839
step=4 loss=0.1678 pred=0.846
step=5 loss=0.1608 pred=0.851
lr_0.5
step=1 loss=0.1927 pred=0.825
step=2 loss=0.1183 pred=0.888
step=3 loss=0.0861 pred=0.918
step=4 loss=0.0678 pred=0.934
step=5 loss=0.0560 pred=0.945
lr_1.0
step=1 loss=0.1927 pred=0.825
step=2 loss=0.0716 pred=0.931
step=3 loss=0.0479 pred=0.953
step=4 loss=0.0364 pred=0.964
step=5 loss=0.0295 pred=0.971
""",
    "no-zero-grad": b"""\
without_zero_grad
step=1 loss=0.1927 weight_signal=[[-0.1753, -0.3505]] bias_signal=[-0.1753] \
weight_grad=[[-0.1753, -0.3505]] bias_grad=[-0.1753]
step=2 loss=0.1183 weight_signal=[[-0.1116, -0.2232]] bias_signal=[-0.1116] \
weight_grad=[[-0.2869, -0.5737]] bias_grad=[-0.2869]
step=3 loss=0.0518 weight_signal=[[-0.0504, -0.1009]] bias_signal=[-0.0504] \
weight_grad=[[-0.3373, -0.6746]] bias_grad=[-0.3373]
step=4 loss=0.0191 weight_signal=[[-0.0189, -0.0379]] bias_signal=[-0.0189] \
weight_grad=[[-0.3562, -0.7125]] bias_grad=[-0.3562]
step=5 loss=0.0066 weight_signal=[[-0.0066, -0.0132]] bias_signal=[-0.0066] \
weight_grad=[[-0.3628, -0.7257]] bias_grad=[-0.3628]
""",
    "logits": b"""\
one_training_step
logit_before= 1.5488
probability_before= 0.825
loss_before= 0.1927
weight_grad= [[-0.1753, -0.3505]]
bias_grad= [-0.1753]
logit_after= 2.0746
probability_after= 0.888
loss_after= 0.1183
mini_training_loop
step=1 loss=0.1183 logit=2.0746
step=2 loss=0.0861 logit=2.4093
step=3 loss=0.0678 logit=2.6567
step=4 loss=0.0560 logit=2.8535
step=5 loss=0.0478 logit=3.0170
""",
    "two-samples": b"""\
shapes
x_shape= [2, 2]
y_shape= [2, 1]
pred_shape= [2, 1]
loss_input_shape= [2, 1]
one_training_step
prediction_before= [[0.825], [0.581]]
loss_before= 0.5318
weight_grad= [[0.4938, -0.466]]
bias_grad= [0.2031]
prediction_after= [[0.841], [0.378]]
loss_after= 0.3236
mini_training_loop
step=1 loss=0.3236 pred=[[0.841], [0.378]]
step=2 loss=0.2289 pred=[[0.859], [0.264]]
step=3 loss=0.1777 pred=[[0.876], [0.2]]
step=4 loss=0.1456 pred=[[0.89], [0.16]]
step=5 loss=0.1235 pred=[[0.902], [0.134]]
""",
    "weights": b"""\
one_training_step
prediction_before= 0.825
loss_before= 0.1927
weight_grad= [[-0.1753, -0.3505]]
bias_grad= [-0.1753]
weight_before= [[0.5406, 0.5869]]
bias_before= [-0.1657]
weight_after= [[0.6282, 0.7622]]
bias_after= [-0.078]
prediction_after= 0.888
loss_after= 0.1183
""",
}


def matched(stdout: bytes, exercise: Exercise) -> Match:
    """Read an output and find which fields it answers."""
    return match_output(read_stdout(stdout), exercise)


def results_of_references() -> dict[bytes, RunResult]:
    """Give what each reference but the baseline's prints, by its source."""
    folder = LAB_ROOT / "forward-backward" / "exercises"
    return {
        (folder / f"{name}.py").read_bytes(): run_result(stdout)
        for name, stdout in PRINTED.items()
        if name != "baseline"
    }
