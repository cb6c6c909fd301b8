"""What people come for, in the real container: the published output, and a verdict."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import docker
import pytest

from tests.fakes import CHECKOUT, LAB_ROOT, LIMITS, PUBLISHED
from verifier import cli
from verifier.errors import ExitCode
from verifier.lab_spec import load_labs
from verifier.run.container import ContainerRunner
from verifier.run.interface import WALLS, Exited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

REFERENCE = LAB_ROOT / "forward-backward" / "forward_backward_lab.py"
NO_UPDATE = REFERENCE.read_text().replace("optimizer.step()\n\nwith", "\nwith")


@pytest.fixture(autouse=True)
def _lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABCHECK_LAB", str(LAB_ROOT))


@pytest.fixture(autouse=True)
def _no_container_is_left() -> Iterator[None]:
    """``docker ps -a`` is after every test as it was before."""
    with contextlib.closing(docker.from_env()) as client:  # a test may change DOCKER_HOST
        before = _ids(client)
        yield
        assert _ids(client) <= before


def _ids(client: docker.DockerClient) -> set[str]:
    return {found["Id"] for found in client.api.containers(all=True)}


def _containers() -> set[str]:
    with contextlib.closing(docker.from_env()) as client:
        return _ids(client)


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
    """``make verify`` is this command."""
    path = tmp_path / "report.json"
    code = cli.run(["verify", "--runner", "container", "-o", f"json={path}"])
    report = json.loads(path.read_text())

    assert (code, report["verdict"]) == (ExitCode.PASSED, "passed")
    assert {check["status"] for check in report["checks"]} == {"passed"}
    assert report["environment"]["runner"] == "container"
    assert report["environment"]["torch"] == "2.13.0+cpu"
    assert report["tier"] == {"walls": list(WALLS), "missing": []}
    digest = hashlib.sha256((CHECKOUT / "docker" / "pins.toml").read_bytes()).hexdigest()
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
    monkeypatch.setattr("verifier.cli.options.RUNTIME_IMAGE", "labcheck-no-such-image")

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


def _docker_run(*words: str, stdin: bytes = b"") -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        ["docker", "run", "--rm", *words],
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    text = done.stdout.decode()
    report: dict[str, Any] = json.loads(text) if text.startswith("{") else {}
    return done.returncode, report, text + done.stderr.decode()


def test_learner_hands_in_a_file_on_standard_input() -> None:
    """The first of the two ways in the README."""
    code, _, text = _docker_run("-i", "labcheck", "-", stdin=NO_UPDATE.encode())

    assert code == ExitCode.FAILED
    assert "failed, start here: update" in text


def test_learner_hands_in_a_mounted_file(tmp_path: Path) -> None:
    """The second way; a bare file name means grade."""
    (tmp_path / "submission.py").write_bytes(REFERENCE.read_bytes())
    code, _, text = _docker_run("-v", f"{tmp_path}:/work:ro", "labcheck", "submission.py")

    assert code == ExitCode.PASSED
    assert "runner sandbox" in text


def test_file_that_is_not_there_shows_both_ways() -> None:
    """The learner forgot to mount the folder."""
    code, _, text = _docker_run("labcheck", "submission.py")

    assert code == ExitCode.USAGE
    assert "docker run --rm -i labcheck - < submission.py" in text
    assert '-v "$PWD:/work:ro"' in text


PROBE = b"""
import os
for name, path in {
    "golden": "/opt/labcheck/lib/verifier/_lab/forward-backward/golden/baseline.json",
    "reference": "/opt/labcheck/lib/verifier/_lab/forward-backward/forward_backward_lab.py",
    "manifest": "/opt/labcheck/lib/verifier/_lab/forward-backward/lab.toml",
    "stamp": "/opt/labcheck/stamp.json",
}.items():
    try:
        open(path).close()
        print(f"{name}= READ")
    except OSError as error:
        print(f"{name}= {type(error).__name__}")
try:
    os.listdir("/opt/labcheck")
    print("folder= READ")
except OSError as error:
    print(f"folder= {type(error).__name__}")
print(f"uid= {os.getuid()}")
"""
SECRETS = ("golden", "reference", "manifest", "stamp", "folder")
DENIED = dict.fromkeys(SECRETS, "PermissionError")


def _probed(*flags: str) -> tuple[dict[str, Any], dict[str, Any]]:
    _, report, text = _docker_run(
        *flags, "-i", "labcheck", "grade", "--format", "json", "-", stdin=PROBE
    )
    assert report, text
    return {reading["key"]: reading["value"] for reading in report["record"]["readings"]}, report[
        "tier"
    ]


def test_solutions_in_the_image_are_denied_to_a_submission() -> None:
    """By uid and by Landlock."""
    seen, tier = _probed()
    uid = seen.pop("uid")

    assert seen == DENIED
    assert uid != 0
    assert {"container", "uid", "landlock"} <= set(tier["walls"])


def test_solutions_are_denied_under_the_users_own_hardening_and_the_lower_tier_is_named() -> None:
    """``--cap-drop ALL`` takes SETUID away: Landlock alone hides them then."""
    seen, tier = _probed("--network", "none", "--read-only", "--cap-drop", "ALL")

    assert seen == DENIED | {"uid": 0}
    assert "uid" in tier["missing"]
    assert "landlock" in tier["walls"]


def test_reference_passes_under_the_users_own_hardening(tmp_path: Path) -> None:
    """Both ways of handing in still work with fewer rights."""
    flags = ("--network", "none", "--read-only", "--cap-drop", "ALL")
    (tmp_path / "submission.py").write_bytes(REFERENCE.read_bytes())

    assert (
        _docker_run(*flags, "-i", "labcheck", "-", stdin=REFERENCE.read_bytes())[0]
        == ExitCode.PASSED
    )
    assert (
        _docker_run(*flags, "-v", f"{tmp_path}:/work:ro", "labcheck", "submission.py")[0]
        == ExitCode.PASSED
    )


def test_private_file_of_another_user_gets_a_message_under_cap_drop(tmp_path: Path) -> None:
    """Root without DAC_OVERRIDE may not read it."""
    script = tmp_path / "submission.py"
    script.write_bytes(b"print(1)\n")
    script.chmod(0o600)
    shutil.chown(script, 12345)
    tmp_path.chmod(0o755)
    code, _, text = _docker_run(
        "--cap-drop", "ALL", "-v", f"{tmp_path}:/work:ro", "labcheck", "submission.py"
    )

    assert code == ExitCode.NOT_GRADABLE
    assert "belongs to uid 12345" in text


def test_command_works_in_the_image_without_a_checkout() -> None:
    """lab/ and schemas/ are found inside the installed package."""
    code, _, text = _docker_run("labcheck", "verify")

    assert (code, "passed (100 of 100 points)" in text) == (ExitCode.PASSED, True)


def test_interrupted_command_leaves_no_container(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a run."""
    script = tmp_path / "submission.py"
    script.write_bytes(b"import time\nprint('up', flush=True)\ntime.sleep(3600)\n")
    before = _containers()
    command = [sys.executable, "-c", "from verifier.cli import main; main()", "grade", str(script)]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE) as process:
        _wait_for_more_than(before)
        process.terminate()
        assert process.wait(timeout=60) == ExitCode.INTERRUPTED


def _wait_for_more_than(before: set[str]) -> None:
    deadline = time.monotonic() + 60
    while not _containers() - before:
        assert time.monotonic() < deadline, "no container was started"
        time.sleep(0.1)


def test_lab_of_the_checkout_is_the_one_in_the_image() -> None:
    """An image built from another tree would judge by other goldens."""
    _, _, text = _docker_run("labcheck", "golden", "show")
    golden = json.loads(
        load_labs(LAB_ROOT)["forward-backward"].exercise("baseline").golden.read_text()
    )

    assert golden["provenance"]["runtime_image"] in text


def test_the_folder_docker_does_not_shadow_the_sdk() -> None:
    """The repository has a folder of that name."""
    assert hasattr(docker, "from_env")


def test_image_started_as_another_user_says_how_to_start_it() -> None:
    """Its own code is hidden from all but root."""
    code, _, text = _docker_run("--user", "1234", "-i", "labcheck", "-", stdin=b"print(1)\n")

    assert code == ExitCode.ENVIRONMENT
    assert "starts as root, and drops to another uid for every run\n  → leave --user out" in text


def test_doctor_inside_the_image_looks_for_no_engine() -> None:
    """There is none to find."""
    code, _, text = _docker_run("labcheck", "doctor")

    assert (code, "✗" in text) == (ExitCode.PASSED, False)
