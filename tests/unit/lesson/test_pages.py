"""Pages in the styles of courses: what is paired with what, and what is left out."""

from __future__ import annotations

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
}
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
        assert "```" in lines[script.line - 1]
        if script.output:
            first = script.output.text.split("\n")[0]
            assert lines[script.output.text_line - 1].strip() == first.strip()


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


def _told(script: Script) -> str:
    shown = script.output.text.split("\n")[0] if script.output else _OUT
    words = [
        "(skipped)" if script.skipped else "",
        f"(needs {script.needs})" if script.needs else "",
        "(example)" if script.is_example else "",
    ]
    return " ".join(filter(None, ["+" if script.continues else "", shown, *words]))
