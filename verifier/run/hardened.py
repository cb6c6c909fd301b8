"""A hardened container, and the conversation with the sandbox server in it.

No bind mounts and no files put into it: a remote engine works too. The source goes in
and the result comes out as frames on its attached streams. It ends when its input
ends, so it does not outlive its client.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.errors import EnvironmentFailure, ImageMissingError
from verifier.run import owner
from verifier.run.attached import AttachedStream, attach
from verifier.run.engine import engine_errors
from verifier.run.frames import Conversation
from verifier.run.interface import PLAIN
from verifier.sandbox.slot import RUN_UIDS
from verifier.sandbox.walls import uids

if TYPE_CHECKING:
    from docker import DockerClient

    from verifier.run.frames import ServerInfo
    from verifier.run.interface import Examination, Limits, RunResult

ROLE_LABEL = "org.labcheck.role"
"""Label of every container started here; its value is `ROLE`."""

ROLE = "sandbox"
OWNER_LABEL = "org.labcheck.owner"
"""Label of a container: the client that started it, see `owner`."""

UID_LABEL = "org.labcheck.uid"
"""Label of a container: the uid of all its runs."""

_REMOVE_S = 15.0
_PAUSE_S = 0.02
_PIDS = 64
_SLOT_ROOM_BYTES = 16 * 1024 * 1024
_SLOT_INODES = 4096
_CONFLICT = 409
# From a random start, one after another: no two containers of this process share a uid.
_OFFSETS = itertools.count(secrets.randbelow(len(RUN_UIDS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What every container of one runner is made from."""

    image_id: str
    memory: str
    """In the engine's notation; there is no swap besides."""
    server_info: ServerInfo
    """What the client says of it."""
    arguments: tuple[str, ...] = ()
    """Of its server's command line."""


class HardenedContainer:
    """A container, from before the engine makes it until it is certainly gone.

    Args:
        client: The engine.
        build: What to make it from.
        file_limit_bytes: The largest file that a run in it may write.
    """

    def __init__(self, client: DockerClient, build: Build, *, file_limit_bytes: int) -> None:
        self.file_limit_bytes = file_limit_bytes
        self.runs = 0
        """How many it was asked for."""
        self.started_at = time.monotonic()
        self._client = client
        self._build = build
        # A name of ours, so that it can be removed even if interrupted while it is made.
        self._name = f"labcheck-{secrets.token_hex(8)}"
        self._connection = contextlib.ExitStack()
        self._talk: Conversation | None = None

    def start(self) -> None:
        """Make it, and wait until its server has said hello.

        Raises:
            EnvironmentFailure: The engine, the image or the server in it failed; `remove` it.
        """
        with engine_errors():
            self._create()
            # Before the start: nothing that the server says is missed or lies in a log.
            connection = self._connection.enter_context(attach(self._client, self._name))
            self._client.api.start(self._name)
        talk = Conversation(AttachedStream(connection), server_info=self._build.server_info)
        talk.begin()
        self._talk = talk

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Have ``source`` run in it, after `start`.

        Raises:
            WorkerError: The server failed: `remove` it.
        """
        if self._talk is None:
            msg = "a container runs nothing before its start"
            raise RuntimeError(msg)
        self.runs += 1
        return self._talk.run(source, limits=limits, examination=examination)

    def leave(self) -> None:
        """Close its input without waiting: its server ends, and the engine removes it."""
        self._connection.close()

    def remove(self) -> None:
        """Remove it, running or not, and wait until it is gone.

        Raises:
            EngineError: It is not.
            EngineUnavailableError: Nobody can tell.
        """
        self.leave()
        remove(self._client, self._name)

    def _create(self) -> None:
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect
        from docker.types import LogConfig, Ulimit  # noqa: PLC0415 - see connect

        uid = free_uid(self._client)
        size = self.file_limit_bytes + _SLOT_ROOM_BYTES
        try:
            self._client.containers.create(
                self._build.image_id,
                command=list(self._build.arguments),
                name=self._name,
                labels={ROLE_LABEL: ROLE, OWNER_LABEL: owner.current(), UID_LABEL: str(uid)},
                user="0:0",
                network_mode="none",
                ipc_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                cap_add=["SETUID", "SETGID", "KILL"],
                security_opt=["no-new-privileges"],
                mem_limit=self._build.memory,
                memswap_limit=self._build.memory,
                pids_limit=_PIDS,
                # Shared memory and queues outlive their process and count for no limit of a run.
                sysctls={"kernel.shmmax": "0", "kernel.shmall": "0", "kernel.msgmni": "0"},
                ulimits=[Ulimit(name="core", soft=0, hard=0)],
                tmpfs={
                    "/slot": f"size={size},nr_inodes={_SLOT_INODES},mode=1730,"
                    f"uid=0,gid={uid},noexec,nosuid,nodev"
                },
                log_config=LogConfig(type="none"),  # a flood would fill the engine's disk
                stdin_open=True,  # and stdin_once with it, as this is no detached container
                tty=False,
                auto_remove=True,
            )
        except ImageNotFound as error:
            raise ImageMissingError(image=self._build.image_id) from error


def free_uid(client: DockerClient) -> int:
    """Choose a uid that no container of labcheck's on this engine has, and nobody else here.

    The kernel counts processes and pending signals per uid, whatever the container; and the
    janitor of a run on the host ends every process of its uid, in containers too.
    Two processes that choose at the same moment may agree, once in ten thousand times.

    Raises:
        EnvironmentFailure: All of them are users' or groups' of this machine.
    """
    taken = {entry["Labels"].get(UID_LABEL) for entry in _containers(client)}
    taken |= {str(uid) for uid in uids.seen()}
    first = next(_OFFSETS)
    uid = uids.first_of_nobody(RUN_UIDS, since=first, is_taken=lambda uid: str(uid) in taken)
    if uid is None:  # ten thousand containers share
        uid = uids.first_of_nobody(RUN_UIDS, since=first, is_taken=lambda _: False)
    if uid is not None:
        return uid
    raise EnvironmentFailure(
        f"every uid of {RUN_UIDS[0]} to {RUN_UIDS[-1]} is a user's or a group's here",
        remedy="runs need one that is nobody's: use another machine",
    )


def remove_orphans(client: DockerClient) -> None:
    """Remove containers whose client died between creating and starting them."""
    with engine_errors():
        found = _containers(client)
    for entry in found:
        if owner.is_dead(entry["Labels"].get(OWNER_LABEL, "")):
            remove(client, entry["Id"])


def remove(client: DockerClient, name: str) -> None:
    """Remove a container by name or id, running or not, and wait until it is gone."""
    from docker.errors import APIError, NotFound  # noqa: PLC0415 - see connect

    deadline = time.monotonic() + _REMOVE_S
    with engine_errors():
        while True:
            try:
                client.api.remove_container(name, force=True, v=True)
            except NotFound:
                return
            except APIError as error:
                # It is being removed already, because it ended by itself.
                if error.status_code != _CONFLICT or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_S)


def _containers(client: DockerClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.api.containers(
        all=True, filters={"label": f"{ROLE_LABEL}={ROLE}"}
    )
    return found
