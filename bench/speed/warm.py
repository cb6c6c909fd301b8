"""The fast ways to run submissions: on warm servers; each fills its own `Samples`.

Every way is a context manager that is opened once and then asked for blocks of submissions, in
turn with the others.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.speed.containers import BENCH_LABEL, remove_container
from bench.speed.meters import (
    Meter,
    descendants,
    peak_tree_bytes,
    sandbox_containers,
    tree_cpu_s,
)
from bench.speed.outputs import Outputs, WrongOutputError
from verifier.run.attached import AttachedStream, attach
from verifier.run.container import ContainerRunner
from verifier.run.frames import Conversation, ServerInfo
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut
from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from docker import DockerClient

    from bench.speed.measure import Samples
    from bench.speed.submissions import Submission
    from verifier.run.interface import Limits, Outcome, RunResult

    Run = Callable[[bytes], RunResult]


_FLOOR = Path(__file__).with_name("floor.py")
_WARM_UP = b"import torch\nprint(torch.ones(1))\n"
_WARM_UPS = 3
"""The fork server gathers its memory after its first run."""


class Warm:
    """Runs on servers that are warm: one thread each, all taking from one queue."""

    def __init__(self, *, way: str, outputs: Outputs) -> None:
        self.way = way
        self._outputs = outputs
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def measure(
        self,
        submissions: Sequence[Submission],
        samples: Samples,
        *,
        runs: Sequence[Run],
        cpu_s: Callable[[], float],
    ) -> None:
        """Run a block, one thread for each of ``runs``."""
        waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
        for submission in submissions:
            waiting.put(submission)
        stop = threading.Event()
        lock = threading.Lock()

        def work(run: Run) -> None:
            while not stop.is_set():
                try:
                    submission = waiting.get_nowait()
                except queue.Empty:
                    return
                started_at = time.perf_counter()
                result = run(submission.source)
                taken_s = time.perf_counter() - started_at
                with lock:
                    self._keep(submission, result, taken_s, samples)

        cpu_before, client_before = cpu_s(), time.process_time()
        started_at = time.perf_counter()
        if len(runs) == 1:
            work(runs[0])
        else:
            with ThreadPoolExecutor(len(runs)) as pool:
                try:
                    for future in [pool.submit(work, run) for run in runs]:
                        future.result()
                finally:
                    stop.set()
        samples.elapsed_s += time.perf_counter() - started_at
        samples.add_client_cpu(time.process_time() - client_before)
        samples.add_cpu(cpu_s() - cpu_before)

    def _keep(
        self, submission: Submission, result: RunResult, taken_s: float, samples: Samples
    ) -> None:
        samples.wall_s.append(taken_s)
        if result.cpu_s is not None:
            samples.child_cpu_s.append(result.cpu_s)
        samples.note_outcome(outcome_name(result.outcome))
        self._outputs.compare(submission, result.stdout, way=self.way)


class Walled(Warm):
    """labcheck's own container runners: a warm container for each job."""

    def __init__(self, client: DockerClient, *, image: str, jobs: int, outputs: Outputs) -> None:
        super().__init__(way="walled", outputs=outputs)
        self._client = client
        self._image = image
        self._jobs = jobs
        self._runners: list[ContainerRunner] = []
        self.containers: list[str] = []
        """Ids, in the order of the jobs."""
        self.meters: list[Meter] = []

    def start(self, *, limits: Limits) -> Walled:
        """Start the containers; their first runs are not counted."""
        for _ in range(self._jobs):
            known = sandbox_containers(self._client, owners={os.getpid()})
            runner = self._stack.enter_context(ContainerRunner(image=self._image))
            for _ in range(_WARM_UPS):
                runner.run(_WARM_UP, limits=limits)
            found = sandbox_containers(self._client, owners={os.getpid()}) - known
            if len(found) != 1:
                msg = f"a warm runner keeps one container; {len(found)} were found"
                raise WrongOutputError(msg)
            self._runners.append(runner)
            self.containers += found
            self.meters += [Meter(self._client, each) for each in found]
        return self

    def block(self, submissions: Sequence[Submission], samples: Samples, *, limits: Limits) -> None:
        """Run a block with as many jobs as the samples say."""
        meters = self.meters[: samples.jobs]

        def bound(runner: ContainerRunner) -> Run:
            return lambda source: runner.run(source, limits=limits)

        runs = [bound(runner) for runner in self._runners[: samples.jobs]]
        self.measure(
            submissions, samples, runs=runs, cpu_s=lambda: sum(each.cpu_s() for each in meters)
        )
        for meter in meters:
            samples.note_memory(meter.peak_bytes())


class Sandboxed(Warm):
    """The same server as a child process, in the virtual environment's Python."""

    def __init__(self, *, outputs: Outputs) -> None:
        super().__init__(way="sandbox", outputs=outputs)

    def start(self, *, limits: Limits) -> Sandboxed:
        """Start the server; its first runs are not counted."""
        known = descendants(os.getpid())
        self._runner = self._stack.enter_context(SandboxRunner())
        fresh = descendants(os.getpid()) - known
        self._pid = min(fresh)  # the server starts all the others
        for _ in range(_WARM_UPS):
            self._runner.run(_WARM_UP, limits=limits)
        return self

    def block(self, submissions: Sequence[Submission], samples: Samples, *, limits: Limits) -> None:
        """Run a block, one after the other."""
        self.measure(
            submissions,
            samples,
            runs=[lambda source: self._runner.run(source, limits=limits)],
            cpu_s=lambda: tree_cpu_s(self._pid),
        )
        samples.note_memory(peak_tree_bytes(self._pid))


class Floor(Warm):
    """``floor.py`` in a container made as a walled one is, and spoken to in the same way."""

    def __init__(self, client: DockerClient, *, outputs: Outputs) -> None:
        super().__init__(way="floor", outputs=outputs)
        self._client = client

    def start(self, *, like: str, limits: Limits) -> Floor:
        """Start it with the very options of the container ``like``."""
        model = self._client.api.inspect_container(like)
        command = ["/usr/bin/python3", "-I", "-c", _FLOOR.read_text(encoding="utf-8"), "serve"]
        config = {
            **{key: value for key, value in model["Config"].items() if key != "Hostname"},
            "Entrypoint": ["/usr/bin/tini", "--", *command],
            "Cmd": [],
            "HostConfig": model["HostConfig"],
        }
        name = f"labcheck-bench-{secrets.token_hex(8)}"
        self._stack.callback(remove_container, self._client, name)
        self._client.api.create_container_from_config(config, name)  # type: ignore[no-untyped-call]
        connection = self._stack.enter_context(attach(self._client, name))
        self._client.api.start(name)
        server_info = ServerInfo(
            runner="container", image=model["Image"], pins_sha256=None, walls=frozenset()
        )
        self._talk = Conversation(AttachedStream(connection), server_info=server_info)
        self._talk.begin()
        for _ in range(_WARM_UPS):
            self._talk.run(_WARM_UP, limits=limits)
        identity = str(self._client.api.inspect_container(name)["Id"])
        self._meter = Meter(self._client, identity)
        return self

    def block(self, submissions: Sequence[Submission], samples: Samples, *, limits: Limits) -> None:
        """Run a block, one after the other."""
        self.measure(
            submissions,
            samples,
            runs=[lambda source: self._talk.run(source, limits=limits)],
            cpu_s=self._meter.cpu_s,
        )
        samples.note_memory(self._meter.peak_bytes())


def hot_seconds(source: bytes, *, image: str, session: str, count: int) -> list[float]:
    """Run a source over and over in one warm process, without a fork; the wall time of each."""
    done = subprocess.run(
        ["docker", "run", "--rm", "-i", "--network", "none", "--label", f"{BENCH_LABEL}={session}",
         "--entrypoint", "/usr/bin/python3", image, "-I", "-c",
         _FLOOR.read_text(encoding="utf-8"), "hot", str(count)],
        input=source, capture_output=True, check=True,
    )  # fmt: skip
    return [float(each) / 1000 for each in done.stdout.split()]


def outcome_name(outcome: Outcome) -> str:
    """Name how a run ended, in a word or two."""
    match outcome:
        case Exited(code=code):
            return f"exited {code}"
        case Killed(signal=number):
            return f"killed {number}"
        case TimedOut():
            return "timed out"
        case OutputFlood():
            return "flooded"
