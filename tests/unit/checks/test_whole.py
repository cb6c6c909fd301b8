"""An output without values is compared as a whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes import LAB_ROOT
from verifier.checks.check import Status
from verifier.checks.whole import whole_output_check
from verifier.golden.golden import Golden, load_golden
from verifier.lab.derived import Derived
from verifier.lab.load import load_labs

LAB = load_labs(LAB_ROOT)["forward-backward"]


def _golden(output: str | None) -> Golden:
    derived = None if output is None else Derived(fields=(), unsteady=(), output=output)
    golden = load_golden(lab=LAB.id, exercise=LAB.exercise("baseline"))
    return replace(golden, derived=derived)


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        (b"a\nb\n", ""),
        (b"a  \r\nb\n\n\n", ""),
        (b"a\nc\n", "line 2 is `c`, not `b`"),
        (b"a\n", "line 2 is missing: `b`"),
        (b"a\nb\nc\n", "line 3 is one too many: `c`"),
        (b"\xff\x1b[2J\nb\n", "line 1 is "),
        (b"", "line 1 is ``, not `a`"),
    ],
)
def test_the_first_line_that_differs_is_named(printed: bytes, says: str) -> None:
    """Spaces at an end, and empty lines at the last, do not count."""
    check = whole_output_check(printed, _golden("a\nb\n"))

    assert (check.status is Status.PASSED) == (not says)
    assert says in check.message
    assert (check.discreet is None) == (not says)
    assert check.discreet is None or "`" not in check.discreet.message
    assert "\x1b" not in check.message


def test_a_golden_without_an_output_asks_for_nothing() -> None:
    """Such as none was derived."""
    assert whole_output_check(b"", _golden(None)).status is Status.PASSED
