"""What a script said last is the error that ended it, however many lines its message has."""

from __future__ import annotations

import pytest

from tests.fakes import LIMITS, run_result
from verifier.checks.ending import check_ending, traceback_findings
from verifier.run.interface import Exited

_TRACE = (
    'Traceback (most recent call last):\n  File "submission.py", line 3, in <module>\n    f()\n'
)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (
            "ValueError: shapes differ:\n  expected (1, 1)\n  got (1,)\n",
            "ValueError: shapes differ: expected (1, 1) (line 3",
        ),
        ("ValueError: one\ntwo\n\nthree\n", "ValueError: one (line 3"),
        ("ValueError: \x1b[31mred\x1b[0m word\n", "ValueError: red word (line 3"),
        (
            (
                "ValueError: first\nException ignored in: <function A.__del__ at 0x7>\n"
                'Traceback (most recent call last):\n  File "submission.py", line 9, in __del__\n'
                "TypeError: late\n"
            ),
            "ValueError: first (line",
        ),
        ("MyProblem: a word\nof two lines\n", "MyProblem: a word (line 3"),
    ],
)
def test_error_is_found_among_the_lines_of_its_message(last: str, expected: str) -> None:
    """The last line is often a part of the message, a note, or what was said while cleaning up."""
    run = run_result(outcome=Exited(code=1), stderr=(_TRACE + last).encode())

    assert f"stopped with an error: {expected}" in check_ending(run, limits=LIMITS).message
    assert "\\x1b" not in traceback_findings(run)[0].message
