"""What was seen of a run, compared with what a case expects of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.hostile.case import name_of

if TYPE_CHECKING:
    from tests.hostile.case import Expectation
    from tests.hostile.confines import Ended
    from tests.hostile.judgement import Judgement
    from verifier.run.interface import RunResult

_ATTEMPT = re.compile(r"([A-Za-z0-9_./@:-]+)= (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The ending of a run, wherever it ran, and what it printed."""

    outcome: str
    """As `case.name_of` names it."""
    stdout: str
    stderr: str


def of_result(result: RunResult) -> Sighting:
    """Of a run behind walls."""
    return Sighting(
        outcome=name_of(result.outcome),
        stdout=result.stdout.decode(errors="replace"),
        stderr=result.stderr.decode(errors="replace"),
    )


def of_ended(ended: Ended) -> Sighting:
    """Of a script that ran without a server; its shell says 137 for signal 9."""
    code = ended.code
    return Sighting(
        outcome=f"killed {code - 128}" if code > 128 else f"exited {code}",
        stdout=ended.stdout.decode(errors="replace"),
        stderr=ended.stderr.decode(errors="replace"),
    )


def of_judgement(seen: Judgement) -> Sighting:
    """Of a submission that was graded, or refused unread."""
    if not seen.runs:
        return Sighting(outcome="not_run", stdout="", stderr="")
    return of_result(seen.runs[0])


def assert_as_expected(sighting: Sighting, expected: Expectation) -> None:
    """Compare the ending, the texts and every attempt."""
    said = f"{sighting.outcome}\n{sighting.stdout[-3000:]}\n{sighting.stderr[-3000:]}"

    assert expected.outcome in (None, sighting.outcome), said
    for text in expected.stdout:
        assert text in sighting.stdout, said
    for text in expected.not_stdout:
        assert text not in sighting.stdout, said
    for text in expected.stderr:
        assert text in sighting.stderr, said
    for text in expected.not_stderr:
        assert text not in sighting.stderr, said
    printed = attempts_in(sighting.stdout)
    for name, least in expected.at_least.items():
        assert int(printed.pop(name, "-1")) >= least, said
    if expected.attempts:
        wrong = {
            name: found
            for name, found in printed.items()
            if found not in expected.attempts.get(name, ()) and not found.isdecimal()
        }
        assert (wrong, expected.attempts.keys() - printed.keys()) == ({}, set()), said


def assert_judged_as_expected(seen: Judgement, expected: Expectation) -> None:
    """Compare the verdict and the report as well."""
    assert_as_expected(of_judgement(seen), expected)
    report = seen.report

    assert expected.verdict in (None, report.verdict.value), seen.text
    if expected.start_here:
        assert report.start_here is not None, seen.text
        assert report.start_here.value == expected.start_here, seen.text
    assert set(expected.findings) <= {finding.kind for finding in report.findings}, seen.text
    for text in expected.report:
        assert text in seen.text, seen.text
    for text in expected.not_report:
        assert text not in seen.text, seen.text


def attempts_in(stdout: str) -> dict[str, str]:
    """Read the lines ``name= result``."""
    found = (_ATTEMPT.fullmatch(line) for line in stdout.splitlines())
    return {match[1]: match[2] for match in found if match}
