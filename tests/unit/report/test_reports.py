"""The same report in every format, with nothing of a stranger's text left raw."""

from __future__ import annotations

import dataclasses
import io
import json
import xml.etree.ElementTree as ET

import click

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from tests.unit.diagnosis.diagnosing import told
from verifier import pipeline
from verifier.checks.check import failed, passed
from verifier.finding import Finding
from verifier.lab.load import load_labs
from verifier.lab.stage import Stage
from verifier.report.json import json_reports
from verifier.report.junit import junit_reports
from verifier.report.report import Report, Verdict, report_to_json, score_of, verdict_of
from verifier.report.text import text_reports
from verifier.run.interface import Exited, Tier
from verifier.schema import validate
from verifier.submission import read_stream
from verifier.task import load_task

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
KEYS = [
    "schema_version",
    "lab",
    "exercise", "lab_root", "lab_revision", "golden_sha256", "feedback",
    "submission",
    "verdict",
    "score",
    "max_score",
    "start_here",
    "checks",
    "findings",
    "diagnoses",
    "computed",
    "computed_evidence",
    "record",
    "tier",
    "environment",
]  # fmt: skip
HOSTILE = (
    b"one_training_step\n\x1b[2J::set-output name=x::y\n"
    b"loss_before= \x1b[31m\xff\xe2\x80\xae<b>&]]>\x00\n"
)


def _report(stdout: bytes = PUBLISHED, source: bytes = b"print(1)", **outcome: object) -> Report:
    submission = read_stream(io.BytesIO(source), name="submission\x1b.py")
    if not submission.gradable:
        return pipeline.refuse(submission, task=TASK)
    runner = FakeRunner(run_result(stdout, **outcome))  # type: ignore[arg-type]
    return pipeline.grade(submission, task=TASK, runner=runner).report


def _text(report: Report) -> str:
    return click.unstyle(text_reports([report]))


def test_json_report_has_exactly_the_contracts_keys() -> None:
    """Checks outside this repository rely on them."""
    assert list(report_to_json(_report())) == KEYS


def test_json_is_one_line_a_report_and_valid() -> None:
    """Lines can be appended, and each stands for itself."""
    lines = json_reports(
        map(report_to_json, [_report(), _report(HOSTILE), _report(source=b"")])
    ).splitlines()

    assert len(lines) == 3
    for line in lines:
        validate("report", json.loads(line))
        assert line.isascii()


def test_text_names_verdict_first_step_and_numbers() -> None:
    """What a learner reads first."""
    lines = _text(_report(PUBLISHED.replace(b"0.0861", b"0.0518"))).splitlines()

    assert lines[1] == "failed, start here: loop (80 of 100 points)"
    assert any(
        "expected 0.0861, got 0.0518; difference 0.0343, allowed 0.0001" in line for line in lines
    )


def _diagnosed() -> Report:
    story = told(lr=0.1, y=0.0)
    result = dataclasses.replace(run_result(story.stdout), trace=story.trace)
    submission = read_stream(io.BytesIO(b"print(1)"), name="submission.py")
    return pipeline.grade(submission, task=TASK, runner=FakeRunner(result)).report


def test_text_says_what_went_wrong_before_the_checks() -> None:
    """Three sentences, the facts, the other mistakes in short, and where to read on."""
    lines = _text(_diagnosed()).splitlines()

    assert lines[3].startswith("  The prediction was compared with y = [0] (line 21).")
    assert lines[4].startswith("  Look at the line that makes y")
    assert lines[5] == "    - the loss was given the target [0] (line 21)"
    assert lines[6].startswith("  also lr-wrong: The parameters changed by 0.1 times")
    assert lines[7] == "  labcheck explain target-wrong"


def test_json_holds_every_diagnosis_with_its_evidence() -> None:
    """For programs, by the contract's keys."""
    first = report_to_json(_diagnosed())["diagnoses"][0]

    assert list(first) == ["id", "stage", "concept", "confidence", "evidence", "message", "fix"]
    assert (first["id"], first["stage"], first["confidence"]) == ("target-wrong", "loss", 0.95)


def test_junit_says_what_went_wrong_in_the_first_failure() -> None:
    """A CI view shows its text."""
    root = ET.fromstring(junit_reports([_diagnosed()]))  # noqa: S314 - ours
    failure = root.find(".//failure")

    assert failure is not None
    assert (failure.text or "").startswith("target-wrong: The prediction was compared")


def test_text_of_a_pass_names_runner_torch_and_walls() -> None:
    """An author wants to know what was compared with what."""
    text = _text(_report())

    assert "in runner container, image sha256:aaaaaaaaaaaa, torch 2.13.0+cpu, Python 3.11.2" in text
    assert "passed (100 of 100 points)" in text
    assert "walls: container, uid\n" in text


def test_text_says_which_walls_were_missing() -> None:
    """A lower tier is declared, never silent."""
    report = dataclasses.replace(_report(), tier=Tier(walls=(), missing=("uid",)))

    assert "walls: none; missing: uid" in _text(report)


def test_text_of_an_ungradable_file_gives_the_reason() -> None:
    """It was not run."""
    text = _text(_report(source=b""))

    assert "not gradable: the file is empty: nothing was handed in\n" in text


def test_text_shows_a_bounded_number_of_findings() -> None:
    """A hostile output can make thousands."""
    many = tuple(Finding(kind="noise", line=1, message=f"m{n}") for n in range(100))

    assert "and 88 more" in _text(dataclasses.replace(_report(), findings=many))


def test_text_says_the_same_finding_once_with_its_lines() -> None:
    """Ten debug prints are one remark."""
    many = tuple(Finding(kind="extra_reading", line=n, message="m") for n in (3, 5, 9))

    assert "extra reading (lines 3, 5, 9 of the output): m\n" in _text(
        dataclasses.replace(_report(), findings=many)
    )


def test_text_says_whether_the_numbers_were_computed() -> None:
    """The reader must know what a right output proves."""
    assert "computed by training: yes (with other seeds, all" in _text(_report())


def test_text_shows_a_traceback_with_its_lines() -> None:
    """Indented, so that it cannot pass for the report's own."""
    text = _text(_report(outcome=Exited(code=1), stderr=b"Traceback\n  File\nValueError: x\n"))

    assert "stderr: Traceback\n    |   File\n    | ValueError: x" in text


def test_no_format_lets_control_characters_through() -> None:
    """Terminal, XML parser and CI log all stay whole."""
    report = _report(HOSTILE, outcome=Exited(code=1), stderr=HOSTILE)

    as_json = json_reports([report_to_json(report)])
    for rendered in (_text(report), junit_reports([report]), as_json):
        assert all(c.isprintable() or c == "\n" for c in rendered)
        assert "\n::" not in rendered


def test_junit_counts_failures_and_skips() -> None:
    """One test case a check, its stage in the class name."""
    root = ET.fromstring(junit_reports([_report(PUBLISHED.replace(b"0.1927", b"0.5"))]))  # noqa: S314 - ours
    cases = root.findall(".//testcase")
    (broken,) = [case for case in cases if case.find("failure") is not None]

    assert (broken.get("name"), broken.get("classname")) == (
        "loss_before",
        "forward-backward.baseline.loss",
    )
    assert len([case for case in cases if case.find("skipped") is not None]) == 15


def test_junit_names_whose_lab_judged() -> None:
    """As properties of the suite, whatever came out."""
    for report in (_report(), _report(source=b"")):
        root = ET.fromstring(junit_reports([report]))  # noqa: S314 - ours
        found = {each.get("name"): each.get("value") for each in root.iter("property")}

        assert found == dataclasses.asdict(TASK.basis)


def test_junit_of_an_ungradable_file_is_a_failure() -> None:
    """A CI view must not show green."""
    root = ET.fromstring(junit_reports([_report(source=b"")]))  # noqa: S314 - ours

    assert root.find(".//failure") is not None


def test_stage_earns_its_points_only_when_all_its_checks_pass() -> None:
    """Half a gradient is no gradient."""
    checks = (passed(Stage.RUN, "a"), passed(Stage.LOSS, "b"), failed(Stage.LOSS, "c", "wrong"))

    assert score_of(checks, {Stage.RUN: 5, Stage.LOSS: 15}) == (5, 20)


def test_no_checks_are_no_pass() -> None:
    """Nothing asked, nothing shown."""
    assert verdict_of(()) is Verdict.FAILED
