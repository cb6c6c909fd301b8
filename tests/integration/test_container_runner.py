"""The container runner against a real engine; no test may leave a container behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LIMITS
from verifier.errors import (
    EngineUnavailableError,
    ImageMissingError,
    WallMissingError,
    WorkerError,
)
from verifier.run import container, owner
from verifier.run.attached import AttachedStream
from verifier.run.container import OWNER_LABEL, ROLE, ROLE_LABEL, ContainerRunner
from verifier.run.frames import Conversation, Place
from verifier.run.interface import WALLS, Exited, OutputFlood, TimedOut
from verifier.run.local import LocalRunner
from verifier.sandbox import child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

pytestmark = pytest.mark.engine

SHORT = replace(LIMITS, time_limit_s=1.0)
LABELS = {ROLE_LABEL: ROLE, "org.labcheck.test": "yes"}
ATTEMPTS = r"""
import json, os, socket

def attempt(action):
    try:
        action()
    except BaseException as error:
        return type(error).__name__
    return "nothing"

def fork():
    if os.fork() == 0:
        os._exit(0)

def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53))

fds = []
for fd in range(256):
    try:
        os.fstat(fd)
    except OSError:
        continue
    fds.append(fd)
print(json.dumps({
    "hidden": attempt(lambda: open("/opt/labcheck/golden.json")),
    "hidden folder": attempt(lambda: os.listdir("/opt/labcheck")),
    "write /": attempt(lambda: open("/x", "w")),
    "write /tmp": attempt(lambda: open("/tmp/x", "w")),
    "environ of the server": attempt(lambda: open(f"/proc/{os.getppid()}/environ")),
    "memory of the server": attempt(lambda: open(f"/proc/{os.getppid()}/mem", "rb")),
    "root": attempt(lambda: os.setuid(0)),
    "fork": attempt(fork),
    "signal the server": attempt(lambda: os.kill(os.getppid(), 9)),
    "udp": attempt(udp),
    "tcp": attempt(lambda: socket.create_connection(("1.1.1.1", 53), timeout=2)),
    "docker socket": attempt(lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock")),
    "write here": attempt(lambda: open("x", "w").close()),
    "fds": fds,
    "uid": os.getresuid(),
    "groups": os.getgroups(),
    "variables": sorted(os.environ),
}))
"""


@pytest.fixture(scope="module")
def runner(runtime_image: str) -> Iterator[ContainerRunner]:
    """Enter once; every run has its own container anyway."""
    with ContainerRunner(image=runtime_image) as found:
        yield found


@pytest.fixture(autouse=True)
def no_container_left(engine: DockerClient, runtime_image: str) -> Iterator[None]:
    """Look at what the engine holds after each test."""
    yield
    deadline = time.monotonic() + 15
    while ours(engine, runtime_image) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert ours(engine, runtime_image) == []


def ours(engine: DockerClient, image: str) -> list[str]:
    """List the containers of this module's image, running or not."""
    return [entry["Id"] for entry in engine.api.containers(all=True, filters={"ancestor": image})]


@contextlib.contextmanager
def served(
    engine: DockerClient,
    image: str,
    *arguments: str,
    cap_drop: list[str] | None = None,
    read_only: bool = False,
) -> Iterator[Conversation]:
    """Talk to a server in a container of other walls than the runner's."""
    made = engine.containers.create(
        image,
        list(arguments),
        stdin_open=True,
        labels=LABELS,
        network_mode="none",
        cap_drop=cap_drop,
        read_only=read_only,
    )
    place = Place(runner="container", image=None, pins_sha256=None, walls=frozenset({"container"}))
    try:
        with container._attach(engine, str(made.id)) as connection:
            made.start()
            yield Conversation(AttachedStream(connection), place=place)
    finally:
        made.remove(force=True)


def test_every_wall_stands_and_each_denies_its_own(runner: ContainerRunner) -> None:
    """The full tier, from inside: no lab, no network, no root, no fork, no server."""
    result = runner.run(ATTEMPTS.encode(), limits=LIMITS)
    found = json.loads(result.stdout)

    assert result.stderr == b""
    assert (result.tier.walls, result.tier.missing) == (WALLS, ())
    assert found == {
        "hidden": "PermissionError",
        "hidden folder": "PermissionError",
        "write /": "OSError",
        "write /tmp": "OSError",
        "environ of the server": "PermissionError",
        "memory of the server": "PermissionError",
        "root": "PermissionError",
        "fork": "BlockingIOError",
        "signal the server": "PermissionError",
        "udp": "OSError",
        "tcp": "PermissionError",
        "docker socket": "FileNotFoundError",
        "write here": "nothing",
        "fds": [0, 1, 2],
        "uid": [20000, 20000, 20000],
        "groups": [],
        "variables": sorted(child.environment("/slot")),
    }


@pytest.mark.torch
def test_output_in_the_container_equals_output_outside(
    runner: ContainerRunner, training: bytes
) -> None:
    """The same torch computes the same bits, whatever walls stand around it."""
    inside = runner.run(training, limits=LIMITS)
    with LocalRunner() as local:
        outside = local.run(training, limits=LIMITS)

    assert inside.stderr == b""
    assert inside.stdout == outside.stdout
    assert inside.environment.image is not None
    assert inside.environment.image.startswith("sha256:")
    assert inside.environment.torch == outside.environment.torch
    assert inside.environment.cpu_capability == outside.environment.cpu_capability


def test_a_hanging_script_is_killed_and_what_it_printed_is_kept(runner: ContainerRunner) -> None:
    """Time is counted from the script's start, not from the container's."""
    result = runner.run(b"print('on')\nwhile True: pass", limits=SHORT)

    assert (result.outcome, result.stdout) == (TimedOut(), b"on\n")
    assert 1 <= result.wall_s < 3


def test_a_flood_ends_the_run(runner: ContainerRunner) -> None:
    """The largest output of which the frame still has room."""
    limits = replace(LIMITS, stdout_limit_bytes=8 << 20)
    result = runner.run(b"while True: print('x' * 65535)", limits=limits)

    assert result.outcome == OutputFlood(stream="stdout")
    assert len(result.stdout) == 8 << 20


def test_any_bytes_on_both_streams_arrive(runner: ContainerRunner) -> None:
    """A megabyte on standard error blocks nothing."""
    source = b"""
import os, sys
sys.stderr.write("x" * (1 << 20))
os.write(1, bytes(range(256)))
os.write(2, b"\\xff")
sys.exit(3)
"""
    result = runner.run(source, limits=LIMITS)

    assert result.outcome == Exited(code=3)
    assert result.stdout == bytes(range(256))
    assert result.stderr == b"x" * (LIMITS.stderr_limit_bytes - 1) + b"\xff"


def test_hogs_of_memory_and_space_fail_in_their_own_line(runner: ContainerRunner) -> None:
    """Each allocation is refused, and the server lives to say so."""
    source = b"""
import os, torch
def grow():
    kept = []
    while True: kept.append(bytearray(1 << 24))
def fill():
    for number in range(99):
        with open(f"f{number}", "wb") as file:
            for _ in range(1 << 4): file.write(bytes(1 << 20))
def litter():
    for number in range(10**6): open(f"e{number}", "w").close()
for action in (lambda: torch.empty(10**12), grow, litter, fill):
    try:
        action()
    except Exception as error:
        print(type(error).__name__)
    else:
        print("nothing")
"""
    result = runner.run(source, limits=replace(LIMITS, memory_limit_bytes=1 << 28))

    assert result.stdout.split() == [b"RuntimeError", b"MemoryError", b"OSError", b"OSError"]
    assert result.outcome == Exited(code=0)


def test_landlock_alone_hides_the_lab(engine: DockerClient, runtime_image: str) -> None:
    """`docker run --read-only --cap-drop ALL`: no other uid, and only /dev/shm to write to."""
    arguments = ("--hide", "/opt/labcheck")
    with served(engine, runtime_image, *arguments, cap_drop=["ALL"], read_only=True) as talk:
        talk.begin()
        result = talk.run(ATTEMPTS.encode(), limits=LIMITS)
        after = talk.run(b"import os; print(os.listdir())", limits=LIMITS)
    found = json.loads(result.stdout)

    assert "uid" in result.tier.missing
    assert {"landlock", "no_network"} <= set(result.tier.walls)
    assert (found["hidden"], found["hidden folder"]) == ("PermissionError", "PermissionError")
    assert (found["signal the server"], found["write here"]) == ("PermissionError", "nothing")
    assert after.stdout == b"['submission.py']\n"


def test_another_uid_alone_hides_the_lab(engine: DockerClient, runtime_image: str) -> None:
    """A kernel without Landlock: the default `docker run labcheck`."""
    arguments = ("--hide", "/opt/labcheck", "--without", "landlock")
    with served(engine, runtime_image, *arguments) as talk:
        talk.begin()
        result = talk.run(ATTEMPTS.encode(), limits=LIMITS)
        left = b"open('/tmp/left', 'w')\nopen('/dev/shm/left', 'w')"
        assert talk.run(left, limits=LIMITS).outcome == Exited(code=0)
    found = json.loads(result.stdout)

    assert "landlock" in result.tier.missing
    assert "uid" in result.tier.walls
    assert (found["hidden"], found["root"]) == ("PermissionError", "PermissionError")
    assert (found["memory of the server"], found["fork"]) == ("PermissionError", "BlockingIOError")


def test_where_neither_hides_the_lab_nothing_is_run(
    engine: DockerClient, runtime_image: str
) -> None:
    """`--cap-drop ALL` on a kernel without Landlock."""
    arguments = ("--hide", "/opt/labcheck", "--without", "landlock")
    with (
        served(engine, runtime_image, *arguments, cap_drop=["ALL"]) as talk,
        pytest.raises(WallMissingError, match=r"golden\.json"),
    ):
        talk.begin()


def test_an_interrupt_removes_the_container(
    runner: ContainerRunner, engine: DockerClient, runtime_image: str
) -> None:
    """Ctrl-C while the script runs."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    timer = threading.Timer(4, os.kill, (os.getpid(), signal.SIGALRM))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            runner.run(b"while True: pass", limits=replace(LIMITS, time_limit_s=60))
    finally:
        timer.cancel()
        timer.join()
        signal.signal(signal.SIGALRM, old)

    assert ours(engine, runtime_image) == []


def test_a_killed_client_leaves_no_container(runtime_image: str, engine: DockerClient) -> None:
    """Its container's input ends with it, and so does the container; the fixture waits for it."""
    client = f"""
import sys; sys.path.append({str(CHECKOUT)!r})
from dataclasses import replace
from tests.fakes import LIMITS
from verifier.run.container import ContainerRunner
with ContainerRunner(image={runtime_image!r}) as runner:
    runner.run(b"while True: pass", limits=replace(LIMITS, time_limit_s=60))
"""
    with subprocess.Popen([sys.executable, "-c", client]) as process:
        deadline = time.monotonic() + 30
        while not (started := ours(engine, runtime_image)) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(4)
        process.kill()

    assert started


def test_a_container_that_a_dead_client_never_started_is_removed(
    runtime_image: str, engine: DockerClient
) -> None:
    """Killed between create and start, it could not see to that itself."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    mine = owner.current().split("/")
    dead = "/".join([*mine[:2], str(process.pid), mine[3]])
    for name in (dead, "elsewhere/1/2/3", "/".join(mine)):
        engine.containers.create(runtime_image, labels=LABELS | {OWNER_LABEL: name})
    with ContainerRunner(image=runtime_image):
        pass
    left = engine.containers.list(all=True, filters={"label": "org.labcheck.test=yes"})
    owners = {entry.labels[OWNER_LABEL] for entry in left}
    for entry in left:
        entry.remove(force=True)

    assert owners == {"elsewhere/1/2/3", "/".join(mine)}


def test_a_missing_image_has_its_own_error() -> None:
    """The remedy is to build it."""
    with pytest.raises(ImageMissingError):
        ContainerRunner(image="labcheck-runtime:never-built").__enter__()


def test_an_image_removed_meanwhile_has_the_same_error(runner: ContainerRunner) -> None:
    """Whether it goes missing before or after the start is all one to the reader."""
    gone = ContainerRunner()
    gone._client, gone._place = runner._client, runner._place
    gone._image_id = "sha256:" + "0" * 64

    with pytest.raises(ImageMissingError):
        gone.run(b"", limits=LIMITS)


def test_no_engine_has_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No exception of the SDK reaches the caller."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")

    with pytest.raises(EngineUnavailableError, match=r"/nonexistent/docker\.sock: No such file"):
        ContainerRunner().__enter__()


def test_an_image_without_a_server_is_a_worker_error(
    engine: DockerClient, runtime_image: str
) -> None:
    """Whatever else is in an image, its container ends and is removed."""
    made = engine.containers.create(runtime_image, labels=LABELS)
    other = made.commit(changes='ENTRYPOINT ["/usr/bin/python3", "-c", "print(1)"]')
    made.remove(force=True)
    try:
        with ContainerRunner(image=str(other.id)) as runner, pytest.raises(WorkerError):
            runner.run(b"", limits=LIMITS)
    finally:
        engine.images.remove(str(other.id), force=True, noprune=True)


def test_the_sdk_is_not_shadowed_by_the_folder_of_its_name() -> None:
    """The folder docker/ at the root must stay free of Python."""
    import docker  # noqa: PLC0415 - what is found is the question

    assert hasattr(docker, "from_env")
