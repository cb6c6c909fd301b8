"""Output blocks rewritten in their pages: these alone, to the byte, as a whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.lesson import update
from verifier.lesson.block import MAX_PAGE_BYTES
from verifier.lesson.folder import Place, parse_page, read_page
from verifier.lesson.update import is_to_update, rewritten, update_page
from verifier.lesson.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lesson.page import Page


def _stale(page: Page, *printed: str) -> list[Verdict]:
    """Tell of each script that it prints this; the last one's again and again."""
    return [
        Verdict(
            script=script, status="differs", printed=printed[min(number, len(printed) - 1)]
        )
        for number, script in enumerate(page.scripts)
    ]  # fmt: skip


def _updated(content: bytes, *printed: str, name: str = "a.md") -> bytes:
    page = parse_page(content, name)
    return rewritten(content, page, _stale(page, *printed), name=name)


@pytest.mark.parametrize(
    ("before", "printed", "after"),
    [
        ("```python\nx\n```\n\n```text\na\n```\n", "b\n", "```python\nx\n```\n\n```text\nb\n```\n"),
        ("```python\nx\n```\n```\na\nb\n```\nend", "c\n", "```python\nx\n```\n```\nc\n```\nend"),
        ("```py\nx\n```\n```\na\n```", "a\nb\n\nc\n", "```py\nx\n```\n```\na\nb\n\nc\n```"),
        ("```py\nx\n```\n```\n\n a  \n\n```\n", " b  \n", "```py\nx\n```\n```\n\n b\n\n```\n"),
        ("```py\nx\n```\n```\na  \nb\n```\n", "a\nc\n", "```py\nx\n```\n```\na  \nc\n```\n"),
        (
            "- one\n\n  ```python\n  x\n  ```\n\n  ~~~text\n  a\n   b\n  ~~~\n",
            "a\nc\n  d\n",
            "- one\n\n  ```python\n  x\n  ```\n\n  ~~~text\n  a\n  c\n    d\n  ~~~\n",
        ),
        (
            "> ```python\n> x\n> ```\n> ```text\n> a\n>\n> b\n> ```\n",
            "a\n\nc\n\nd\n",
            "> ```python\n> x\n> ```\n> ```text\n> a\n>\n> c\n>\n> d\n> ```\n",
        ),
        (
            "1.\tone\n\n\t```python\n\tx\n\t```\n\t```text\n\ta\n\t```\n",
            "a\tb\nc\n",
            "1.\tone\n\n\t```python\n\tx\n\t```\n\t```text\n\ta\tb\n\tc\n\t```\n",
        ),
        (
            "<details>\n\n```python\nx\n```\n\n```text\na\n```\n\n</details>\n",
            "b\n",
            "<details>\n\n```python\nx\n```\n\n```text\nb\n```\n\n</details>\n",
        ),
        (
            '```python\nx\n```\n```text title="Output"\na\n```\n',
            "```\nb\n````\n",
            '```python\nx\n```\n`````text title="Output"\n```\nb\n````\n`````\n',
        ),
        ("```py\nx\n```\n```\na", "```\n", "```py\nx\n```\n````\n```"),
        ("```python\nx\n```\n~~~\na\n~~~\n", "```\n", "```python\nx\n```\n~~~\n```\n~~~\n"),
        ("```python\nx\n```\n```\na", "b\n", "```python\nx\n```\n```\nb"),
        (
            "```python\nx\n```\n```console\n$ python x.py\na\n```\n",
            "b\n",
            "```python\nx\n```\n```console\n$ python x.py\nb\n```\n",
        ),
        (
            "```{code-block} python\nx\n```\n```{code-block} text\n:caption: Output\n\na\n```\n",
            "b\n",
            "```{code-block} python\nx\n```\n```{code-block} text\n:caption: Output\n\nb\n```\n",
        ),
    ],
)  # fmt: skip
def test_the_output_alone_changes(before: str, printed: str, after: str) -> None:
    """Its indentation, fence, title and empty lines around it stay; lines that agree stay too."""
    assert _updated(before.encode(), printed).decode() == after


def test_line_ends_and_the_mark_of_the_encoding_stay() -> None:
    """An editor on another system finds its file as it was."""
    before = b"\xef\xbb\xbf# A\r\n```python\r\nx\r\n```\n```text\r\na\r\nb\r\n```\r\n\rend \x0c\r\n"

    assert _updated(before, "c\nd\ne\n") == before.replace(b"a\r\nb\r\n", b"c\r\nd\r\ne\r\n")


def test_what_a_mark_lets_differ_stays() -> None:
    """A time that was another is no reason to change its line."""
    before = (
        b"<!-- labcheck: ignore [0-9.]+ s$ -->\n```python\nx\n```\n```\ntook 1.5 s\nsum 1\n```\n"
    )

    assert _updated(before, "took 9.7 s\nsum 2\n") == before.replace(b"sum 1", b"sum 2")


def test_each_block_gets_its_own() -> None:
    """A longer output above moves those below, which are found all the same."""
    before = b"```py\nx\n```\n```\n1\n```\n```py\ny\n```\n```\n2\n```\n```py\nz\n```\n```\n3\n```\n"
    before += b"```py\nno output\n```\n"
    page = parse_page(before, "a.md")
    told = _stale(page, "a\nb\nc\n", "2\n", "d\n")
    told[1] = replace(told[1], status="same")

    after = rewritten(before, page, told, name="a.md")

    assert after == before.replace(b"1", b"a\nb\nc").replace(b"3", b"d")


@given(
    printed=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60),
    ends=st.sampled_from(["\n", "\r\n"]),
    prefix=st.sampled_from(["", "> ", "  ", "> > "]),
)
def test_whatever_is_printed_is_shown_or_refused(printed: str, ends: str, prefix: str) -> None:
    """After an update the page is right, and everything else of it is what it was."""
    item = "- item\n\n" if prefix == "  " else ""
    block = "```python\nx\n```\n\nOutput:\n\n```text\nold\n```\n"
    text = item + "".join(f"{prefix}{line}\n" for line in block.rstrip("\n").split("\n"))
    before = f"{text}\n# Below\n\nend\n".replace("\n", ends).encode()
    try:
        after = _updated(before, printed)
    except ValueError:
        return
    head, tail = before.split(b"old")[0], before.split(b"old")[1].split(b"```", 1)[1]

    assert after.split(b"text")[0].rstrip(b"`") == head.split(b"text")[0].rstrip(b"`")
    assert after.endswith(tail)
    assert parse_page(after, "a.md").scripts[0].text == "x\n"


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("\x1b]0;title\x07\n", "cannot be shown"),
        ("a\u202eb\n", "cannot be shown"),
        ("a\rb\n", "cannot be shown"),
        ("\ufffd\n", "cannot be shown"),
        ("\n\n", "prints nothing"),
        ("...\n", "another page"),
        ("$ ls\n", "another page"),
        ("x" * 600_000, "another page"),
    ],
)
def test_what_no_page_can_show_is_refused(printed: str, why: str) -> None:
    """Nothing is written that would be read otherwise."""
    with pytest.raises(ValueError, match=why):
        _updated(b"```python\nx\n```\n```text\na\n```\n", printed)


def test_a_block_whose_lines_are_not_those_of_the_page_is_refused() -> None:
    """A character that the reader of Markdown changes leaves no place to write to."""
    with pytest.raises(ValueError, match="not to be told from"):
        _updated(b"```python\nx\n```\n```text\na\x00b\n```\n", "c\n")


def test_an_output_without_a_fence_has_none_that_could_be_too_short() -> None:
    """Only its own lines are rewritten."""
    before = b"# A\n```python\nx\n```\n```text\na\n```\n"
    page = parse_page(before, "a.md")
    (told,) = _stale(page, "b\n")
    assert told.script.output is not None
    script = replace(told.script, output=replace(told.script.output, line=1))

    after = rewritten(before, page, [replace(told, script=script)], name="a.md")

    assert after == before.replace(b"a\n`", b"b\n`")


def test_a_page_that_would_be_too_long_is_refused() -> None:
    """It could not be read any more."""
    block = b"```python\nx\n```\n```text\na\n```\n"

    for before, printed in ((block + b"x" * (MAX_PAGE_BYTES - 40), 100), (block * 90, 50_000)):
        with pytest.raises(ValueError, match="longer than"):
            _updated(before, "b" * printed)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Write a page."""
    path = tmp_path / "a.md"
    path.write_bytes(b"```python\nx\n```\n```text\na\n```\n")
    path.chmod(0o640)
    return Place(base=path)


def test_a_page_is_replaced_as_a_whole(place: Place) -> None:
    """It keeps its rights, and nothing else is left in the folder."""
    page = read_page(place)

    update_page(place, page, _stale(page, "b\n"))

    assert place.path.read_bytes() == b"```python\nx\n```\n```text\nb\n```\n"
    assert place.path.stat().st_mode & 0o777 == 0o640
    assert list(place.path.parent.iterdir()) == [place.path]


def test_a_page_that_changed_meanwhile_is_refused(place: Place) -> None:
    """What was printed may not be what its scripts print now."""
    page = read_page(place)
    now = place.path.read_bytes().replace(b"x\n", b"y\n")
    place.path.write_bytes(now)

    with pytest.raises(ValueError, match="has changed"):
        update_page(place, page, _stale(page, "b\n"))

    assert place.path.read_bytes() == now


def test_a_page_that_changes_while_it_is_written_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at once more when all is ready."""
    page = read_page(place)
    content = place.path.read_bytes()
    given_once = iter([content, content + b"more\n"])
    monkeypatch.setattr(update, "page_bytes", lambda _place: next(given_once))

    with pytest.raises(ValueError, match="has changed"):
        update_page(place, page, _stale(page, "b\n"))

    assert place.path.read_bytes() == content


def test_no_link_is_followed(place: Place, tmp_path: Path) -> None:
    """Neither the page nor a folder on the way is written through one."""
    page = read_page(place)
    (tmp_path / "link.md").symlink_to(place.path)
    (tmp_path / "folder").symlink_to(tmp_path)

    for other in (Place(base=tmp_path / "link.md"), Place(base=tmp_path / "folder" / "a.md")):
        with pytest.raises(OSError, match="link"):
            update_page(other, page, _stale(page, "b\n"))

    assert place.path.read_bytes().endswith(b"\na\n```\n")


def test_notebooks_are_refused(tmp_path: Path) -> None:
    """Their JSON has many spellings, and its own program writes it."""
    path = tmp_path / "a.ipynb"
    printed = {"output_type": "stream", "name": "stdout", "text": "a\n"}
    cell = {"cell_type": "code", "source": "x", "outputs": [printed]}
    path.write_text(json.dumps({"cells": [cell]}))
    page = read_page(Place(base=path))

    with pytest.raises(ValueError, match="run it"):
        update_page(Place(base=path), page, _stale(page, "b\n"))


@pytest.mark.parametrize(
    ("status", "printed", "expected"),
    [
        ("differs", "b\n", True),
        ("within_tolerance", "b\n", True),
        ("differs", "", False),
        ("same", "b\n", False),
        ("needs_block_above", "b\n", False),
    ],
)
def test_what_differs_and_is_printed_alike_by_two_runs_is_updated(
    place: Place,
    status: str,
    printed: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    """What is not deterministic has no output that a page could show."""
    (script,) = read_page(place).scripts
    told = Verdict(script=script, status=status, printed=printed)  # type: ignore[arg-type] # a table

    assert is_to_update(told) is expected
