"""The command line: results on stdout, the rest on stderr, exit codes of the contract."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.exercises import PRINTED
from tests.fakes import CHECKOUT, LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import cli
from verifier.cli import check, grade
from verifier.errors import EngineUnavailableError, ExitCode, WorkerError
from verifier.run.interface import RunResult, TimedOut

if TYPE_CHECKING:
    from pathlib import Path


class Stdin:
    """Standard input that holds given bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_grade_and_check_take_the_exercise_named(
    fake: FakeRunner, script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The baseline is only the default."""
    fake.result = run_result(PRINTED["weights"])
    captured = tmp_path / "out.txt"
    captured.write_bytes(PRINTED["weights"])

    for command in (["grade", script], ["check", str(captured)]):
        assert cli.run([*command, "--exercise", "weights"]) == ExitCode.PASSED
        assert "forward-backward/weights" in capsys.readouterr().out
        assert cli.run(command) == ExitCode.FAILED
        capsys.readouterr()


@pytest.mark.parametrize("command", ["verify", "grade", "check", "record", "explain"])
def test_what_is_said_of_learners_work_is_for_lessons(
    command: str, fake: FakeRunner, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A canary has no published output, and nobody hands anything in for it."""
    argument = {"verify": [], "explain": ["loss"]}.get(command, [script])

    assert cli.run([command, *argument, "--lab", "canary-dropout"]) == ExitCode.USAGE
    assert "canary-dropout is a canary, not a lesson" in capsys.readouterr().err
    assert fake.sources == []


@pytest.mark.usefixtures("fake")
def test_grade_prints_one_json_report(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Contract: one report object."""
    assert cli.run(["grade", "--format", "json", script]) == ExitCode.PASSED

    assert _json(capsys)["verdict"] == "passed"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (run_result(b""), ExitCode.FAILED),
        (run_result(outcome=TimedOut()), ExitCode.FAILED),
        (WorkerError("the worker died"), ExitCode.ENVIRONMENT),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (ZeroDivisionError("ours"), ExitCode.NOT_GRADABLE),
    ],
)
def test_grade_exits_as_the_contract_says(
    fake: FakeRunner, script: str, result: RunResult | BaseException, code: ExitCode
) -> None:
    """A fault of the tool never looks like a learner's."""
    fake.result = result

    assert cli.run(["grade", script]) == code


def test_runner_is_closed_when_interrupted(fake: FakeRunner, script: str) -> None:
    """Containers hang on it."""
    fake.result = KeyboardInterrupt()
    cli.run(["grade", script])

    assert fake.closed


def test_ungradable_file_exits_3_without_a_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It needs no engine to see that a file is empty."""

    def refuse(*_args: object, **_kwargs: object) -> FakeRunner:
        raise EngineUnavailableError(reason="none")

    monkeypatch.setattr(grade, "chosen_runner", refuse)
    (tmp_path / "empty.py").touch()

    assert (
        cli.run(["grade", "--format", "json", str(tmp_path / "empty.py")]) == ExitCode.NOT_GRADABLE
    )
    assert _json(capsys)["verdict"] == "not_gradable"


def test_submission_comes_from_standard_input(
    fake: FakeRunner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``labcheck -`` and ``labcheck grade -`` are the same."""
    for arguments in (["-"], ["grade", "-"]):
        monkeypatch.setattr(sys, "stdin", Stdin(b"print(1)\n"))
        assert cli.run(arguments) == ExitCode.PASSED
    assert fake.sources == [b"print(1)\n"] * 2
    assert "forward-backward/baseline: standard input" in capsys.readouterr().out


@pytest.mark.usefixtures("fake")
def test_bare_file_name_means_grade(script: str) -> None:
    """What the image's entry point promises."""
    assert cli.run([script]) == ExitCode.PASSED
    assert cli.run(["no-such-file.py"]) == ExitCode.USAGE
    assert cli.run(["vrfy"]) == ExitCode.USAGE


def test_local_runner_refuses_a_strangers_script(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no walls; the flag is named for its danger."""
    assert cli.run(["grade", "--runner", "local", script]) == ExitCode.USAGE
    assert "--dangerously-run-without-walls" in capsys.readouterr().err


def test_local_runner_runs_the_labs_own_and_what_is_dared(fake: FakeRunner, script: str) -> None:
    """An author without an engine can work."""
    reference = LAB_ROOT / "forward-backward" / "forward_backward_lab.py"

    assert cli.run(["grade", "--runner", "local", str(reference)]) == ExitCode.PASSED
    assert cli.run(["grade", "--runner", "local", "--dangerously-run-without-walls", script]) == 0
    assert len(fake.sources) == 2


def test_standard_input_is_never_the_labs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file called ``-`` inside the lab changes nothing."""
    monkeypatch.setattr(sys, "stdin", Stdin(b"print(1)\n"))

    assert cli.run(["grade", "--runner", "local", "-"]) == ExitCode.USAGE


def test_check_judges_captured_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No engine, no torch, no run."""
    captured = tmp_path / "out.txt"
    captured.write_bytes(PUBLISHED)

    assert cli.run(["check", "--format", "json", str(captured)]) == ExitCode.PASSED
    report = _json(capsys)
    assert (report["computed"], report["environment"]["runner"]) == ("unclear", None)


@pytest.mark.usefixtures("fake")
def test_reports_go_to_files_too(
    script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """-o may be given again."""
    outputs = [f"{name}={tmp_path / name}" for name in ("json", "junit", "text")]
    code = cli.run(["grade", script, *(word for output in outputs for word in ("-o", output))])

    assert code == ExitCode.PASSED
    assert json.loads((tmp_path / "json").read_text())["verdict"] == "passed"
    assert (tmp_path / "junit").read_text().startswith("<?xml")
    assert (tmp_path / "text").read_text() == capsys.readouterr().out


@pytest.mark.parametrize("output", ["json", "yaml=x", "json="])
def test_bad_output_option_is_refused_before_the_run(
    fake: FakeRunner, script: str, output: str
) -> None:
    """Not after ten seconds of work."""
    assert cli.run(["grade", script, "-o", output]) == ExitCode.USAGE
    assert fake.sources == []


@pytest.mark.usefixtures("fake")
def test_unwritable_output_is_a_usage_error_that_loses_no_report(
    script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run is done: standard output has its report."""
    assert cli.run(["grade", script, "-o", f"json={tmp_path}/no/such"]) == ExitCode.USAGE
    assert "passed (100 of 100 points)" in capsys.readouterr().out


def _last_line_of(code: str) -> str:
    """Run code in a Python of its own, and give the last line that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=CHECKOUT,
    )
    return done.stdout.splitlines()[-1]


def test_a_mistyped_command_gets_the_one_that_is_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of all commands, though none has been imported yet."""
    assert cli.run(["gradee"]) == ExitCode.USAGE
    assert "Did you mean one of: 'grade', 'upgrade'?" in capsys.readouterr().err

    assert cli.run(["portabilty"]) == ExitCode.USAGE
    assert "Did you mean 'portability'?" in capsys.readouterr().err


def test_help_imports_none_of_the_heavy_packages() -> None:
    """``labcheck --help`` answers at once."""
    code = (
        "import sys\nfrom verifier import cli\nassert cli.run(['--help']) == 0\n"
        "print(sorted({'torch', 'docker', 'jsonschema', 'jsonschema_rs', 'jinja2', 'numpy'}"
        " & set(sys.modules)))"
    )

    assert _last_line_of(code) == "[]"


def test_grading_does_not_wait_for_what_compares_environments() -> None:
    """One submission is judged in a fraction of the time that they take to import."""
    code = (
        "import sys\nfrom verifier.cli import batch, grade\nfrom verifier.batch import batch\n"
        "print(sorted({'cattrs', 'packaging', 'verifier.drift'} & set(sys.modules)))"
    )

    assert _last_line_of(code) == "[]"


def test_sigterm_ends_as_ctrl_c_does() -> None:
    """So that containers are removed when a CI job is cancelled."""
    wait = """
import signal, sys
from verifier import cli
from verifier.cli import check, grade, options

def block(*args, **kwargs):
    print("up", flush=True)
    signal.pause()

options.read_stream = block
sys.argv = ["labcheck", "check", "-"]
cli.main()
"""
    with subprocess.Popen(
        [sys.executable, "-c", wait],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == ExitCode.INTERRUPTED


@pytest.mark.usefixtures("fake")
def test_work_is_shown_on_a_terminal_only(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard error of a CI job stays free of spinners."""
    cli.run(["grade", script])
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    cli.run(["grade", script])
    assert "running" in capsys.readouterr().err


def test_closed_standard_input_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in ``labcheck - <&-``."""
    monkeypatch.setattr(sys, "stdin", None)

    assert cli.run(["check", "-"]) == ExitCode.USAGE


def test_full_disk_behind_standard_output_is_an_environment_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No verdict was lost to the learner's account."""

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(check, "tell_reports", full)
    monkeypatch.setattr(sys, "stdin", Stdin(PUBLISHED))

    assert cli.run(["check", "-"]) == ExitCode.ENVIRONMENT
    assert "No space left on device" in capsys.readouterr().err
