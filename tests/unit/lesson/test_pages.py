"""Pages in the styles of courses: what is paired with what, and what is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from verifier.lesson.folder import Place, find_pages, read_page
from verifier.lesson.markdown import read_markdown
from verifier.lesson.page import paired

if TYPE_CHECKING:
    from verifier.lesson.page import Script

PAGES = CHECKOUT / "tests" / "lesson" / "pages"

_OUT = "(none)"
PAIRED: dict[str, list[tuple[int, str]]] = {
    "readme.md": [(9, "mean= 2.3333"), (22, _OUT)],
    "docusaurus.md": [(12, "loss=0.0400")],
    "starlight.mdx": [(9, "step=0"), (24, "tabbed"), (36, "never (skipped)")],
    "myst.md": [(3, _OUT), (11, "+ total: 6"), (23, "inside")],
    "jupyter-book.md": [(4, "noted"), (17, "+ more")],
    "chinese.md": [(3, "损失: 0.25"), (13, "次数: 2"), (23, "0.5391 (example)")],
    "japanese.md": [(3, "平均: 1.5")],
    "console.md": [(13, "run by a command"), (22, "numbered")],
    "collapsed.md": [(3, "hidden"), (16, _OUT)],
    "order.md": [(11, _OUT), (17, _OUT), (21, "both")],
    "marks.md": [
        (4, "took 0.75 s"), (15, "1 (needs scikit-learn)"), (25, "f (example)"),
        (36, "start (skipped)"),
    ],
    "repeats.md": [(5, "walk")],
    "notebook.ipynb": [(2, "rate 0.5"), (3, "+ (none)"), (4, "+ twice 1.0")],
    "mkdocs.md": [(5, "step=0 loss=0.50"), (22, "folded")],
    "quoted.md": [(5, "3"), (22, "3"), (39, "both")],
    "indented.md": [(6, "loss 0.5"), (27, _OUT)],
    "colons.md": [(3, "colons"), (18, "in a tab"), (29, "tested")],
    "tabs.mdx": [(16, "in tabs"), (37, "noted"), (49, "opened")],
    "components.mdx": [(18, "slope= 2.0"), (40, "aside"), (52, "12:00 (example)")],
    "chinese-course.md": [(5, "第0步 w=2.0"), (24, "误差 0.1"), (37, "终端"), (47, _OUT)],
    "japanese-course.md": [
        (5, "勾配: -0.5"), (18, "損失: 0.25"), (28, "0.7132 (example)"), (38, _OUT),
    ],
    "above.md": [(11, _OUT), (23, _OUT)],
    "shells.md": [(3, "prompted"), (12, "asked"), (24, _OUT), (34, "logged")],
    "hugo.md": [(21, "plain")],
    "outputs.ipynb": [
        (2, _OUT), (3, "+ y 9.0"), (5, "+ 1.0 (skipped)"), (10, "+ loss 0.5"),
    ],
}  # fmt: skip
"""Line of each script, and the first line of its output; + where it goes on from the one above."""

LEFT_OUT = {
    "readme.md": [(28, "no words")],
    "docusaurus.md": [],
    "starlight.mdx": [],
    "myst.md": [(34, "an included file")],
    "jupyter-book.md": [],
    "chinese.md": [],
    "japanese.md": [],
    "console.md": [(3, "a session"), (8, "a session")],
    "collapsed.md": [(21, "this fence is text")],
    "order.md": [(5, "this output stands above"), (33, "this is a second output")],
    "marks.md": [(34, "this pattern"), (35, "there is no mark")],
    "repeats.md": [],
    "notebook.ipynb": [(2, "lines of the notebook"), (3, "what a cell shows")],
    "mkdocs.md": [],
    "quoted.md": [],
    "indented.md": [
        (18, "indented code is not run"), (23, "this is a second output"), (33, "code in tags"),
    ],
    "colons.md": [(37, "reStructuredText")],
    "tabs.mdx": [(61, "code in tags")],
    "components.mdx": [(35, "code in tags")],
    "chinese-course.md": [(53, "no words")],
    "japanese-course.md": [(44, "no words")],
    "above.md": [(5, "this output stands above"), (17, "this page shows outputs above")],
    "shells.md": [(30, "a block of another language"), (44, "a session")],
    "hugo.md": [
        (7, "code in tags"), (13, "this output stands above"),
        (17, "code in tags"),
    ],
    "outputs.ipynb": [
        (7, "a cell that %%"), (8, "a cell of nothing but"), (9, "a cell that is shown to fail"),
        (10, "what a cell"),
    ],
}  # fmt: skip
"""Line of each note, and how it begins."""


def test_every_page_has_its_row() -> None:
    """The tables are of all pages there are."""
    found = {place.path.name for place in find_pages([PAGES])}

    assert found == PAIRED.keys() == LEFT_OUT.keys()


@pytest.mark.parametrize("name", PAIRED)
def test_scripts_are_paired_with_their_outputs(name: str) -> None:
    """No script gets another's output, and none that the page promises is passed over."""
    page = read_page(Place(base=PAGES, below=(name,)))

    assert [(script.line, _told(script)) for script in page.scripts] == PAIRED[name]
    assert [script.index for script in page.scripts] == list(range(1, len(page.scripts) + 1))


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_is_said(name: str) -> None:
    """Whoever wonders why a block was not compared finds it in the notes, with its line."""
    notes = read_page(Place(base=PAGES, below=(name,))).notes

    assert [note.line for note in notes] == [line for line, _ in LEFT_OUT[name]]
    for note, (_, begins) in zip(notes, LEFT_OUT[name], strict=True):
        assert note.message.startswith(begins)


@pytest.mark.parametrize("name", [name for name in PAIRED if not name.endswith(".ipynb")])
def test_lines_are_those_of_the_page(name: str) -> None:
    """An annotation stands where the block stands."""
    lines = (PAGES / name).read_text(encoding="utf-8").split("\n")

    for script in read_page(Place(base=PAGES, below=(name,))).scripts:
        assert re.search("```|~~~|:::", lines[script.line - 1])
        if script.output:
            first = script.output.text.split("\n")[0]
            assert lines[script.output.text_line - 1].strip(" >") == first.strip()


@pytest.mark.parametrize(
    ("words", "is_paired"),
    [
        ("Expected output:", True),
        ("**Output**", True),
        ("### Output", True),
        ("Running it, you should see", True),
        ("The script prints:", True),
        ("Output (on a CPU):", True),
        ("预期输出", True),
        ("It prints\uff1a", True),
        ("运行结果如下:", True),
        ("期待される出力:", True),
        ("実行結果", True),
        ("出力は次のとおりです。", True),
        ("The output file holds these settings:", False),
        ("The output of a model is a probability.", False),
        ("This shows the folder:", False),
        ("Printers and output devices matter. Save this as settings:", False),
        ("次の設定を保存します。", False),
        ("输出文件夹的结构请看下面的说明:", False),
        ("Running it gives:", True),
        ("Click to show the output", True),
        ("运行后,你应该看到:", True),
        ("控制台会显示如下内容:", True),
        ("実行すると、次のようになります。", True),
        ("prints", True),
        ("執行結果:", True),
        ("預期輸出", True),
        ("得到的结果是:", True),
        ("以下のような結果が得られます:", True),
        ("下面显示文件夹:", False),
        ("这一步的结果保存在文件里。", False),
        ("このように保存します。", False),
        ("The table gives the rates that we tried in a folder:", False),
        ("Expected output of the last lesson was a loss.\n\n## Settings", False),
        ("", True),
    ],
)
def test_words_lead_to_an_output(words: str, is_paired: bool) -> None:  # noqa: FBT001 - a table
    """A block of settings or of folders is not called a wrong output."""
    text = f"```python\nx\n```\n\n{words}\n\n```text\na = 1\n```\n"
    page = paired(read_markdown(text, is_mdx=False))

    assert (page.scripts[0].output is not None) is is_paired
    assert bool(page.notes) is not is_paired


@pytest.mark.parametrize(
    ("words", "is_example"),
    [
        ("Example output:", True),
        ("Output (your numbers may differ):", True),
        ("You will see something like", True),
        ("示例输出", True),
        ("出力例", True),
        ("The loss is approximately the mean. Expected output:", False),
        ("This example is short. Expected output:", False),
    ],
)
def test_examples_are_told_from_promises(words: str, is_example: bool) -> None:  # noqa: FBT001 - a table
    """What is not compared is so by the page's own words."""
    text = f"```python\nx\n```\n\n{words}\n\n```text\na = 1\n```\n"

    assert paired(read_markdown(text, is_mdx=False)).scripts[0].is_example is is_example


@pytest.mark.parametrize(
    "left_out",
    [
        "<pre>\nprint(2)\n</pre>",
        "{{< highlight python >}}\nprint(2)\n{{< /highlight >}}",
        "    import math\n    print(2)",
        "```{literalinclude} two.py\n```",
        "<div>\n```python\nprint(2)\n```\n</div>",
        "```python\n" + "print(2)\n" * 100_000 + "```",
    ],
    ids=range(6),
)
def test_an_output_is_not_taken_by_the_script_before_one_that_is_left_out(left_out: str) -> None:
    """It is the other's, which was not read: comparing it would call a right page wrong."""
    text = f"```python\nprint(1)\n```\n\n{left_out}\n\nExpected output:\n\n```text\n2\n```\n"
    page = paired(read_markdown(text, is_mdx=False))

    assert [script.output for script in page.scripts] == [None]
    assert len(page.notes) == 2


@pytest.mark.parametrize(
    ("between", "note", "is_paired"),
    [
        ("<Tabs>\n\n    ```python\n    x\n    ```\n\n</Tabs>", "this fence is text", False),
        ("```\nimport torch\nprint(1)\n```", "this looks like a script", False),
        ("```python file=./two.py\n```", "an empty block", False),
        ("Output:\n\n```python\n[2]\n```", "words promise an output", False),
        ("```console\n(.venv) me@here:~$ python x.py\n2\n```", "this is a second output", True),
        ("Output:\n\n```python\nprint(2)\n```", "", False),
        ("```diff\n-print(2)\n```", "", True),
        ("```sh\npython x.py\n```", "", True),
    ],
)
def test_neighbours_of_an_output(between: str, note: str, is_paired: bool) -> None:  # noqa: FBT001 - a table
    """What stands between a script and an output parts them or not; a note says why."""
    text = f"```python\nprint(1)\n```\n\n{between}\n\nExpected output:\n\n```text\n2\n```\n"
    page = paired(read_markdown(text, is_mdx=False))

    assert (page.scripts[0].output is not None) is is_paired
    assert [each.message.startswith(note) for each in page.notes[:1]] == ([True] if note else [])


@pytest.mark.parametrize("is_mdx", [False, True])
def test_what_words_quote_as_code_is_only_quoted(is_mdx: bool) -> None:  # noqa: FBT001 - drawn
    """A page may tell of marks and tags: a mark in it skips nothing, a tag leaves nothing out."""
    words = "Write `<!-- labcheck: skip -->` or ``{/* labcheck: skip */}``, and no `<pre>` here."
    text = f"{words}\n\n```python\nprint(1)\n```\n\nIn `<Code>` or not, it prints:\n\n```\n1\n```\n"
    page = paired(read_markdown(text, is_mdx=is_mdx))

    assert [(script.skipped, script.output is None) for script in page.scripts] == [("", False)]
    assert page.notes == ()


def test_cells_go_on_from_cells_only() -> None:
    """A fence between two cells is shown, and no part of the session that runs them."""
    cell = "```{code-cell}\nx\n```\n"
    fence = "```python\ny\n```\n"
    page = paired(read_markdown(fence + cell + fence + cell, is_mdx=False))

    assert [script.continues for script in page.scripts] == [False, False, False, True]
    assert [script.is_cell for script in page.scripts] == [False, True, False, True]


def _told(script: Script) -> str:
    shown = script.output.text.split("\n")[0] if script.output else _OUT
    words = [
        "(skipped)" if script.skipped else "",
        f"(needs {script.needs})" if script.needs else "",
        "(example)" if script.is_example else "",
    ]
    return " ".join(filter(None, ["+" if script.continues else "", shown, *words]))
