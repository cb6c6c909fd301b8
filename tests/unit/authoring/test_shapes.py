"""Every shape of a lab's output can be named: a row a shape, as labs of the course print them."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.authoring.derive import derived_fields
from verifier.checks.check import Status
from verifier.checks.grade import grade_output, match_findings
from verifier.lab.field import sections_of
from verifier.lab.spec import Exercise
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.trace.event import NO_TRACE

TYPED = (0.1, 0.01)
SHAPES = {
    "1 section word": ("conv2d_lab\nz= 0.44\n", ["conv2d_lab/z"]),
    "2 section word with pairs": (
        "confusion_matrix rows=true cols=pred\n[[2, 0], [1, 3]]\n",
        ["confusion_matrix/rows", "confusion_matrix/cols", "confusion_matrix/"],
    ),
    "3 key= value": ("weight_grad= [[-0.1753, -0.3505]]\n", ["/weight_grad"]),
    "4 several on a line": (
        "loop\nstep=1 loss=0.1183 pred=0.888\nstep=2 loss=0.0861 pred=0.918\n",
        ["loop/step=1/loss", "loop/step=1/pred", "loop/step=2/loss", "loop/step=2/pred"],
    ),
    "5 row label": (
        "sgd   step=1 w=4.4\nsgd   step=2 w=4.1\nadam  step=1 w=5.1\nadam  step=2 w=5.0\n",
        ["/sgd/step=1/w", "/sgd/step=2/w", "/adam/step=1/w", "/adam/step=2/w"],
    ),
    "6 row label of words": (
        "tiny + ReLU   first_std=0.0337\nhe + ReLU   first_std=0.9\n",
        ["/tiny + ReLU/first_std", "/he + ReLU/first_std"],
    ),
    "7 commas": (
        "epoch=   0, loss=4031.2007\nepoch= 100, loss=72.9773\n",
        ["/epoch=0/loss", "/epoch=100/loss"],
    ),
    "8 padding": (
        "epoch=  1 train_loss=34.8472\nepoch= 10 train_loss=1.5\n",
        ["/epoch=1/train_loss", "/epoch=10/train_loss"],
    ),
    "9 zero-padded": (
        "step=001 loss=0.5\nstep=010 loss=0.25\n", ["/step=1/loss", "/step=10/loss"],
    ),
    "10 a list as a pair's value": (
        "x=[0.0, 1.0] prob=1.000 pred=1\nx=[1.0, 1.0] prob=0.100 pred=0\n",
        ["/x=[0, 1]/prob", "/x=[0, 1]/pred", "/x=[1, 1]/prob", "/x=[1, 1]/pred"],
    ),
    "11 arrow": (
        "x=[1.0, 2.0] -> pred=12.05\nunderfit_case -> possible_underfitting\n",
        ["/x", "/pred", "/underfit_case"],
    ),
    "12 tuples": (
        "batch=0 x_shape=(3, 2) y_shape=(3, 1)\nbatch=1 x_shape=(2, 2) y_shape=(2, 1)\n",
        ["/batch=0/x_shape", "/batch=0/y_shape", "/batch=1/x_shape", "/batch=1/y_shape"],
    ),
    "13 key: number, dotted": ("best_lr: 1.0\nw.grad: -24.0\n", ["/best_lr", "/w.grad"]),
    "14 a key of several words": (
        "Predicted score for 6 hours of study: 87.0\n", ["/Predicted score for 6 hours of study"],
    ),
    "15 padded colon": ("gap head    : 170\n", ["/gap head"]),
    "16 key: tuple": ("input: (1, 1, 6, 6)\n", ["/input"]),
    "17 several tuples": ("train: (384, 1, 16, 16) (384,)\n", ["/train", "/train#2"]),
    "18 two key: value": ("train size: 6 val size: 2\n", ["/train size", "/val size"]),
    "19 pairs behind a key": (
        "X: shape=(2, 3) dtype=torch.float32 device=cpu\n", ["/X/shape", "/X/dtype", "/X/device"],
    ),
    "20 key: list": ("probs: [1.0, 0.0]\n", ["/probs"]),
    "21 bare list": ("attention\n[[1.075, -0.014], [0.2, 0.3]]\n", ["attention/"]),
    "22 truths and words": ("last_equal: True\nnorm: LayerNorm\n", ["/last_equal", "/norm"]),
    "23 no separator": ("final_acc 1.0\nnet.0.bias (4,)\n", ["/final_acc", "/net.0.bias"]),
    "24 unit": ("fp32: 0.0340 MB\n", ["/fp32"]),
    "25 header colon": ("predictions:\n[0.25, 0.5]\n", ["predictions/"]),
    "26 inline tensors": (
        "sample 0: tensor([2., 1.]) tensor([0.5500], grad_fn=<MulBackward0>)\n",
        ["/sample 0", "/sample 0#2"],
    ),
    "27 tensor over lines": (
        "logits: tensor([[2.2100, 1.1800],\n        [1.0000, 2.0000]])\n", ["/logits"],
    ),
    "28 array without commas": ("[[-2.  2. -4.]\n [1.5 1.  3. ]]\n", ["/"]),
    "29 prose": ("used standard precision on cpu\n", []),
    "rows without a name": (
        "run\nloss=0.5 acc=0.25\nloss=0.4 acc=0.75\n",
        ["run/loss", "run/acc", "run/loss#2", "run/acc#2"],
    ),
    "a setting that stands in the script": (
        "lr=0.1 loss=0.5\nlr=0.01 loss=0.4\n", ["/lr=0.1/loss", "/lr=0.01/loss"],
    ),
    "a table twice": (
        "step=1 loss=0.5\nstep=2 loss=0.4\nstep=1 loss=0.3\nstep=2 loss=0.2\n",
        ["/step=1/loss", "/step=2/loss", "/step=1/loss#2", "/step=2/loss#2"],
    ),
    "thousands": ("params: 1,234,567\nsize: 1,234.5 MB\n", ["/params", "/size"]),
    "a mask": ("mask: [[0.0, -inf], [0.0, 0.0]]\n", ["/mask"]),
    "no number": ("loss: nan\nlosses: [0.5, nan]\n", []),
}  # fmt: skip


def _exercise(text: str) -> Exercise:
    transcript = read_stdout(text.encode())
    found = derived_fields(transcript, again=transcript, trace=NO_TRACE, typed=TYPED)
    return Exercise(
        id="baseline", title="t", script=Path("s.py"), golden=Path("g.json"), before_after={},
        sections=sections_of(each.field for each in found),
    )  # fmt: skip


@pytest.mark.parametrize(("text", "addresses"), SHAPES.values(), ids=SHAPES)
def test_every_shape_can_be_named(text: str, addresses: list[str]) -> None:
    """Each value has one address, and is found there again."""
    exercise = _exercise(text)
    match = match_output(read_stdout(text.encode()), exercise)

    assert [field.at for field in exercise.fields] == addresses
    assert list(match.judged) == list(exercise.fields)
    assert len({field.name for field in exercise.fields}) == len(addresses)
    checks = grade_output(match, answers=match.judged) if addresses else ()
    assert [check.message for check in checks if check.status is not Status.PASSED] == []


@pytest.mark.parametrize(("text", "addresses"), SHAPES.values(), ids=SHAPES)
def test_a_changed_digit_of_any_shape_fails(text: str, addresses: list[str]) -> None:
    """Every digit of every value, but for those that name a row, which is then missing."""
    exercise = _exercise(text)
    answers = match_output(read_stdout(text.encode()), exercise).judged
    for reading in answers.values() if addresses else ():
        changed = text.replace(reading.text, _raised(reading.text), 1)
        match = match_output(read_stdout(changed.encode()), exercise)
        checks = grade_output(match, answers=answers)
        assert any(check.status is Status.FAILED for check in checks), changed


def test_the_comma_between_thousands_is_no_unit() -> None:
    """What stands behind the whole number is one."""
    text = "params: 1,234,567\nsize: 1,234.5 MB\n"
    match = match_output(read_stdout(text.encode()), _exercise(text))

    assert [finding.message for finding in match_findings(match)] == [
        "size has MB behind it; the number alone is judged"
    ]


def _raised(text: str) -> str:
    place = next((place for place, each in enumerate(text) if each in "012345678"), None)
    return (
        f"other_{text}"
        if place is None
        else f"{text[:place]}{int(text[place]) + 1}{text[place + 1 :]}"
    )


def test_what_another_run_prints_otherwise_is_no_field() -> None:
    """A time, an address, what no seed fixes."""
    first, again = (read_stdout(f"loss=0.5\ntook={took}\n".encode()) for took in ("0.1", "0.2"))

    found = derived_fields(first, again=again, trace=NO_TRACE, typed=())
    assert [each.field.name for each in found] == ["loss"]


@pytest.mark.parametrize(
    ("text", "atol"),
    [("0.5", "0.1"), ("12345.678901", "0.01"), ("0.30000000000000004", "1E-7"), ("7", "0"),
     ("1.2e-05", "0.000001"), ("0.0", "0.1"), ("True", "0")],
)  # fmt: skip
def test_tolerance_is_one_unit_of_the_last_digit_that_means_something(text: str, atol: str) -> None:
    """Of a float32's seven at most; a count is exact."""
    transcript = read_stdout(f"a={text}\n".encode())
    (found,) = derived_fields(transcript, again=transcript, trace=NO_TRACE, typed=())

    assert str(found.field.atol) == atol
