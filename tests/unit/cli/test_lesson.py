"""Command lesson check: what it prints, and its exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.fakes import FakeRunner, run_result
from verifier.cli import course, options, run
from verifier.errors import EnvironmentFailure
from verifier.run.container import ContainerRunner
from verifier.run.sandbox import SandboxRunner
from verifier.schema import validate

PAGE = """\
# Page

```python
print("a")
```

Expected output:

```text
a
```

```python
other
```

Expected output:

```text
b
```

```python
alone
```

```{include} x
```
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each test begin without a cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def _pretend(
    monkeypatch: pytest.MonkeyPatch, runner: FakeRunner, *, others: FakeRunner | None = None
) -> None:
    """Have pages run nowhere; under other settings, with the other runner."""

    def made(_name: str, *, settings: object = None) -> FakeRunner:
        return (others or runner) if settings else runner

    monkeypatch.setattr(course, "page_runner", made)
    monkeypatch.setattr(course, "where_pages_run", lambda _name: ("nowhere",))


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a page of which the first block is true, and the second one is stale."""
    _pretend(monkeypatch, FakeRunner(run_result(b"a\n")))
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return str(path)


def test_json_is_a_line_a_page(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs find each block by its index and its line."""
    code = run(["lesson", "check", page, "--format", "json"])
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)

    validate("lesson", document)
    assert code == 1
    assert [(b["index"], b["line"], b["status"]) for b in document["blocks"]] == [
        (1, 3, "same"), (2, 13, "differs"), (3, 23, "no_output"),
    ]  # fmt: skip
    assert document["blocks"][1]["diff"] == ["@@ line 20 @@", "-b", "+a"]
    assert [note["line"] for note in document["notes"]] == [27]


def test_text_shows_the_diff_where_it_is_asked_for(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person reads a line a block, and on demand what differs."""
    run(["lesson", "check", page])
    short = capsys.readouterr().out
    run(["lesson", "check", page, "--diff", "--no-cache"])
    full = capsys.readouterr().out

    assert "     13  #2 differs: the page is stale" in short
    assert "-b" not in short
    assert "         -b\n         +a\n" in full
    assert full.endswith("1 page: 1 differs, 1 no_output, 1 same\n")


def test_github_annotates_the_lines_of_the_page(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is to be mended stands at its output's line."""
    run(["lesson", "check", page, "--format", "github"])
    (line,) = capsys.readouterr().out.splitlines()

    assert line.startswith("::error title=block 2%3A differs,")
    assert "line=19::" in line


def test_junit_has_a_case_a_block(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """CI services show which block failed and which was left out."""
    run(["lesson", "check", page, "--format", "junit"])
    cases = ET.fromstring(capsys.readouterr().out.encode()).iter("testcase")  # noqa: S314 - ours

    assert [[child.tag for child in case] for case in cases] == [[], ["failure"], ["skipped"]]
    Path(page).write_text("```python\n1\n```\n")
    run(["lesson", "check", page, "--format", "junit"])
    assert "system-out" not in capsys.readouterr().out


REPEATS = """\
Then `rate` is 0.51.

```python
print("rate=", 0.5)
print("end= 3")
```

Output:

```text
rate= 0.5
end= 3
```

Once more, the end:

```text
end= 4
```
"""


@pytest.mark.parametrize(
    ("format_name", "said"),
    [
        ("text", "     18  note: end= 4 here, end= 3 printed\n"),
        ("junit", "<system-out>line 1: rate: 0.51 here, 0.5 printed\nline 18:"),
        ("github", "line=18::end= 4 here, end= 3 printed\n"),
    ],
)
def test_what_is_repeated_otherwise_is_a_note_and_no_fault(
    page: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    format_name: str,
    said: str,
) -> None:
    """Every format has it, and the page still passes."""
    runner = FakeRunner(run_result(b"rate= 0.5\nend= 3\n"))
    _pretend(monkeypatch, runner)
    Path(page).write_text(REPEATS)
    code = run(["lesson", "check", page, "--format", format_name])
    out = capsys.readouterr().out

    assert code == 0
    assert said in out
    assert ("::notice " in out) is (format_name == "github")


def test_update_rewrites_what_differs_after_showing_it(
    page: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second check finds the same; what is written to a program stays as it is."""
    monkeypatch.delenv("CI", raising=False)
    code = run(["lesson", "check", page, "--update", "--format", "json"])
    captured = capsys.readouterr()

    assert code == 0
    assert [b["status"] for b in json.loads(captured.out)["blocks"]] == [
        "same", "differs", "no_output",
    ]  # fmt: skip
    assert captured.err.endswith(f"{page}: block 2\n  @@ line 20 @@\n  -b\n  +a\n{page}: updated\n")
    assert Path(page).read_text() == PAGE.replace("\nb\n", "\na\n")
    assert run(["lesson", "check", page]) == 0
    assert "2 same" in capsys.readouterr().out


def test_update_is_refused_in_ci(
    page: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page shows is accepted by a person."""
    monkeypatch.setenv("CI", "true")

    assert run(["lesson", "check", page, "--update"]) == 2
    assert "pages are not updated in CI" in capsys.readouterr().err
    assert Path(page).read_text() == PAGE


def test_a_page_that_cannot_be_updated_stops_no_other(
    page: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is named with the reason, and still fails the check."""
    monkeypatch.delenv("CI", raising=False)
    printed = {"output_type": "stream", "name": "stdout", "text": "b\n"}
    cell = {"cell_type": "code", "source": "x", "outputs": [printed]}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    code = run(["lesson", "check", str(tmp_path), "--update"])
    said = capsys.readouterr().err

    assert code == 1
    assert f"{tmp_path / 'a.ipynb'}: not updated: the cells of a notebook" in said
    assert f"{page}: updated\n" in said


def test_true_pages_pass(page: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 0 where nothing is to be mended, notes or not."""
    (tmp_path / "page.md").write_text(PAGE.replace("\nb\n", "\na\n"))

    assert run(["lesson", "check", page, str(tmp_path)]) == 0
    assert "2 same" in capsys.readouterr().out


def test_what_is_no_page_is_a_mistake_of_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what pages are called."""
    assert run(["lesson", "check", str(tmp_path)]) == 2
    assert ".mdx" in capsys.readouterr().err


def test_pages_run_behind_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may be a stranger's: it never runs in this Python."""
    monkeypatch.setattr(options, "resolved_runner", lambda name, **_how: name)

    assert isinstance(options.page_runner("container"), ContainerRunner)
    assert isinstance(options.page_runner("sandbox"), SandboxRunner)
    assert run(["lesson", "check", "x.md", "--runner", "local"]) == 2


def test_what_held_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second check of a course that is true runs nothing, and says so; what differs runs."""
    runner = FakeRunner(run_result(b"a\n"))
    _pretend(monkeypatch, runner)
    (tmp_path / "page.md").write_text(PAGE)
    run(["lesson", "check", str(tmp_path)])
    first = len(runner.sources)
    run(["lesson", "check", str(tmp_path)])
    second = runner.sources[first:]
    told = capsys.readouterr().out
    run(["lesson", "check", str(tmp_path), "--no-cache"])

    assert set(second) == {source for source in runner.sources if b"other" in source}
    assert told.endswith("1 same (1 not run, for they held in the last days)\n")
    assert b'print("a")\n' in runner.sources[first + len(second) :]


def test_a_course_that_is_true_starts_no_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starting one takes longer than all the rest."""
    _pretend(monkeypatch, FakeRunner(run_result(b"a\n")))
    (tmp_path / "page.md").write_text(PAGE.replace("\nb\n", "\na\n"))
    codes = [run(["lesson", "check", str(tmp_path)])]

    def refuse(_name: str) -> FakeRunner:
        raise AssertionError

    monkeypatch.setattr(course, "page_runner", refuse)
    codes.append(run(["lesson", "check", str(tmp_path)]))

    assert codes == [0, 0]


def test_digits_of_another_cpu_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What another setting of the CPU prints is no stale page: it shows too many digits."""
    others = FakeRunner(run_result(b"0.75\n"))
    _pretend(monkeypatch, FakeRunner(run_result(b"0.5\n")), others=others)
    shown = PAGE.replace("\na\n", "\n0.75\n").replace("\nb\n", "\nb 0.5\n")
    (tmp_path / "page.md").write_text(shown)
    code = run(["lesson", "check", str(tmp_path)])
    told = capsys.readouterr().out

    assert code == 1
    assert "#1 differs: with ATEN_CPU_CAPABILITY=default it prints just this" in told
    assert "#2 differs: the page is stale" in told
    assert others.sources == [b'print("a")\n']


def test_a_setting_that_cannot_be_had_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The block is judged already."""
    others = FakeRunner(EnvironmentFailure("no such instructions", remedy="none"))
    _pretend(monkeypatch, FakeRunner(run_result(b"0.5\n")), others=others)
    (tmp_path / "page.md").write_text(PAGE.replace("\na\n", "\n0.75\n"))

    assert run(["lesson", "check", str(tmp_path)]) == 1
    assert "#1 differs: the page is stale" in capsys.readouterr().out


def test_where_pages_run_tells_one_machine_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one image or CPU printed says nothing of another."""
    monkeypatch.setattr(course, "resolved_runner", lambda name, **_how: name)
    monkeypatch.setattr(course, "chosen_image", {"container": "sha256:1", "sandbox": None}.get)
    contained, sandboxed = (
        course.where_pages_run("container"), course.where_pages_run("sandbox"),
    )  # fmt: skip
    monkeypatch.setattr(course, "_processor", lambda: "another")

    assert "sha256:1" in contained
    assert any("torch==" in each or "click==" in each for each in sandboxed)
    assert course.where_pages_run("container") != contained


def test_a_page_of_the_course_says_since_when(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It remembers by the page in its place; a format that is none is refused before any run."""
    course_html = tmp_path / "course.html"
    codes = [run(["lesson", "check", page, "-o", f"html={course_html}"])]
    first = course_html.read_text()
    course_html.write_text(re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "2024-02-03", first))
    codes.append(run(["lesson", "check", page, "-o", f"html={course_html}"]))
    again = course_html.read_text()
    codes.append(run(["lesson", "check", page, "-o", "pdf=x"]))

    assert codes == [1, 1, 2]
    assert "1 page: 0 hold, 1 drifted" in first
    assert "2024" not in first
    assert "differs</span>, since 2024-02-03" in again
    assert "html" in capsys.readouterr().err
