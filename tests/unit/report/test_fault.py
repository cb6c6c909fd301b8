"""A fault of labcheck's own is told with a number, and never as a learner's mistake."""

from __future__ import annotations

import pytest

from verifier.errors import WorkerError
from verifier.report.fault import Fault, attempted
from verifier.submission import _coding


def _fault(source: bytes) -> Fault:
    found = attempted(lambda: _coding(source))
    assert isinstance(found, Fault)
    return found


def test_same_fault_has_the_same_number_and_another_has_another() -> None:
    """So that two who report it find each other."""
    one, other, third = _fault(b"# coding: a-1"), _fault(b"# coding: b-2"), _fault(b"# coding: hex")

    assert one.reference == other.reference != third.reference
    assert one.reference in one.finding().message
    assert one.reference in one.advice_finding().message


def test_text_of_a_stranger_in_it_is_printable() -> None:
    """It reaches a terminal and a file."""

    def fail() -> None:
        raise ValueError("\x1b[2J" * 10_000)

    fault = attempted(fail)

    assert isinstance(fault, Fault)
    assert "\x1b" not in fault.traceback + fault.summary
    assert len(fault.traceback) < 50_000


def test_error_with_a_remedy_is_no_fault() -> None:
    """The machine's trouble gives no report."""

    def fail() -> None:
        raise WorkerError("died")

    with pytest.raises(WorkerError):
        attempted(fail)
    assert attempted(lambda: 1) == 1
