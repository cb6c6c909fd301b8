"""What Python says when a script ends is understood, and never shown raw."""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

import pytest

from tests.fakes import PUBLISHED
from tests.unit.diagnosis.diagnosing import CATALOGUE, diagnosed, told
from verifier.run.interface import Exited, Killed, Outcome, OutputFlood, TimedOut
from verifier.run.script_error import ScriptError, read_error

SOURCE = b"""\
import torch
from torch import nn as layers
optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
loss.backward()
"""
ENDINGS = [
    ("syntax-error", "SyntaxError: '(' was never closed"),
    ("indentation-lost", "SyntaxError: 'return' outside function"),
    ("indentation-lost", "IndentationError: unexpected indent"),
    ("indentation-lost", "TabError: inconsistent use of tabs and spaces in indentation"),
    ("import-missing", "NameError: name 'nn' is not defined"),
    ("import-missing", "NameError: name 'BCELoss' is not defined"),
    ("import-missing", "NameError: name 'Counter' is not defined"),
    ("undefined-name", "NameError: name 'optimiser' is not defined"),
    ("undefined-name", "NameError: name 'optimizer' is not defined"),
    ("undefined-name", "NameError: name 'ys' is not defined. Did you mean: 'y'?"),
    ("undefined-name", "UnboundLocalError: cannot access local variable 'step'"),
    ("module-misspelt", "ModuleNotFoundError: No module named 'pytorch'"),
    ("module-misspelt", "ModuleNotFoundError: No module named 'matplotlib.pyplt'"),
    ("module-misspelt", "ModuleNotFoundError: No module named 'os.pth'; 'os' is not a package"),
    ("not-installed", "ModuleNotFoundError: No module named 'pandas'"),
    ("not-installed", "ModuleNotFoundError: No module named 'tkinter'"),
    ("import-missing", "ImportError: cannot import"),
    ("script-error", "ImportError: IProgress not found. Please update jupyter and ipywidgets."),
    ("script-error", "ImportError: Missing optional dependency 'openpyxl'.  Use pip or conda."),
    ("attribute-typo", "AttributeError: module 'torch.nn' has no attribute 'Liner'"),
    ("attribute-typo", "AttributeError: 'SGD' object has no attribute 'zero_grads'. Did you mean: 'zero_grad'?"),
    ("attribute-typo", "AttributeError: can't set it"),
    ("graph-cut", "AttributeError: 'float' object has no attribute 'backward'"),
    ("script-error", "AttributeError: 'NoneType' object has no attribute 'tolist'"),
    ("printed-as-tensor", "TypeError: unsupported format string passed to Tensor.__format__"),
    ("script-error", "TypeError: unsupported operand type(s) for *: 'float' and 'NoneType'"),
    ("wrong-argument", "TypeError: Linear.__init__() missing 1 required positional argument: 'out_features'"),
    ("script-error", 'TypeError: can only concatenate str (not "float") to str'),
    ("out-of-memory", "MemoryError"),
    ("out-of-memory", "RuntimeError: DefaultCPUAllocator: can't allocate memory"),
    ("optimizer-non-leaf", "ValueError: can't optimize a non-leaf Tensor"),
    ("graph-cut", "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn"),
    ("backward-twice", "RuntimeError: Trying to backward through the graph a second time"),
    ("shape-mismatch", "ValueError: Using a target size (torch.Size([1])) that is different"),
    ("target-wrong", "RuntimeError: all elements of target should be between 0 and 1"),
    ("sigmoid-missing", "RuntimeError: all elements of input should be between 0 and 1"),
    ("target-dtype", "RuntimeError: Found dtype Long but expected Float"),
    ("dtype-other", "RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float"),
    ("input-wrong", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1 and 2x1)"),
    ("model-other", "ValueError: Expected more than 1 value per channel when training"),
    ("script-error", "IndexError: index 2 is out of range"),
    ("script-error", "my.own.Problem: \x1b[2J"),
]  # fmt: skip


def _traceback(last: str, line: int = 3) -> str:
    return f'Traceback (most recent call last):\n  File "submission.py", line {line}, in <module>\n    x\n{last}\n'


@pytest.mark.parametrize(("expected", "last"), ENDINGS, ids=lambda value: value[:50])
def test_error_gets_its_diagnosis(expected: str, last: str) -> None:
    """Without a trace too, Python's own words name the mistake, and the line."""
    found = diagnosed(b"one_training_step\n", source=SOURCE, stderr=_traceback(last))

    assert [each.id for each in found][:1] == [expected]
    assert "line 3" in " ".join(found[0].evidence)
    assert "\x1b" not in str(found)


def test_gradient_that_nothing_in_the_text_could_fill_is_no_riddle() -> None:
    """Without a trace; neither backward() nor its function stands anywhere."""
    last = _traceback("TypeError: unsupported operand type(s) for *: 'float' and 'NoneType'")
    ids = [
        [each.id for each in diagnosed(b"x\n", source=source, stderr=last)]
        for source in (
            b"w -= 0.5 * w.grad\n",
            b"loss.backward()\nw -= 0.5 * w.grad\n",
            b"w -= f()\n",
        )
    ]

    assert ids == [["backward-missing"], ["script-error"], ["script-error"]]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (TimedOut(), ["endless-loop"]),
        (OutputFlood(stream="stdout"), ["output-flood"]),
        (Killed(signal=9), ["out-of-memory"]),
        (Killed(signal=11), []),
        (Exited(code=3), []),
    ],
)
def test_end_without_an_error_is_named_where_it_is_known(
    outcome: Outcome, expected: list[str]
) -> None:
    """A crash of the interpreter, or an exit status alone, says too little."""
    assert [each.id for each in diagnosed(b"x\n", outcome=outcome)] == expected


def test_guess_of_python_is_passed_on() -> None:
    """Python knows the name that was meant better than any list of ours."""
    last = "NameError: name 'ys' is not defined. Did you mean: 'y'?"
    found = diagnosed(b"", source=SOURCE, stderr=_traceback(last))

    assert "; is y meant?" in found[0].message


def test_trace_outweighs_what_python_says_of_a_call() -> None:
    """No gradient, because there was no backward: the last call that failed is not the cause."""
    story = told(first="FLZS", stop_after=9)
    source = b"import torch\nloss = 1\n"
    last = _traceback("AttributeError: 'NoneType' object has no attribute 'tolist'", 26)
    found = diagnosed(b"one_training_step\n", trace=story.trace, source=source, stderr=last)

    assert [each.id for each in found] == ["backward-missing"]


@pytest.mark.parametrize(
    ("first", "expected"), [("FLZS", "step-before-backward"), ("FLZ", "printed-wrong-moment")]
)
def test_backward_further_down_is_not_missing(first: str, expected: str) -> None:
    """The text shows a backward pass below the line that ended the script: it came too late."""
    story = told(first=first, loop="", rounds=0)
    source = b"\n" * 30 + b"loss.backward()\n"
    last = _traceback("AttributeError: 'NoneType' object has no attribute 'tolist'", 26)
    found = diagnosed(b"one_training_step\n", trace=story.trace, source=source, stderr=last)

    assert [each.id for each in found][:1] == [expected]


def test_frozen_parameters_are_told_from_a_cut_graph() -> None:
    """Both end in the same error; the trace knows which parameters ask for gradients."""
    story = told(frozen=(0, 1), first="FL", loop="", rounds=0)
    last = "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn"
    found = diagnosed(b"one_training_step\n", trace=story.trace, stderr=_traceback(last))

    assert [each.id for each in found] == ["parameters-frozen"]


def test_missing_bias_explains_none_before_any_forward_pass() -> None:
    """The text says bias=False; nothing was called yet."""
    source = (
        b"other = nn.Linear(2, 1)\nlayer = nn.Linear(2, 1, bias=False)\nprint(layer.bias.grad)\n"
    )
    last = _traceback("AttributeError: 'NoneType' object has no attribute 'grad'", 2)

    assert diagnosed(b"", source=source, stderr=last)[0].id == "model-other"


def test_printed_numbers_do_not_excuse_an_exit_status() -> None:
    """The output is right, the script is not: what ended it is named."""
    found = diagnosed(PUBLISHED, stderr=_traceback("ValueError: late"))

    assert [each.id for each in found] == ["script-error"]


@pytest.mark.parametrize("stderr", [b"", b"a warning\n", b'  File "submission.py", line 1\n'])
def test_standard_error_without_an_exception_is_none(stderr: bytes) -> None:
    """Warnings are no errors."""
    assert read_error(stderr) is None


def test_error_in_torch_is_placed_at_the_scripts_own_line() -> None:
    """Frames of torch mean little to a learner."""
    stderr = (
        b'  File "submission.py", line 7, in <module>\n    loss = f(p, y)\n'
        b'  File "/lib/torch/nn.py", line 3100, in f\n    raise ValueError(\n'
        b"ValueError: no\n"
    )

    assert read_error(stderr) == ScriptError(
        kind="ValueError",
        message="no",
        line=7,
        guess=None,
        statement="loss = f(p, y)",
        marked="loss = f(p, y)",
        files=("/lib/torch/nn.py",),
    )


def test_every_message_is_filled_in() -> None:
    """No braces are left in what a learner reads."""
    for _, last in ENDINGS:
        for each in diagnosed(b"", source=SOURCE, stderr=_traceback(last)):
            assert "{" not in each.message + each.fix
            assert each.stage is CATALOGUE.wordings[each.id].stage
