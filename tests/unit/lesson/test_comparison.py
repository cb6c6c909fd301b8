"""What was printed, compared with what the page shows."""

from __future__ import annotations

import time

import pytest

from verifier.lesson.comparison import compared, unified


@pytest.mark.parametrize(
    ("page", "printed", "likeness"),
    [
        ("a\n", "a\n", "same"),
        ("a  \n\n", "\na\n", "same"),
        ("a", "a\r\n", "same"),
        ("\n", "", "same"),
        ("a", "\x1b[31ma\x1b[0m\n", "same"),
        ("loss=0.1183", "loss=0.1184", "within_tolerance"),
        ("loss=0.1183", "loss=0.1185", "differs"),
        ("loss=0.1183", "loss=0.118", "differs"),
        ("[0.5, -0.2]", "[0.5, -0.3]", "within_tolerance"),
        ("1.5e-05", "1.6e-05", "within_tolerance"),
        ("1.5e-05", "1.5e-04", "differs"),
        ("step=1", "step=2", "differs"),
        ("v1.2.3", "v1.2.4", "differs"),
        ("a 0.5", "b 0.5", "differs"),
        ("a\nb", "a", "differs"),
        ("0.5\na", "0.6\nb", "differs"),
        ("0.0", "nan", "differs"),
    ],
)
def test_likeness(page: str, printed: str, likeness: str) -> None:
    """Decimals may be off by one of their last digit; whole numbers, words and lines may not."""
    assert compared(page, printed).likeness == likeness


def test_it_says_which_digit() -> None:
    """The first line that is off is named, with both numbers."""
    found = compared("x\na=0.5 b=0.25\nc=1.0", "x\na=0.5 b=0.26\nc=1.1")

    assert found.detail == "line 2: 0.25 on the page, 0.26 printed"


def test_what_a_mark_ignores_may_differ_and_nothing_else() -> None:
    """A pattern is taken out of both sides, line by line, and not of lines that are too long."""
    pattern = (r"[0-9.]+ s$",)

    assert compared("took 1.5 s\na", "took 22 s\na", ignore=pattern).likeness == "same"
    assert compared("took 1.5 s\na", "took 22 s\nb", ignore=pattern).likeness == "differs"
    assert compared("x" * 400 + "1 s", "x" * 400 + "2 s", ignore=pattern).likeness == "differs"


def test_a_costly_pattern_takes_bounded_time() -> None:
    """Two repetitions on a line of three hundred characters are the worst there is."""
    began = time.process_time()
    compared("a" * 300, "a" * 299, ignore=("[a-z]*[a-z]*!",))

    assert time.process_time() - began < 10


def test_a_diff_has_the_lines_of_the_page() -> None:
    """The left side is the page, from the line on which the block begins; it is safe to show."""
    shown = unified("\na\nb\nc\nd\n", "a\nb\nC\x07\nd\ne\n", first_line=10)

    assert shown == ("@@ line 11 @@", " a", " b", "-c", "+C\\x07", " d", "+e")
    assert unified("", "x", first_line=3) == ("@@ line 3 @@", "+x")


def test_costly_patterns_on_many_long_lines_take_bounded_time() -> None:
    """A page may ask for the slowest search there is, on as many lines as a script may print."""
    page = "\n".join(["a" * 300] * 1_700)
    printed = "\n".join(["a" * 300] * 3_400)
    began = time.process_time()

    assert compared(page, printed, ignore=["a*a*b$"] * 20).likeness == "differs"
    assert time.process_time() - began < 15
