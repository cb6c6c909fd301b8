"""A submission through the pipeline and every report, with what its run gave kept."""

from __future__ import annotations

import io
import json
import time
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn
from xml.etree import ElementTree as ET

import click
import pytest

from verifier.pipeline import Graded, grade, refuse
from verifier.report.json import json_reports
from verifier.report.junit import junit_reports
from verifier.report.report import report_to_json
from verifier.report.text import text_reports
from verifier.submission import read_stream

if TYPE_CHECKING:
    from verifier.report.report import Report
    from verifier.run.interface import Limits, Runner, RunResult
    from verifier.task import Task

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that is seen of one submission from outside."""

    runs: tuple[RunResult, ...]
    """Empty where it was refused unread."""
    report: Report
    text: str
    json: str
    junit: str
    took_s: float
    """On this side of the engine, reports included."""

    @property
    def output(self) -> bytes:
        """Every byte that left its runs."""
        return b"\n".join(text for run in self.runs for text in (run.stdout, run.stderr))


def judge(source: bytes, *, runner: Runner, task: Task, limits: Limits) -> Judgement:
    """Hand in ``source`` and write all three reports.

    Raises:
        EnvironmentFailure: The runner could not do its work.
    """
    limited = replace(task, lab=replace(task.lab, limits=limits))
    started_at = time.monotonic()
    submission = read_stream(io.BytesIO(source), name="submission.py")
    if submission.gradable:
        graded = grade(submission, task=limited, runner=runner)
    else:
        graded = Graded(report=refuse(submission, task=limited), runs=())
    report = graded.report
    with pytest.MonkeyPatch.context() as patch:
        # Our own colours are escapes too; without them, each that is left is the script's.
        patch.setattr(click, "style", lambda text, **_: text)
        text = text_reports([report])
    return Judgement(
        runs=graded.runs,
        report=report,
        text=text,
        json=json_reports([report_to_json(report)]),
        junit=junit_reports([report]),
        took_s=time.monotonic() - started_at,
    )


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is not strict JSON")


def assert_shown_safely(seen: Judgement) -> None:
    """No report hands a stranger's bytes to a terminal, a parser or a CI service as they are."""
    hidden = {
        character
        for character in seen.text + seen.junit
        if character != "\n" and unicodedata.category(character) in _HIDDEN_CATEGORIES
    }

    assert hidden == set()
    assert seen.json.isascii()
    assert seen.json.removesuffix("\n").isprintable()
    assert json.loads(seen.json, parse_constant=_no_constant)["verdict"] == seen.report.verdict
    assert ET.fromstring(seen.junit.encode()).tag == "testsuites"  # noqa: S314 - ours
    for line in (seen.text + seen.junit + seen.json).split("\n"):
        assert not line.lstrip().startswith("::"), "a CI service would take it as a command"
        assert "##[" not in line, "a CI service would take it as a command"
        assert "##vso[" not in line, "a CI service would take it as a command"
