"""The gradebook: readable by csv, inert in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.report.gradebook import COLUMNS, gradebook, inert
from verifier.report.tally import Entry


def _entry(**changes: object) -> Entry:
    fields: dict[str, object] = {
        "path": "a.py",
        "sha256": "0" * 64,
        "verdict": "failed",
        "score": 60,
        "max_score": 100,
        "start_here": "update",
        "check": "loss_after",
        "message": "expected 1, got 2",
        "outcome": "exit status 0",
        "wall_s": 0.5,
        "cpu_s": None,
    }
    return Entry(**(fields | changes))  # type: ignore[arg-type] # a test's shorthand


def _read(*entries: Entry) -> list[list[str]]:
    text = b"".join(gradebook(entries)).decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_a_line_for_each_under_a_heading() -> None:
    """Empty where there is nothing to say."""
    heading, line = _read(_entry())

    assert tuple(heading) == COLUMNS
    assert line == [
        "a.py", "0" * 64, "failed", "60", "100", "update", "loss_after", "expected 1, got 2",
        "exit status 0", "0.5", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\xa0=1", "'=1", '"=1',
        " ' \" =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\t1", "\r1",
    ],
)  # fmt: skip
def test_formula_is_marked_as_text(text: str) -> None:
    """A spreadsheet takes what stands after a quote for text."""
    assert inert(text).startswith("'")


@pytest.mark.parametrize("text", ["", "a.py", "expected 1, got 2", "a=b", "'quoted'"])
def test_plain_text_stays(text: str) -> None:
    """Nothing is marked without need."""
    assert inert(text) == text


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_no_text_breaks_out_of_its_cell(path: str, message: str) -> None:
    """Quotes, commas, newlines and semicolons of a learner stay inside; so do formulas."""
    lines = _read(_entry(path=path, message=message), _entry())

    assert [len(line) for line in lines] == [len(COLUMNS)] * 3
    assert (lines[1][0], lines[1][7]) == (inert(path), inert(message))
    for cell in lines[1]:
        assert not cell.lstrip(" \t\r\n\"'`\xa0").startswith(("=", "+", "-", "@")) or cell[0] == "'"
        assert all(character.isprintable() or character.isspace() for character in cell)
        assert not {"\n", "\r", "\t"} & set(cell)


def test_separator_of_other_countries_begins_no_cell() -> None:
    """Every cell stands in quotes."""
    text = b"".join(gradebook([_entry(message="a;=1+1")])).decode()

    assert '"a;=1+1"' in text
