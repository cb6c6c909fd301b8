"""Reading of any page: it never fails, its lines are right, and its time is bounded."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import CHECKOUT
from verifier.errors import UsageError
from verifier.lesson import folder
from verifier.lesson.block import MAX_BLOCKS, MAX_MARKS, MAX_NOTES, Mark
from verifier.lesson.dialects import without_line_numbers
from verifier.lesson.folder import Place, find_pages, read_page
from verifier.lesson.mark import mark_trouble
from verifier.lesson.markdown import read_markdown
from verifier.lesson.notebook import read_notebook
from verifier.lesson.page import paired

if TYPE_CHECKING:
    from pathlib import Path

_PIECES = st.sampled_from([
    "```python\n", "```\n", "```text\n", "~~~\n", "print(1)\n", "Expected output:\n", "\n", "# T\n",
    "    ", "- ", "> ", "<details>\n", "</details>\n", "<!-- labcheck: skip -->\n", ":::{note}\n",
    "````{tip}\n", "````\n", "{/* labcheck: example */}\n", "---\n", "1 | x\n", "```{code-cell}\n",
    ":tags: x\n", "$ python a.py\n", "<Tab label='Output'>\n", "% labcheck: continues\n", ">>> 1\n",
    "```{include} ../x\n", "…\n", "```{code-block} python\n", "```console\n", "```js\n", "出力\n",
])  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=40).map("".join))


@given(text=_TEXTS, is_mdx=st.booleans())
def test_any_text_is_a_page_with_lines_of_its_own(text: str, is_mdx: bool) -> None:  # noqa: FBT001 - drawn
    """Reading never raises, and whatever it names lies on the page, in order."""
    lines = text.replace("\r", "\n").count("\n") + 1
    page = paired(read_markdown(text, is_mdx=is_mdx))

    places = [script.line for script in page.scripts]
    outputs = [script.output.line for script in page.scripts if script.output]
    assert places == sorted(places)
    assert all(1 <= line <= lines + 1 for line in places + outputs)
    assert len(outputs) == len(set(outputs))
    assert [script.index for script in page.scripts] == list(range(1, len(places) + 1))


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["cell_type", "source", "outputs", "text", "name", "output_type"]),
            st.one_of(inner, st.sampled_from(["code", "markdown", "stream", "stdout"])),
            max_size=5,
        ),
    ),
    max_leaves=20,
)


@given(cells=st.lists(_JSON, max_size=6))
def test_any_cells_are_a_notebook(cells: list[object]) -> None:
    """Cells, sources and outputs of another type than a notebook's are passed over."""
    page = paired(read_notebook(json.dumps({"cells": cells})))

    assert all(1 <= script.line <= len(cells) for script in page.scripts)


@pytest.mark.parametrize(
    "text",
    [
        "```python\n" + "x = 1\n" * 600_000,
        "```python\nprint(1)\n```\n\n```text\n1\n```\n" * 10_000,
        "> " * 100_000 + "x\n",
        "- " * 100_000 + "x\n",
        "<div>" * 300_000,
        "[" * 500_000,
        "<!--" * 300_000,
        "`" * 1_000_000,
        ("`" * 3 + "{tip}\n") * 20_000,
        "$ python x.py\n" * 100_000,
        "a\n" * 500_000,
        "# " + "#" * 1_000_000,
        "---\n" * 100_000,
        "- - - - a\n" * 400_000,
        "a\n\n" * 1_000_000,
        "> > > > a\n\n" * 300_000,
        "Words.\n\n" * 50_000 + "```json\n{}\n```\n" * 5_000,
        "<!-- labcheck: ignore a+ -->\n\n" * 60_000,
        '!!! note "x"\n' * 60_000,
        "".join("    " * level + '=== "x"\n\n' for level in range(1_000)),
        ":::{code}\n" * 200_000,
        "<pre>\n\n" * 60_000,
        "Expected output:\n\n" * 60_000 + "```python\nx\n```\n",
    ],
    ids=range(23),
)
@pytest.mark.parametrize("is_mdx", [False, True])
def test_hostile_text_takes_bounded_time(text: str, is_mdx: bool) -> None:  # noqa: FBT001 - drawn
    """A page can neither hold up a check nor have thousands of scripts run."""
    began = time.process_time()
    page = paired(read_markdown(text, is_mdx=is_mdx))

    assert time.process_time() - began < 15
    assert len(page.scripts) <= MAX_BLOCKS
    assert len(page.notes) <= MAX_NOTES + 1


def test_what_is_beyond_the_bounds_is_said() -> None:
    """A long block and the blocks after the last one read are named in notes."""
    many = paired(read_markdown("```python\nx\n```\n" * (MAX_BLOCKS + 1), is_mdx=False))
    long = paired(read_markdown("```python\n" + "x\n" * 600_000, is_mdx=False))
    deep = paired(read_markdown(_nested(8), is_mdx=False))

    assert (len(many.scripts), many.notes[0].line) == (MAX_BLOCKS, 3 * MAX_BLOCKS + 1)
    assert (long.scripts, long.notes[0].line) == ((), 1)
    assert "nested" in deep.notes[0].message


def _nested(depth: int) -> str:
    fences = ["`" * (depth + 3 - level) for level in range(depth)]
    opened = "".join(f"{fence}{{tip}} Title\n" for fence in fences)
    return opened + "".join(f"{fence}\n" for fence in reversed(fences))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "Expecting"),
        (b"[" * 100_000, "nested too deep"),
        (b"[]", "holds no cells"),
        (b"\xff", "no UTF-8"),
        (b"x" * 100, "Expecting value"),
    ],
)
def test_a_notebook_that_is_none_is_a_note(tmp_path: Path, content: bytes, message: str) -> None:
    """One broken file stops no other page from being checked."""
    (tmp_path / "a.ipynb").write_bytes(content)

    page = read_page(Place(base=tmp_path / "a.ipynb"))

    assert page.scripts == ()
    assert message in page.notes[0].message


def test_a_long_notebook_is_bounded() -> None:
    """Cells, sources and outputs beyond the bounds are left out, with a note."""
    cell = {"cell_type": "code", "source": "x", "outputs": []}
    long = {"cell_type": "code", "source": "x" * 600_000}
    printed = [{"output_type": "stream", "name": "stdout", "text": "x" * 600_000}]
    many = list(read_notebook(json.dumps({"cells": [cell] * (MAX_BLOCKS + 1)})))
    page = paired(read_notebook(json.dumps({"cells": [long, {**cell, "outputs": printed}]})))

    assert len(many) == MAX_BLOCKS + 1
    assert [note.line for note in page.notes] == [1, 2]


_HOSTILE_NOTEBOOKS = {
    "words": {"cell_type": "markdown", "source": "a b\n\n" * 2_000_000},
    "lists": {"cell_type": "markdown", "source": "- - - a\n" * 1_500_000},
    "source": {"cell_type": "code", "source": "x = 1\n" * 2_000_000},
    "output": {
        "cell_type": "code",
        "source": "x",
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "1\n" * 5_000_000}],
    },
}
_MEASURED = """
import pathlib, re, sys
from verifier.lesson.folder import Place, read_page
page = read_page(Place(base=pathlib.Path(sys.argv[1])))
status = pathlib.Path("/proc/self/status").read_text()
peak_kb = int(re.search(r"VmHWM:\\s+([0-9]+)", status)[1])  # ru_maxrss would count the parent's
print(len(page.scripts), len(page.notes), peak_kb)
"""


def _measured(path: Path) -> tuple[int, int, int]:
    """Read a page in a process of its own; give scripts, notes and its most memory in KB."""
    code = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}){_MEASURED}"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, check=True, timeout=60
    )
    scripts, notes, peak_kb = map(int, ran.stdout.split())
    return scripts, notes, peak_kb


@pytest.mark.parametrize("name", _HOSTILE_NOTEBOOKS)
def test_a_hostile_notebook_takes_bounded_memory(tmp_path: Path, name: str) -> None:
    """One long cell of any kind costs no more than reading its file does, and is noted."""
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [_HOSTILE_NOTEBOOKS[name]]}))
    scripts, notes, peak_kb = _measured(path)

    assert scripts <= 1
    assert notes == 1
    assert peak_kb < 600_000


def test_many_cells_and_a_longer_file_take_bounded_memory(tmp_path: Path) -> None:
    """Of 100,000 cells the first are read; a notebook of 50 MB and a page of 10 MB are not."""
    cell = {"cell_type": "code", "source": "1", "outputs": []}
    (tmp_path / "many.ipynb").write_text(json.dumps({"cells": [cell] * 100_000}))
    with (tmp_path / "long.ipynb").open("wb") as file:
        file.truncate(50_000_000)
    (tmp_path / "long.md").write_text("```python\n" + "x = 1\n" * 1_700_000 + "```\n")
    found = [_measured(tmp_path / name) for name in ("many.ipynb", "long.ipynb", "long.md")]

    assert [each[:2] for each in found] == [(MAX_BLOCKS, 1), (0, 1), (0, 1)]
    assert max(each[2] for each in found) < 600_000


def test_marks_above_a_block_are_bounded() -> None:
    """Each pattern costs time on every line of an output."""
    marks = "<!-- labcheck: ignore a+ -->\n\n" * (MAX_MARKS + 5)
    (script,) = (page := paired(read_markdown(f"{marks}```python\nx\n```\n", is_mdx=False))).scripts

    assert len(script.ignore) == MAX_MARKS
    assert len(page.notes) == 5


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no fault of labcheck, and no page of it is passed over unsaid."""

    def refuse(_path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(UsageError, match="Permission denied"):
        find_pages([tmp_path])


def test_only_pages_that_lie_in_the_folder_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link, a pipe and a page too long are named; hidden folders and tools' are passed over."""
    outside = tmp_path / "outside.md"
    outside.write_text("```python\nsecret\n```\n")
    course = tmp_path / "course"
    for name in ("node_modules", ".git", "part"):
        (course / name).mkdir(parents=True)
        (course / name / "page.md").write_text("```python\nx\n```\n")
    (course / "link.md").symlink_to(outside)
    os.mkfifo(course / "pipe.md")
    (course / "long.md").write_text("x" * 2000)
    (course / "script.py").write_text("")
    monkeypatch.setattr(folder, "MAX_PAGE_BYTES", 1000)
    found = {place.below: read_page(place) for place in find_pages([course, course])}

    assert list(found) == [("link.md",), ("long.md",), ("part", "page.md"), ("pipe.md",)]
    assert [len(page.scripts) for page in found.values()] == [0, 0, 1, 0]
    assert "longer than" in found["long.md",].notes[0].message
    assert "no regular file" in found["pipe.md",].notes[0].message
    assert read_page(Place(base=course / "link.md")).scripts == ()


def test_what_is_no_page_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped name, another file and an empty folder are mistakes of the command line."""
    (tmp_path / "a.py").write_text("")
    for given_path in (tmp_path / "a.py", tmp_path / "none.md", tmp_path):
        with pytest.raises(UsageError):
            find_pages([given_path])
    (tmp_path / "a.md").write_text("")
    monkeypatch.setattr(folder, "MAX_PAGES", 0)
    with pytest.raises(UsageError, match="more than"):
        find_pages([tmp_path / "a.md"])


@pytest.mark.parametrize(
    ("word", "argument", "is_good"),
    [
        ("skip", "", True),
        ("skipp", "", False),
        ("needs", "", False),
        ("needs", "scipy", True),
        ("ignore", "", False),
        ("ignore", r"[0-9.]+ s$", True),
        ("ignore", r"(a+)+$", False),
        ("ignore", r"a*a*a*$", False),
        ("ignore", r"(a)\1", False),
        ("ignore", r"[", False),
        ("ignore", r"(?:took|in) .*", True),
        ("ignore", r"(?=a)", False),
    ],
)
def test_marks_are_bounded(word: str, argument: str, is_good: bool) -> None:  # noqa: FBT001 - a table
    """A pattern that could take for ever, or a mark that there is not, is refused with a note."""
    assert (mark_trouble(Mark(word=word, argument=argument, line=1)) == "") is is_good


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("1 | a\n2 |   b\n", "a\n  b\n"),
        ("1  a\n2    b\n", "a\n  b\n"),
        ("1\n", "1\n"),
        ("1 | a\n3 | b\n", "1 | a\n3 | b\n"),
        ("a\nb\n", "a\nb\n"),
    ],
)
def test_line_numbers_are_taken_off_whole_scripts_only(text: str, bare: str) -> None:
    """A script whose every line is numbered in order is the script without its numbers."""
    assert without_line_numbers(text) == bare


@pytest.mark.parametrize(
    ("above", "note"),
    [
        ("```python\n```\n", "an empty block"),
        ("```python\nx\n```\nOutput:\n```text\n\n```\n", "an empty block"),
        ("```python\nx\n```\nOutput:\n```text\n$ ls\n```\n", "this shows commands"),
        ("```python\nx\n```\n```text title='a.csv'\n1\n```\n", "this is the file a.csv"),
        ("```python\nx\n```\nOutput:\n```bash\nls -l\nrm x\n```\n", "a block of commands"),
        ("<!-- labcheck: skip -->\n", "the mark skip stands above no block"),
    ],
)
def test_blocks_that_are_no_output_are_left_out(above: str, note: str) -> None:
    """Files, commands and empty fences are never compared, and a note says so."""
    page = paired(read_markdown(above, is_mdx=False))

    assert [each.message.startswith(note) for each in page.notes] == [True]
    assert not any(script.output for script in page.scripts)


def test_cells_of_other_languages_are_left_out() -> None:
    """A notebook in R, and a cell that runs a shell, are no wrong Python."""
    cell = {"cell_type": "code", "source": "%%bash\nls", "outputs": []}
    timed = {"cell_type": "code", "source": "%%time\nprint(1)", "outputs": []}
    julia = {"cells": [cell], "metadata": {"kernelspec": {"language": "julia"}}}
    other = paired(read_notebook(json.dumps(julia)))
    mixed = paired(read_notebook(json.dumps({"cells": [cell, timed], "metadata": {}})))

    assert "its cells are julia" in other.notes[0].message
    assert other.scripts == ()
    assert [script.line for script in mixed.scripts] == [2]
    assert "%%" in mixed.notes[0].message


def test_only_lines_of_the_notebook_itself_are_taken_out_of_a_cell() -> None:
    """What remains is Python still: a line that begins with a modulo stays."""
    source = "if y:\n    !ls\n    %time\nx = (y\n     % 3)\n%matplotlib inline\n"
    (script,) = paired(
        read_notebook(json.dumps({"cells": [{"cell_type": "code", "source": source}]}))
    ).scripts

    assert script.text == "if y:\n    pass\n    pass\nx = (y\n     % 3)\npass\n"


def test_words_of_a_notebook_hold_its_marks_and_no_scripts() -> None:
    """Code that a cell of words shows is not run; a mark in it is for the next cell."""
    words = "<!-- a remark -->\n<!-- labcheck: skip -->\n\n    x = 1\n\n```python\ny\n```\n"
    cells = [
        {"cell_type": "markdown", "source": words},
        {"cell_type": "code", "source": "z"},
    ]
    (script,) = paired(read_notebook(json.dumps({"cells": cells}))).scripts

    assert (script.line, script.text, script.skipped) == (2, "z", "its mark says skip")


def test_other_languages_neither_run_nor_part_a_script_from_its_output() -> None:
    """A page may show a table of settings between the two."""
    text = "```python\nx\n```\n```json\n{}\n```\nOutput:\n```text\na\n```\n"
    cells = "```{code-cell} julia\nx\n```\n```{tip} Mind\n```\n```{tip}\n```\n"

    assert paired(read_markdown(text, is_mdx=False)).scripts[0].output is not None
    assert paired(read_markdown(cells, is_mdx=False)).scripts == ()
