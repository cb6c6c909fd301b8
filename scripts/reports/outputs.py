"""What scripts may print, as captured output: right, nearly right, foreign and hostile.

Nothing here is drawn by chance, so every commit judges the same bytes.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHT = b"""\
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
step=3 loss=0.0678 pred=0.934
step=4 loss=0.0560 pred=0.945
step=5 loss=0.0478 pred=0.953
"""
"""The lesson's published output, to the character."""

_LINES = RIGHT.splitlines(keepends=True)
_STEP, _LOOP = _LINES[:7], _LINES[7:]
_FLOOD_BYTES = 6_000
_COLON = "\uff1a"
_HUGE = 200_000

_ALTERED: dict[str, tuple[bytes, bytes]] = {
    "comma-as-decimal-sign": (b"0.825", b"0,825"),
    "commas-everywhere": (b".", b","),
    "scientific": (b"0.0861", b"8.61e-02"),
    "scientific-capital": (b"0.1183", b"1.183E-1"),
    "tensor": (b"[[-0.1753, -0.3505]]", b"tensor([[-0.1753, -0.3505]])"),
    "tensor-of-one": (b"0.1927", b"tensor(0.1927)"),
    "tensor-with-grad-fn": (b"0.1927", b"tensor(0.1927, grad_fn=<BinaryCrossEntropyBackward0>)"),
    "tensor-over-lines": (b"[[-0.1753, -0.3505]]", b"tensor([[-0.1753,\n         -0.3505]])"),
    "parameter": (b"[-0.1753]\n", b"Parameter containing:\ntensor([-0.1753])\n"),
    "numpy-array": (b"[[-0.1753, -0.3505]]", b"[[-0.1753 -0.3505]]"),
    "numpy-scalar": (b"0.1927", b"np.float32(0.1927)"),
    "one-dimension-less": (b"[[-0.1753, -0.3505]]", b"[-0.1753, -0.3505]"),
    "one-dimension-more": (b"= 0.825", b"= [[0.825]]"),
    "one-element-less": (b"[[-0.1753, -0.3505]]", b"[[-0.1753]]"),
    "one-element-more": (b"[-0.1753]\n", b"[-0.1753, 0.0]\n"),
    "elements-swapped": (b"[[-0.1753, -0.3505]]", b"[[-0.3505, -0.1753]]"),
    "unclosed-list": (b"-0.3505]]", b"-0.3505"),
    "unopened-list": (b"[[-0.1753", b"-0.1753"),
    "nan": (b"0.1183", b"nan"),
    "nan-capital": (b"0.0478", b"NaN"),
    "infinity": (b"0.0861", b"inf"),
    "minus-infinity": (b"0.1927", b"-inf"),
    "too-large": (b"0.1927", b"1e999"),
    "too-small": (b"0.1927", b"1e-9999"),
    "five-thousand-digits": (b"0.1927", b"7" * 5_000),
    "underscore": (b"0.1927", b"0.1_927"),
    "arabic-digits": (b"0.825", "\u0660.\u0668\u0662\u0665".encode()),
    "plus-sign": (b"0.825", b"+0.825"),
    "minus-sign": (b"-0.1753", b"0.1753"),
    "typographic-minus": (b"-0.1753", "\u22120.1753".encode()),
    "no-leading-zero": (b"= 0.", b"= ."),
    "within-tolerance": (b"0.825", b"0.826"),
    "at-the-edge-of-tolerance": (b"0.1927", b"0.1928"),
    "just-beyond-tolerance": (b"0.1927", b"0.1929"),
    "far-beyond-tolerance": (b"0.1927", b"19.27"),
    "fewer-decimals": (b"0.1927", b"0.19"),
    "more-decimals": (b"0.825", b"0.82476"),
    "more-decimals-of-all": (b"0.888", b"0.8881234567"),
    "zero-stripped": (b"0.0560", b"0.056"),
    "none": (b"[-0.1753]", b"None"),
    "word": (b"0.1927", b"unknown"),
    "empty-value": (b"0.1927", b""),
    "truth": (b"0.1927", b"True"),
    "quoted": (b"0.825", b"'0.825'"),
    "percent": (b"0.825", b"82.5 %"),
    "unit": (b"0.1927", b"0.1927 nats"),
    "fraction": (b"0.825", b"33/40"),
    "colon": (b"= ", b": "),
    "full-width-colon": (b"= ", _COLON.encode()),
    "arrow": (b"= ", b" -> "),
    "blanks-around-equals": (b"= ", b"  =  "),
    "no-blank": (b"= ", b"="),
    "tab": (b"= ", b"=\t"),
    "no-break-space": (b"= ", "=\u00a0".encode()),
    "commas-between-pairs": (b" loss=", b", loss="),
    "pairs-swapped": (b"step=3 loss=0.0678 pred=0.934", b"pred=0.934 loss=0.0678 step=3"),
    "pairs-on-lines": (b"step=3 loss=0.0678 pred=0.934", b"step=3\nloss=0.0678\npred=0.934"),
    "capital-key": (b"loss_before", b"Loss_Before"),
    "spaced-key": (b"loss_before", b"loss before"),
    "misspelt-key": (b"prediction_after", b"predicton_after"),
    "translated-key": (b"loss_before", "\u635f\u5931".encode()),
    "capital-section": (b"one_training_step", b"ONE_TRAINING_STEP"),
    "decorated-section": (b"one_training_step", b"=== one_training_step ==="),
    "section-with-colon": (b"mini_training_loop", b"mini_training_loop:"),
    "misspelt-section": (b"mini_training_loop", b"mini_traning_loop"),
    "padded-rows": (b"step=", b"step=00"),
    "labelled-rows": (b"step=", b"sgd  step="),
    "rows-from-zero": (b"step=5", b"step=0"),
    "row-twice": (b"step=4", b"step=3"),
    "row-of-no-number": (b"step=4", b"step=four"),
    "rows-with-fraction": (b"step=4", b"step=4.0"),
    "indented": (b"\n", b"\n    "),
    "trailing-blanks": (b"\n", b"   \n"),
    "empty-lines": (b"\n", b"\n\n"),
    "crlf": (b"\n", b"\r\n"),
    "carriage-returns-alone": (b"\n", b"\r"),
    "line-separators": (b"\n", "\u2028".encode()),
    "form-feeds": (b"\n", b"\n\x0c"),
    "overwritten": (b"loss_before= 0.1927", b"loss_before= 9.9999\rloss_before= 0.1927"),
    "overwritten-by-less": (b"loss_before= 0.1927", b"loss_before= 0.192799\rloss_before= 0.1"),
    "progress-bar": (b"step=1", b"\r  0%|      |\r100%|######|\rstep=1"),
    "coloured-keys": (b"loss_before", b"\x1b[1;31mloss_before\x1b[0m"),
    "coloured-values": (b"0.1927", b"\x1b[32m0.1927\x1b[0m"),
    "title-set": (b"one_training_step", b"\x1b]0;passed\x07one_training_step"),
    "unfinished-escape": (b"0.1927", b"\x1b[0.1927"),
    "nul-in-value": (b"0.1927", b"0.19\x0027"),
    "nul-in-key": (b"loss_before", b"loss\0_before"),
    "no-utf8-in-key": (b"loss_before", b"loss\xff_before"),
    "zero-width-in-key": (b"loss_before", "loss\u200b_before".encode()),
    "bidi-in-key": (b"loss_before", "\u202eloss_before".encode()),
    "command-of-a-job": (b"one_training_step", b"::error::passed\none_training_step"),
    "markup": (b"one_training_step", b"<script>alert(1)</script>|`x`\none_training_step"),
}
"""Of the right output, one thing changed: every place where it stands."""

_PUT_IN: dict[str, bytes] = {
    "prose": b"now we train the model\n",
    "warning": b"lab.py:3: UserWarning: something = wrong (0.5)\n",
    "shape": b"x shape: torch.Size([1, 2])\n",
    "model": b"Sequential(\n  (0): Linear(in_features=2, out_features=1, bias=True)\n)\n",
    "same-key-before": b"loss_before= 9.9\n",
    "other-pair": b"lr=0.5\n",
    "unclosed-bracket": b"x= [1,\n",
    "unclosed-quote": b"x: ['\n",
    "deep-brackets": b"[" * 1_000 + b"\n",
    "huge-brackets": b"[" * _HUGE + b"\n",
    "huge-list": b"x= [" + b"1, " * _HUGE + b"]\n",
    "long-line": b"a=1 " * 50_000 + b"\n",
    "long-key": b"k" * 5_000 + b"= 1\n",
    "bar": b"-" * 80 + b"\n",
    "traceback": b'Traceback (most recent call last):\n  File "lab.py", line 3, in <module>\n',
}
"""Lines of another kind, put before the right output, after it, and between its sections."""

_PIECES: dict[str, bytes] = {
    "line-feeds": b"\n",
    "carriage-returns": b"a\r",
    "unfinished-escapes": b"\x1b[",
    "unfinished-osc": b"\x1b]",
    "coloured-pairs": b"\x1b[31mloss\x1b[0m=1\n",
    "no-utf8": b"\xff",
    "nul": b"\0",
    "full-width-colons": _COLON.encode(),
    "one-number": b"1",
    "numbers-on-a-line": b"1 ",
    "opening-brackets": b"[",
    "opening-bracket-lines": b"[\n",
    "continuing-brackets": b" [\n",
    "empty-lists": b"[]\n",
    "too-deep-lines": b"[" * 33 + b"\n",
    "deep-lists": b"x= " + b"[" * 30 + b"]" * 30 + b"\n",
    "long-lists": b"x= [" + b"1, " * 1300 + b"]\n",
    "too-long-lists": b"x= [" + b"1, " * 1400 + b"]\n",
    "unclosed-lists": b"x= [\n 1,\n",
    "unclosed-quotes": b"x: ['\n",
    "unclosed-tensors": b"x=[grad_fn=<\n",
    "pairs-on-a-line": b"a=",
    "pairs-with-units": b"a: 1 MB, ",
    "labels-on-a-line": b"a b: ",
    "arrows": b"a -> b\n",
    "prose": b"used standard precision on cpu\n",
    "dashes": b"a-" * 3_000 + b"\n",
    "zero-width": "\u200b=\n".encode(),
    "words": b"a\n",
    "infinities": b"1e999 ",
    "long-integers": b"1" * 5_000 + b"\n",
}
"""The kinds of hostile output that bench/speed/stdout.py measures, repeated up to a size."""

_EVIDENCE = (
    "prediction_before: 0.825\nloss_before: 0.1927\n"
    "gradient_seen: weight_grad and bias_grad are not None\n"
    "prediction_after: 0.888\nloss_after: 0.1183"
)
_SHAPES: tuple[str, ...] = (
    "conv2d_lab",
    "confusion_matrix rows=true cols=pred",
    "weight_grad= [[-0.1753, -0.3505]]",
    "step=1 loss=0.1183 pred=0.888",
    "sgd      step=1  w=4.400 loss=9.0000\nsgd      step=2  w=4.300 loss=8.0000",
    "tiny + ReLU    first_std=0.0337",
    "epoch=   0, loss=4031.2007",
    "epoch=  1 train_loss=34.8472",
    "step=001",
    "x=[0.0, 1.0] prob=1.000 pred=1",
    "x=[1.0, 2.0] -> pred=12.05\nunderfit_case -> possible_underfitting",
    "batch=0 x_shape=(3, 2) y_shape=(3, 1)",
    "best_lr: 1.0\nw.grad: -24.0",
    "Predicted score for 6 hours of study: 87.0",
    "gap head    : 170",
    "input: (1, 1, 6, 6)",
    "train: (384, 1, 16, 16) (384,)",
    "train size: 6 val size: 2",
    "X: shape=(2, 3) dtype=torch.float32 device=cpu",
    "probs: [1.0, 0.0]",
    "values\n[[1.075, -0.014], [0.2, 0.3]]",
    "last_equal: True\nnorm: LayerNorm",
    "final_acc 1.0\nnet.0.bias (4,)",
    "fp32: 0.0340 MB",
    "predictions:",
    "sample 0: tensor([2., 1.]) tensor([0.5500], grad_fn=<SigmoidBackward0>)",
    "logits: tensor([[2.2100, 1.1800],\n        [0.1000, 0.2000]])",
    "tensor([[2.2100, 1.1800],\n        [0.1000, 0.2000]])",
    "[[-2.  2. -4.]\n [ 1.5 1.  ... ]]",
    "used standard precision on cpu",
    "Q\n[[1.0]]\nMultiheadAttention",
    f"\u635f\u5931{_COLON}0.5\u3001\u7cbe\u5ea6{_COLON}1.0",
    _EVIDENCE,
    "prediction_before: 0.825\ngradient_seen: None\nloss_after: 0.1183",
    "shape: [N, C_in, H, W]\nformula: y = w x + b\ntruth: not None",
)
"""The shapes of output that a course's labs print, by their number, and records of evidence."""


def outputs() -> Iterator[tuple[str, bytes]]:
    """Give every captured output with its name."""
    yield "right", RIGHT
    yield from _rearranged()
    yield from _bytes_of_all_kinds()
    for name, (old, new) in _ALTERED.items():
        yield f"altered/{name}", RIGHT.replace(old, new)
    for number in range(1, len(_LINES) + 1):
        rest = b"".join(chain(_LINES[: number - 1], _LINES[number:]))
        yield f"without-line/{number:02}", rest
    for name, line in _PUT_IN.items():
        yield f"before/{name}", line + RIGHT
        yield f"between/{name}", b"".join([*_STEP, line, *_LOOP])
        yield f"after/{name}", RIGHT + line
    for name, piece in _PIECES.items():
        flood = (piece * (_FLOOD_BYTES // len(piece) + 1))[:_FLOOD_BYTES]
        yield f"flood/{name}", flood
        yield f"flood-then-right/{name}", flood + b"\n" + RIGHT
    for number, shape in enumerate(_SHAPES, start=1):
        yield f"shape/{number:02}", shape.encode() + b"\n"
    yield "shape/all", "\n".join(_SHAPES).encode()


def _rearranged() -> Iterator[tuple[str, bytes]]:
    """Give the right lines in another order, too often, or cut off."""
    yield "order/reversed", b"".join(reversed(_LINES))
    yield "order/sorted", b"".join(sorted(_LINES))
    yield "order/loop-first", b"".join([*_LOOP, *_STEP])
    yield "order/after-before-before", b"".join([*_STEP[:1], *_STEP[5:], *_STEP[1:5], *_LOOP])
    yield "order/rows-reversed", b"".join([*_STEP, _LOOP[0], *reversed(_LOOP[1:])])
    yield "order/sections-last", b"".join([*_STEP[1:], *_LOOP[1:], _STEP[0], _LOOP[0]])
    yield "twice/all", RIGHT * 2
    yield "twice/first-section", b"".join([*_STEP, *_STEP, *_LOOP])
    yield "twice/every-line", b"".join(line * 2 for line in _LINES)
    yield "twice/six-rows", RIGHT + b"step=6 loss=0.0418 pred=0.959\n"
    yield "twice/wrong-then-right", RIGHT.replace(b"0.1927", b"0.5") + RIGHT
    yield "cut/in-a-number", RIGHT[:40]
    yield "cut/in-a-list", RIGHT[:80]
    yield "cut/no-last-newline", RIGHT.rstrip()
    yield "cut/first-section", b"".join(_STEP)
    yield "cut/loop-only", b"".join(_LOOP)


def _bytes_of_all_kinds() -> Iterator[tuple[str, bytes]]:
    """Give what is no text, or text in another coding, or far too much of it."""
    every = bytes(range(256))
    yield "bytes/empty", b""
    yield "bytes/one-newline", b"\n"
    yield "bytes/all-256", every
    yield "bytes/all-256-then-right", every + b"\n" + RIGHT
    yield "bytes/each-of-256-as-a-key", b"".join(b"k%c= 1\n" % byte for byte in every)
    yield "bytes/each-of-256-in-a-value", b"".join(b"k= 1%c2\n" % byte for byte in every)
    yield "bytes/utf-8-with-mark", b"\xef\xbb\xbf" + RIGHT
    yield "bytes/utf-16", RIGHT.decode().encode("utf-16-le")
    yield "bytes/utf-16-with-mark", b"\xff\xfe" + RIGHT.decode().encode("utf-16-le")
    yield "bytes/utf-32", RIGHT.decode().encode("utf-32-le")
    yield "bytes/ten-thousand-lines", b"".join(b"line %d\n" % n for n in range(10_000))
    yield "bytes/twenty-thousand-lines-then-right", b"a\n" * 20_000 + RIGHT
    yield "bytes/ten-thousand-pairs", b"a=1\n" * 10_001 + RIGHT
    yield "bytes/thousand-sections", b"".join(b"section_%d\nx= 1\n" % n for n in range(1_100))
    yield "bytes/thousand-nan", b"a=nan\n" * 1_000 + b"b=[1\n"
    yield "bytes/megabyte-without-newline", b"x" * 1_000_000
    yield "bytes/megabyte-of-lines", b"loss= 0.1\n" * 104_857
    yield "bytes/more-than-a-mebibyte", RIGHT + b"#" * 1_100_000
