"""Real environments, observed and compared: each trouble is reported as what it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from tests.integration.images import throwaway_image
from tests.integration.leftovers import PATIENCE_S, assert_ends, containers_of
from verifier import cli
from verifier.drift.observation import load_observation
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

    from verifier.drift.observation import Observation

pytestmark = pytest.mark.torch

HERE = f"python:{sys.executable}"
LABS = ("--lab", "forward-backward", "--lab", "canary-dropout", "--lab", "canary-attention")
ONCE = ("--repeat", "1")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this interpreter prints, as it is."""
    path = tmp_path_factory.mktemp("usual") / "usual.json"
    _observe(path, HERE, *LABS)
    return path


def _observe(path: Path, *arguments: str) -> Observation:
    wanted = ["drift", "observe", *arguments, *ONCE, "--lab-root", str(LAB_ROOT), "-o", str(path)]
    assert cli.run(wanted) == ExitCode.PASSED
    return load_observation(path)


def _compare(*arguments: str | Path) -> int:
    return cli.run(["drift", "compare", *map(str, arguments)])


def _document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def _lab_of(folder: Path, script: str) -> Path:
    """Make a folder of labs with one: the dropout canary's, with another script."""
    lab = folder / "labs" / "canary" / "dropout"
    shutil.copytree(LAB_ROOT / "canary" / "dropout", lab)
    (path,) = lab.glob("*.py")
    path.write_text(script)
    shutil.rmtree(lab / "golden")
    return folder / "labs"


DROPOUT = next((LAB_ROOT / "canary" / "dropout").glob("*.py")).read_text()


def test_an_environment_against_itself_is_identical(capsys: pytest.CaptureFixture[str]) -> None:
    """To the bit, over four starts of the server: the noise floor is none."""
    sides = ["--baseline", HERE, "--candidate", HERE, "--lab-root", str(LAB_ROOT)]
    code = cli.run(["drift", *sides, *LABS, *ONCE, "--fail-on", "bits", "--format", "json"])
    document = _document(capsys)

    assert (code, document["status"], document["causes"]) == (ExitCode.PASSED, "identical", [])
    assert document["changes"] == []
    assert len(document["scripts"]) == 8
    assert {each["noise"] for each in document["scripts"]} == {"identical"}
    assert not any(each["stale_golden"] for each in document["scripts"])
    known = [
        reading["baseline"]["exact"] is not None
        for script in document["scripts"]
        for reading in script["readings"]
    ]
    assert sum(known) > 0.9 * len(known)


def test_another_cpu_is_labelled_as_that_and_never_as_a_version(
    usual: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kernels without vectors round otherwise; who asks for bits gets exit 1."""
    path = tmp_path / "default.json"
    found = _observe(path, HERE, *LABS, "--env", "ATEN_CPU_CAPABILITY=default")
    strict = _compare(usual, path, "--format", "json", "--fail-on", "bits")
    document = _document(capsys)
    by_default = _compare(usual, path)
    text = capsys.readouterr().out

    assert found.environment.cpu_capability == "DEFAULT"
    assert strict == ExitCode.FAILED
    assert document["status"] in {"bits_differ", "printed_differs", "beyond_tolerance"}
    assert by_default == (document["status"] != "bits_differ")
    moved = {each["lab"] for each in document["scripts"] if each["status"] != "identical"}
    assert "canary-attention" in moved
    assert r"canary-dropout" not in moved
    assert [each["what"] for each in document["changes"]] == [
        "cpu_capability", "ATEN_CPU_CAPABILITY",
    ]  # fmt: skip
    (cause,) = document["causes"]
    assert cause.startswith("not a version: the same torch was run otherwise (CPU capability: ")
    assert text.splitlines()[0].startswith(f"torch {found.environment.torch} under another ")
    assert "canary-attention" in text


def test_two_threads_work_and_are_labelled(
    usual: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two of the walls are down for it, and the lab's own scripts alone are run so."""
    path = tmp_path / "threads.json"
    found = _observe(path, HERE, *LABS, "--env", "OMP_NUM_THREADS=2")
    _compare(usual, path, "--format", "json", "--fail-on", "bits")
    document = _document(capsys)

    assert found.environment.threads == 2
    assert [each["what"] for each in document["changes"]] == ["threads", "OMP_NUM_THREADS"]
    assert {each["failure"] for each in document["scripts"]} == {None}
    assert {each["noise"] for each in document["scripts"]} == {"identical"}
    assert all("not a version" in cause for cause in document["causes"])


def test_a_golden_altered_in_its_last_digit_is_stale_and_no_drift(
    usual: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text is compared exactly, as in verify; the verdict on torch stays what it was."""
    for lab in ("forward-backward", "canary/dropout", "canary/attention"):
        shutil.copytree(LAB_ROOT / lab, tmp_path / lab)
    golden = tmp_path / "forward-backward" / "golden" / "baseline.json"
    golden.write_text(golden.read_text().replace('"0.0678"', '"0.0679"', 1))
    where = ["--lab-root", str(tmp_path), "--fail-on", "tolerance"]
    assert _compare(usual, usual, "--fail-on", "tolerance", "--lab-root", LAB_ROOT) == 0
    capsys.readouterr()

    assert _compare(usual, usual, *where) == ExitCode.FAILED
    text = capsys.readouterr().out
    assert text.splitlines()[0].endswith("; 1 golden record is stale")
    assert "identical: 8 of 8 scripts" in text
    assert "not drift:" in text
    assert "stale golden record: loss at step=3 is 0.0679 there, and 0.0678 from" in text
    _compare(usual, usual, *where, "--format", "json")
    document = _document(capsys)
    stale = [
        reading["name"]
        for script in document["scripts"]
        for reading in script["readings"]
        if reading["stale_golden"]
    ]
    assert (document["status"], document["fails"], stale) == ("identical", True, ["loss at step=3"])


def test_numbers_that_no_seed_fixes_are_noise_and_no_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forks of one start share their random state; another start does not."""
    assert "torch.manual_seed" in DROPOUT
    root = _lab_of(tmp_path, DROPOUT.replace("torch.manual_seed", "torch.Generator().manual_seed"))
    sides = ["--baseline", HERE, "--candidate", HERE, "--lab-root", str(root)]

    assert cli.run(["drift", *sides, *ONCE]) == ExitCode.FAILED
    text = capsys.readouterr().out
    assert "; 1 script is not deterministic" in text.splitlines()[0]
    assert r"canary-dropout is not deterministic: " in text
    assert "why:" not in text


def test_a_script_that_crashes_in_one_environment_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no numbers to compare, and its mechanism is not blamed."""
    crash = "import os\nif 'BREAK' in os.environ:\n    raise ImportError('gone in \\x1b[2Jthis')\n"
    root = _lab_of(tmp_path, crash + DROPOUT)
    sides = ["--baseline", HERE, "--candidate", HERE, "--candidate-env", "BREAK=1"]
    code = cli.run(["drift", *sides, *ONCE, "--lab-root", str(root), "--fail-on", "tolerance"])
    text = capsys.readouterr().out

    assert code == ExitCode.FAILED
    assert text.splitlines()[0].endswith("1 script does not run to its end")
    assert r"canary-dropout: in the candidate it exited 1: ImportError: gone in \x1b[2Jthis" in text
    assert "masks" not in text


def test_an_interpreter_without_torch_is_an_environment_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4, and which of the two it is; no verdict."""
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    code = cli.run(
        ["drift", "--baseline", f"python:{bare}/bin/python", "--candidate", HERE,
         "--lab-root", str(LAB_ROOT), *LABS, *ONCE]
    )  # fmt: skip
    captured = capsys.readouterr()

    assert (code, captured.out) == (ExitCode.ENVIRONMENT, "")
    assert f"labcheck: python:{bare}/bin/python: " in captured.err
    assert "cannot import torch" in captured.err
    assert "install torch there" in captured.err


@pytest.mark.parametrize("content", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho hello\n", ""])
def test_what_is_no_python_is_an_environment_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    """Whatever it does instead."""
    program = tmp_path / "python"
    program.write_text(content)
    program.chmod(0o755)
    code = cli.run(["drift", "observe", f"python:{program}", "--lab-root", str(LAB_ROOT)])
    captured = capsys.readouterr()

    assert (code, captured.out) == (ExitCode.ENVIRONMENT, "")
    assert f"python:{program}: the sandbox server" in captured.err


def test_an_interrupt_leaves_no_process_behind(tmp_path: Path) -> None:
    """Exit 130; neither a server nor a script of it is there afterwards."""
    root = _lab_of(tmp_path, "import time\ntime.sleep(9)\n")
    process = subprocess.Popen(
        [sys.executable, "-c", "from verifier.cli import main; main()", "drift", "observe", HERE,
         "--lab-root", str(root), "-o", str(tmp_path / "a.json")],
        cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE_S
    while not (servers := _processes_with(f"--hide={root}")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert servers
    while len(family := _family(servers)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == ExitCode.INTERRUPTED
    assert words.decode().splitlines()[-1] == "labcheck: interrupted"
    assert len(family) >= 4, "no script was running"
    for pid in family:
        assert_ends(pid)
    assert not (tmp_path / "a.json").exists()


@pytest.mark.engine
@pytest.mark.usefixtures("no_container_left")
def test_an_image_prints_what_its_torch_prints_outside(
    usual: Path, runtime_image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a server stands is no reason for numbers; a variable reaches torch in there, too."""
    path = tmp_path / "image.json"
    found = _observe(path, f"image:{runtime_image}", *LABS)
    _compare(usual, path, "--format", "json")
    document = _document(capsys)

    assert (found.environment.runner, found.environment.image) == ("container", runtime_image)
    assert {each["status"] for each in document["scripts"]} <= {"identical", "bits_differ"}
    assert not any(each["stale_golden"] for each in document["scripts"])

    other = _observe(
        tmp_path / "default.json", f"image:{runtime_image}", "--lab", "canary-dropout",
        "--env", "ATEN_CPU_CAPABILITY=default",
    )  # fmt: skip
    assert other.environment.cpu_capability == "DEFAULT"


@pytest.mark.engine
def test_an_image_of_an_older_version_says_so(
    engine: DockerClient, runtime: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """It speaks another protocol: make image is what helps."""
    with throwaway_image(engine, change={"wire.py": ("PROTOCOL = 4", "PROTOCOL = 1")}) as older:
        code = cli.run(["drift", "observe", f"image:{older}", "--lab-root", str(LAB_ROOT), *LABS])
        left = containers_of(engine, older)
    captured = capsys.readouterr()

    assert (code, captured.out, left) == (ExitCode.ENVIRONMENT, "", set())
    assert (
        f"image:{older}: the image is of another version of labcheck: "
        "its sandbox server speaks protocol 1, not 4"
    ) in captured.err
    assert "run `make image`" in captured.err


@pytest.mark.engine
@pytest.mark.usefixtures("engine")
def test_an_image_that_is_not_there_is_an_environment_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 4, naming it."""
    code = cli.run(["drift", "observe", "image:no-such-image:1", "--lab-root", str(LAB_ROOT)])

    assert code == ExitCode.ENVIRONMENT
    assert "image:no-such-image:1: the image no-such-image:1 is not on" in capsys.readouterr().err


def _processes_with(argument: str) -> set[int]:
    """Find processes that were started with an argument."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it ended
            continue
        if argument.encode() in words:
            found.add(int(path.parent.name))
    return found


def _family(pids: set[int]) -> set[int]:
    """Find these processes, with their children and theirs: server, janitor, forks."""
    family = set(pids)
    while True:
        more = set(family)
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:  # it ended
                continue
            if int(fields[1]) in family:
                more.add(int(path.parent.name))
        if more == family:
            return family
        family = more
