"""What cannot be started leaves nothing open, however far it came."""

from __future__ import annotations

import os
import resource
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.fakes import LIMITS
from verifier.errors import WorkerError
from verifier.run import local
from verifier.run.interface import PLAIN, Examination
from verifier.run.sandbox import SandboxRunner
from verifier.sandbox import launcher, server, wire
from verifier.sandbox.pump import Pump
from verifier.sandbox.request import Request, run_frame

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Count what this process has open, before and after."""
    before = sorted(Path("/proc/self/fd").iterdir())
    yield

    assert sorted(Path("/proc/self/fd").iterdir()) == before


def refuse(*_: object, **__: object) -> NoReturn:
    """Stand in for a start that fails."""
    raise OSError(11, "no more processes")


def local_process() -> local._Process:
    """Begin a run as the local runner does."""
    return local._Process("/", command=["true"], files=(), limits=LIMITS, import_bytes=1 << 30)


@pytest.mark.parametrize(("module", "name"), [
    (subprocess, "Popen"), (os, "pidfd_open"), (resource, "prlimit"), (os, "pipe"),
])  # fmt: skip
def test_a_local_run_that_cannot_be_started(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    """Nor is a process left of it."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(module, name, refuse)

    with pytest.raises(OSError, match="no more"):
        local_process()
    assert all(each.returncode is not None for each in started)


def test_pipes_of_which_the_second_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is closed."""
    made = iter([os.pipe()])

    def pipe() -> tuple[int, int]:
        for each in made:
            return each
        raise OSError(24, "no more descriptors")

    monkeypatch.setattr(os, "pipe", pipe)

    with pytest.raises(OSError, match="no more"):
        Pump.open(LIMITS)


def test_a_fork_server_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends of its socket are closed."""
    monkeypatch.setattr(subprocess, "Popen", refuse)

    with pytest.raises(OSError, match="no more"):
        launcher.start_fork_server()


def test_a_sandbox_server_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the system, or because its interpreter is not there."""
    with pytest.raises(WorkerError), SandboxRunner(python=Path("/none")):
        pass
    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(WorkerError), SandboxRunner():
        pass


def test_a_sandbox_server_whose_start_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised."""

    def interrupt(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", interrupt)
    with pytest.raises(KeyboardInterrupt), SandboxRunner():
        pass


def test_a_server_without_descriptors_answers_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """One run less, and not the end of the server."""

    class Walled:
        def limits(self, asked: object) -> object:
            return asked

    reader, writer = os.pipe()
    connection = server.Connection(reader=reader, writer=writer, buffer=wire.FrameBuffer())
    serving = server.Server(
        connection,
        enclosure=Walled(),  # type: ignore[arg-type]
        environment={},
        forks=None,  # type: ignore[arg-type]
        janitor=None,  # type: ignore[arg-type]
    )
    monkeypatch.setattr(os, "pipe", refuse)
    request = Request(id=1, source=b"", limits=LIMITS, examination=Examination(**asdict(PLAIN)))
    frame = serving._answer(run_frame(request))
    os.close(reader)
    os.close(writer)

    assert (frame["type"], frame["kind"]) == ("error", "worker")
    assert "no more" in frame["message"]
