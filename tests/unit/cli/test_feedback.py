"""No output of a command tells a learner a golden number where the policy is `no-values`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.batch.batches import ScriptedRunner
from tests.unit.cli.answers import TASKS, golden_texts, hand_ins, numbers_of
from verifier import cli
from verifier.cli import grade
from verifier.lab.stage import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.fakes import FakeRunner
    from tests.unit.cli.answers import HandIn

FORMATS = ("json", "junit", "github", "markdown")
KINDS = {(exercise, each.name): each for exercise in TASKS for each in hand_ins(exercise)}
OUTPUTS = {
    "text", "json", "junit", "github", "markdown", "explain", "check", "error",
    "class.text", "class.json", "class.github", "class.markdown", "class.error",
    "results.jsonl", "gradebook.csv", "report.html",
}  # fmt: skip


class Desk:
    """Hands a script in, in each way, and collects all that is said of it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def said(self, each: HandIn, exercise: str, options: Sequence[str]) -> dict[str, str]:
        """Give every output by its name."""
        (self.folder / "class").mkdir(exist_ok=True)
        (self.folder / "class" / "a.py").write_bytes(each.source)
        (self.folder / "captured.txt").write_bytes(each.run.stdout)
        common = ["--exercise", exercise, *options]
        said = dict(self._alone(common))
        said |= self._in_class(common)
        return said

    def _run(self, *arguments: str) -> tuple[str, str]:
        cli.run([*arguments])
        said = self.capsys.readouterr()
        return said.out, said.err

    def _alone(self, common: Sequence[str]) -> Iterator[tuple[str, str]]:
        files = [f"-o{name}=alone.{name}" for name in FORMATS]
        text, error = self._run("grade", "class/a.py", *common, *files)
        checked, more = self._run("check", "captured.txt", *common)
        yield from (("text", text), ("check", checked), ("error", error + more))
        for name in FORMATS:
            yield name, (self.folder / f"alone.{name}").read_text()
        document = json.loads((self.folder / "alone.json").read_text())
        found = [each["id"] for each in document["diagnoses"]]
        told = [self._run("explain", name, "--report", "alone.json") for name in found or ["loop"]]
        yield "explain", "".join(out + err for out, err in told)

    def _in_class(self, common: Sequence[str]) -> dict[str, str]:
        names = [name for name in FORMATS if name != "junit"]
        files = [f"-o{name}=class.{name}" for name in names]
        text, error = self._run("grade", "class", "--results", "r", *common, *files)
        written = {name: (self.folder / f"class.{name}").read_text() for name in names}
        kept = {path.name: path.read_text() for path in (self.folder / "r").glob("[!.]*")}
        named = {f"class.{name}": shown for name, shown in written.items()}
        return {"class.text": text, "class.error": error, **named, **kept}


@pytest.fixture
def desk(
    fake: FakeRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    """A folder with a runner that answers as each hand-in says."""
    del fake
    runs = {each.source: each.run for each in KINDS.values()}
    runner = ScriptedRunner(runs.__getitem__)
    monkeypatch.setattr(grade, "chosen_runner", lambda *_args, **_kwargs: runner)
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def _leaks(said: dict[str, str], each: HandIn, exercise: str) -> dict[str, frozenset[str]]:
    secrets = each.secrets(TASKS[exercise])
    assert secrets or each.name == "shuffled"
    found = {name: numbers_of(text) & secrets for name, text in said.items()}
    return {name: numbers for name, numbers in found.items() if numbers}


@pytest.mark.parametrize(("exercise", "kind"), KINDS)
def test_no_output_tells_a_golden_number(desk: Desk, exercise: str, kind: str) -> None:
    """Whatever was handed in, in no format, on neither stream, in no file of the results."""
    each = KINDS[exercise, kind]
    said = desk.said(each, exercise, ["--feedback", "no-values"])

    assert set(said) == OUTPUTS
    assert _leaks(said, each, exercise) == {}


@pytest.mark.parametrize("exercise", TASKS)
def test_the_search_finds_what_is_told_in_full(desk: Desk, exercise: str) -> None:
    """So it would find a leak: in each output that can hold a number."""
    each = KINDS[exercise, "all-wrong"]
    leaks = _leaks(desk.said(each, exercise, ["--feedback", "full"]), each, exercise)

    silent = {"explain", "error", "class.text", "class.error"}
    assert set(leaks) == OUTPUTS - silent


@pytest.mark.parametrize("exercise", [name for name in TASKS if name != "baseline"])
def test_a_class_is_told_no_numbers_that_no_page_publishes(desk: Desk, exercise: str) -> None:
    """Without any option; one script on the command line is told them."""
    each = KINDS[exercise, "all-wrong"]
    said = desk.said(each, exercise, [])
    leaks = _leaks(said, each, exercise)

    assert "feedback is no-values; --feedback full tells" in said["class.error"]
    assert {name for name in leaks if "." in name} == set()
    assert {"text", "json", "junit", "github", "markdown", "check"} == set(leaks)


def test_a_class_is_told_what_the_lessons_page_publishes(desk: Desk) -> None:
    """The baseline's numbers stand on the page that the learner reads."""
    each = KINDS["baseline", "all-wrong"]
    leaks = _leaks(desk.said(each, "baseline", []), each, "baseline")

    assert "results.jsonl" in leaks


@pytest.mark.parametrize("exercise", [name for name in TASKS if name != "baseline"])
def test_what_an_author_wrote_for_learners_tells_no_golden_number(
    exercise: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Instructions, reasons of tolerances, and what is said of each diagnosis and stage."""
    cli.run(["lab", "show", "--exercise", exercise])
    catalogue = TASKS[exercise].catalogue
    for name in (*catalogue.wordings, *STAGES):
        cli.run(["explain", name])

    assert numbers_of(capsys.readouterr().out) & golden_texts(TASKS[exercise]) == set()


@pytest.mark.parametrize("kind", ["first-wrong", "coarse", "nothing"])
def test_a_verdict_alone_is_that(desk: Desk, kind: str) -> None:
    """No check, no diagnosis, no remark, and nothing of what was printed but in a row's output."""
    each = KINDS["logits", kind]
    said = desk.said(each, "logits", ["--feedback", "verdict"])
    document = json.loads(said["json"])

    assert _leaks(said, each, "logits") == {}
    assert (document["verdict"], document["feedback"]) == ("failed", "verdict")
    for name in ("checks", "diagnoses", "findings"):
        assert document[name] == []
    assert (document["record"]["readings"], document["start_here"]) == ([], None)
    assert '<testcase name="verdict"' in said["junit"]
    assert "<failure" in said["junit"]
    for name in ("text", "github", "markdown", "class.github", "class.markdown", "report.html"):
        assert "failed" in said[name]
        assert "None" not in said[name]
