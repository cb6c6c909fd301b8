"""`ContainerRunner` runs sources in hardened containers: many in one, or one in each.

Between two runs in one container its server ends every process of the first and empties
its slot; what it cannot clean, it does not use again. A container is replaced after so
many runs or seconds, and after anything that is not a result.

**What is run again.** A submission has no effect outside its container, so running it a
second time is safe; what must not happen is that one which kills its server is run on and
on. So a run that gave no answer (its container was worn by an earlier run, was killed,
fell silent or said nonsense) is tried once more, in a new container, if its own had served
an earlier run: that one may be to blame. In a new container the only suspects are the run
itself and the machine, so there the failure is raised. No submission is run more than twice.
"""

from __future__ import annotations

import contextlib
from time import monotonic
from typing import TYPE_CHECKING, Self

from verifier.errors import ImageMissingError, StaleImageError, WorkerError
from verifier.run.engine import PINS_LABEL, connect, engine_errors
from verifier.run.frames import ServerInfo
from verifier.run.hardened import Build, HardenedContainer, remove_orphans
from verifier.run.interface import NO_SETTINGS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from docker import DockerClient

    from verifier.run.interface import Examination, Limits, RunResult

IMAGE = "labcheck-runtime"
"""The image that holds Python, torch and the sandbox server, and no lab."""

RUNS_PER_CONTAINER = 5000
"""Starting one costs as much as about 150 runs: three per cent of them."""

SECONDS_PER_CONTAINER = 1800.0
_OUTSIDE_WALLS = frozenset({"container", "no_network"})


class ContainerRunner:
    """A `Runner` that starts a container with its first run and keeps it for the next ones.

    For one thread at a time; its connection to the engine is its own, so several runners
    can work side by side.

    Args:
        image: Name or id of the runtime image.
        pins_sha256: What the image must have been built from; None accepts any.
        memory: A container's memory, in the engine's notation; there is no swap besides.
        fresh: Whether every run gets a container of its own, gone when the run is.
        runs_per_container: After so many runs the next one gets a new container.
        seconds_per_container: The same after so many seconds since its start.
        settings: Variables of the environment that torch is loaded in.
        without: Walls inside the container to leave down.
    """

    def __init__(
        self,
        *,
        image: str = IMAGE,
        pins_sha256: str | None = None,
        memory: str = "2g",
        fresh: bool = False,
        runs_per_container: int = RUNS_PER_CONTAINER,
        seconds_per_container: float = SECONDS_PER_CONTAINER,
        settings: Mapping[str, str] = NO_SETTINGS,
        without: Collection[str] = (),
    ) -> None:
        self._arguments = (
            *(f"--set={name}={value}" for name, value in settings.items()),
            *(f"--without={wall}" for wall in without),
        )
        self._name = image
        self._pins_sha256 = pins_sha256
        self._memory = memory
        self._fresh = fresh
        self._runs_per_container = runs_per_container
        self._seconds_per_container = seconds_per_container
        self._client: DockerClient | None = None
        self._build: Build | None = None
        self._container: HardenedContainer | None = None
        self._not_gone: list[HardenedContainer] = []

    def __enter__(self) -> Self:
        """Check that the engine answers and has the image; clear what dead clients left.

        No container yet: whoever finds nothing to run pays for none.

        Raises:
            EngineUnavailableError: No engine answers.
            ImageMissingError: It does not have the image.
            StaleImageError: It has one that was built from other pins.
        """
        self._client = connect()
        try:
            self._build = self._find_image(self._client)
            remove_orphans(self._client)
        except BaseException:
            self._client.close()
            self._client = None
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove every container of this runner.

        Raises:
            EngineError: One is not gone.
            EngineUnavailableError: Nobody can tell.
        """
        client, self._client, self._container = self._client, None, None
        if client is not None:
            with contextlib.closing(client):
                self._remove_all()

    @property
    def image(self) -> str:
        """Id (``sha256:…``) of the runtime image, from `__enter__` on."""
        return self._entered()[1].image_id

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run ``source`` where nothing of an earlier run is left.

        Raises:
            EnvironmentFailure: The engine, the image or the server in it failed; the next
                run gets a new container.
        """
        container = self._container_for(limits)
        try:
            return self._run_in(container, source, limits, examination)
        except WorkerError:
            if container.runs == 1:
                raise
        return self._run_in(self._container_for(limits), source, limits, examination)

    def _run_in(
        self, container: HardenedContainer, source: bytes, limits: Limits, examination: Examination
    ) -> RunResult:
        try:
            result = container.run(source, limits=limits, examination=examination)
        except BaseException:
            self._remove(container)
            raise
        if self._fresh:
            self._remove(container)
        return result

    def _container_for(self, limits: Limits) -> HardenedContainer:
        """Take the container there is, if it will still do, or a new one."""
        if self._container is not None and not self._still_does(self._container, limits):
            self._replace(self._container)
        if self._container is None:
            self._container = self._start(limits)
        return self._container

    def _still_does(self, container: HardenedContainer, limits: Limits) -> bool:
        return (
            container.runs < self._runs_per_container
            and monotonic() - container.started_at < self._seconds_per_container
            and limits.file_limit_bytes <= container.file_limit_bytes
        )

    def _replace(self, container: HardenedContainer) -> None:
        """Close a container's input: it ends by itself while the next one starts.

        Those that were left to end so before are removed, which waits until they are gone.
        """
        self._container = None
        container.leave()
        for earlier in [found for found in self._not_gone if found is not container]:
            self._remove(earlier)

    def _start(self, limits: Limits) -> HardenedContainer:
        client, build = self._entered()
        container = HardenedContainer(client, build, file_limit_bytes=limits.file_limit_bytes)
        self._not_gone.append(container)  # before it is made: also if interrupted meanwhile
        try:
            container.start()
        except BaseException:
            self._remove(container)
            raise
        return container

    def _remove(self, container: HardenedContainer) -> None:
        if container is self._container:
            self._container = None
        container.remove()
        self._not_gone.remove(container)  # else `__exit__` tries again

    def _remove_all(self) -> None:
        with contextlib.ExitStack() as stack:  # all of them, whatever one of them raises
            for container in self._not_gone:
                stack.callback(container.remove)
            self._not_gone = []

    def _find_image(self, client: DockerClient) -> Build:
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect

        with engine_errors():
            try:
                image = client.images.get(self._name)
            except ImageNotFound as error:
                raise ImageMissingError(image=self._name) from error
        pins_sha256 = image.labels.get(PINS_LABEL)
        if self._pins_sha256 not in (None, pins_sha256):
            raise StaleImageError(image=self._name)
        image_id = str(image.id)
        server_info = ServerInfo(
            runner="container", image=image_id, pins_sha256=pins_sha256, walls=_OUTSIDE_WALLS
        )
        return Build(
            image_id=image_id,
            memory=self._memory,
            server_info=server_info,
            arguments=self._arguments,
        )

    def _entered(self) -> tuple[DockerClient, Build]:
        if self._client is None or self._build is None:
            msg = "a ContainerRunner runs inside its with block only"
            raise RuntimeError(msg)
        return self._client, self._build
