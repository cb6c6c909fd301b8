"""The check of an output as a whole, where no value in it has an address."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from verifier.checks.check import Discreet, failed, passed
from verifier.lab.stage import Stage
from verifier.printable import printable

if TYPE_CHECKING:
    from verifier.checks.check import Check
    from verifier.golden.golden import Golden

_NAME = "whole_output"
_SHOWN = 120


def whole_output_check(stdout: bytes, golden: Golden) -> Check:
    """Compare an output with the golden one, line by line; spaces at the end do not count."""
    expected = "" if golden.derived is None else golden.derived.output
    printed = stdout.decode("utf-8", errors="replace")
    pairs = zip_longest(_lines(printed), _lines(expected))
    for number, (seen, wanted) in enumerate(pairs, start=1):
        if seen != wanted:
            discreet = Discreet(message=f"line {number} is not as it should be")
            message = f"line {number} {_said(seen, wanted)}"
            return failed(Stage.OUTPUT, _NAME, message, discreet=discreet)
    return passed(Stage.OUTPUT, _NAME, "every line is as it should be")


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def _said(seen: str | None, wanted: str | None) -> str:
    if seen is None:
        return f"is missing: {_shown(wanted or '')}"
    if wanted is None:
        return f"is one too many: {_shown(seen)}"
    return f"is {_shown(seen)}, not {_shown(wanted)}"


def _shown(line: str) -> str:
    return f"`{printable(line, limit=_SHOWN)}`"
