"""The page of a course: what holds, what drifted, since when; nobody's text is markup."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.unit.report.test_html import Page as Html
from verifier.lesson import course
from verifier.lesson.block import Note
from verifier.lesson.course import course_page, read_history
from verifier.lesson.page import Output, Script
from verifier.lesson.report import Checked
from verifier.lesson.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lesson.verdict import Status

EVIL = "</pre><script>alert(1)</script>--><img src=x onerror=y>"


def _checked(*statuses: Status, path: str = "a.md", why: str = "stale") -> Checked:
    output = Output(text="1", line=5, text_line=6)
    return Checked(
        path=path,
        verdicts=tuple(
            Verdict(
                script=Script(index=number, line=number, text=f"s{number}", output=output),
                status=status,
                why=why,
                diff=("@@ line 6 @@", f"-{why}", "+2"),
            )
            for number, status in enumerate(statuses, 1)
        ),
        left_out=(Note(line=1, message=why),),
    )


def _written(tmp_path: Path, *pages: Checked, today: str) -> str:
    """Write the page in the place of the one before."""
    path = tmp_path / "course.html"
    text = course_page(pages, former=read_history(path), today=today)
    path.write_text(text)
    return text


def test_it_says_which_pages_hold() -> None:
    """The headline counts, and what is to be mended comes first."""
    pages = [
        _checked("same", path="one.md"), _checked("no_output", path="two.md"),
        _checked("same", "differs", path="three.md"), _checked(path="four.md"),
    ]  # fmt: skip
    text = course_page(pages, former={}, today="2026-01-02")

    assert "4 pages: 1 hold, 1 drifted; 2 with nothing to compare" in text
    assert text.index("three.md") < text.index("one.md") < text.index("two.md")


def test_since_is_the_day_it_was_first_seen_so(tmp_path: Path) -> None:
    """It stays while the state does; a change begins anew, and what is new is of today."""
    _written(tmp_path, _checked("differs", "same"), today="2026-01-01")
    same = _written(tmp_path, _checked("differs", "same"), today="2026-01-05")
    other = _written(tmp_path, _checked("differs", "differs", "differs"), today="2026-01-09")
    mended = _written(tmp_path, _checked("same", "differs", "same"), today="2026-01-12")

    assert same.count("since 2026-01-01") == 1
    assert [other.count(f"since 2026-01-0{day}") for day in (1, 9)] == [1, 2]
    assert mended.count("since 2026-01-09") == 1
    assert '<td class="number">2026-01-01</td>' in mended


@pytest.mark.parametrize("text", [EVIL, "\x1b[31m\u202e", "{{ 7 * 7 }}"])
def test_what_a_page_holds_is_no_markup(text: str) -> None:
    """A path, a reason and a diff are shown as text, and nothing is loaded or run."""
    pages = [_checked("differs", path=text, why=text)]
    found = Html(course_page(pages, former={}, today="2026-01-02"))

    assert not {"script", "img", "link", "iframe"} & set(found.tags)


@pytest.mark.parametrize(
    "history",
    [
        "{", "[]", "{}", '{"x": ["drifted", "2020-01-01"]}', "{" + "[" * 100_000 + "}",
        '{"' + "0" * 32 + '": ["drifted", "yesterday"]}',
        '{"' + "0" * 32 + '": ["gone", "2020-01-01"]}',
        '{"' + "0" * 32 + '": "drifted"}',
    ],
    ids=range(8),
)  # fmt: skip
def test_a_record_that_is_none_counts_for_nothing(tmp_path: Path, history: str) -> None:
    """The file may be anybody's."""
    path = tmp_path / "course.html"
    path.write_text(f"<!-- labcheck-history {history} -->")

    assert read_history(path) == {}


def test_no_link_or_pipe_is_read(tmp_path: Path) -> None:
    """Nor is a file that is not there a fault."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")

    assert [read_history(tmp_path / name) for name in ("pipe", "link", "none")] == [{}, {}, {}]


def test_a_day_to_come_is_not_believed(tmp_path: Path) -> None:
    """A clock may have been wrong."""
    _written(tmp_path, _checked("differs"), today="2099-01-01")

    assert "since 2026-01-01" in _written(tmp_path, _checked("differs"), today="2026-01-01")


def test_a_long_list_of_drifted_blocks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number is said."""
    monkeypatch.setattr(course, "_MOST_DRIFTED", 1)

    text = course_page([_checked("differs", "differs", "differs")], former={}, today="2026-01-01")

    assert text.count("<details>") == 1
    assert "2 more are not shown" in text
