"""Command lab new: from a page to a grader, with no line written by hand."""

from __future__ import annotations

import errno
import os
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import FakeRunner, run_result
from verifier import cli
from verifier.cli import golden, new, verify
from verifier.errors import ExitCode
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult

PRINTED = b"""\
sgd   step=1 w=4.400 loss=9.0000
sgd   step=2 w=4.100 loss=8.1234
shape: (2, 3)
good: True
tiny: 0.0
"""
MARKED_BOTH = "<!-- labcheck: skip -->\n<!-- labcheck: continues -->"
PAGE = """\
# Two steps of SGD

```python
print("first")
```

```python
print("second")
```

## What to do

1. Change the learning rate to 1.0 and look
   at the loss.
2. Short.

## Exercises

- **Another rate.** Take 0.1 as the rate.

## Evidence to keep

```text
shape: (2, 3)
sgd w at step=2: 4.100
shapes: always two
```

## More

Nothing to do here at all.
"""


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    """A runner that prints the same for any script, and other numbers under other seeds."""
    fake = FakeRunner(run_result(PRINTED))
    monkeypatch.setattr(new, "chosen_runner", lambda *_args, **_kwargs: fake)
    return fake


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of a course."""
    path = tmp_path / "course" / "Two Steps.md"
    path.parent.mkdir()
    path.write_text(PAGE, encoding="utf-8")
    return path


def _new(source: object, root: Path, *more: str) -> int:
    return cli.run(["lab", "new", "--from", str(source), "--lab-root", str(root), *more])


def test_a_page_becomes_a_lab(
    runner: FakeRunner, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Manifest, golden and script; it verifies and grades at once."""
    root = tmp_path / "labs"
    assert _new(f"{page}#2", root) == ExitCode.PASSED
    said = capsys.readouterr().out
    assert "7 values" in said
    assert "tiny: little is said by it" in said
    assert set(runner.sources) == {b'print("second")\n'}

    made = root / "two-steps-2"
    assert sorted(each.name for each in made.iterdir()) == ["Two-Steps.md", "golden", "lab.toml"]
    assert (made / "lab.toml").read_text() == (
        'schema_version = 2\nid = "two-steps-2"\npage = "Two-Steps.md#2"\n'
        'title = "Two steps of SGD"\n'
        'instructions = [\n  "Change the learning rate to 1.0 and look at the loss.",\n]\n\n'
        "# Exercises of the page. One with a script becomes [exercises.NAME] here.\n"
        "# - Another rate. Take 0.1 as the rate.\n"
        "\n# The closing lines of the page: a field's address, or a text as it stands.\n"
        '[evidence]\n"shape" = "/shape"\n"sgd w at step=2" = "/sgd/step=2/w"\n'
        '"shapes" = "always two"\n'
    )
    assert (made / "golden" / "baseline.py").read_bytes() == b'print("second")\n'
    assert [each.name for each in root.iterdir()] == ["two-steps-2"]

    assert cli.run(["lab", "show", "--lab-root", str(root)]) == ExitCode.PASSED
    said = capsys.readouterr().out
    assert "| sgd   step=1 w=#.### loss=#.####" in said
    assert "| good: …" in said
    assert said.count("derived") == 7
    assert cli.run(["lab", "list", "--lab-root", str(root)]) == ExitCode.PASSED
    assert "Two steps of SGD" in capsys.readouterr().out

    output = tmp_path / "output.txt"
    output.write_bytes(PRINTED.replace(b"shape: (2, 3)\n", b""))
    kept = ["record", str(output), "--format", "text", "--lab-root", str(root)]
    assert cli.run(kept) == ExitCode.PASSED
    assert capsys.readouterr().out == (
        "shape: missing\nsgd w at step=2: 4.100\nshapes: always two\n"
    )


def test_a_script_becomes_a_lab(runner: FakeRunner, tmp_path: Path) -> None:
    """Its file is copied; the id is the file's name, or the folder's where that says nothing."""
    script = tmp_path / "attention" / "main.py"
    script.parent.mkdir()
    script.write_text("print(1)\n")
    assert _new(script, tmp_path / "labs") == ExitCode.PASSED

    manifest = (tmp_path / "labs" / "attention" / "lab.toml").read_text()
    assert manifest == 'schema_version = 2\nid = "attention"\nscript = "reference.py"\n'
    assert b"print(1)\n" in runner.sources


def test_a_page_that_lies_in_the_lab_stays_there(runner: FakeRunner, tmp_path: Path) -> None:
    """And a lab that is there is not made again."""
    assert runner.sources == []
    home = tmp_path / "labs" / "steps"
    home.mkdir(parents=True)
    (home / "lesson.md").write_text(PAGE)
    assert _new(home / "lesson.md", tmp_path / "labs") == ExitCode.PASSED
    assert sorted(each.name for each in home.iterdir()) == ["golden", "lab.toml", "lesson.md"]
    assert _new(home / "lesson.md", tmp_path / "labs") == ExitCode.USAGE


@pytest.mark.parametrize(
    ("source", "more", "says"),
    [
        ("no.md", (), "there is no page"),
        ("data.csv", (), "neither a page nor a script"),
        ("page.md#3", (), "the page has 2 scripts"),
        ("page.md", ("--id", "No Id"), "is no lab's id"),
        ("page.md", ("--id", "taken"), "is there already"),
        ("binary.md", (), "mend the page"),
        ("empty.md", (), "empty.md#1: the page has 0 scripts"),
    ],
)
@pytest.mark.usefixtures("runner")
def test_what_is_no_page_of_a_lab_is_told(
    source: str,
    more: tuple[str, ...],
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And nothing is left."""
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "empty.md").write_text("```python\n\n```\n")
    (tmp_path / "data.csv").write_text("1,2\n")
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe")
    (tmp_path / "labs" / "taken").mkdir(parents=True)

    assert _new(tmp_path / source, tmp_path / "labs", *more) in {ExitCode.USAGE, ExitCode.BAD_DATA}
    assert says in capsys.readouterr().err
    assert [each.name for each in (tmp_path / "labs").iterdir()] == ["taken"]


def test_a_reference_that_fails_leaves_nothing(
    runner: FakeRunner, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its traceback is shown."""
    runner.result = run_result(outcome=Exited(code=1), stderr=b"ValueError: x\n")

    assert _new(page, tmp_path / "labs") == ExitCode.BAD_DATA
    assert "ValueError: x" in capsys.readouterr().err
    assert list((tmp_path / "labs").iterdir()) == []


def test_prose_alone_is_a_lab_as_well(
    runner: FakeRunner, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then the whole output is compared."""
    runner.result = run_result(b"used standard precision on cpu\n")

    assert _new(page, tmp_path / "labs") == ExitCode.PASSED
    assert "the whole output is compared" in capsys.readouterr().out
    assert cli.run(["lab", "show", "--lab-root", str(tmp_path / "labs")]) == ExitCode.PASSED
    assert "| (1 line, compared as a whole)" in capsys.readouterr().out


def test_a_page_that_changed_is_told_until_its_golden_is_made_anew(
    runner: FakeRunner,
    page: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Verify speaks of the page's script, and of no other."""
    for module in (verify, golden):
        monkeypatch.setattr(module, "chosen_runner", lambda *_args, **_kwargs: runner)
    root = tmp_path / "labs"
    assert _new(page, root, "--id", "steps") == ExitCode.PASSED
    where = ["--lab-root", str(root)]
    assert cli.run(["verify", "--all", *where]) == ExitCode.PASSED

    copied = root / "steps" / "Two-Steps.md"
    copied.write_text(PAGE.replace('print("first")', 'print("other")'))
    assert cli.run(["verify", *where]) == ExitCode.BAD_DATA
    assert "shows another script" in capsys.readouterr().err
    assert cli.run(["golden", "update", "--reason", "a test", *where]) == ExitCode.PASSED
    assert (root / "steps" / "golden" / "baseline.py").read_text() == 'print("other")\n'
    assert cli.run(["verify", *where]) == ExitCode.PASSED
    assert cli.run(["verify", "--all", "--lab", "steps", *where]) == ExitCode.USAGE

    copied.unlink()  # as in an image for learners, which lists it
    (root / "steps" / "references.sha256").write_text("0" * 64 + "  Two-Steps.md\n")
    assert cli.run(["verify", *where]) == ExitCode.PASSED


def test_one_broken_lab_harms_no_other(
    runner: FakeRunner,
    page: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But where it may be the one that is meant, and where all are."""
    root = tmp_path / "labs"
    assert _new(page, root, "--id", "steps") == ExitCode.PASSED
    (root / "broken").mkdir()
    (root / "broken" / "lab.toml").write_text("schema_version = 2\n")
    where = ["--lab-root", str(root)]

    assert cli.run(["lab", "show", "--lab", "steps", *where]) == ExitCode.PASSED
    assert cli.run(["lab", "list", *where]) == ExitCode.PASSED
    assert "a lab is left out" in capsys.readouterr().err
    monkeypatch.setattr(verify, "chosen_runner", lambda *_args, **_kwargs: runner)
    for command in (["lab", "show"], ["lab", "show", "--lab", "broken"], ["verify", "--all"]):
        assert cli.run([*command, *where]) == ExitCode.BAD_DATA
        said = capsys.readouterr()
        assert "broken/lab.toml" in said.err
        # That one was verified all the same.
        assert ("steps/baseline" in said.out) == (command[0] == "verify")
    assert cli.run(["lab", "show", "--lab", "stesp", *where]) == ExitCode.USAGE
    assert "is steps meant?" in capsys.readouterr().err

    (root / "steps" / "golden" / "baseline.json").unlink()
    assert cli.run(["verify", "--all", *where]) == ExitCode.BAD_DATA
    assert "there is no golden" in capsys.readouterr().err

    manifest = root / "steps" / "lab.toml"
    manifest.write_text("default = true\n" + manifest.read_text())
    assert cli.run(["lab", "show", *where]) == ExitCode.PASSED


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        (b"x= 1.5\n{'loss': 0.25}\n", "1 line in which no value is read, so not judged: `{'loss'"),
        (b"\xff\nx= 1.5\n", "made"),
        (b"powers\nstep=\xc2\xb9 loss=0.5\nstep=\xc2\xb2 loss=0.25\n", "made"),
        (b"x= 1.2346e+05\n", "made"),
        (b"x= 1.5\nlog: nan\n", "log: no finite number, so not judged"),
        (b"x= 1.5\nlog: -inf\n", "log: no finite number, so not judged"),
        (b"x= 1.5\nlogs: [nan, 0.5]\n", "logs: no finite number, so not judged"),
        (b"x= 1.5\nscores: [-inf, 0.5]\n", "2 values"),
        (b"loss: nan\n", "no value to be judged by itself"),
        (b"x= 1.5\n[nan, 0.5]\n", "line 2: no finite number, so not judged"),
        ("x= 1.5\nlo\u200bss: 0.5\n".encode(), "hidden characters in its name, so not judged"),
        ("x= 1.5\n\u202egood: True\n".encode(), "hidden characters in its name, so not judged"),
    ],
)
def test_whatever_a_reference_prints_a_lab_is_made(
    runner: FakeRunner,
    page: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    printed: bytes,
    says: str,
) -> None:
    """And its author is told what is not judged."""
    runner.result = run_result(printed)
    assert _new(page, tmp_path / "labs", "--id", "steps") == ExitCode.PASSED
    assert says in capsys.readouterr().out
    assert cli.run(["lab", "show", "--lab-root", str(tmp_path / "labs")]) == ExitCode.PASSED


def test_the_points_told_are_those_that_can_be_had(
    runner: FakeRunner, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stage that nothing is asked of gives none: the summary and a report say the same."""
    runner.result = run_result(b"x= 1.5\n")
    assert _new(page, tmp_path / "labs") == ExitCode.PASSED
    told = capsys.readouterr().out.split("points: ")[1].split("\n")[0]
    stages, total = told.split("; of ")
    points = [int(each.split()[-1]) for each in stages.split(", ")]
    assert str(sum(points)) == total.split()[0]
    assert "loss" not in stages


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (
            b"w: tensor([2.5, 1.], grad_fn=<SumBackward0>)",
            "w: tensor([#.#, #.#], grad_fn=<SumBackward0>)",
        ),
        (b"w: tensor([2.5], dtype=torch.float64)", "w: tensor([#.#], dtype=torch.float64)"),
        (b"w: tensor([2.5], device='cuda:0')", "w: tensor([#.#], device='cuda:0')"),
        (b"layers: [relu6, 3]", "layers: [relu6, #]"),
        (b"took: 0.25s", "took: #.##s"),
        (b"rate: 1e-05", "rate: #.#####"),
    ],
)
def test_a_digit_within_a_word_is_shown_as_it_is(
    runner: FakeRunner,
    page: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    printed: bytes,
    shown: str,
) -> None:
    """It is no digit of the value, whose own digits are not told."""
    runner.result = run_result(b"x= 1.5\n" + printed + b"\n")
    assert _new(page, tmp_path / "labs") == ExitCode.PASSED
    assert cli.run(["lab", "show", "--lab-root", str(tmp_path / "labs")]) == ExitCode.PASSED
    assert f"| {shown}\n" in capsys.readouterr().out


def test_what_prints_nothing_is_no_reference(
    runner: FakeRunner, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever does nothing would pass. The message names the page, and no folder that is gone."""
    runner.result = run_result(b" \n")

    assert _new(page, tmp_path / "labs") == ExitCode.BAD_DATA
    said = capsys.readouterr().err
    assert "Two-Steps.md#1 prints nothing" in said
    assert ".new-" not in said


class Ticking(FakeRunner):
    """A runner of a script that prints a time, which is another in each run."""

    def run(self, source: bytes, **how: Any) -> RunResult:  # noqa: ANN401 - as it comes
        """Pretend."""
        self.result = run_result(b"x= 0.5\ntook= %d.25\n" % len(self.sources))
        return super().run(source, **how)


def test_what_another_run_prints_otherwise_is_named_and_not_judged(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lab verifies all the same; who says that it is not judged makes no mistake."""
    ticking = Ticking(run_result())
    for module in (new, verify):
        monkeypatch.setattr(module, "chosen_runner", lambda *_args, **_kwargs: ticking)
    root = tmp_path / "labs"
    assert _new(page, root, "--id", "steps") == ExitCode.PASSED
    assert "took: printed otherwise by another run, so not judged" in capsys.readouterr().out
    manifest = root / "steps" / "lab.toml"
    manifest.write_text(f'{manifest.read_text()}\n[[fields]]\nat = "*took"\njudged = false\n')
    assert cli.run(["verify", "--lab-root", str(root)]) == ExitCode.PASSED


class Failing(FakeRunner):
    """A runner of a script that ends well once."""

    def run(self, source: bytes, **how: Any) -> RunResult:  # noqa: ANN401 - as it comes
        """Pretend."""
        self.result = run_result(outcome=Exited(code=1)) if self.sources else run_result(PRINTED)
        return super().run(source, **how)


def test_a_reference_that_fails_the_second_time_is_none(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all that it prints would be left out without a word."""
    failing = Failing(run_result())
    monkeypatch.setattr(new, "chosen_runner", lambda *_args, **_kwargs: failing)

    assert _new(page, tmp_path / "labs") == ExitCode.BAD_DATA
    assert "ran to its end, and run again it exited 1" in capsys.readouterr().err
    assert list((tmp_path / "labs").iterdir()) == []


def test_a_block_goes_on_from_those_above_but_for_what_is_skipped(
    runner: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `lesson check` runs it; and the author is told what that means for learners."""
    blocks = [
        "x = 1",
        "<!-- labcheck: skip -->",
        "broken(",
        "<!-- labcheck: continues -->",
        "y = 2",
    ]
    page = tmp_path / "page.md"
    page.write_text(
        "".join(f"{each}\n" if each[0] == "<" else f"```python\n{each}\n```\n" for each in blocks)
    )
    page.write_text(page.read_text().replace("<!-- labcheck: skip -->", MARKED_BOTH))

    assert _new(f"{page}#3", tmp_path / "labs") == ExitCode.PASSED
    assert set(runner.sources) == {b"x = 1\ny = 2\n"}
    told = (
        "it goes on from 1 block above it on the page: what that prints is asked of learners, too"
    )
    assert told in capsys.readouterr().out
    assert _new(f"{page}#1", tmp_path / "more") == ExitCode.PASSED
    assert "goes on from" not in capsys.readouterr().out


@pytest.mark.usefixtures("runner")
def test_a_lab_at_home_is_whole_or_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page in the lab's own folder keeps its name, and nothing there is written over."""
    home = tmp_path / "labs" / "steps"
    home.mkdir(parents=True)
    (home / "My Page.md").write_text(PAGE)
    (home / "main.py").write_text("print(1)\n")
    (home / "lesson.md").write_text(PAGE)
    root = tmp_path / "labs"
    for name in ("My Page.md", "main.py"):
        assert _new(home / name, root, "--id", "steps") == ExitCode.USAGE
        assert "lies in the lab's own folder already" in capsys.readouterr().err
    (home / "golden").symlink_to(tmp_path)
    assert _new(home / "lesson.md", root) == ExitCode.USAGE
    assert "golden is there already" in capsys.readouterr().err
    (home / "golden").unlink()
    assert _new(home / "lesson.md", root) == ExitCode.PASSED
    assert cli.run(["lab", "show", "--lab-root", str(root)]) == ExitCode.PASSED


@pytest.mark.parametrize(
    ("root", "says"),
    [
        ("file", "file cannot hold labs: it is no folder"),
        ("file/below", "below cannot hold labs: Not a directory"),
        ("pipe", "pipe cannot hold labs: it is no folder"),
        ("nowhere", "nowhere cannot hold labs: it is no folder"),
        ("x" * 300, "cannot hold labs: File name too long"),
    ],
)
def test_what_cannot_hold_labs_is_told(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], root: str, says: str
) -> None:
    """Before anything runs, and not as trouble with standard output."""
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to("gone")

    assert _new(page, tmp_path / root) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert says in said
    assert "name a folder with --lab-root" in said


def test_a_name_that_no_folder_can_have_is_told(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An id's, a page's."""
    assert _new(page, tmp_path / "labs", "--id", "x" * 300) == ExitCode.USAGE
    assert "of at most 100 characters" in capsys.readouterr().err
    assert _new("x" * 300, tmp_path / "labs") == ExitCode.USAGE
    assert "there is no page or script" in capsys.readouterr().err


def test_a_script_that_the_page_has_not_is_told_where_it_is_named(
    runner: FakeRunner, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the lab is shown, and not only when it is made anew."""
    root = tmp_path / "labs"
    assert _new(page, root) == ExitCode.PASSED
    manifest = root / "two-steps" / "lab.toml"
    manifest.write_text(manifest.read_text().replace(".md#1", ".md#9"))
    capsys.readouterr()

    assert cli.run(["lab", "show", "--lab-root", str(root)]) == ExitCode.BAD_DATA
    said = capsys.readouterr().err
    assert "lab.toml: line 3: Two-Steps.md#9: the page has 2 scripts" in said
    assert runner is not None


def test_trouble_with_a_file_is_not_told_as_standard_output_s(
    page: Path,
    runner: FakeRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where a folder may not be written to, say."""

    def refused(*_args: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/the/labs")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refused)
    assert _new(page, tmp_path / "labs") == ExitCode.ENVIRONMENT
    assert capsys.readouterr().err == (
        "labcheck: /the/labs: Permission denied\n  → see that it is there, and may be read and "
        "written\n"
    )
    assert runner.sources == []
