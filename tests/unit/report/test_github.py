"""Annotations of a GitHub job: bounded, escaped, and no command but ours."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from tests.github import Command, commands_in
from tests.unit.diagnosis.diagnosing import told
from verifier import pipeline
from verifier.diagnosis.subject import at
from verifier.lab.load import load_labs
from verifier.report.github import PER_LEVEL, Annotation, github_reports, workflow_commands
from verifier.report.report import report_to_json
from verifier.run.interface import Exited, Tier
from verifier.submission import read_stream
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.report.report import Report
    from verifier.run.interface import RunResult

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
WRONG = PUBLISHED.replace(b"0.0861", b"0.0518").replace(b"0.0678", b"0.5")
HOSTILE = (
    "\n::error::x\r::set-output name=a::b\x00\x1b[31m\u202e##[add-path]/p %0A::warning::\u2028"
)
TEXTS = st.one_of(st.text(), st.text(alphabet=":#[]%,=\r\n\t 0AD\u00a0\u2028error"))


def _report(result: RunResult, *, source: bytes = b"print(1)", name: str = "a/b.py") -> Report:
    submission = read_stream(io.BytesIO(source), name=name)
    if not submission.gradable:
        return pipeline.refuse(submission, task=TASK)
    return pipeline.grade(submission, task=TASK, runner=FakeRunner(result)).report


def _diagnosed() -> Report:
    story = told(lr=0.1, y=0.0)
    return _report(dataclasses.replace(run_result(story.stdout), trace=story.trace))


def _all_of(*reports: Report) -> list[Command]:
    return commands_in(github_reports(map(report_to_json, reports)))


def _of(*reports: Report) -> list[Command]:
    return [each for each in _all_of(*reports) if each.name != "notice"]


def _error(message: str, **changes: Any) -> Annotation:  # noqa: ANN401 - any field
    return dataclasses.replace(Annotation(level="error", title="t", message=message), **changes)


def test_what_passed_needs_no_annotation() -> None:
    """A job that is green has nothing to point at."""
    assert _of(_report(run_result())) == []


def test_one_notice_names_whose_lab_judged() -> None:
    """Whoever sees a green job sees by which golden; of a class once."""
    basis = TASK.basis
    for reports in ([_report(run_result())], [_report(run_result(WRONG)), _diagnosed()]):
        (notice,) = [each for each in _all_of(*reports) if each.name == "notice"]

        assert notice.properties == {"title": "judged by"}
        assert notice.data == (
            f"lab revision {basis.lab_revision[:12]}, golden {basis.golden_sha256[:12]}, "
            f"in {basis.lab_root}"
        )


def test_the_best_diagnosis_comes_first_with_its_line() -> None:
    """With the sentences that a learner reads in the text."""
    first, *others = _of(_diagnosed())

    assert first.name == "error"
    assert first.properties == {
        "title": "forward-backward/baseline failed, start here: loss",
        "file": "a/b.py",
        "line": "21",
    }
    assert first.data.startswith("The prediction was compared with y = [0] (line 21).")
    assert "\nLook at the line that makes y" in first.data
    assert others[0].properties["title"] == "forward-backward/baseline loss: loss_before"


def test_a_line_is_read_as_diagnoses_write_it() -> None:
    """The two ways in which one is named; other numbers are none."""
    document = report_to_json(_diagnosed())
    for message, line in (
        (f"Something{at(12)}.", "12"),
        ("Python's error at line 7: x", "7"),
        ("inline 3 (line 0)", None),
    ):
        document["diagnoses"][0].update(message=message, evidence=[])
        (first, *_) = commands_in(github_reports([document]))

        assert first.properties.get("line") == line


def test_without_a_diagnosis_each_failed_check_is_an_error() -> None:
    """The first of them stands under the stage to start with, and no check stands twice."""
    commands = _of(dataclasses.replace(_report(run_result(WRONG)), diagnoses=()))

    assert [(each.properties["title"], each.data) for each in commands] == [
        (
            "forward-backward/baseline failed, start here: loop",
            "loss at step=2: expected 0.0861, got 0.0518; difference 0.0343, allowed 0.0001",
        ),
        (
            "forward-backward/baseline loop: loss at step=3",
            "loss at step=3: expected 0.0678, got 0.5; difference 0.4322, allowed 0.0001",
        ),
    ]


def test_what_is_not_gradable_is_an_error_with_its_reason() -> None:
    """A job must not be green because nothing could be judged."""
    assert _of(_report(run_result(), source=b"")) == [
        Command(
            name="error",
            data="the file is empty: nothing was handed in",
            properties={"title": "not gradable", "file": "a/b.py"},
        )
    ]


def test_standard_input_is_no_file() -> None:
    """There is nothing to stand next to."""
    (only,) = _of(_report(run_result(), source=b"", name="-"))

    assert "file" not in only.properties


def test_missing_walls_are_one_warning_for_all() -> None:
    """They are the machine's, not a learner's."""
    lower = dataclasses.replace(_report(run_result()), tier=Tier(walls=(), missing=("uid",)))

    assert [(each.name, each.data) for each in _of(lower, lower)] == [
        ("warning", "These walls did not stand around a submission: uid.")
    ]


def test_of_a_class_each_has_its_first_error_before_any_has_a_second() -> None:
    """Ten errors of the first submission would hide that others failed; each has three here."""
    reports = [_report(run_result(WRONG), name=f"{n}.py") for n in range(PER_LEVEL - 1)]
    commands = _of(*reports)

    assert [each.properties.get("file") for each in commands] == [
        *(f"{n}.py" for n in range(PER_LEVEL - 1)),
        None,
    ]
    assert commands[-1].properties["title"] == "and 18 more like these"


@pytest.mark.parametrize("count", [PER_LEVEL - 1, PER_LEVEL, PER_LEVEL + 1, 500])
def test_no_level_has_more_than_a_runner_shows(count: int) -> None:
    """What has no room is counted, for the runner drops it in silence."""
    given = [_error(str(n), level=level) for n in range(count) for level in ("error", "warning")]
    commands = commands_in(workflow_commands(given))

    for level in ("error", "warning"):
        found = [each for each in commands if each.name == level]
        assert len(found) == min(count, PER_LEVEL)
        told_of = sum("more like these" in each.properties["title"] for each in found)
        assert told_of == (count > PER_LEVEL)


def test_what_is_escaped_comes_back_as_it_was() -> None:
    """Percent signs first, or a text could write an escape of its own."""
    text = "50% of a:b,c is %0A\nnext %25"
    (only,) = commands_in(workflow_commands([_error(text, title="a:b,c%2C", file="x,y:%0A.py")]))

    assert only.data == text
    assert only.properties == {"title": "a:b,c%2C", "file": "x,y:%0A.py"}


def test_texts_are_bounded() -> None:
    """A log line of a megabyte helps nobody."""
    assert len(workflow_commands([_error("x" * 10**6, title="t" * 10**6, file="f" * 10**6)])) < 4000


def test_hidden_characters_are_shown() -> None:
    """NUL, colours and text that runs backwards, in each place that a stranger can write to."""
    written = workflow_commands([_error(HOSTILE, title=HOSTILE, file=HOSTILE, line=1)])

    assert written.count("\n") == 1
    assert all(character.isprintable() for character in written[:-1])
    for escape in ("\\x00", "\\x1b[31m", "\\u202e", "\\u2028"):
        assert written.count(escape) == 3


@given(st.lists(st.tuples(TEXTS, TEXTS, st.none() | TEXTS), max_size=15))
def test_no_text_becomes_a_command_of_its_own(texts: list[tuple[str, str, str | None]]) -> None:
    """Each line is one error of ours, whatever stands in it."""
    given = [_error(message, title=title, file=file) for message, title, file in texts]
    written = workflow_commands(given)
    commands = commands_in(written)

    assert {each.name for each in commands} <= {"error"}
    assert len(commands) == written.count("\n") == min(PER_LEVEL, len(set(given)))
    assert all(line.startswith("::error title=") for line in written.splitlines())


@given(st.binary(max_size=300), st.binary(max_size=300), st.text(min_size=1, max_size=40))
def test_no_output_and_no_name_of_a_submission_is_obeyed(
    stdout: bytes, stderr: bytes, name: str
) -> None:
    """Whatever was printed, and whatever the file is called."""
    lines = b"\n::set-output name=verdict::passed\n##[add-path]/x\n  ::stop-commands::t\n"
    result = run_result(PUBLISHED + lines + stdout, outcome=Exited(code=1), stderr=lines + stderr)

    assert {each.name for each in _of(_report(result, name=name))} == {"error"}
