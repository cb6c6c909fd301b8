"""Runs each source in a fresh, hardened container, through the Docker SDK.

No bind mounts and no files put into it: a remote engine works too. The source goes in
and the result comes out as frames on its attached streams. It ends when its input
ends, so it outlives neither its run nor its client.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any, Self

from verifier.errors import ImageMissingError, StaleImageError
from verifier.run import owner
from verifier.run.attached import AttachedStream
from verifier.run.engine import PINS_LABEL, connect, engine_errors
from verifier.run.frames import Conversation, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from docker import DockerClient

    from verifier.limits import Limits
    from verifier.run.interface import RunResult

IMAGE = "labcheck-runtime"
"""The image that holds Python, torch and the sandbox server, and no lab."""

ROLE_LABEL = "org.labcheck.role"
"""Label of every container started here; its value is `ROLE`."""

ROLE = "sandbox"
OWNER_LABEL = "org.labcheck.owner"
"""Label of a container: the client that started it, see `owner`."""

_REMOVE_S = 15.0
_PAUSE_S = 0.02
_RUN_UID = 20_000
_PIDS = 64
_SLOT_ROOM_BYTES = 16 * 1024 * 1024
_SLOT_INODES = 4096
_CONFLICT = 409
_OUTSIDE_WALLS = frozenset({"container", "no_network"})


class ContainerRunner:
    """A `Runner` that gives every source a container of its own.

    Args:
        image: Name or id of the runtime image.
        pins_sha256: What the image must have been built from; None accepts any.
        memory: The container's memory, in the engine's notation; there is no swap beside it.
    """

    def __init__(
        self, *, image: str = IMAGE, pins_sha256: str | None = None, memory: str = "2g"
    ) -> None:
        self._image = image
        self._pins_sha256 = pins_sha256
        self._memory = memory
        self._client: DockerClient | None = None
        self._image_id = ""
        self._place: Place | None = None

    def __enter__(self) -> Self:
        """Check that the engine answers and has the image; clear what dead clients left.

        Raises:
            EngineUnavailableError: No engine answers.
            ImageMissingError: It does not have the image.
            StaleImageError: It has one that was built from other pins.
        """
        self._client = connect()
        try:
            self._find_image(self._client)
            _remove_orphans(self._client)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def run(self, source: bytes, *, limits: Limits) -> RunResult:
        """Run ``source`` in a new container, which is gone when this returns or raises.

        Raises:
            EnvironmentFailure: The engine, the image or the server in it failed.
        """
        if self._client is None or self._place is None:
            msg = "a ContainerRunner runs inside its with block only"
            raise RuntimeError(msg)
        name = f"labcheck-{secrets.token_hex(8)}"
        try:
            with contextlib.ExitStack() as stack:
                with engine_errors():
                    self._create(self._client, name, limits)
                    connection = stack.enter_context(_attach(self._client, name))
                    self._client.api.start(name)
                talk = Conversation(AttachedStream(connection), place=self._place)
                talk.begin()
                return talk.run(source, limits=limits)
        finally:
            # By name, which is known before there is a container: also if interrupted meanwhile.
            _remove(self._client, name)

    def _find_image(self, client: DockerClient) -> None:
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect

        with engine_errors():
            try:
                image = client.images.get(self._image)
            except ImageNotFound as error:
                raise ImageMissingError(image=self._image) from error
        if self._pins_sha256 not in (None, image.labels.get(PINS_LABEL)):
            raise StaleImageError(image=self._image)
        self._image_id = str(image.id)
        self._place = Place(
            runner="container",
            image=self._image_id,
            pins_sha256=image.labels.get(PINS_LABEL),
            walls=_OUTSIDE_WALLS,
        )

    def _create(self, client: DockerClient, name: str, limits: Limits) -> None:
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect
        from docker.types import LogConfig, Ulimit  # noqa: PLC0415 - see connect

        size = limits.file_limit_bytes + _SLOT_ROOM_BYTES
        try:
            client.containers.create(
                self._image_id,
                name=name,
                labels={ROLE_LABEL: ROLE, OWNER_LABEL: owner.current()},
                user="0:0",
                network_mode="none",
                ipc_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                cap_add=["SETUID", "SETGID", "KILL"],
                security_opt=["no-new-privileges"],
                mem_limit=self._memory,
                memswap_limit=self._memory,
                pids_limit=_PIDS,
                # Shared memory and queues outlive their process and count for no limit of a run.
                sysctls={"kernel.shmmax": "0", "kernel.shmall": "0", "kernel.msgmni": "0"},
                ulimits=[Ulimit(name="core", soft=0, hard=0)],
                tmpfs={
                    "/slot": f"size={size},nr_inodes={_SLOT_INODES},mode=0700,"
                    f"uid={_RUN_UID},gid={_RUN_UID},noexec,nosuid,nodev"
                },
                log_config=LogConfig(type="none"),  # a flood would fill the engine's disk
                stdin_open=True,  # and stdin_once with it, as this is no detached container
                tty=False,
                auto_remove=True,
            )
        except ImageNotFound as error:
            raise ImageMissingError(image=self._image) from error

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


@contextlib.contextmanager
def _attach(client: DockerClient, name: str) -> Iterator[socket.socket]:
    # Before the start: nothing that the server says is missed, and nothing lies in a log.
    raw: Any = client.api.attach_socket(
        name, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    )
    connection: socket.socket = getattr(raw, "_sock", raw)
    try:
        yield connection
    finally:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        response = getattr(raw, "_response", None)
        if response is not None:
            response.close()
        raw.close()
        connection.close()


def _remove(client: DockerClient, name: str) -> None:
    """Remove a container, running or not, and wait until it is gone."""
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


def _remove_orphans(client: DockerClient) -> None:
    """Remove containers whose client died between creating and starting them."""
    with engine_errors():
        found = client.api.containers(all=True, filters={"label": f"{ROLE_LABEL}={ROLE}"})
    for container in found:
        if owner.is_dead(container["Labels"].get(OWNER_LABEL, "")):
            _remove(client, container["Id"])
