"""How a run in a container ends when something else does first, with a real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LIMITS
from tests.integration.leftovers import PATIENCE_S, containers_of, wait_until_busy
from verifier.errors import EngineUnavailableError, ImageMissingError, WorkerError
from verifier.run import hardened, owner
from verifier.run.container import ContainerRunner
from verifier.run.frames import Conversation
from verifier.run.hardened import OWNER_LABEL, ROLE, ROLE_LABEL
from verifier.run.interface import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from verifier.run.interface import Examination, Limits, RunResult

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_left")]


@pytest.fixture
def fresh(runtime_image: str) -> Iterator[ContainerRunner]:
    """Give every run a container of its own."""
    with ContainerRunner(image=runtime_image, fresh=True) as found:
        yield found


@pytest.fixture(params=["fresh", "contained"])
def either(request: pytest.FixtureRequest) -> ContainerRunner:
    """Give each kind of runner."""
    found: ContainerRunner = request.getfixturevalue(request.param)
    return found


class Asking(Conversation):
    """Tells when the server has been asked to run something."""

    asked = threading.Event()

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Ask."""
        self.asked.set()
        return super().run(source, limits=limits, examination=examination)


def test_a_fresh_container_is_gone_when_its_run_is(
    fresh: ContainerRunner, engine: DockerClient, runtime_image: str
) -> None:
    """Nothing of one submission is there for the next one to find, not even a server."""
    for _ in range(2):
        result = fresh.run(b"import os; print(os.getpid())", limits=LIMITS)

        assert containers_of(engine, runtime_image) == set()
        assert (result.stderr, result.environment.image) == (b"", fresh.image)


def test_an_interrupt_removes_the_container(
    either: ContainerRunner,
    engine: DockerClient,
    runtime_image: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C while the script runs; nobody waits for the end of the `with` block."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    def send() -> None:
        if not Asking.asked.wait(PATIENCE_S):
            return
        try:
            for found in containers_of(engine, runtime_image):
                wait_until_busy(engine, found)
        finally:
            os.kill(os.getpid(), signal.SIGALRM)

    monkeypatch.setattr(hardened, "Conversation", Asking)
    Asking.asked.clear()
    old = signal.signal(signal.SIGALRM, interrupt)
    sender = threading.Thread(target=send)
    sender.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            either.run(b"while True: pass", limits=replace(LIMITS, time_limit_s=600))
    finally:
        sender.join()
        signal.signal(signal.SIGALRM, old)

    assert containers_of(engine, runtime_image) == set()


def test_a_killed_client_leaves_no_container(runtime_image: str, engine: DockerClient) -> None:
    """Its container's input ends with it, and so does the container; the fixture waits for it."""
    client = f"""
import sys; sys.path.append({str(CHECKOUT)!r})
from dataclasses import replace
from tests.fakes import LIMITS
from verifier.run import hardened
from verifier.run.container import ContainerRunner
class Asking(hardened.Conversation):
    def run(self, source, *, limits, examination):
        print("asked", flush=True)
        return super().run(source, limits=limits, examination=examination)
hardened.Conversation = Asking
with ContainerRunner(image={runtime_image!r}) as runner:
    runner.run(b"while True: pass", limits=replace(LIMITS, time_limit_s=600))
"""
    with subprocess.Popen([sys.executable, "-c", client], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"asked\n"
            (started,) = containers_of(engine, runtime_image)
            wait_until_busy(engine, started)
        finally:
            process.kill()


def test_a_container_that_a_dead_client_never_started_is_removed(
    runtime_image: str, engine: DockerClient
) -> None:
    """Killed between create and start, it could not see to that itself."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    mine = owner.current().split("/")
    dead = "/".join([*mine[:2], str(process.pid), mine[3]])
    for name in (dead, "elsewhere/1/2/3", "/".join(mine)):
        engine.containers.create(runtime_image, labels={ROLE_LABEL: ROLE, OWNER_LABEL: name})
    with ContainerRunner(image=runtime_image):
        pass
    left = engine.containers.list(all=True, filters={"ancestor": runtime_image})
    owners = {entry.labels[OWNER_LABEL] for entry in left}
    for entry in left:
        entry.remove(force=True)

    assert owners == {"elsewhere/1/2/3", "/".join(mine)}


def test_a_missing_image_has_its_own_error() -> None:
    """The remedy is to build it."""
    with pytest.raises(ImageMissingError):
        ContainerRunner(image="labcheck-runtime:never-built").__enter__()


def test_an_image_removed_meanwhile_has_the_same_error(
    engine: DockerClient, runtime_image: str
) -> None:
    """Whether it goes missing before or after the start is all one to the reader."""
    made = engine.containers.create(runtime_image, labels={ROLE_LABEL: ROLE})
    other = str(made.commit().id)
    made.remove(force=True)
    with ContainerRunner(image=other) as runner:
        engine.images.remove(other, force=True, noprune=True)

        with pytest.raises(ImageMissingError):
            runner.run(b"", limits=LIMITS)


def test_no_engine_has_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No exception of the SDK reaches the caller."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")

    with pytest.raises(EngineUnavailableError, match=r"/nonexistent/docker\.sock: No such file"):
        ContainerRunner().__enter__()


def test_an_image_without_a_server_is_a_worker_error(
    engine: DockerClient, runtime_image: str
) -> None:
    """Whatever else is in an image, its container ends and is removed when the run raises."""
    made = engine.containers.create(runtime_image, labels={ROLE_LABEL: ROLE})
    other = made.commit(changes='ENTRYPOINT ["/usr/bin/python3", "-c", "print(1)"]')
    made.remove(force=True)
    try:
        with ContainerRunner(image=str(other.id)) as runner, pytest.raises(WorkerError):
            runner.run(b"", limits=LIMITS)
    finally:
        engine.images.remove(str(other.id), force=True, noprune=True)
