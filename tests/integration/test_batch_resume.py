"""Batches with real runs: killed at any moment, they go on; and what comes out is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier.report.row import parse_row

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.torch

KILLS = int(os.environ.get("LABCHECK_KILLS", "4"))
"""`make soak` asks for more."""

RIGHT = (LAB_ROOT / "forward-backward" / "forward_backward_lab.py").read_text()
WRONG = {
    "small-lr": RIGHT.replace("lr=0.5", "lr=0.05"),
    "crash": RIGHT.replace("optimizer.step()", "optimiser.step()"),
    "exit": "raise SystemExit(3)\n",
    "silent": "x = 1\n",
    "syntax": "def f(:\n",
    "noise": "print('\\x1b[2J</pre><script>' * 2000)\n",
    "empty": "",
}


def _class(folder: Path, *, right: int) -> Path:
    for number in range(right):
        (folder / f"s{number:02}").mkdir(parents=True)
        (folder / f"s{number:02}" / "submission.py").write_text(RIGHT + f"# {number}\n")
    for name, text in WRONG.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def _grade(folder: Path, results: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from verifier.cli import main; main()", "grade", str(folder)]
    choices = ["--results", str(results), "--runner", "sandbox", "--jobs", "2", *options]
    return subprocess.Popen(
        [*command, *choices],
        cwd=CHECKOUT,
        env=os.environ | {"LABCHECK_LAB": str(LAB_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _to_its_end(process: subprocess.Popen[bytes]) -> str:
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 0, said.decode()
    return said.decode()


def _rows(results: Path) -> dict[str, dict[str, Any]]:
    """Read every row by its path, without what differs from run to run."""
    lines = (results / "results.jsonl").read_bytes().splitlines()
    rows = [parse_row(line) for line in lines]
    assert len({row["path"] for row in rows}) == len(rows), "a submission has two rows"
    return {row["path"]: row | {"wall_s": None, "cpu_s": None} for row in rows}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a class."""
    return _class(tmp_path_factory.mktemp("class"), right=24)


@pytest.fixture(scope="module")
def undisturbed(
    handed_in: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """Grade it in one go."""
    results = tmp_path_factory.mktemp("undisturbed")
    said = _to_its_end(_grade(handed_in, results))
    assert "31 submissions: 24 passed, 6 failed, 1 not gradable" in said
    return _rows(results)


def test_class_is_graded_as_it_should_be(undisturbed: dict[str, dict[str, Any]]) -> None:
    """Each mistake at its stage."""
    starts = {path: row["report"]["start_here"] for path, row in undisturbed.items()}

    assert {path: start for path, start in starts.items() if "/" not in path} == {
        "small-lr.py": "update",
        "crash.py": "run",
        "exit.py": "run",
        "silent.py": "output",
        "syntax.py": "run",
        "noise.py": "output",
        "empty.py": None,
    }


def test_killed_batch_goes_on_and_ends_like_an_undisturbed_one(
    handed_in: Path, undisturbed: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """At random moments; no finished row is lost, and none is made twice."""
    moments = random.Random(20261123)  # noqa: S311 - no secret
    rows_before = 0
    for _ in range(KILLS):
        process = _grade(handed_in, tmp_path)
        time.sleep(moments.uniform(0.3, 5.0))
        process.kill()
        process.communicate(timeout=60)
        journal = tmp_path / "results.jsonl"
        whole = journal.read_bytes().count(b"\n") if journal.exists() else 0
        assert whole >= rows_before
        rows_before = whole
    _to_its_end(_grade(handed_in, tmp_path))

    assert _rows(tmp_path) == undisturbed
    assert not (tmp_path / "superseded.jsonl").exists()
    assert not (tmp_path / "set-aside.txt").exists()


def test_interrupted_batch_writes_its_results_and_goes_on(
    handed_in: Path, undisturbed: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """With exit code 130, and no server left behind."""
    process = _grade(handed_in, tmp_path)
    journal = tmp_path / "results.jsonl"
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 2):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 130, said.decode()
    assert b"interrupted" in said
    kept = _rows(tmp_path)
    assert kept.items() <= undisturbed.items()
    assert len((tmp_path / "gradebook.csv").read_text().splitlines()) == len(kept) + 1
    assert (tmp_path / "report.html").read_text().endswith("</html>\n")

    _to_its_end(_grade(handed_in, tmp_path))
    assert _rows(tmp_path) == undisturbed


def test_dying_server_costs_no_submission(
    handed_in: Path, undisturbed: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Its run is done again in a new one."""
    process = _grade(handed_in, tmp_path)
    killed = 0
    while process.poll() is None and killed < 3:
        time.sleep(0.5)
        for server in _children(process.pid)[:1]:
            os.kill(server, signal.SIGKILL)
            killed += 1
    _to_its_end(process)

    assert killed
    assert _rows(tmp_path) == undisturbed


def _children(parent: int) -> list[int]:
    done = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "pid="], capture_output=True, text=True, check=False
    )
    return [int(word) for word in done.stdout.split()]


def test_required_wall_that_is_missing_gives_no_row(handed_in: Path, tmp_path: Path) -> None:
    """Outside a container the wall `container` cannot stand."""
    process = _grade(handed_in, tmp_path, "--require-tier", "container")
    said, _ = process.communicate(timeout=100)

    assert process.returncode == 4
    assert b"missing container" in said
    assert list(_rows(tmp_path)) == ["empty.py"]
