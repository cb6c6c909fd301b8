"""What our own runs could leave behind: folders, processes, containers."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.images import CHECKER, RUNTIME
from verifier.run.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from verifier.run.sandbox import SandboxRunner

GRACE_S = 30.0
"""What a machine with other work to do may take longer than a limit says."""

PATIENCE_S = 60.0
"""How long to wait for what must happen, before saying that it does not."""


def server_pid(runner: SandboxRunner) -> int:
    """Tell the process of a runner's server."""
    assert runner._server is not None
    return runner._server._process.pid


def slots_of(server: int) -> set[Path]:
    """Find the folder that this server made for its runs, by the descriptor that it keeps of it."""
    found = set()
    with contextlib.suppress(FileNotFoundError):
        for entry in Path(f"/proc/{server}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                target = entry.readlink()
                if target.name.startswith("labcheck-") and target.is_dir():
                    found.add(target)
    return found


def filled_slots_of(server: int) -> set[Path]:
    """Find those that hold something; a server may keep an empty one for its next run."""
    filled = set()
    for path in slots_of(server):
        with contextlib.suppress(FileNotFoundError):
            filled |= {path for _ in path.iterdir()}
    return filled


@contextlib.contextmanager
def slots_go(server: int) -> Iterator[None]:
    """See that a server's folders go while this is open, whoever takes their names."""
    held = [os.open(path, os.O_PATH | os.O_DIRECTORY) for path in slots_of(server)]
    try:
        assert held
        yield
        assert [os.fstat(descriptor).st_nlink for descriptor in held] == [0 for _ in held]
    finally:
        for descriptor in held:
            os.close(descriptor)


def slots_left(runner: SandboxRunner | LocalRunner) -> set[Path]:
    """Find what a runner's runs left; a local one's stand in this module's own folder."""
    if isinstance(runner, LocalRunner):
        return set(Path(tempfile.gettempdir()).glob("labcheck-*"))
    return filled_slots_of(server_pid(runner))


def assert_ends(pid: int) -> None:
    """Wait a moment for a process to be gone."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")


def containers_of(engine: DockerClient, *images: str) -> set[str]:
    """List the containers made from these images, running or not; by default, from labcheck's."""
    filters = {"ancestor": list(images or (RUNTIME, CHECKER))}
    return {entry["Id"] for entry in engine.api.containers(all=True, filters=filters)}


def wait_until_busy(engine: DockerClient, container: str) -> None:
    """Wait until a server that has been asked to run something does: its container uses the CPU."""
    before = _cpu_s(engine, container)
    deadline = time.monotonic() + PATIENCE_S
    while _cpu_s(engine, container) < before + 0.2:
        assert time.monotonic() < deadline, "the script does not run"
        time.sleep(0.05)


def _cpu_s(engine: DockerClient, container: str) -> float:
    stats = engine.api.stats(container, stream=False, one_shot=True)
    used_ns: int = stats["cpu_stats"]["cpu_usage"]["total_usage"]
    return used_ns / 1e9
