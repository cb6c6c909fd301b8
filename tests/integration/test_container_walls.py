"""What a submission in a container cannot do, with a real engine: in the full tier and below."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from tests import system_calls
from tests.fakes import LIMITS
from tests.integration.kernel import DENIES_TCP
from verifier.errors import WallMissingError
from verifier.run.attached import AttachedStream, attach
from verifier.run.frames import Conversation, ServerInfo
from verifier.run.hardened import ROLE, ROLE_LABEL
from verifier.run.interface import WALLS, Exited
from verifier.sandbox import variables
from verifier.sandbox.slot import RUN_UIDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from verifier.run.container import ContainerRunner

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_left")]

ATTEMPTS = r"""
import ctypes, json, os, socket

def attempt(action):
    try:
        action()
    except BaseException as error:
        return type(error).__name__
    return "nothing"

def fork():
    if os.fork() == 0:
        os._exit(0)

def shared_memory():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.shmget(0, 4096, 0o1600) < 0:
        raise OSError(ctypes.get_errno(), "shmget")

def message_queue():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.msgget(0, 0o1600) < 0:
        raise OSError(ctypes.get_errno(), "msgget")

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
    "signal the server": attempt(lambda: os.kill(os.getppid(), 0)),
    "udp": attempt(udp),
    "tcp": attempt(lambda: socket.create_connection(("1.1.1.1", 53), timeout=2)),
    "docker socket": attempt(lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock")),
    "shared memory": attempt(shared_memory),
    "message queue": attempt(message_queue),
    "write here": attempt(lambda: open("x", "w").close()),
    "fds": fds,
    "uid": os.getresuid(),
    "groups": os.getgroups(),
    "variables": sorted(os.environ),
}))
"""
"""Signal 0 only asks whether a signal may be sent."""


@contextlib.contextmanager
def served(
    engine: DockerClient,
    image: str,
    *arguments: str,
    cap_drop: list[str] | None = None,
    read_only: bool = False,
    security_opt: list[str] | None = None,
) -> Iterator[Conversation]:
    """Talk to a server in a container of other walls than the runner's."""
    made = engine.containers.create(
        image,
        list(arguments),
        stdin_open=True,
        labels={ROLE_LABEL: ROLE},
        network_mode="none",
        cap_drop=cap_drop,
        read_only=read_only,
        security_opt=security_opt,
    )
    server_info = ServerInfo(
        runner="container", image=None, pins_sha256=None, walls=frozenset({"container"})
    )
    try:
        with attach(engine, str(made.id)) as connection:
            made.start()
            yield Conversation(AttachedStream(connection), server_info=server_info)
    finally:
        made.remove(force=True)


def test_every_wall_stands_and_each_denies_its_own(contained: ContainerRunner) -> None:
    """The full tier, from inside: no lab, no network, no root, no fork, no server."""
    result = contained.run(ATTEMPTS.encode(), limits=LIMITS)
    found = json.loads(result.stdout)
    real, effective, saved = found.pop("uid")

    assert result.stderr == b""
    assert real == effective == saved
    assert real in RUN_UIDS
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
        "udp": "PermissionError",
        "tcp": "PermissionError" if DENIES_TCP else "OSError",
        "docker socket": "PermissionError",
        "shared memory": "PermissionError",
        "message queue": "PermissionError",
        "write here": "nothing",
        "fds": [0, 1, 2],
        "groups": [],
        "variables": sorted(variables.of_run("/slot/run")),
    }


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
    assert found["signal the server"] == "PermissionError"
    assert found["write here"] == "nothing"
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


@pytest.mark.parametrize("engine_filters", [True, False])
@pytest.mark.parametrize("own_uid", [True, False])
def test_the_filter_refuses_by_itself_what_the_table_refuses(
    engine: DockerClient, runtime_image: str, *, engine_filters: bool, own_uid: bool
) -> None:
    """The engine's own filter may be off, or another's: the errno must be ours all the same."""
    security = None if engine_filters else ["seccomp=unconfined"]
    dropped = None if own_uid else ["ALL"]
    with served(engine, runtime_image, cap_drop=dropped, security_opt=security) as talk:
        talk.begin()
        result = talk.run(system_calls.probe(shared_uid=not own_uid), limits=LIMITS)

    assert (result.stdout, result.stderr) == (b"done\n", b"")
    assert ("uid" in result.tier.walls) == own_uid


def test_what_lessons_do_with_files_the_filter_lets_pass(contained: ContainerRunner) -> None:
    """Copies with their dates, temporary files, saved models, data in batches."""
    result = contained.run(system_calls.HONEST.encode(), limits=LIMITS)

    assert (result.stdout, result.stderr) == (b"done\n", b"")
