"""The stdout grammar: every shape of line that the lessons print."""

from __future__ import annotations

import pytest

from tests.unit.output.transcripts import D, Expected, pairs, read, reading
from verifier.output.transcript import Section, Transcript


@pytest.mark.parametrize(
    "word", ["one_training_step", "conv2d_lab", "Q", "MultiheadAttention", "2d-conv", "训练"]
)
def test_shape_1_bare_word_opens_a_section(word: str) -> None:
    """A word alone may also be a matrix header or a value: as a section it is addressable."""
    transcript = read(f"{word}\nz= 0.44\n")

    assert transcript.sections == (Section(name=word, line=1),)
    assert transcript.readings == (
        reading("z", "0.44", D("0.44"), section=word, line=2, decimals=2),
    )


def test_shape_2_word_with_pairs_of_words_opens_a_section() -> None:
    """Words describe the section; numbers would make it a row."""
    name = "confusion_matrix"

    assert read(f"{name} rows=true cols=pred") == Transcript(
        sections=(Section(name=name, line=1),),
        readings=(
            reading("rows", "true", True, section=name, line=1, decimals=None),  # noqa: FBT003 - a printed value
            reading("cols", "pred", "pred", section=name, line=1, decimals=None),
        ),
        findings=(),
    )


@pytest.mark.parametrize(
    "line", ["sgd w=4.4 opt=adam", "sgd done=True", "tiny + net act=relu", "sgd w=", "sgd w=1_0"]
)
def test_word_with_any_other_pair_is_a_row(line: str) -> None:
    """A section is opened only where nothing but words follows one word."""
    transcript = read(line)

    assert transcript.sections == ()
    assert {r.row for r in transcript.readings} <= {"sgd", "tiny + net"}


def test_shape_5_rows_count_their_own_occurrences() -> None:
    """Labels repeat down the rows; the occurrence tells them apart."""
    text = "sgd   step=1  w=4.400\nadam  step=1  w=4.100\nsgd   step=2  w=4.300\n"

    found = [(r.row, r.key, r.occurrence, r.text) for r in read(text).readings]

    assert found == [
        ("sgd", "step", 1, "1"),
        ("sgd", "w", 1, "4.400"),
        ("adam", "step", 1, "1"),
        ("adam", "w", 1, "4.100"),
        ("sgd", "step", 2, "2"),
        ("sgd", "w", 2, "4.300"),
    ]


ONE_ZERO = (D("1.0"), D("0.0"))
LINES: dict[str, tuple[str, list[Expected]]] = {
    "3 number": ("z= 0.44", [(None, "z", "0.44", D("0.44"))]),
    "3 None": ("grad= None", [(None, "grad", "None", None)]),
    "4": (
        "step=1 loss=0.1183 pred=0.888",
        [
            (None, "step", "1", D(1)),
            (None, "loss", "0.1183", D("0.1183")),
            (None, "pred", "0.888", D("0.888")),
        ],
    ),
    "5": (
        "sgd      step=1  w=4.400",
        [("sgd", "step", "1", D(1)), ("sgd", "w", "4.400", D("4.400"))],
    ),
    "6": (
        "tiny + ReLU    first_std=0.0337",
        [("tiny + ReLU", "first_std", "0.0337", D("0.0337"))],
    ),
    "7": (
        "epoch=   0, loss=4031.2007",
        [(None, "epoch", "0", D(0)), (None, "loss", "4031.2007", D("4031.2007"))],
    ),
    "7 no blank": (
        "a=1,b=x,c=2",
        [(None, "a", "1", D(1)), (None, "b", "x", "x"), (None, "c", "2", D(2))],
    ),
    "8": (
        "epoch=  1 train_loss=34.8472",
        [(None, "epoch", "1", D(1)), (None, "train_loss", "34.8472", D("34.8472"))],
    ),
    "9": ("step=001", [(None, "step", "001", D(1))]),
    "10": (
        "x=[1.0, 0.0] prob=1.000 pred=1",
        [
            (None, "x", "[1.0, 0.0]", ONE_ZERO),
            (None, "prob", "1.000", D("1.000")),
            (None, "pred", "1", D(1)),
        ],
    ),
    "11 pairs": (
        "x=[1.0, 0.0] -> pred=12.05",
        [(None, "x", "[1.0, 0.0]", ONE_ZERO), (None, "pred", "12.05", D("12.05"))],
    ),
    "11 words": (
        "underfit_case -> possible_underfitting",
        [(None, "underfit_case", "possible_underfitting", "possible_underfitting")],
    ),
    "11 values": (
        "[1.0, 0.0] -> 2",
        [(None, None, "[1.0, 0.0]", ONE_ZERO), (None, None, "2", D(2))],
    ),
    "11 empty": ("case ->", []),
    "12": (
        "batch=0 x_shape=(3, 2)",
        [(None, "batch", "0", D(0)), (None, "x_shape", "(3, 2)", (D(3), D(2)))],
    ),
    "13": ("best_lr: 1.0", [(None, "best_lr", "1.0", D("1.0"))]),
    "13 dotted": ("w.grad: -24.0", [(None, "w.grad", "-24.0", D("-24.0"))]),
    "14": (
        "Predicted score for 6 hours of study: 87.0",
        [(None, "Predicted score for 6 hours of study", "87.0", D("87.0"))],
    ),
    "15": ("gap  head    : 170", [(None, "gap head", "170", D(170))]),
    "16": ("input: (1, 6)", [(None, "input", "(1, 6)", (D(1), D(6)))]),
    "17": (
        "train: (384, 1) (384,)",
        [(None, "train", "(384, 1)", (D(384), D(1))), (None, "train", "(384,)", (D(384),))],
    ),
    "18": (
        "train size: 6 val size: 2",
        [(None, "train size", "6", D(6)), (None, "val size", "2", D(2))],
    ),
    "18 words": (
        "optimizer: SGD lr: 0.5",
        [(None, "optimizer", "SGD", "SGD"), (None, "lr", "0.5", D("0.5"))],
    ),
    "18 commas": (
        "time: 3.2 s, opt: my own, mem: 4 GB",
        [
            (None, "time", "3.2 s", D("3.2")),
            (None, "opt", "my own", "my own"),
            (None, "mem", "4 GB", D(4)),
        ],
    ),
    "18 prose": (
        "note: this is the rule: 5",
        [(None, "note", "this is the rule: 5", "this is the rule: 5")],
    ),
    "19": (
        "X: shape=(2, 3) dtype=torch.float32 device=cuda:0",
        [
            ("X", "shape", "(2, 3)", (D(2), D(3))),
            ("X", "dtype", "torch.float32", "torch.float32"),
            ("X", "device", "cuda:0", "cuda:0"),
        ],
    ),
    "19 free text": (
        "X: n=2 note=all is well",
        [("X", "n", "2", D(2)), ("X", "note", "all is well", "all is well")],
    ),
    "19 numbered": (
        "epoch 1: loss=0.5",
        [(None, "epoch", "1", D(1)), (None, "loss", "0.5", D("0.5"))],
    ),
    "19 twice": ("a: b: 3", [("a", "b", "3", D(3))]),
    "19 equals first": (
        "epoch=1: mode=train: loss=0.5",
        [
            (None, "epoch", "1", D(1)),
            (None, "mode", "train", "train"),
            (None, "loss", "0.5", D("0.5")),
        ],
    ),
    "20": ("probs: [1.0, 0.0]", [(None, "probs", "[1.0, 0.0]", ONE_ZERO)]),
    "21": ("[[1.0, 0.0]]", [(None, None, "[[1.0, 0.0]]", (ONE_ZERO,))]),
    "22 truth": ("last_equal: True", [(None, "last_equal", "True", True)]),
    "22 word": ("norm: LayerNorm", [(None, "norm", "LayerNorm", "LayerNorm")]),
    "23": ("final_acc 1.0", [(None, "final_acc", "1.0", D("1.0"))]),
    "23 tuple": ("net.0.bias (4,)", [(None, "net.0.bias", "(4,)", (D(4),))]),
    "23 words": (
        "test acc 0.9 loss 1",
        [(None, "test acc", "0.9", D("0.9")), (None, "loss", "1", D(1))],
    ),
    "23 values": ("1 True", [(None, None, "1", D(1)), (None, None, "True", True)]),
    "24": ("fp32: 0.0340 MB", [(None, "fp32", "0.0340 MB", D("0.0340"))]),
    "24 equals": ("mem= 3 MB", [(None, "mem", "3 MB", D(3))]),
    "24 prose": ("score: 5 of 10 right", [(None, "score", "5 of 10 right", "5 of 10 right")]),
    "24 in the middle": (
        "train loss=0.5 val loss=0.3 at last",
        [("train", "loss", "0.5", D("0.5")), ("train", "loss", "0.3", D("0.3"))],
    ),
    "26": (
        "sample 0: tensor([1., 0.]) tensor(2., grad_fn=<MulBackward0>)",
        [
            (None, "sample 0", "tensor([1., 0.])", (D(1), D(0))),
            (None, "sample 0", "tensor(2., grad_fn=<MulBackward0>)", D(2)),
        ],
    ),
    "27": (
        "logits: tensor([[1., 0.],\n        [0., 1.]], grad_fn=<AddmmBackward0>)",
        [
            (
                None,
                "logits",
                "tensor([[1., 0.],\n        [0., 1.]], grad_fn=<AddmmBackward0>)",
                ((D(1), D(0)), (D(0), D(1))),
            )
        ],
    ),
    "27 bare": (
        "tensor([[[1.]],\n\n        [[0.]]])",
        [(None, None, "tensor([[[1.]],\n\n        [[0.]]])", (((D(1),),), ((D(0),),)))],
    ),
    "28": (
        "[[-2.  2. -4.]\n [1.5 1. ]]",
        [(None, None, "[[-2.  2. -4.]\n [1.5 1. ]]", ((D(-2), D(2), D(-4)), (D("1.5"), D(1))))],
    ),
    "29": ("used standard precision on cpu", []),
    "29 number at the start": ("3 epochs done", []),
    "29 many words": ("it took all of us some 3", []),
    "29 bracket": ("the sum (of 2 and 2) is fine", []),
    "ruler": ("== 1 == done", []),
    "comparison": ("a == b", []),
    "leading ruler": ("--- a=1", [(None, "a", "1", D(1))]),
    "leading time": ("[12:00:01] a=1", [(None, "a", "1", D(1))]),
    "numbered": ("epoch 1 loss=0.5", [(None, "epoch", "1", D(1)), (None, "loss", "0.5", D("0.5"))]),
    "comma in the label": (
        "Epoch [1/5], Loss: 0.5",
        [(None, "Epoch", "[1/5]", ("1/5",)), (None, "Loss", "0.5", D("0.5"))],
    ),
    "comma in brackets": ("f(a, b): 3", [(None, "f(a, b)", "3", D(3))]),
    "row before a comma": ("sgd, loss: 0.5", [("sgd", "loss", "0.5", D("0.5"))]),
    "dictionary": ("{'a': 1, 'b': 2}", []),
    "half-open interval": ("x: [0, 1)", [(None, "x", "[0, 1)", "[0, 1)")]),
    "formula": ("rule: w - lr * g", [(None, "rule", "w - lr * g", "w - lr * g")]),
    "list of words": ("order: forward, loss", [(None, "order", "forward, loss", "forward, loss")]),
    "symbolic shape": ("x: [N, C]", [(None, "x", "[N, C]", ("N", "C"))]),
    "no value": ("loss=", [(None, "loss", "", "")]),
    "no value in between": ("a= b=1", [(None, "a", "", ""), (None, "b", "1", D(1))]),
    "no key": (": 5", [(None, None, "5", D(5))]),
    "bullet": ("- loss: 0.5", [(None, "loss", "0.5", D("0.5"))]),
    "separators only": (",;|", []),
}


@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_line_of_each_shape_gives_its_readings(line: str, expected: list[Expected]) -> None:
    """Each shape is read by one grammar, and prose is no finding."""
    transcript = read(line)

    assert pairs(line) == expected
    assert transcript.sections == ()
    assert transcript.findings == ()


@pytest.mark.parametrize(
    "header",
    ["predictions:", "predictions :", "predictions：", "- predictions:"],  # noqa: RUF001 - as translated pages print it
)
def test_shape_25_header_colon_opens_a_section(header: str) -> None:
    """What follows a header without a value is addressed by it, as below a bare word."""
    transcript = read(f"{header}\n[1]\n")

    assert transcript.sections == (Section(name="predictions", line=1),)
    assert transcript.readings == (
        reading(None, "[1]", (D(1),), section="predictions", line=2, decimals=0),
    )
