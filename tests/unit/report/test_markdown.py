"""The summary of a job: a table, what each has to mend, and no markup of a stranger's."""

from __future__ import annotations

import dataclasses
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from tests.unit.diagnosis.diagnosing import told
from verifier import pipeline
from verifier.finding import Finding
from verifier.lab.load import load_labs
from verifier.report.markdown import (
    SUMMARY_BYTES,
    escaped,
    markdown_reports,
    within_summary,
)
from verifier.report.report import report_to_json
from verifier.run.interface import Tier
from verifier.submission import read_stream
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.report.report import Report
    from verifier.run.interface import RunResult

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
GITHUBS_LIMIT_BYTES = 1024 * 1024


def _report(result: RunResult, *, source: bytes = b"print(1)", name: str = "a.py") -> Report:
    submission = read_stream(io.BytesIO(source), name=name)
    if not submission.gradable:
        return pipeline.refuse(submission, task=TASK)
    return pipeline.grade(submission, task=TASK, runner=FakeRunner(result)).report


def _diagnosed() -> Report:
    story = told(lr=0.1, y=0.0)
    return _report(dataclasses.replace(run_result(story.stdout), trace=story.trace))


def _lines(*reports: Report) -> list[str]:
    return markdown_reports(map(report_to_json, reports)).splitlines()


def test_a_table_has_a_row_for_each_and_what_passed_no_more() -> None:
    """The counts stand above it."""
    lines = _lines(_report(run_result()), _report(run_result(), source=b"", name="empty.py"))

    assert lines[:6] == [
        "## labcheck: 1 not gradable, 1 passed",
        "",
        "| submission | exercise | verdict | points | start here | what |",
        "|---|---|---|---|---|---|",
        "| a.py | forward-backward/baseline | passed | 100 of 100 |  |  |",
        "| empty.py | forward-backward/baseline | not gradable | 0 of 100 |  |  |",
    ]
    assert lines[6:10] == [
        "",
        "### empty.py",
        "",
        "- empty: the file is empty\\: nothing was handed in",
    ]


def test_the_last_line_names_whose_lab_judged() -> None:
    """Once for all that the same lab and golden judged."""
    basis = TASK.basis
    lines = _lines(_report(run_result()), _report(run_result(), source=b"", name="empty.py"))
    told = (
        f"judged by: lab revision {basis.lab_revision[:12]}, golden {basis.golden_sha256[:12]}, "
        f"in {basis.lab_root}"
    )

    assert lines[-2:] == ["", escaped(told)]
    assert sum("judged by" in line for line in lines) == 1


def test_what_failed_has_its_diagnosis_and_its_checks() -> None:
    """Sentences first, then numbers."""
    lines = _lines(_diagnosed())

    assert (
        "| a.py | forward-backward/baseline | failed | 25 of 100 | loss | target-wrong |" in lines
    )
    assert any(line.startswith("- The prediction was compared with y = \\[0\\]") for line in lines)
    assert any(line.startswith("| loss | loss\\_before | expected 0.1927, got ") for line in lines)
    assert any(re.fullmatch(r"- \d+ of \d+ checks passed", line) for line in lines)
    assert any(line.startswith("- computed by training: ") for line in lines)


def test_missing_walls_and_findings_are_told() -> None:
    """Of hundreds of findings the first are enough."""
    many = tuple(Finding(kind="extra_reading", line=n + 1, message=f"m{n}") for n in range(100))
    wrong = _report(run_result(PUBLISHED.replace(b"0.1927", b"0.5")))
    lower = dataclasses.replace(wrong, findings=many, tier=Tier(walls=(), missing=("uid",)))
    lines = _lines(lower)

    assert "- walls that were missing: uid" in lines
    assert "- extra reading (line 1 of the output): m0" in lines
    assert "- and 80 more" in lines


def test_no_reports_are_said_to_be_none() -> None:
    """An empty summary would look like a pass."""
    assert _lines()[0] == "## labcheck: nothing was judged"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("<b>&amp;", "\\<b\\>\\&amp;"),
        ("[x](y) ![z]", "\\[x\\]\\(y\\) \\!\\[z\\]"),
        ("a\n# b", "a\\\\x0a\\# b"),
        (
            "`$x$` @me ~~ http://example.org www.example.org",
            "\\`\\$x\\$\\` \\@me \\~\\~ http\\://example.org www\\.example.org",
        ),
        ("\x1b[31m\u202e\x00", "\\\\x1b\\[31m\\\\u202e\\\\x00"),
    ],
)
def test_a_text_means_itself(text: str, shown: str) -> None:
    """Tables, links, pictures, headings, code, formulas, mentions: none comes from a stranger."""
    assert escaped(text) == shown


@given(st.text(max_size=60), st.text(min_size=1, max_size=60))
def test_no_text_leaves_its_cell_or_its_line(message: str, name: str) -> None:
    """Each row has as many cells as the table has titles, each remark its one line."""
    finding = (Finding(kind="noise", line=None, message=message),)
    report = _report(run_result(PUBLISHED.replace(b"0.1927", b"0.5")), name=name)
    plain = _report(run_result(PUBLISHED.replace(b"0.1927", b"0.5")), name="plain.py")
    lines = _lines(dataclasses.replace(report, findings=finding))
    expected = _lines(
        dataclasses.replace(plain, findings=(dataclasses.replace(finding[0], message="m"),))
    )

    assert len(lines) == len(expected)
    for line, other in zip(lines, expected, strict=True):
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == other.count("|")
        assert line[:2] == other[:2]


def test_a_summary_that_is_too_long_is_cut_after_a_line() -> None:
    """GitHub shows nothing at all of a longer one."""
    document = report_to_json(_report(run_result(PUBLISHED.replace(b"0.1927", b"0.5"))))
    text = markdown_reports([document] * 9000)
    lines = text.splitlines()

    assert len(text.encode()) <= SUMMARY_BYTES < GITHUBS_LIMIT_BYTES
    assert re.fullmatch(
        r"\*\*Cut here: a summary holds no more\.\*\* \d+ lines are left out\.", lines[-1]
    )
    assert sum(line.startswith("| a.py |") for line in lines) == 9000


@given(st.lists(st.text(alphabet="aé𝄞\ud800", max_size=30), max_size=40), st.integers(0, 900))
def test_a_cut_text_is_whole_lines_within_the_limit(lines: list[str], limit: int) -> None:
    """Counted as UTF-8; the note itself has its 200 bytes."""
    text = "".join(f"{line}\n" for line in lines)
    cut = within_summary(text, limit_bytes=limit)

    assert len(cut.encode("utf-8", "backslashreplace")) <= max(limit, 200)
    if cut != text:
        whole, _, note = cut.rpartition("\n**Cut here")
        readable = text.encode("utf-8", "backslashreplace").decode()
        assert readable.startswith(whole)
        left_out = int(note.split()[-5])
        assert whole.count("\n") + left_out == len(lines)
