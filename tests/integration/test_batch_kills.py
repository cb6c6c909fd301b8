"""Batches in containers, of which something is killed at random moments, end like undisturbed ones.

Five kills here; `make soak` asks for 50 by ``LABCHECK_SOAK_KILLS``, an engine's among them.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from docker import DockerClient
from docker.errors import APIError

from tests.fakes import CHECKOUT, LAB_ROOT
from tests.integration.images import RUNTIME
from tests.integration.own_engine import OwnEngine
from verifier.report.row import parse_row
from verifier.run.hardened import ROLE, ROLE_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from docker.models.images import Image

SOAK_KILLS = int(os.environ.get("LABCHECK_SOAK_KILLS", "0"))

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3000)]

RIGHT = (LAB_ROOT / "forward-backward" / "forward_backward_lab.py").read_text()
SUBMISSIONS = 60
LONGEST_S = 8.0
_PATIENCE_S = 300.0


def _grade(folder: Path, results: Path, *, engine: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from verifier.cli import main; main()", "grade", str(folder)]
    return subprocess.Popen(
        [*command, "--results", str(results), "--runner", "container", "--jobs", "2"],
        cwd=CHECKOUT,
        env=os.environ | {"LABCHECK_LAB": str(LAB_ROOT), "DOCKER_HOST": engine},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _rows(results: Path) -> dict[str, dict[str, Any]]:
    """Read every row by its path, without what differs from run to run."""
    rows = [parse_row(line) for line in (results / "results.jsonl").read_bytes().splitlines()]
    assert len({row["path"] for row in rows}) == len(rows), "a submission has two rows"
    return {row["path"]: row | {"wall_s": None, "cpu_s": None} for row in rows}


def _count(results: Path) -> int:
    journal = results / "results.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a class: most right, some wrong, some that crash."""
    folder = tmp_path_factory.mktemp("class")
    for number in range(SUBMISSIONS):
        text = (RIGHT, RIGHT.replace("lr=0.5", "lr=0.05"), RIGHT + "\nraise SystemExit(2)\n")
        (folder / f"s{number:03}.py").write_text(text[number % 3 if number % 2 else 0])
    return folder


@pytest.fixture(scope="module")
def engine_address(
    runtime: Image, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, OwnEngine | None]]:
    """Give the engine there is; for the soak, one that may be killed."""
    if not SOAK_KILLS:
        yield os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock", None
        return
    with OwnEngine(tmp_path_factory.mktemp("engine")) as own:
        own.load(runtime, name=RUNTIME)
        yield own.address, own


@pytest.fixture(scope="module")
def undisturbed(
    handed_in: Path,
    engine_address: tuple[str, OwnEngine | None],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:
    """Grade it in one go."""
    results = tmp_path_factory.mktemp("undisturbed")
    process = _grade(handed_in, results, engine=engine_address[0])
    said, _ = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 0, said.decode()
    rows = _rows(results)
    assert len(rows) == SUBMISSIONS
    return rows


def _kill_a_container(address: str) -> None:
    with contextlib.closing(DockerClient(base_url=address)) as client:
        for found in client.containers.list(filters={"label": f"{ROLE_LABEL}={ROLE}"})[:1]:
            with contextlib.suppress(APIError):  # it ended by itself meanwhile
                found.kill()


def test_killed_at_random_moments_a_batch_ends_like_an_undisturbed_one(
    handed_in: Path,
    undisturbed: dict[str, dict[str, Any]],
    engine_address: tuple[str, OwnEngine | None],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Grader, container or engine: no finished row is lost or made twice, the rest is as it was."""
    address, own = engine_address
    victims = ["grader", "container", *(["engine"] if own else [])]
    moments = random.Random(20261123)  # noqa: S311 - no secret
    tally: dict[str, int] = {}
    results = tmp_path / "0"
    rounds = 0
    for number in range(SOAK_KILLS or 5):
        victim = victims[number % len(victims)]
        process = _grade(handed_in, results, engine=address)
        time.sleep(moments.uniform(0.2, LONGEST_S))
        before = _count(results)
        match victim:
            case "grader":
                process.kill()
            case "container":
                _kill_a_container(address)
            case _:
                assert own is not None
                own.kill()
        said, _ = process.communicate(timeout=_PATIENCE_S)
        assert process.returncode in (0, 4, -9), said.decode()
        if victim == "engine":
            assert own is not None
            own.start()
        assert _count(results) >= before
        tally[victim] = tally.get(victim, 0) + 1
        if _count(results) == SUBMISSIONS:
            assert _rows(results) == undisturbed
            rounds += 1
            results = tmp_path / str(rounds)
    process = _grade(handed_in, results, engine=address)
    said, _ = process.communicate(timeout=_PATIENCE_S)

    assert process.returncode == 0, said.decode()
    assert _rows(results) == undisturbed
    record_property("kills", tally)
    record_property("batches", rounds + 1)
