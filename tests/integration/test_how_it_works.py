"""What docs/how-it-works.md quotes is what really comes by when its submission is graded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier import pipeline
from verifier.diagnosis import diagnose
from verifier.lab.load import load_labs
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.report.text import text_reports
from verifier.run import frames
from verifier.sandbox import wire
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

PAGE = (CHECKOUT / "docs" / "how-it-works.md").read_text()
QUOTED = [
    line
    for block in re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
MISTAKE = LAB_ROOT / "forward-backward" / "mistakes" / "step-missing-everywhere.py"


def _stands_in(quote: str, seen: str) -> bool:
    """Whether the pieces of a quote, between what it leaves out, stand there in order."""
    return re.search(".*".join(map(re.escape, quote.split("…"))), seen) is not None


def _watch(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, note: Callable[..., object]
) -> None:
    original = getattr(owner, name)

    def noting(*arguments: object, **named: object) -> object:
        note(*arguments, **named)
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, noting)


def test_every_quoted_line_comes_by(
    boxed: SandboxRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames, printed lines, trace, readings, checks, suspicions, report."""
    seen: list[str] = []
    compact = json.JSONEncoder(separators=(",", ":")).encode
    _watch(monkeypatch, wire, "encode", lambda frame: seen.append(compact(frame)))
    _watch(monkeypatch, frames, "check_frame", lambda frame, _: seen.append(compact(frame)))
    _watch(monkeypatch, diagnose, "_in_words", lambda found, *_: seen.append(str(found)))
    monkeypatch.chdir(tmp_path)
    file = Path("submission.py")
    file.write_bytes(MISTAKE.read_bytes())
    submission = read_submission(file)
    task = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")

    graded = pipeline.grade(submission, task=task, runner=boxed)

    (run,) = graded.runs
    match = match_output(read_stdout(run.stdout), task.exercise)
    seen += [str(submission), str({field.name: each.text for field, each in match.judged.items()})]
    seen += map(str, [*match.transcript.readings, *graded.report.checks])
    seen += run.stdout.decode().splitlines() + run.trace.decode().splitlines()
    seen += click.unstyle(text_reports([graded.report])).splitlines()
    assert [quote for quote in QUOTED if not any(_stands_in(quote, each) for each in seen)] == []
    assert run.rerun is not None
    assert b"prediction_before= 0.267\n" in run.rerun
    assert "`prediction_before= 0.267`" in PAGE
    assert len(QUOTED) > 20
