"""The stdout grammar: every shape of the labs, every trap, every hostile output."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import stdout, stdout_text
from verifier.finding import Finding
from verifier.printable import printable
from verifier.stdout import MAX_NAME_CHARACTERS, Reading, Section, Transcript, Value, read_stdout
from verifier.stdout_line import parse_line
from verifier.stdout_text import MAX_FINDINGS_PER_KIND, MAX_LINE_CHARACTERS
from verifier.stdout_value import INFINITY, MAX_TEXT_CHARACTERS, NAN

D = Decimal
Expected = tuple[str | None, str | None, str, Value]
"""Row, key, text and value of a reading."""

LESSON = """\
one_training_step
prediction_before= 0.825
loss_before= 0.1927
weight_grad= [[-0.1753, -0.3505]]
bias_grad= [-0.1753]
prediction_after= 0.888
loss_after= 0.1183
mini_training_loop
step=1 loss=0.1183 pred=0.888
step=2 loss=0.0861 pred=0.918
"""


def read(text: str) -> Transcript:
    """Read text as a script's output."""
    return read_stdout(text.encode())


def pairs(text: str) -> list[Expected]:
    """Reduce the readings to what a line alone decides."""
    return [(r.row, r.key, r.text, r.value) for r in read(text).readings]


def kinds(text: str) -> list[str]:
    """Name the kinds of the findings."""
    return [finding.kind for finding in read(text).findings]


def reading(
    key: str | None,
    text: str,
    value: Value,
    *,
    line: int,
    decimals: int | None,
    section: str | None = None,
    row: str | None = None,
    occurrence: int = 1,
) -> Reading:
    """Build a reading; by default the first of its address, outside sections and rows."""
    return Reading(
        section=section,
        row=row,
        key=key,
        occurrence=occurrence,
        line=line,
        decimals=decimals,
        text=text,
        value=value,
    )


def test_lesson_output_is_read_whole() -> None:
    """The one output that must be read perfectly."""
    step, loop = "one_training_step", "mini_training_loop"
    gradient = ((D("-0.1753"), D("-0.3505")),)

    assert read(LESSON) == Transcript(
        sections=(Section(name=step, line=1), Section(name=loop, line=8)),
        readings=(
            reading("prediction_before", "0.825", D("0.825"), section=step, line=2, decimals=3),
            reading("loss_before", "0.1927", D("0.1927"), section=step, line=3, decimals=4),
            reading(
                "weight_grad", "[[-0.1753, -0.3505]]", gradient, section=step, line=4, decimals=4
            ),
            reading("bias_grad", "[-0.1753]", (D("-0.1753"),), section=step, line=5, decimals=4),
            reading("prediction_after", "0.888", D("0.888"), section=step, line=6, decimals=3),
            reading("loss_after", "0.1183", D("0.1183"), section=step, line=7, decimals=4),
            reading("step", "1", D(1), section=loop, line=9, decimals=0),
            reading("loss", "0.1183", D("0.1183"), section=loop, line=9, decimals=4),
            reading("pred", "0.888", D("0.888"), section=loop, line=9, decimals=3),
            reading("step", "2", D(2), section=loop, line=10, decimals=0, occurrence=2),
            reading("loss", "0.0861", D("0.0861"), section=loop, line=10, decimals=4, occurrence=2),
            reading("pred", "0.918", D("0.918"), section=loop, line=10, decimals=3, occurrence=2),
        ),
        findings=(),
    )


def test_evidence_record_is_read_whole() -> None:
    """The record a learner saves holds numbers and one line of prose as values."""
    seen = "weight_grad and bias_grad are not None"

    assert pairs(f"prediction_before: 0.825\ngradient_seen: {seen}\nloss_after: 0.1183\n") == [
        (None, "prediction_before", "0.825", D("0.825")),
        (None, "gradient_seen", seen, seen),
        (None, "loss_after", "0.1183", D("0.1183")),
    ]


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
            reading("rows", "true", True, section=name, line=1, decimals=None),  # noqa: FBT003
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
    ["predictions:", "predictions :", "predictions：", "- predictions:"],  # noqa: RUF001
)
def test_shape_25_header_colon_opens_a_section(header: str) -> None:
    """What follows a header without a value is addressed by it, as below a bare word."""
    transcript = read(f"{header}\n[1]\n")

    assert transcript.sections == (Section(name="predictions", line=1),)
    assert transcript.readings == (
        reading(None, "[1]", (D(1),), section="predictions", line=2, decimals=0),
    )


@pytest.mark.parametrize(
    "line",
    [
        "loss_before = 0.1927",
        "loss_before: 0.1927",
        "loss_before:0.1927",
        "loss_before：0.1927",  # noqa: RUF001
        "loss_before\t=\t0.1927",
        "   loss_before=0.1927   ",
        "loss_before =\u00a00.1927",
        "* loss_before= 0.1927,",
        "loss_before -> 0.1927",
        "loss_before 0.1927",
        "loss_before= 0.1927\r",
        "\ufeffloss_before= 0.1927",
    ],
)
def test_learner_may_vary_separator_and_padding(line: str) -> None:
    """A lesson on training must not fail anyone for a space."""
    transcript = read(line)

    assert transcript.readings == (
        reading("loss_before", "0.1927", D("0.1927"), line=1, decimals=4),
    )
    assert transcript.findings == ()


def test_tight_colons_are_separators_only_where_one_opens_the_line() -> None:
    """``cuda:0`` and ``12:30`` are words."""
    assert pairs("epoch:1 loss:0.5") == [
        (None, "epoch", "1", D(1)),
        (None, "loss", "0.5", D("0.5")),
    ]
    assert pairs("device: cuda:0") == [(None, "device", "cuda:0", "cuda:0")]
    assert pairs("12:30 started") == []


def test_translated_commas_separate_pairs() -> None:
    """Translated pages print ``、`` and a full-width colon."""
    assert pairs("a=1、b：2") == [(None, "a", "1", D(1)), (None, "b", "2", D(2))]  # noqa: RUF001


def test_one_key_twice_is_told_apart_by_occurrence() -> None:
    """Real labs print first a shape and then a tensor under one key."""
    found = [(r.key, r.occurrence, r.text) for r in read("x: (1,)\nx: tensor([2.])\n").readings]

    assert found == [("x", 1, "(1,)"), ("x", 2, "tensor([2.])")]


def test_output_without_section_or_with_it_last_is_read() -> None:
    """Readings before the first section have none."""
    transcript = read("z= 1\ndone\n")

    assert transcript.readings == (reading("z", "1", D(1), line=1, decimals=0),)
    assert transcript.sections == (Section(name="done", line=2),)


def test_value_behind_a_tensor_of_several_lines_has_its_own_line() -> None:
    """A reading's line is the one a person finds it on."""
    transcript = read("x= [[1],\n [2]] y=3\nz=4\n")

    assert [(r.key, r.line) for r in transcript.readings] == [("x", 1), ("y", 2), ("z", 3)]


def test_repeated_section_is_a_finding_and_goes_on_counting() -> None:
    """A step printed twice must not silently replace the first."""
    transcript = read("step\nz=1\nstep\nz=2\n")

    assert [r.occurrence for r in transcript.readings] == [1, 2]
    assert transcript.findings == (
        Finding(
            kind="repeated_section",
            line=3,
            message="section step is printed again; it first stands on line 1",
        ),
    )


def test_values_that_are_not_finite_are_findings() -> None:
    """Learning rate too high: the report must say where the first nan stood."""
    transcript = read("loss= nan\n[1, inf]\nx=-1e999\n")

    assert [r.value for r in transcript.readings] == [NAN, (D(1), INFINITY), -INFINITY]
    assert transcript.findings == (
        Finding(kind="non_finite", line=1, message="loss is not a finite number: nan"),
        Finding(kind="non_finite", line=2, message="a value is not a finite number: [1, inf]"),
        Finding(kind="non_finite", line=3, message="x is not a finite number: -1e999"),
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("f=1_0", "malformed_number"),
        ("f=٣", "malformed_number"),
        ("1_0", "malformed_number"),
        ("f=1e-9999", "out_of_range"),
        ("f=" + "7" * 5_000, "over_long"),
        ("f: [" + "1, " * MAX_TEXT_CHARACTERS + "]", "over_long"),
        ("f: " + "long " * MAX_TEXT_CHARACTERS, "over_long"),
        ("f= [[1, 2", "unclosed_bracket"),
        ("f: " + "[" * 1_000, "nested_too_deep"),
        ("a" * (MAX_NAME_CHARACTERS + 1) + "=1", "over_long"),
        ("a" * (MAX_NAME_CHARACTERS + 1) + " b=1", "over_long"),
        ("a" * (MAX_NAME_CHARACTERS + 1), "over_long"),
    ],
)
def test_value_or_name_that_cannot_be_read_is_a_finding(line: str, kind: str) -> None:
    """Nothing unreadable is dropped in silence, and nothing kept is without bound."""
    transcript = read(f"{line}\nz=1\n")

    assert [(finding.kind, finding.line) for finding in transcript.findings] == [(kind, 1)]
    assert transcript.readings[-1].text == "1"
    assert all(len(r.text) <= MAX_TEXT_CHARACTERS for r in transcript.readings)


def test_plus_seven_is_seven() -> None:
    """A sign in front is how a change is printed."""
    assert pairs("change=+7") == [(None, "change", "+7", D(7))]


def test_invalid_utf_8_is_a_finding_that_names_the_byte() -> None:
    """The rest of the output is read all the same."""
    transcript = read_stdout(b"z=1\nab\xff=2\n")

    assert [r.key for r in transcript.readings] == ["z", "ab\ufffd"]
    assert transcript.findings == (
        Finding(
            kind="invalid_utf8",
            line=2,
            message="byte 6 of the output (0xff) is not UTF-8; such bytes are read as U+FFFD",
        ),
    )


@pytest.mark.parametrize(
    ("line", "kind", "shown"),
    [
        ("a\0=1", "nul_character", "\\x00"),
        ("a\x0b=1", "control_character", "\\x0b"),
        ("a\x85=1", "control_character", "\\x85"),
        ("a\x1b =1", "control_character", "\\x1b"),
        ("a\u202e=1", "hidden_character", "\\u202e"),
        ("a\u200b=1", "hidden_character", "\\u200b"),
        ("a\u2028=1", "hidden_character", "\\u2028"),
    ],
)
def test_invisible_character_is_a_finding_and_ends_no_line(
    line: str, kind: str, shown: str
) -> None:
    """Lines end at a line feed only; zero-width and bidi characters stay part of the key."""
    transcript = read(line)

    message = f"the line holds characters that cannot be seen: {shown}"
    assert transcript.findings == (Finding(kind=kind, line=1, message=message),)
    assert [r.line for r in transcript.readings] == [1]
    assert [r.key for r in transcript.readings] == [line.partition("=")[0].strip()]


def test_tabs_and_wide_blanks_are_no_findings() -> None:
    """They are seen for what they are."""
    assert kinds("a\t=\u30001\u00a0b=2") == []


@pytest.mark.parametrize(
    "line",
    [
        "\x1b[1;31mloss\x1b[0m= 0.5",
        "\x9b1mloss= 0.5",
        "\x1b]0;title\x07loss= 0.5",
        "\x1b]0;title\x1b\\loss= 0.5",
        "\x1b(Bloss\x1b7= 0.5",
    ],
)
def test_key_is_matched_without_escape_sequences(line: str) -> None:
    """Colour is not part of a name; that it was there is a finding."""
    assert pairs(line) == [(None, "loss", "0.5", D("0.5"))]
    assert kinds(line) == ["ansi_escape"]


@pytest.mark.parametrize(
    ("line", "expected", "expected_kinds"),
    [
        ("  0%\r 50%\rloss= 0.5", "0.5", ["overwritten_text"]),
        ("loss= 0.75\rloss= 0.1", "0.15", ["overwritten_text"]),
        ("loss= 0.75\r\x1b[Kloss= 0.1", "0.1", ["ansi_escape", "overwritten_text"]),
        ("loss= 0.5\r\r\r", "0.5", []),
    ],
)
def test_overwritten_text_is_read_as_a_terminal_shows_it(
    line: str, expected: str, expected_kinds: list[str]
) -> None:
    """A progress bar leaves its last state, and what sticks out of an earlier one."""
    assert pairs(line) == [(None, "loss", expected, D(expected))]
    assert sorted(kinds(line)) == expected_kinds


def test_line_without_end_is_cut_and_said_so() -> None:
    """A megabyte without a line feed is one finding, not a hang."""
    transcript = read("a=1 " * 250_000)

    assert transcript.findings[0] == Finding(
        kind="over_long",
        line=1,
        message="the line is 1000000 characters long; the first 65536 are read",
    )


def test_value_over_too_many_lines_is_cut_and_the_rest_is_read() -> None:
    """A list of a million numbers costs only itself."""
    transcript = read("x= [\n" + " 1,\n" * MAX_LINE_CHARACTERS + "]\n")
    short = read("x= [\n" + f" {'1 ' * 1_000}\n" * 40 + "]\nz=1\n")

    assert {"over_long", "too_many_lines"} <= {finding.kind for finding in transcript.findings}
    assert [finding.kind for finding in short.findings] == ["over_long", "over_long"]
    assert [r.key for r in short.readings] == ["x", "z"]


def test_unclosed_bracket_does_not_swallow_the_pairs_below() -> None:
    """A tensor cut off must not hide the lines that follow it."""
    assert [r.key for r in read("x= [1,\n  y=2\nz: [2,\nw=1").readings] == ["x", "y", "z", "w"]


def test_too_many_lines_readings_and_sections_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each count has a bound, and reaching it is said."""
    monkeypatch.setattr(stdout_text, "MAX_LINES", 3)
    monkeypatch.setattr(stdout, "MAX_READINGS", 2)
    monkeypatch.setattr(stdout, "MAX_SECTIONS", 1)

    assert kinds("a\n\n\nb\n") == ["too_many_lines"]
    assert kinds("a\n\n\n") == []
    assert kinds("a=1 b=2") == []
    assert kinds("a=1 b=2 c=3") == ["too_many_readings"]
    assert kinds("a\nb\nc=1") == ["too_many_sections"]


def test_values_too_long_together_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand values of 4,000 characters would still be too much."""
    monkeypatch.setattr(stdout, "MAX_VALUE_CHARACTERS", 5)

    assert pairs("a=12345") == [(None, "a", "12345", D(12345))]
    assert pairs("a=123 b=456") == [(None, "a", "123", D(123))]


def test_flood_of_one_finding_hides_no_other() -> None:
    """Each kind has its own bound."""
    transcript = read("a=nan\n" * 1_000 + "b=[1\n")

    found = [finding.kind for finding in transcript.findings]
    flood = ["non_finite"] * MAX_FINDINGS_PER_KIND
    assert found == [*flood, "too_many_findings", "unclosed_bracket"]


def test_messages_of_findings_are_printable() -> None:
    """What a stranger prints reaches no terminal unescaped."""
    transcript = read("\u202ea\0=nan\u0007\n\u200bx\u200b=1_0\n")

    assert transcript.findings
    assert all(printable(f.message, limit=500) == f.message for f in transcript.findings)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n", b" \n\t\n", b"\xef\xbb\xbf"])
def test_empty_output_says_nothing(raw: bytes) -> None:
    """No output is for a check to judge."""
    assert read_stdout(raw) == Transcript(sections=(), readings=(), findings=())


FRAGMENT_WORDS = (
    "a loss step=1 loss= 0.5 x: = : ： -> , 、 ; | [ ] ( ) { } tensor( array( grad_fn=<A> nan inf "  # noqa: RUF001
    "1e999 1_0 ٣ True None ' \" \\ \r \x1b[0m \x1b[ \0 \u200b \u202e \ufeff - + % [1, 2] (3,)"
)
FRAGMENTS = st.sampled_from(
    [*FRAGMENT_WORDS.split(" "), " ", "  ", "\n", "\n ", "\t", "\u2028", "\x85"],
)
OUTPUTS = st.binary(max_size=200) | st.lists(FRAGMENTS, max_size=40).map(
    lambda p: "".join(p).encode()
)


@given(OUTPUTS)
def test_any_bytes_are_read_within_the_invariants(raw: bytes) -> None:
    """Never an exception; counts linear in the input; lines rise; occurrences have no gap."""
    transcript = read_stdout(raw)

    lines = [r.line for r in transcript.readings]
    assert lines == sorted(lines)
    assert all(1 <= line <= raw.count(b"\n") + 1 for line in lines)
    assert len(lines) + len(transcript.sections) <= len(raw)
    assert transcript == read_stdout(raw)
    counts: Counter[tuple[str | None, str | None, str | None]] = Counter()
    for found in transcript.readings:
        counts[found.section, found.row, found.key] += 1
        assert found.occurrence == counts[found.section, found.row, found.key]


@given(OUTPUTS)
def test_windows_line_ends_change_no_reading(raw: bytes) -> None:
    """The same script prints other line ends on Windows."""
    text = raw.replace(b"\r", b"")

    assert read_stdout(text.replace(b"\n", b"\r\n")).readings == read_stdout(text).readings


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-9999, max_value=9999, places=4
)
NESTED: st.SearchStrategy[Value] = st.recursive(
    NUMBERS, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=30
)


def shown(value: Value) -> str:
    """Print a nested list as Python does."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    assert isinstance(value, Decimal)
    return format(value, "f")


@given(st.lists(NESTED, max_size=5).map(tuple))
def test_printed_list_reads_back_the_same(value: tuple[Value, ...]) -> None:
    """What torch's tolist() prints is what the checks compare."""
    [result] = read(f"key= {shown(value)}").readings

    assert (result.key, result.value) == ("key", value)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "w.grad", "_x"]),
            st.sampled_from(["1", "-0.50", "nan", "1e5", "x"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_quick_way_for_plain_pairs_reads_like_the_grammar(found: list[tuple[str, str]]) -> None:
    """Two blanks before the sign lead around the quick way; nothing else may change."""
    quick = parse_line(" ".join(f"{key}={text}" for key, text in found))
    slow = parse_line(" ".join(f"{key}  ={text}" for key, text in found))

    assert [(p.row, p.key, p.text) for p in quick.pairs] == [
        (p.row, p.key, p.text) for p in slow.pairs
    ]
    assert [p.parsed.value for p in quick.pairs] == [p.parsed.value for p in slow.pairs]
