"""When a runner keeps its container, when it replaces it, and what it runs a second time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS, run_result
from verifier.errors import EngineUnavailableError, StaleImageError, WallMissingError, WorkerError
from verifier.run import container
from verifier.run.container import ContainerRunner
from verifier.run.engine import PINS_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.run.hardened import Build
    from verifier.run.interface import Examination, Limits, RunResult

IMAGE_ID = "sha256:" + "c" * 64
GONE = WorkerError("the sandbox server ended")


@dataclass
class World:
    """What an engine is asked for, and what goes wrong there."""

    containers: list[FakeContainer] = field(default_factory=list)
    runs: list[tuple[int, bytes]] = field(default_factory=list)
    """Each run: the number of its container, its source."""
    troubles: list[BaseException | None] = field(default_factory=list)
    """What becomes of the next runs; nothing where it is empty."""
    start_troubles: list[BaseException] = field(default_factory=list)
    remove_troubles: list[BaseException] = field(default_factory=list)
    now_s: float = 1000.0
    closed: bool = False

    @property
    def left(self) -> list[int]:
        """The containers that nobody removed."""
        return [number for number, each in enumerate(self.containers) if not each.removed]

    @property
    def places(self) -> list[int]:
        """In which container each run was."""
        return [number for number, _ in self.runs]


class FakeContainer:
    """A container that is only remembered."""

    def __init__(self, world: World, *, file_limit_bytes: int) -> None:
        self.file_limit_bytes = file_limit_bytes
        self.runs = 0
        self.started_at = world.now_s
        self.input_closed = False
        self.removed = False
        self._world = world
        self._number = len(world.containers)
        world.containers.append(self)

    def start(self) -> None:
        """Start, or not."""
        if self._world.start_troubles:
            raise self._world.start_troubles.pop(0)

    def run(
        self,
        source: bytes,
        *,
        limits: Limits,
        examination: Examination,  # noqa: ARG002 - the container's own
    ) -> RunResult:
        """Run, or not."""
        assert not self.removed
        assert not self.input_closed
        assert limits.file_limit_bytes <= self.file_limit_bytes
        self.runs += 1
        self._world.runs.append((self._number, source))
        trouble = self._world.troubles.pop(0) if self._world.troubles else None
        if trouble is not None:
            raise trouble
        return run_result(source)

    def leave(self) -> None:
        """Let it end by itself."""
        self.input_closed = True

    def remove(self) -> None:
        """Remove it, or not."""
        if self._world.remove_troubles:
            raise self._world.remove_troubles.pop(0)
        self.removed = True


class FakeClient:
    """An engine that has one image."""

    id = IMAGE_ID
    labels = {PINS_LABEL: "d" * 64}  # noqa: RUF012 - never changed

    def __init__(self, world: World) -> None:
        self.images = self
        self._world = world

    def get(self, name: str) -> FakeClient:
        """Give the image, which is this object too."""
        assert name == container.IMAGE
        return self

    def close(self) -> None:
        """Remember that it was closed, and that everything else had been done by then."""
        self._world.closed = True


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Put a world without an engine under the runner."""
    world = World()

    def make(client: FakeClient, build: Build, *, file_limit_bytes: int) -> FakeContainer:
        assert isinstance(client, FakeClient)
        assert build.image_id == IMAGE_ID
        return FakeContainer(world, file_limit_bytes=file_limit_bytes)

    @contextmanager
    def no_engine() -> Iterator[None]:
        yield

    monkeypatch.setattr(container, "connect", lambda: FakeClient(world))
    monkeypatch.setattr(container, "engine_errors", no_engine)
    monkeypatch.setattr(container, "remove_orphans", lambda _: None)
    monkeypatch.setattr(container, "HardenedContainer", make)
    monkeypatch.setattr(container, "monotonic", lambda: world.now_s)
    return world


def run_all(runner: ContainerRunner, *sources: bytes, limits: Limits = LIMITS) -> list[bytes]:
    """Run one after another; give what each printed, which here is its source."""
    return [runner.run(source, limits=limits).stdout for source in sources]


def test_one_container_serves_many_runs_and_is_gone_at_the_end(world: World) -> None:
    """Importing torch is paid for once."""
    with ContainerRunner() as runner:
        assert world.containers == []  # whoever finds nothing to run pays for none
        assert run_all(runner, b"1", b"2", b"3") == [b"1", b"2", b"3"]
        assert world.left == [0]

    assert (world.places, world.left, world.closed) == ([0, 0, 0], [], True)


def test_a_fresh_runner_gives_each_run_its_own_container(world: World) -> None:
    """The strongest tier: it is gone when the run is."""
    with ContainerRunner(fresh=True) as runner:
        for expected in range(3):
            run_all(runner, b"")
            assert (world.places[-1], world.left) == (expected, [])


def test_a_fresh_container_runs_nothing_twice(world: World) -> None:
    """Nobody but the run itself can be to blame."""
    world.troubles = [GONE]
    with ContainerRunner(fresh=True) as runner:
        with pytest.raises(WorkerError):
            runner.run(b"1", limits=LIMITS)
        assert (world.runs, world.left) == ([(0, b"1")], [])
        assert run_all(runner, b"2") == [b"2"]


def test_a_container_is_replaced_after_so_many_runs(world: World) -> None:
    """What a run leaves unseen must not pile up for ever."""
    with ContainerRunner(runs_per_container=2) as runner:
        run_all(runner, b"1", b"2", b"3", b"4", b"5")

    assert world.places == [0, 0, 1, 1, 2]


def test_a_container_is_replaced_after_so_many_seconds(world: World) -> None:
    """Counted from its start; at the bound itself it is too old."""
    with ContainerRunner(seconds_per_container=60.0) as runner:
        run_all(runner, b"1")
        for now_s in (1059.9, 1060.0, 1119.9):
            world.now_s = now_s
            run_all(runner, b"2")

    assert world.places == [0, 0, 1, 1]


def test_a_container_with_too_small_a_slot_is_replaced(world: World) -> None:
    """A run that asks for less, or as much, takes the one there is."""
    with ContainerRunner() as runner:
        for factor in (2, 1, 2, 3):
            limits = replace(LIMITS, file_limit_bytes=factor * LIMITS.file_limit_bytes)
            run_all(runner, b"", limits=limits)

    assert world.places == [0, 0, 0, 1]


def test_a_replaced_container_ends_by_itself_while_the_next_one_starts(world: World) -> None:
    """Nobody waits for it; before the next is replaced, and at the end, it is certainly gone."""
    with ContainerRunner(runs_per_container=1) as runner:
        run_all(runner, b"1", b"2")
        assert [each.input_closed for each in world.containers] == [True, False]
        assert world.left == [0, 1]
        run_all(runner, b"3")
        assert world.left == [1, 2]

    assert world.left == []


def test_a_run_that_another_one_spoiled_is_run_again(world: World) -> None:
    """A worn slot, a server that died between two runs: the next submission pays with time only."""
    world.troubles = [None, GONE]
    with ContainerRunner() as runner:
        assert run_all(runner, b"1", b"2", b"3") == [b"1", b"2", b"3"]

    assert world.runs == [(0, b"1"), (0, b"2"), (1, b"2"), (1, b"3")]


def test_a_run_that_ends_its_server_twice_is_not_run_a_third_time(world: World) -> None:
    """The second time it was alone, so it is to blame; the next run is not held up by it."""
    world.troubles = [None, GONE, WorkerError("and again")]
    with ContainerRunner() as runner:
        run_all(runner, b"1")
        with pytest.raises(WorkerError, match="and again"):
            runner.run(b"2", limits=LIMITS)
        assert world.left == []
        run_all(runner, b"3")

    assert world.runs == [(0, b"1"), (0, b"2"), (1, b"2"), (2, b"3")]


def test_the_first_run_of_a_container_is_not_run_again(world: World) -> None:
    """Nobody was there before it."""
    world.troubles = [GONE]
    with ContainerRunner() as runner:
        with pytest.raises(WorkerError):
            runner.run(b"1", limits=LIMITS)

        assert (world.runs, world.left) == ([(0, b"1")], [])


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), EngineUnavailableError(reason="x")])
def test_what_is_not_the_servers_fault_is_not_run_again(
    world: World, trouble: BaseException
) -> None:
    """An interrupt is obeyed; without an engine there is nowhere to run."""
    world.troubles = [None, trouble]
    with ContainerRunner() as runner:
        run_all(runner, b"1")
        with pytest.raises(type(trouble)):
            runner.run(b"2", limits=LIMITS)
        assert world.left == []
        run_all(runner, b"3")

    assert world.places == [0, 0, 1]


def test_a_container_that_does_not_start_is_removed_and_its_error_raised(world: World) -> None:
    """The next run tries again: a missing wall stays missing, a full disk may not."""
    world.start_troubles = [WallMissingError("no wall"), KeyboardInterrupt()]
    with ContainerRunner() as runner:
        with pytest.raises(WallMissingError):
            runner.run(b"1", limits=LIMITS)
        with pytest.raises(KeyboardInterrupt):
            runner.run(b"1", limits=LIMITS)
        assert (world.runs, world.left) == ([], [])
        run_all(runner, b"1")

    assert world.places == [2]


def test_a_container_that_cannot_be_removed_is_tried_again_at_the_end(world: World) -> None:
    """The engine's silence is the error, as it explains the server's."""
    world.troubles = [GONE]
    world.remove_troubles = [EngineUnavailableError(reason="gone")]
    with ContainerRunner() as runner:
        with pytest.raises(EngineUnavailableError):
            runner.run(b"1", limits=LIMITS)
        assert world.left == [0]
        run_all(runner, b"2")

    assert (world.places, world.left) == ([0, 1], [])


def test_one_container_that_stays_does_not_keep_the_others(world: World) -> None:
    """The end removes all it can, then says what it could not."""
    runner = ContainerRunner(runs_per_container=1)
    runner.__enter__()
    run_all(runner, b"1", b"2")
    world.remove_troubles = [EngineUnavailableError(reason="gone")]

    with pytest.raises(EngineUnavailableError):
        runner.__exit__(None, None, None)
    assert (len(world.left), world.closed) == (1, True)


def test_the_images_id_is_known_before_anything_runs(world: World) -> None:
    """It is part of what a finished result is found again by."""
    runner = ContainerRunner(pins_sha256="d" * 64)
    with pytest.raises(RuntimeError):
        _ = runner.image
    with runner:
        assert (runner.image, world.containers) == (IMAGE_ID, [])

    with pytest.raises(RuntimeError):
        runner.run(b"", limits=LIMITS)


def test_an_image_of_other_pins_is_refused(world: World) -> None:
    """Its golden values would not be this labcheck's."""
    with pytest.raises(StaleImageError):
        ContainerRunner(pins_sha256="e" * 64).__enter__()

    assert world.closed
