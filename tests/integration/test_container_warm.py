"""One container for many runs, with a real engine: what each finds there, when it is replaced."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS
from tests.integration.leftovers import PATIENCE_S, containers_of, wait_until_busy
from tests.integration.relay import Relay
from tests.integration.submissions import REFERENCE
from verifier.errors import EngineUnavailableError, WorkerError
from verifier.run import hardened
from verifier.run.container import ContainerRunner
from verifier.run.frames import Conversation
from verifier.run.hardened import ROLE, ROLE_LABEL, UID_LABEL
from verifier.run.interface import PLAIN, Exited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from docker import DockerClient

    from verifier.run.interface import Examination, Limits, RunResult

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_left")]

WORN = """\
from verifier.sandbox import __main__, janitor, slot

class Worn:
    def __getattr__(self, name):
        return getattr(slot, name)

    def empty(self, top):
        raise OSError

janitor.slot = Worn()
__main__.main()
"""
"""A server whose every run leaves what cannot be removed."""

BUSY = b"""
import time
end = time.monotonic() + 3
while time.monotonic() < end:
    pass
print("done")
"""


@pytest.fixture
def serving(engine: DockerClient, runtime_image: str) -> Callable[[], str]:
    """Tell which container serves: there must be one."""

    def find() -> str:
        (found,) = containers_of(engine, runtime_image)
        return found

    return find


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Count the runs that servers were asked for."""
    count = threading.Semaphore(0)

    class Asking(Conversation):
        def run(
            self, source: bytes, *, limits: Limits, examination: Examination = PLAIN
        ) -> RunResult:
            count.release()
            return super().run(source, limits=limits, examination=examination)

    monkeypatch.setattr(hardened, "Conversation", Asking)
    return count


@pytest.fixture
def wearing_image(engine: DockerClient, runtime_image: str) -> Iterator[str]:
    """Make an image whose server every run wears out."""
    made = engine.containers.create(runtime_image, labels={ROLE_LABEL: ROLE})
    entrypoint = ["/usr/bin/tini", "--", "/usr/bin/python3", "-I", "-c", WORN]
    image = made.commit(conf={"Entrypoint": entrypoint})
    made.remove(force=True)
    yield str(image.id)
    engine.images.remove(str(image.id), force=True, noprune=True)


def test_forty_runs_in_one_container_print_the_same_bytes(
    contained: ContainerRunner, serving: Callable[[], str]
) -> None:
    """First, last, after a crash or a time-out: no run changes what another one prints."""
    first = contained.run(REFERENCE.read_bytes(), limits=LIMITS)
    container = serving()
    between = {
        5: b"1/0",
        10: b"import torch; torch.set_default_dtype(torch.float64); torch.manual_seed(1)",
        15: b"open('left', 'w').write('x' * 10**6)",
        20: b"while True: pass",
    }
    for number in range(39):
        if number in between:
            contained.run(between[number], limits=replace(LIMITS, time_limit_s=0.5))
        result = contained.run(REFERENCE.read_bytes(), limits=LIMITS)

        assert (result.stdout, result.stderr) == (first.stdout, b"")
    assert serving() == container


def test_a_container_is_replaced_after_its_runs_or_its_time(
    runtime_image: str, serving: Callable[[], str], engine: DockerClient
) -> None:
    """The next run is in another one; what printed before and after is the same."""
    printed, seen = set(), []
    with ContainerRunner(image=runtime_image, runs_per_container=2) as runner:
        for _ in range(2):
            printed.add(runner.run(REFERENCE.read_bytes(), limits=LIMITS).stdout)
            seen.append(serving())
        printed.add(runner.run(REFERENCE.read_bytes(), limits=LIMITS).stdout)
        seen += containers_of(engine, runtime_image) - {seen[0]}
        runner._seconds_per_container = 0.0
        printed.add(runner.run(REFERENCE.read_bytes(), limits=LIMITS).stdout)
        seen += containers_of(engine, runtime_image) - set(seen)

    assert (len(printed), len(set(seen))) == (1, 3)
    assert seen[0] == seen[1]


def test_a_replaced_container_ends_by_itself(
    runtime_image: str, serving: Callable[[], str], engine: DockerClient
) -> None:
    """Its input ended, so its server does: it need not be killed."""
    with ContainerRunner(image=runtime_image, runs_per_container=1) as runner:
        runner.run(b"", limits=LIMITS)
        old = serving()
        runner.run(b"", limits=LIMITS)
        deadline = time.monotonic() + PATIENCE_S
        while old in containers_of(engine, runtime_image):
            assert time.monotonic() < deadline, "it stays"
            time.sleep(0.05)

        assert serving() != old


def test_a_run_that_asks_for_a_larger_file_gets_it(
    contained: ContainerRunner, serving: Callable[[], str]
) -> None:
    """Its slot must hold what it may write."""
    contained.run(b"", limits=LIMITS)
    first = serving()
    source = b"open('big', 'wb').write(bytes(48 << 20))"
    result = contained.run(source, limits=replace(LIMITS, file_limit_bytes=64 << 20))

    assert (result.outcome, result.stderr) == (Exited(code=0), b"")
    assert serving() != first


def test_a_worn_slot_costs_the_next_submission_nothing(
    wearing_image: str, engine: DockerClient
) -> None:
    """Its server refuses the next run, which then has a new container; its host name tells."""
    source = b"import os; print(%d, os.uname().nodename)"
    with ContainerRunner(image=wearing_image) as runner:
        outputs = [runner.run(source % number, limits=LIMITS).stdout.split() for number in range(3)]
    numbers, hosts = zip(*outputs, strict=True)

    assert numbers == (b"0", b"1", b"2")
    assert len(set(hosts)) == 3
    assert containers_of(engine, wearing_image) == set()


def test_a_container_killed_between_two_runs_costs_neither(
    contained: ContainerRunner, engine: DockerClient, serving: Callable[[], str]
) -> None:
    """`docker kill`, or an operator who clears up."""
    contained.run(b"", limits=LIMITS)
    killed = serving()
    engine.api.kill(killed)

    assert contained.run(b"print(2)", limits=LIMITS).stdout == b"2\n"
    assert serving() != killed


def test_a_container_killed_in_the_middle_of_its_first_run_is_a_worker_error(
    contained: ContainerRunner,
    engine: DockerClient,
    serving: Callable[[], str],
    asked: threading.Semaphore,
) -> None:
    """Who killed it cannot be told from here, so nothing is run again; the next run works."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(contained.run, BUSY, limits=LIMITS)
        assert asked.acquire(timeout=PATIENCE_S)
        killed = serving()
        wait_until_busy(engine, killed)
        engine.api.kill(killed)
        with pytest.raises(WorkerError):
            running.result()

    assert contained.run(b"print(2)", limits=LIMITS).stdout == b"2\n"
    assert serving() != killed


def test_a_container_killed_in_the_middle_of_a_later_run_costs_it_time_only(
    contained: ContainerRunner,
    engine: DockerClient,
    serving: Callable[[], str],
    asked: threading.Semaphore,
) -> None:
    """An earlier run might be to blame, so this one is run again, where it is alone."""
    contained.run(b"", limits=LIMITS)
    asked.acquire()
    killed = serving()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(contained.run, BUSY, limits=LIMITS)
        assert asked.acquire(timeout=PATIENCE_S)
        wait_until_busy(engine, killed)
        engine.api.kill(killed)

        assert running.result().stdout == b"done\n"
    assert serving() != killed


def test_an_engine_that_dies_is_its_own_error_and_the_next_one_is_used(
    runtime_image: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The server falls silent first, but is not to blame; nobody hangs."""
    with Relay(tmp_path / "docker.sock") as relay:
        monkeypatch.setenv("DOCKER_HOST", relay.address)
        with ContainerRunner(image=runtime_image) as runner:
            runner.run(b"", limits=LIMITS)
            relay.cut()
            started_at = time.monotonic()
            for _ in range(2):
                with pytest.raises(EngineUnavailableError):
                    runner.run(b"", limits=LIMITS)
            assert time.monotonic() - started_at < PATIENCE_S
            relay.mend()

            assert runner.run(b"print(2)", limits=LIMITS).stdout == b"2\n"


def test_an_engine_that_is_gone_at_the_end_is_an_error_there(
    runtime_image: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody can tell whether the container is gone; its input is, so it ends by itself."""
    with Relay(tmp_path / "docker.sock") as relay:
        monkeypatch.setenv("DOCKER_HOST", relay.address)
        runner = ContainerRunner(image=runtime_image)
        runner.__enter__()
        runner.run(b"", limits=LIMITS)
        relay.cut()

        with pytest.raises(EngineUnavailableError):
            runner.__exit__(None, None, None)


def test_two_runners_at_once_have_their_own_containers_and_uids(
    runtime_image: str, engine: DockerClient
) -> None:
    """The kernel counts a uid's processes over all containers."""
    source = b"import os; print(os.getuid())"
    both = threading.Barrier(2)

    def run_two() -> set[bytes]:
        with ContainerRunner(image=runtime_image) as runner:
            both.wait(PATIENCE_S)
            first = runner.run(source, limits=LIMITS).stdout
            both.wait(PATIENCE_S)
            labels = engine.api.containers(filters={"ancestor": runtime_image})
            uids = {entry["Labels"][UID_LABEL] for entry in labels}
            both.wait(PATIENCE_S)
            assert first.decode().strip() in uids
            return {first, runner.run(source, limits=LIMITS).stdout}

    with ThreadPoolExecutor(2) as pool:
        one, other = (job.result() for job in [pool.submit(run_two) for _ in range(2)])

    assert len(one) == len(other) == 1
    assert one != other
