"""Command lesson check: what it prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.fakes import FakeRunner, run_result
from verifier.cli import lesson as command
from verifier.cli import options, run
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


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a page of which the first block is true, and the second one is stale."""
    runner = FakeRunner(run_result(b"a\n"))
    monkeypatch.setattr(command, "page_runner", lambda _name: runner)
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
    run(["lesson", "check", page, "--diff"])
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
    monkeypatch.setattr(command, "page_runner", lambda _name: runner)
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
