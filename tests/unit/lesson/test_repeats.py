"""What a page repeats of its scripts' output: what is noted, and what is passed over."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from verifier.lesson.markdown import read_markdown
from verifier.lesson.notebook import read_notebook
from verifier.lesson.page import Page, paired
from verifier.lesson.repeats import MAX_NOTES, repeated
from verifier.lesson.verdict import Verdict

SCRIPT = """\
import torch
lr = 0.5
print("one_step")
print("lr=", lr)
print("frozen:", tensor(requires_grad=True, frozen=False).frozen)
print("loss_before=", compute())
"""
OUTPUT = """\
one_step
lr= 0.5
loss_before= 0.1927
weight_grad= [[-0.1753, -0.3505]]
loss_after= 0.1183
last_equal: True
frozen: True
requires_grad: False
[[0.5, 1.5]]
step=1 loss=0.1183 pred=0.888
step=2 loss=0.0861 pred=0.918
step=3 loss=0.0678 pred=0.934
correct= 18/24
table
[[8, 0], [2, 5]]
"""
HEAD = f"""\
# Page

```python
{SCRIPT}```

Expected output:

```text
{OUTPUT}```

"""
HEAD_LINES = HEAD.count("\n")


def _page(text: str, *, is_mdx: bool = False) -> Page:
    return paired(read_markdown(text, is_mdx=is_mdx))


def _same(page: Page) -> list[Verdict]:
    return [
        Verdict(script=script, status="same", printed=script.output.text if script.output else "")
        for script in page.scripts
    ]


def _noted(words: str) -> list[tuple[int, str]]:
    """Give the notes of words that follow the script, by the line of the words."""
    page = _page(HEAD + words)
    return [(note.line - HEAD_LINES, note.message) for note in repeated(page, _same(page))]


@pytest.mark.parametrize(
    ("words", "line", "said"),
    [
        ("```text\nloss_after= 0.1184\n```\n", 2, "loss_after= 0.1184 here, loss_after= 0.1183"),
        (
            "Rows:\n\n```\nstep=1 loss=0.1183 pred=0.888\nstep=2 loss=0.0851 pred=0.918\n```\n",
            5, "step=2 loss=0.0851 pred=0.918 here, step=2 loss=0.0861 pred=0.918",
        ),
        ("    step=3 loss=0.0678 pred=0.935\n", 1, "here, step=3 loss=0.0678 pred=0.934"),
        ("- Look:\n\n  ```text\n  last_equal: False\n  ```\n", 4, "last_equal: False here"),
        ("> ~~~\n> ...\n> weight_grad= [[-0.1753, -0.3515]]\n> ~~~\n", 3, "weight_grad= [[-0.1753"),
        (
            "```\nloss_after= 0.1283   # lower\nstep=2 loss=0.0861 pred=0.918  <- here\n```\n",
            2, "loss_after= 0.1283 # lower here, loss_after= 0.1183",
        ),
        ("```\nloss_before= 0.1927\ntable\n[[8, 1], [2, 5]]\n```\n", 4, "[[8, 1], [2, 5]] here"),
        ("```console\n$ python lab.py\nloss_after= 0.1163\n```\n", 3, "loss_after= 0.1163 here"),
    ],
)  # fmt: skip
def test_an_excerpt_that_is_not_printed_is_noted(words: str, line: int, said: str) -> None:
    """At the line that differs, with the printed line that it stands for."""
    ((place, message),) = _noted(words)

    assert place == line
    assert said in message
    assert message.endswith(" printed")


@pytest.mark.parametrize(
    ("words", "line", "message"),
    [
        ("```text\nloss_after: 0.1184\n```\n", 2, "loss_after: 0.1184 here, 0.1183 printed"),
        (
            "## Evidence\n\n```\nloss_before: 0.1927\nloss_after: 0.2183\nseen: not None\n```\n",
            5, "loss_after: 0.2183 here, 0.1183 printed",
        ),
        ("- `loss_after`: 0.119\n", 1, "loss_after: 0.119 here, 0.1183 printed"),
        ("- last_equal: False\n", 1, "last_equal: False here, True printed"),
        (
            "1. weight_grad: [[-0.175, -0.361]]\n",
            1, "weight_grad: [[-0.175, -0.361]] here, [[-0.1753, -0.3505]] printed",
        ),
        ("**loss_before**: 0.1929 (first)\n", 1, "loss_before: 0.1929 here, 0.1927 printed"),
        ("## Records\n\n- lr: 0.6\n", 3, "lr: 0.6 here, 0.5 printed"),
        ("- loss: 0.0861 -> 0.0679\n", 1, "loss: 0.0679 here, 0.1183, 0.0861, 0.0678 printed"),
        ("- pred\uff1a0.935\n", 1, "pred: 0.935 here, 0.888, 0.918, 0.934 printed"),
        ("## Evidence\n\n- loss: 0.1193 at step 1, then 0.0861\n",
         3, "loss: 0.1193 here, 0.1183, 0.0861, 0.0678 printed"),
        ("## Evidence\n\n- loss: from 0.1183 to 0.0978\n",
         3, "loss: 0.0978 here, 0.1183, 0.0861, 0.0678 printed"),
        ("## Evidence\n\n- weight_grad: both of [[-0.1753, -0.3605]] are negative\n",
         3, "weight_grad: [[-0.1753, -0.3605]] here, [[-0.1753, -0.3505]] printed"),
        (
            "- table: [[8, 0], [3, 5]]\n",
            1, "table: [[8, 0], [3, 5]] here, [[8, 0], [2, 5]] printed",
        ),
        ("```\nstep=2 loss=0.0851\n```\n", 2, "loss: 0.0851 here, 0.1183, 0.0861, 0.0678 printed"),
        ("```\nrows: loss=0.0851, then loss=0.0678\n```\n", 2,
         "loss: 0.0851 here, 0.1183, 0.0861, 0.0678 printed"),
        ("- correct: 17/24\n", 1, "correct: 17/24 here, 18/24 printed"),
        ("- loss\\_after: 0.1180\n", 1, "loss_after: 0.1180 here, 0.1183 printed"),
        ("```\nloss_after = 0.3\na b\nc d\n```\n", 2, "loss_after: 0.3 here, 0.1183 printed"),
    ],
)  # fmt: skip
def test_evidence_that_is_not_printed_is_noted(words: str, line: int, message: str) -> None:
    """In a fence or in a list; fewer digits are right where the number is so rounded."""
    assert _noted(words) == [(line, message)]


@pytest.mark.parametrize(
    ("words", "line", "message"),
    [
        ("Then `loss_after` is 0.1184.\n", 1, "loss_after: 0.1184 here, 0.1183 printed"),
        (
            "The step\nis good: loss_after falls to\n0.1283 now.\n",
            3, "loss_after: 0.1283 here, 0.1183 printed",
        ),
        ("It prints `loss_after= 0.1193`.\n", 1, "loss_after: 0.1193 here, 0.1183 printed"),
        ("A `loss_before` of **0.193** or so, a `loss_after` of `0.1283`.\n", 1,
         "loss_after: 0.1283 here, 0.1183 printed"),
        (
            "`weight_grad` is `[[-0.1753, -0.3605]]`.\n",
            1, "weight_grad: [[-0.1753, -0.3605]] here, [[-0.1753, -0.3505]] printed",
        ),
        ("`last_equal` is False.\n", 1, "last_equal: False here, True printed"),
        ("The `loss_after` value is now 0.1283, as said.\n", 1,
         "loss_after: 0.1283 here, 0.1183 printed"),
        ("Now `loss_after` (0.1283) is less.\n", 1, "loss_after: 0.1283 here, 0.1183 printed"),
        ("Now `last_equal` and `loss_after`. Here, `loss_after` is 1.25.\n", 1,
         "loss_after: 1.25 here, 0.1183 printed"),
        ("Now `loss_after` ends up at 0.1283!\n", 1, "loss_after: 0.1283 here, 0.1183 printed"),
        ("Look: `loss_after` drops down to 0.1283; good.\n", 1,
         "loss_after: 0.1283 here, 0.1183 printed"),
        ("`loss_after` 为 0.1283。\n", 1, "loss_after: 0.1283 here, 0.1183 printed"),
        ("`loss_after` は 0.1283 です。\n", 1, "loss_after: 0.1283 here, 0.1183 printed"),
        ("| value | number |\n|---|---:|\n| `loss_before` | 0.1927 |\n| loss_after | 0.1283 |\n", 4,
         "loss_after: 0.1283 here, 0.1183 printed"),
        ("| step | loss | pred |\n|--|--|--|\n| 1 | 0.1183 | 0.888 |\n| 2 | 0.0862 | 0.918 |\n", 4,
         "loss: 0.0862 here, 0.1183, 0.0861, 0.0678 printed"),
        ("| `loss_after` |\n|--|\n| 0.1283 |\n", 3, "loss_after: 0.1283 here, 0.1183 printed"),
        ("<table><tr><td>loss_after</td><td>0.1283</td></tr></table>\n", 1,
         "loss_after: 0.1283 here, 0.1183 printed"),
        (
            "<!-- a\nremark -->\nHere `loss_after` is 0.1283.\n",
            3, "loss_after: 0.1283 here, 0.1183 printed",
        ),
    ],
)  # fmt: skip
def test_a_number_right_behind_a_printed_key_is_compared(
    words: str, line: int, message: str
) -> None:
    """In a sentence and in a table, at the line of the number."""
    assert _noted(words) == [(line, message)]


@pytest.mark.parametrize(
    "words",
    [
        "It falls by 0.07, to 38.6% of what it was on line 12, in torch 2.9 of 2026-05-01.\n",
        "`loss_after` is 0.1183, rounded 0.118 or 0.12; `loss_before` was 0.19.\n",
        "`loss_after` is 0.07 lower than before.\n",
        "`loss_after` falls by 0.0744.\n",
        "`loss_after` is below 0.2, `loss_before` under 0.3.\n",
        "`loss_after` drops to 61% of `loss_before`.\n",
        "`loss_after` is 2 times smaller.\n",
        "If `loss_after` is 0.1927, the step was not taken.\n",
        "Is `loss_after` 0.1927?\n",
        "Without `step()`, `loss_after` stays 0.1927.\n",
        "`loss_before` and `loss_after` are 0.1927 and 0.1183.\n",
        "Set `lr` to 0.05, then `lr=0.05` is printed.\n",
        "With `lr=0.05` you get `loss_after= 0.1842`.\n",
        "`loss` starts at 0.1927.\n",
        "A `pred` of 0.5 is a guess, `pred` is 0.5 by chance. Compare `pred` to 0.5.\n",
        "`pred` is 0.5 when nothing was learned; `pred` = 0.5 means nothing.\n",
        "The ratio of `loss_after` to `loss_before` is 0.61.\n",
        "`loss_before - loss_after = 0.0744`, and loss_before - loss_after = 0.0744.\n",
        "The drop in `loss_after` is 0.0744. `loss_after` minus it is 0.04.\n",
        "The target value of `pred` is 0.99. The best `loss_after` is 0.0, its `minimum`.\n",
        "`loss_after` is 0 at best. Here `pred` is 3.\nThen `loss_after`, see (1).\n",
        "```text\nloss_after: (1,)\nweight_grad: (1, 2) -> (2, 1)\n```\n",
        "Now `loss_after` (0.1183), `loss_after` is (0.12), and `weight_grad` is 0.3.\n",
        "Leaves have `requires_grad=True`. `frozen` is False there.\n",
        "By `step` 100 it is flat. At `step=9` it stops.\n",
        "`loss_after` holds 4 digits. `pred` takes 2 values.\n",
        "`other_key` is 0.5, and loss is 0.7, and loss_afterwards is 0.3.\n",
        "`loss_after` (2026-05-01) and `loss_after`, 3 digits.\n",
        "`loss_after` is 0.1183, 0.0861 and so on.\n",
        "The `weight_grad` of the first feature is -0.1753; `weight_grad` is 0.3.\n",
        "## Exercises\n\n1. Make `loss_after` 0.09.\n\n```text\nloss_after= 0.0900\n```\n",
        "## Symptoms\n\n| seen | reason |\n|--|--|\n| `loss_after` is 0.1927 | no step |\n",
        "If you forget `step()`:\n\n```text\nloss_before= 0.1927\nloss_after= 0.1927\n```\n",
        "With lr = 0.05:\n\n```text\nloss_before= 0.1927\nloss_after= 0.1842\n```\n",
        "```text\nstep=1 loss=9.0 pred=1.0\nstep=2 loss=8 pred=2\nstep=3 loss=7 pred=3\n```\n",
        "With momentum 0.9 the rows become\n\n```text\none_step\nloss_after= 0.0900\n```\n",
        "```console\n$ python lab.py --lr 0.05\nloss_before= 0.1927\nloss_after= 0.1842\n```\n",
        "```text\none_step\nloss_before= 0.3\nloss_after= 0.2\n```\n",
        "```text\nloss_before= 0.1927\nloss_after= 0.3\nstep=1 loss=0.3 pred=0.1\n```\n",
        "## Experiments\n\n```text\nloss_after= 0.2\n```\n",
        "```text\nloss = 0.3\n```\n",
        "```text\nstep=2 loss=0.0861, then pred=0.934\n```\n",
        "```text\nlr: 0.05\nhidden: 8\n```\n",
        "```text\nlr= 0.05\n```\n",
        "```\nx -> linear -> sigmoid -> 0.8\nw = 0.3\n```\n",
        "```text\n[[1.0, 2.0]]\n```\n",
        "```text\nstep=2 loss=0.0861 pred=0.918\n...\nstep=3 loss=0.0678  pred=0.934\n```\n",
        "```yaml\nloss_after: 3\n```\n",
        "- loss_before: 0.1927 -> 0.1183\n- loss_after: 0.12\n- loss_after: below 0.2\n",
        "## Evidence\n\n- loss: 0.1183 at step 1, 0.0861 at step 2\n",
        "## Evidence\n\n- loss_after: 0.07 by one step\n- loss_before: 0.2 and less\n",
        "## Evidence\n\n- loss: step 7 of 9\n- loss_after: not 0.2, but small\n",
        "- pred: 1 means yes\n- pred: 0 or 1\n- correct: 18/24\n- table: [[8, 0], [2, 5]]\n",
        "- last_equal: true\n- weight_grad: not None\n- loss_after: 12% of it\n",
        "## Evidence\n\n- loss_after: 0.11-0.12\n- loss_before: <0.2\n- pred: ~0.9\n",
        "- loss_after: 0.07 lower\n- loss: 0.4 -> 0.3\n- weight_grad: 0.3\n",
        "| lr | loss_after |\n|--|--|\n| 0.05 | 0.1842 |\n| 1.0 | 0.0711 |\n",
        "| optimizer | loss_after |\n|--|--|\n| SGD | 0.1183 |\n| Adam | 0.1842 |\n",
        "| key | before | after |\n|--|--|--|\n| loss_after | 0.3 | 0.4 |\n",
        "| step | loss |\n|--|--|\n| 7 | 0.2 |\n| 8 | 0.1 |\n| 9 | 0.1 |\n",
        "| a | b |\n|--|--|\n| loss_after |\n||\n|\n",
        "| a mistake | loss_after |\n|--|--|\n| 0.5 | 0.1927 |\n",
        "| step | loss |\n|--|--|\n| 1 | - |\n| 2 |\n",
        "| row | loss |\n|--|--|\n| 1 | 0.1183 |\n| 1 | 0.1183 |\n",
    ],
)  # fmt: skip
def test_what_is_right_or_may_be_of_another_run_is_not_noted(words: str) -> None:
    """Differences, counts, proposals, suppositions, and other runs' output are no repetitions."""
    assert _noted(words) == []


def test_what_is_printed_now_counts_where_the_block_is_stale() -> None:
    """An excerpt that agrees with a stale block is stale as well."""
    page = _page(HEAD + "```text\nloss_after= 0.1183\n```\n")
    now = OUTPUT.replace("0.1183", "0.1190")
    (script,) = page.scripts
    stale = Verdict(script=script, status="differs", printed=now)
    near = Verdict(script=script, status="within_tolerance", printed=now)
    unrun = Verdict(script=script, status="differs", why="two runs of it print differently")

    assert [note.message for note in repeated(page, [stale])] == [
        "loss_after= 0.1183 here, loss_after= 0.1190 printed"
    ]
    assert repeated(page, [near]) == repeated(page, [unrun]) == ()


def test_where_nothing_was_run_the_output_block_counts() -> None:
    """Then the note says whose it is."""
    page = _page(HEAD + "```text\nloss_after= 0.1184\n```\n")
    (script,) = page.scripts
    (note,) = repeated(page, [Verdict(script=script, status="needs_package")])

    assert note.message.endswith("loss_after= 0.1183 in the output at line 14")


def test_keys_of_which_a_page_does_not_show_all_are_passed_over() -> None:
    """The middle of a long output, and what scripts without an output print, may be anything."""
    cut = HEAD.replace("step=3", "...\nstep=9") + "`loss` ends at 0.05.\n"
    other = HEAD + '```python\nprint("loss_after=", other())\n```\n\nHere `loss_after` is 0.05.\n'
    copy = HEAD + (
        '```python\nprint("loss_before=", compute())\n```\n\nHere `loss_before` is 0.05.\n'
    )
    many = "".join(f"loss= {number}.5\n" for number in range(600))
    long = HEAD.replace("one_step\n", f"one_step\n{many}", 1).replace("one_step\n", many, 1)

    assert repeated(_page(cut), _same(_page(cut))) == ()
    assert repeated(_page(other), _same(_page(other))) == ()
    assert len(repeated(_page(copy), _same(_page(copy)))) == 1
    assert repeated(_page(long + "`loss` is 0.05.\n"), _same(_page(long))) == ()


def test_a_page_without_output_repeats_nothing() -> None:
    """Its numbers are its own."""
    page = _page("`loss_after` is 0.5\n\n```text\na= 1\n```\n")

    assert repeated(page, []) == ()


def test_the_place_in_a_notebook_is_its_cell() -> None:
    """Words and fences of its cells repeat what its cells print."""
    printed = {"output_type": "stream", "name": "stdout", "text": ["rate= 0.25\n", "end: 3\n"]}
    words = "# A\n\nThe `rate` is 0.26.\n\n```text\nend: 4\n```\n\n```python\nx\n```\n"
    cells = [
        {"cell_type": "code", "source": "x", "outputs": [printed]},
        {"cell_type": "markdown", "source": words},
    ]
    page = paired(read_notebook(json.dumps({"cells": cells})))
    page = Page(**{**{n: getattr(page, n) for n in page.__slots__}, "is_notebook": True})

    assert [(note.line, note.message) for note in repeated(page, _same(page))] == [
        (2, "rate: 0.26 here, 0.25 printed"),
        (2, "end: 4 here, end: 3 printed"),
    ]


def test_notes_are_bounded() -> None:
    """A page that was not looked after for long does not flood a log."""
    rows = "".join(f"- loss_after: {number}.25\n" for number in range(100))
    page = _page(HEAD + rows)
    found = repeated(page, _same(page))

    assert len(found) == MAX_NOTES + 1
    assert found[-1].message == f"only the first {MAX_NOTES} such differences are noted"


def test_too_much_output_is_not_looked_at() -> None:
    """A page of a thousand scripts that print a megabyte each cannot hold up a check."""
    page = _page((HEAD + "`loss_after` is 0.5.\n\n") * 20)
    told = [replace(each, printed="loss= 0.5\n" * 30_000) for each in _same(page)]
    (note,) = repeated(page, told)

    assert note.message.startswith("its scripts print so much")


@pytest.mark.parametrize(
    "words",
    [
        "`loss_after` " + "is          " * 2_000 + "\n\n",
        "`loss_after` is 0.1183. " * 800 + "\n\n",
        "`" * 19_000 + "\n\n",
        "`a` " * 4_000 + "\n\n",
        "|" * 10_000 + "\n" + "|-" * 4_000 + "|\n",
        "| loss | a |\n|--|--|\n" + "| 0.1183 | 7 |\n" * 1_000 + "\n",
        "`loss_after` is [" + "1, " * 6_000 + "\n\n",
        "loss_after: " + "9" * 19_000 + "\n\n",
        "- loss: " + "1 -> " * 4_000 + "\n\n",
        "loss_" * 4_000 + "\n\n",
        "```\n" + "step=1 loss=0.5 pred=0.5\n" * 2_000 + "```\n\n",
        "#  " + "if " * 6_000 + "\n\n" + "x\n\n" * 2_000,
    ],
    ids=range(12),
)
def test_hostile_words_take_bounded_time(words: str) -> None:
    """A page cannot hold up a check by what it repeats."""
    rows = "".join(f"step={n} loss={n}.5 pred=0.{n}\n" for n in range(400))
    page = _page(HEAD.replace("step=1", f"{rows}step=1") + words * 20)
    began = time.process_time()
    repeated(page, _same(page))

    assert time.process_time() - began < 10
