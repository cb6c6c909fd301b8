"""Runs sources in hardened containers, through the Docker SDK: many in one, or one in each.

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
from verifier.run.cell import OWNER_LABEL, ROLE, ROLE_LABEL, Build, Cell, remove_orphans
from verifier.run.engine import PINS_LABEL, connect, engine_errors
from verifier.run.frames import Place
from verifier.run.interface import NO_SETTINGS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import TracebackType

    from docker import DockerClient

    from verifier.run.interface import Examination, Limits, RunResult

__all__ = ["IMAGE", "OWNER_LABEL", "ROLE", "ROLE_LABEL", "ContainerRunner"]

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
        memory: A container's memory, in the engine's notation; there is no swap beside it.
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
        self._cell: Cell | None = None
        self._not_gone: list[Cell] = []

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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove every container of this runner.

        Raises:
            EngineError: One is not gone.
            EngineUnavailableError: Nobody can tell.
        """
        client, self._client, self._cell = self._client, None, None
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
        cell = self._cell_for(limits)
        try:
            return self._run_in(cell, source, limits=limits, examination=examination)
        except WorkerError:
            if cell.runs == 1:
                raise
        return self._run_in(self._cell_for(limits), source, limits=limits, examination=examination)

    def _run_in(
        self, cell: Cell, source: bytes, *, limits: Limits, examination: Examination
    ) -> RunResult:
        try:
            result = cell.run(source, limits=limits, examination=examination)
        except BaseException:
            self._remove(cell)
            raise
        if self._fresh:
            self._remove(cell)
        return result

    def _cell_for(self, limits: Limits) -> Cell:
        """Take the container there is, if it will still do, or a new one."""
        if self._cell is not None and not self._still_does(self._cell, limits):
            self._replace(self._cell)
        if self._cell is None:
            self._cell = self._start(limits)
        return self._cell

    def _still_does(self, cell: Cell, limits: Limits) -> bool:
        return (
            cell.runs < self._runs_per_container
            and monotonic() - cell.started_at < self._seconds_per_container
            and limits.file_limit_bytes <= cell.file_limit_bytes
        )

    def _replace(self, cell: Cell) -> None:
        """Let a container end by itself while the next one starts; be sure of those before it."""
        self._cell = None
        cell.leave()
        for earlier in [found for found in self._not_gone if found is not cell]:
            self._remove(earlier)

    def _start(self, limits: Limits) -> Cell:
        client, build = self._entered()
        cell = Cell(client, build, file_limit_bytes=limits.file_limit_bytes)
        self._not_gone.append(cell)  # before there is a container: also if interrupted meanwhile
        try:
            cell.start()
        except BaseException:
            self._remove(cell)
            raise
        return cell

    def _remove(self, cell: Cell) -> None:
        if cell is self._cell:
            self._cell = None
        cell.remove()
        self._not_gone.remove(cell)  # else `__exit__` tries again

    def _remove_all(self) -> None:
        with contextlib.ExitStack() as stack:  # all of them, whatever one of them raises
            for cell in self._not_gone:
                stack.callback(cell.remove)
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
        place = Place(
            runner="container", image=image_id, pins_sha256=pins_sha256, walls=_OUTSIDE_WALLS
        )
        return Build(image_id=image_id, memory=self._memory, place=place, arguments=self._arguments)

    def _entered(self) -> tuple[DockerClient, Build]:
        if self._client is None or self._build is None:
            msg = "a ContainerRunner runs inside its with block only"
            raise RuntimeError(msg)
        return self._client, self._build
