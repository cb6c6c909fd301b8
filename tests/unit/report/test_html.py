"""The web page: self-contained, without a script, and nobody's text is markup."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.report import html, tally
from verifier.report.html import html_report
from verifier.report.row import Row, row_of
from verifier.report.tally import Tally, entry_of
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut
from verifier.submission import read_stream
from verifier.task import load_task

if TYPE_CHECKING:
    import pytest

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
HOSTILE = (
    "</pre></details><script>alert(1)</script><img src=x onerror=alert(1)>"
    "\x1b[2J\u202e\u200b\x00]]>--><!-- \" ' {{ 7*7 }} {% raw %}\n"
).encode()
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Reads a page, and sees that every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open and close."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """Close."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep."""
        self.text.append(data)


def _row(stdout: bytes = PUBLISHED, source: bytes = b"x", path: str = "a.py", **run: object) -> Row:
    submission = read_stream(io.BytesIO(source), name=path)
    if not submission.gradable:
        return row_of(pipeline.refuse(submission, task=TASK), (), lab_revision="0" * 64)
    runner = FakeRunner(run_result(stdout, **run))  # type: ignore[arg-type] # a test's shorthand
    graded = pipeline.grade(submission, task=TASK, runner=runner)
    return row_of(graded.report, graded.runs, lab_revision="0" * 64)


def _page(*rows: Row) -> str:
    counted = Tally()
    for row in rows:
        counted.add(row)
    pieces = html_report(
        rows,
        entries=[entry_of(row) for row in rows],
        tally=counted,
        title="labcheck: a lab",
        headline="what came out",
        notes=("one note", "another"),
    )
    return b"".join(pieces).decode("utf-8")


MANY = (
    _row(),
    _row(PUBLISHED.replace(b"0.1927", b"0.5"), path="b/wrong.py"),
    _row(HOSTILE, path="</a>.py", outcome=Exited(code=1), stderr=HOSTILE),
    _row(b"", path="d.py", outcome=TimedOut()),
    _row(b"", path="e.py", outcome=Killed(signal=11)),
    _row(b"", path="f.py", outcome=Killed(signal=99)),
    _row(b"", path="g.py", outcome=OutputFlood(stream="stdout")),
    _row(source=b"", path="h.py"),
)


def test_page_is_well_formed_and_loads_nothing() -> None:
    """One file: no script, no link to elsewhere, no style but its own."""
    page = Page(_page(*MANY))

    assert {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags) == set()
    names = {name for name, _ in page.attributes}
    assert {name for name in names if name.startswith("on")} | ({"src", "style"} & names) == set()
    links = [value for name, value in page.attributes if name == "href"]
    assert links == [f"#s{number}" for number in range(1, len(MANY) + 1)]


def test_policy_allows_the_style_that_is_there_and_nothing_else() -> None:
    """The hash is of the style element's very text."""
    text = _page(*MANY)
    (style,) = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = Page(text)

    assert dict(page.attributes)["content"] is not None
    assert (
        "content",
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    ) in page.attributes
    assert "url(" not in style
    assert "@import" not in style


def test_learners_text_is_text_and_its_tricks_are_seen() -> None:
    """Markup, templates, terminal escapes, bidirectional controls."""
    text = _page(*MANY)
    page = Page(text)
    shown = "".join(page.text)

    assert "<script>alert(1)</script>" in shown
    assert "{{ 7*7 }}" in shown
    assert r"\x1b[2J\u202e\u200b\x00" in shown
    assert {"\x1b", "\u202e", "\u200b", "\x00"} & set(text) == set()


def test_every_submission_has_its_part() -> None:
    """With verdict, what failed, what was noticed, output and the end of standard error."""
    shown = "".join(Page(_page(*MANY)).text)

    assert all(row["path"] in shown for row in MANY)
    for said in (
        "loss: loss_before: expected 0.1927, got 0.5; difference 0.3073, allowed 0.0001",
        "empty: the file is empty: nothing was handed in",
        "timed out", "killed by SIGSEGV", "killed by signal 99", "output flood on stdout",
        "exit status 1", "not run", "step=5 loss=0.0478 pred=0.953",
    ):  # fmt: skip
        assert said in shown


def test_plots_say_in_words_what_they_show() -> None:
    """For a reader who does not see them."""
    page = Page(_page(*MANY))
    shown = "".join(page.text)

    assert page.tags.count("svg") == page.tags.count("title") - 1 == page.tags.count("desc") == 4
    assert "Number of submissions by bin. 0-9: 5; 20-29: 1; 100: 1." in shown
    assert "script_ran: 28 % passed, 5 failed, 0 not judged" in shown
    assert [value for name, value in page.attributes if name == "role"] == ["img"] * 4


def test_table_says_what_its_cells_are() -> None:
    """Headings of columns and rows, and a caption."""
    page = Page(_page(*MANY))

    scopes = [value for name, value in page.attributes if name == "scope"]
    assert scopes == ["col"] * 7 + ["row"] * len(MANY)
    assert page.tags.count("caption") == 1


def test_page_of_nothing_is_a_page() -> None:
    """Interrupted before the first row."""
    assert "None was run." in "".join(Page(_page()).text)


def test_text_of_a_submission_is_bounded() -> None:
    """Ten thousand megabytes of output make a page that opens."""
    noisy = _row(b"\x00" * 1_000_000, outcome=Exited(code=1), stderr=("\u202e" * 20_000).encode())
    noisy["report"]["findings"] = noisy["report"]["findings"] * 100
    noisy["report"]["checks"] = noisy["report"]["checks"] * 100

    assert len(_page(noisy)) - len(_page()) < 40_000
    shown = "".join(Page(_page(noisy)).text)
    assert "… (the beginning of 1000000 bytes)" in shown
    assert "… (the end of 60000 bytes)" in shown
    assert "more" in shown


def test_share_of_each_submission_shrinks_with_their_number() -> None:
    """But never to nothing."""
    shares = [html._share(number) for number in (0, 1, 10_000, 1_000_000)]

    assert shares == [9000, 9000, 2000, 900]


def test_diagnoses_are_shown() -> None:
    """With what to do."""
    row = _row()
    row["report"]["diagnoses"] = [
        {
            "id": "x", "stage": "update", "confidence": 1, "evidence": [],
            "message": "step() is missing.", "fix": "Call it after backward().",
        }
    ]  # fmt: skip

    assert "step() is missing. Call it after backward()." in _page(row)


def test_checks_are_counted_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script can make up names of rows without end."""
    monkeypatch.setattr(tally, "_MOST_CHECKS", 3)
    counted = Tally()
    counted.add(_row())

    assert len(counted.checks(100)) == 3
    assert counted.most_failed is None
    assert Tally().median_score is None
    assert Tally().most_failed is None
