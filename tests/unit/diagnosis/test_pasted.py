"""Lines that are no Python, by what they look like."""

from __future__ import annotations

import time

import pytest

from tests.unit.diagnosis.diagnosing import diagnosed


def _said(source: str, *, line: int = 1, error: str = "SyntaxError: invalid syntax") -> list[str]:
    shown = source.splitlines()[line - 1]
    stderr = f'  File "submission.py", line {line}\n    {shown}\n    ^\n{error}\n'
    found = diagnosed(b"", source=source.encode(), stderr=stderr)
    return [f"{each.id}: {each.message} {each.fix}" for each in found]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("!pip install torch", "a notebook's command"),
        ("%matplotlib inline", "a notebook's command"),
        ("%%time", "a notebook's command"),
        ("    !nvidia-smi", "a notebook's command"),
        ("torch.nn.Linear?", "a notebook's command"),
        ("?torch", "a notebook's command"),
        ("pip install torch", "a shell's command"),
        ("python3 submission.py", "a shell's command"),
        ("conda install pytorch -c x", "a shell's command"),
    ],
)
def test_command_of_a_notebook_or_shell_is_named(line: str, what: str) -> None:
    """It is to be left out: what the lab needs is there."""
    (said,) = _said(f"import torch\n{line}\nprint(1)\n", line=2)

    assert said.startswith(f"notebook-command: {line.strip()} is {what} (line 2).")
    assert "Leave that line out" in said


@pytest.mark.parametrize("name", ["get_ipython", "display"])
def test_function_of_a_notebook_is_named(name: str) -> None:
    """Nothing defines it outside of one."""
    source = f"import torch\n{name}('x')\n"
    (said,) = _said(source, line=2, error=f"NameError: name '{name}' is not defined")

    assert said.startswith(f"notebook-command: {name} is a notebook's command (line 2).")


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        (">>> import torch\n", 1, "a prompt"),
        ("In [1]: import torch\n", 1, "a prompt"),
        ("```python\nimport torch\n```\n", 1, "a fence"),
        ("Here is the script:\n\n```python\nimport torch\n```\n", 1, "a fence"),
        ("$ python x.py\n", 1, "a shell's prompt"),
        ("ann@host:~/lab$ python x.py\n", 1, "a shell's prompt"),
        ("PS C:\\lab> python x.py\n", 1, "a shell's prompt"),
        ("import torch\n<<<<<<< HEAD\nx = 1\n", 2, "a mark of an unfinished merge"),
        ("one_training_step\nstep=1 loss=0.1183 pred=0.888\n", 2, "output of a script"),
    ],
)
def test_what_was_copied_along_is_named(source: str, line: int, what: str) -> None:
    """From a session, a chat, a terminal or a merge."""
    (said,) = _said(source, line=line)

    assert said.startswith("pasted-text: ")
    assert what in said


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = (1\n% 2\n", 1),
        ("x != y)\n", 1),
        ("print(1\n", 1),
        ("if x\n    y\n", 1),
        ('"""\n```python\n"""\nprint(1\n', 4),
        ("pip = 3 4\n", 1),
        ("python_version = = 3\n", 1),
    ],
)
def test_any_other_error_of_syntax_is_python_s_to_explain(source: str, line: int) -> None:
    """What merely looks alike is not accused."""
    assert [said.partition(":")[0] for said in _said(source, line=line)] == ["syntax-error"]


def test_own_function_of_that_name_is_no_notebook_s() -> None:
    """The script has one, further down."""
    source = "display(1)\ndef display(x): ...\n"
    (said,) = _said(source, error="NameError: name 'display' is not defined")

    assert said.startswith("undefined-name")


@pytest.mark.parametrize(
    "line", ["```" + " " * 60_000 + "x", "a@" + "b" * 60_000, "x=1 " * 15_000, "a." * 30_000]
)
def test_line_is_looked_at_in_linear_time(line: str) -> None:
    """A learner may hand in anything."""
    before = time.process_time()
    _said(line + "\n")

    assert time.process_time() - before < 1
