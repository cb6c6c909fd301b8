"""What people come for, in the real container: the published output, and a verdict."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT, LIMITS, PUBLISHED
from tests.integration.leftovers import PATIENCE_S, containers_of
from tests.integration.submissions import NO_UPDATE, REFERENCE
from verifier import cli
from verifier.errors import ExitCode
from verifier.lab.load import load_labs
from verifier.run.container import ContainerRunner
from verifier.run.interface import WALLS, Exited

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

EXERCISES = load_labs(LAB_ROOT)["forward-backward"].exercises

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_more")]


@pytest.fixture(autouse=True)
def _lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABCHECK_LAB", str(LAB_ROOT))


def _grade(source: bytes, tmp_path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    script, report = tmp_path / "submission.py", tmp_path / "report.json"
    script.write_bytes(source)
    code = cli.run(["grade", str(script), "-o", f"json={report}", *options])
    return code, json.loads(report.read_text())


def test_reference_in_the_container_prints_the_published_output_to_the_byte() -> None:
    """The claim of the lesson."""
    with ContainerRunner() as runner:
        result = runner.run(REFERENCE.read_bytes(), limits=LIMITS)

    assert result.stdout == PUBLISHED
    assert (result.outcome, result.stderr) == (Exited(code=0), b"")
    assert result.environment.torch == "2.13.0+cpu"


def test_verify_passes_every_value_in_the_container(tmp_path: Path) -> None:
    """``make verify`` is this command; it covers every exercise."""
    path = tmp_path / "report.json"
    code = cli.run(["verify", "--runner", "container", "-o", f"json={path}"])
    reports = [json.loads(line) for line in path.read_text().splitlines()]
    digest = hashlib.sha256((CHECKOUT / "docker" / "pins.toml").read_bytes()).hexdigest()

    assert code == ExitCode.PASSED
    assert [report["exercise"] for report in reports] == list(EXERCISES)
    for report in reports:
        assert report["verdict"] == "passed"
        assert {check["status"] for check in report["checks"]} == {"passed"}
        assert report["environment"]["runner"] == "container"
        assert report["environment"]["torch"] == "2.13.0+cpu"
        assert report["tier"] == {"walls": list(WALLS), "missing": []}
        assert report["environment"]["pins_sha256"] == digest


def test_altered_golden_makes_verify_fail_and_names_the_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the command and the real container; every digit is tried in the unit tests."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    golden = tmp_path / "forward-backward" / "golden" / "baseline.json"
    golden.write_text(golden.read_text().replace('"text": "0.0678"', '"text": "0.0679"'))

    assert (
        cli.run(["verify", "--lab-root", str(tmp_path), "--runner", "container"]) == ExitCode.FAILED
    )
    assert "mini_training_loop/loss[3]" in capsys.readouterr().out


def test_right_submission_passes_and_a_skipped_update_is_where_to_start(tmp_path: Path) -> None:
    """The first wrong step is named."""
    code, report = _grade(REFERENCE.read_bytes(), tmp_path)
    assert (code, report["verdict"], report["score"]) == (ExitCode.PASSED, "passed", 100)

    code, report = _grade(NO_UPDATE.encode(), tmp_path)
    assert (code, report["verdict"], report["start_here"]) == (ExitCode.FAILED, "failed", "update")


@pytest.mark.parametrize(
    ("source", "code", "start_here", "said"),
    [
        (b"import time\ntime.sleep(3600)\n", 1, "run", "still running after"),
        (b"while True: print('x' * 1000)\n", 1, "run", "printed without end on stdout"),
        (b"raise SystemExit(3)\n", 1, "run", "ended with exit status 3"),
        (b"1 / 0\n", 1, "run", "ZeroDivisionError: division by zero"),
        (b"if True print(1)\n", 1, "run", "could not read the script"),
        (
            b"import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
            1,
            "run",
            "killed by SIGSEGV",
        ),
        (b"x = bytearray(1 << 40)\n", 1, "run", "more memory than a run may use"),
        (b"pass\n", 1, "output", "printed nothing"),
        (b"import sys; sys.stdout.buffer.write(b'\\xff\\x00')\n", 1, "output", "printed nothing"),
    ],
    ids=[
        "sleeps",
        "floods",
        "exits-3",
        "raises",
        "syntax",
        "segfaults",
        "memory",
        "silent",
        "not-utf-8-output",
    ],
)
def test_broken_script_gets_a_clear_report(
    source: bytes, code: int, start_here: str, said: str, tmp_path: Path
) -> None:
    """Each ending has its own words, and a verdict."""
    exit_code, report = _grade(source, tmp_path)

    assert (exit_code, report["start_here"]) == (code, start_here)
    messages = [check["message"] for check in report["checks"] if check["status"] == "failed"]
    assert any(said in message for message in messages), messages


@pytest.mark.parametrize(
    ("source", "kind"),
    [(b"print('\xff')\n", "undecodable"), (b"", "empty"), (b"#" * 10_000_000, "too_large")],
)
def test_what_cannot_be_run_is_not_gradable(source: bytes, kind: str, tmp_path: Path) -> None:
    """Exit 3, and no container was started for it."""
    exit_code, report = _grade(source, tmp_path)

    assert (exit_code, report["verdict"]) == (ExitCode.NOT_GRADABLE, "not_gradable")
    assert [finding["kind"] for finding in report["findings"]] == [kind]


def test_missing_image_is_an_environment_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the remedy."""
    monkeypatch.setenv("LABCHECK_IMAGE", "labcheck-no-such-image")

    assert cli.run(["verify", "--runner", "container"]) == ExitCode.ENVIRONMENT
    assert "run `make image`" in capsys.readouterr().err


def test_unreachable_engine_is_an_environment_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also for the default runner: a stranger's script is never run without walls instead."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")

    assert cli.run(["verify", "--runner", "container"]) == ExitCode.ENVIRONMENT
    assert cli.run(["grade", __file__]) == ExitCode.ENVIRONMENT
    assert "make engine" in capsys.readouterr().err


def test_doctor_finds_this_machine_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Engine, both images, pins and labs."""
    assert cli.run(["doctor"]) == ExitCode.PASSED
    out = capsys.readouterr().out

    assert "✓ engine" in out
    assert "✓ runtime image" in out
    assert "✓ pins" in out


def test_interrupted_command_leaves_no_container(tmp_path: Path, engine: DockerClient) -> None:
    """Ctrl-C in the middle of a run."""
    script = tmp_path / "submission.py"
    script.write_bytes(b"import time\nprint('up', flush=True)\ntime.sleep(3600)\n")
    before = containers_of(engine)
    command = [sys.executable, "-c", "from verifier.cli import main; main()", "grade", str(script)]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE) as process:
        _wait_for_more_than(before, engine)
        process.terminate()
        assert process.wait(timeout=60) == ExitCode.INTERRUPTED


def _wait_for_more_than(before: set[str], engine: DockerClient) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not containers_of(engine) - before:
        assert time.monotonic() < deadline, "no container was started"
        time.sleep(0.1)
