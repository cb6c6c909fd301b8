"""The ways to run submissions that are compared; each fills its own `Samples`.

Every way is a context manager that is opened once and then asked for blocks of submissions, in
turn with the others.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.meters import (
    Meter,
    all_containers_cpu_s,
    descendants,
    peak_tree_bytes,
    sandbox_containers,
    tree_cpu_s,
)
from verifier.run.attached import AttachedStream, attach
from verifier.run.container import ContainerRunner
from verifier.run.frames import Conversation, ServerInfo
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut
from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from docker import DockerClient

    from bench.measure import Samples
    from bench.submissions import Submission
    from verifier.run.interface import Limits, Outcome, RunResult

    Run = Callable[[bytes], RunResult]

BENCH_LABEL = "org.labcheck.bench"
"""Label of every container that the `docker` command starts here; its value is the session's."""

_FLOOR = Path(__file__).with_name("floor.py")
_WARM_UP = b"import torch\nprint(torch.ones(1))\n"
_WARM_UPS = 3
"""The fork server gathers its memory after its first run."""

_STOP_S = 20.0
_POLL_S = 0.02
_WORDS_CHARACTERS = 300


class WrongOutputError(Exception):
    """A way did not do the same work as the others, so its time means nothing."""


class Outputs:
    """What right submissions printed: every way must make each print the same."""

    def __init__(self) -> None:
        self._seen: dict[str, bytes] = {}

    def compare(self, submission: Submission, stdout: bytes, *, way: str) -> None:
        """Keep the first output of a right submission, and hold later ones to it.

        Raises:
            WrongOutputError: It differs.
        """
        if submission.expected != "passed":
            return
        first = self._seen.setdefault(submission.name, stdout)
        if first != stdout or not stdout:
            raise WrongOutputError(f"{way}: {submission.name} printed {stdout!r}, not {first!r}")


class Warm:
    """Runs on servers that are warm: one thread each, all taking from one queue."""

    def __init__(self, *, way: str, outputs: Outputs) -> None:
        self.way = way
        self._outputs = outputs
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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


class Plain:
    """``python submission.py``, a fresh interpreter each, its ``.pyc`` files in place."""

    def __init__(self, python: Path, *, folder: Path, outputs: Outputs) -> None:
        self._python = python
        self._folder = folder
        self._outputs = outputs
        # Without this variable, as a user has it: torch takes three times as long uncompiled.
        self._environment = {
            key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
        }

    def compile(self, submission: Submission) -> None:
        """Run one once, which writes the ``.pyc`` files that are missing, and see that all are.

        Raises:
            WrongOutputError: Some are missing still.
        """
        show = (
            "import os, runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')\n"
            "found = [vars(m).get('__cached__') for m in list(sys.modules.values())]\n"
            "print(*(c for c in found if c and not os.path.exists(c)), file=sys.stderr)"
        )
        path = self._folder / submission.name
        command = [str(self._python), "-c", show, str(path)]
        environment = self._environment
        subprocess.run(command, env=environment, capture_output=True, check=True)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        if done.stderr.strip():
            raise WrongOutputError(f"no .pyc files of: {done.stderr.strip()[:400]}")

    def block(self, submissions: Sequence[Submission], samples: Samples) -> None:
        """Run a block, one after the other."""
        for submission in submissions:
            process = timed_process(
                [str(self._python), str(self._folder / submission.name)],
                environment=self._environment,
            )
            samples.wall_s.append(process.wall_s)
            samples.elapsed_s += process.wall_s
            samples.add_cpu(process.cpu_s)
            samples.note_memory(process.peak_bytes)
            samples.note_outcome(f"exited {process.code}")
            self._outputs.compare(submission, process.stdout, way="python")


class DockerRun:
    """``docker run --rm`` of the learner's image, a container per submission."""

    def __init__(
        self,
        client: DockerClient,
        *,
        image: str,
        folder: Path,
        session: str,
        entrypoint: str | None = None,
    ) -> None:
        self._client = client
        self._codes = (0,) if entrypoint else (0, 1)
        self._command = ["docker", "run", "--rm", "--label", f"{BENCH_LABEL}={session}"]
        self._command += ["-v", f"{folder}:/work:ro"]
        self._command += ["--entrypoint", entrypoint] if entrypoint else []
        self._command += [image]

    def block(self, submissions: Sequence[Submission], samples: Samples) -> None:
        """Run a block, one after the other.

        Raises:
            WrongOutputError: A container ended otherwise than with a verdict.
        """
        for submission in submissions:
            before = all_containers_cpu_s()
            process = timed_process([*self._command, submission.name])
            after = all_containers_cpu_s()
            if process.code not in self._codes:
                raise WrongOutputError(
                    f"{' '.join(self._command)} ended with {process.code}: {process.last_words}"
                )
            samples.wall_s.append(process.wall_s)
            samples.elapsed_s += process.wall_s
            if before is not None and after is not None:
                samples.add_cpu(after - before)
            samples.add_client_cpu(process.cpu_s)
            samples.note_outcome(f"exited {process.code}")


class Finished:
    """A process that ended, and what the kernel says it took."""

    def __init__(
        self,
        *,
        code: int,
        wall_s: float,
        cpu_s: float,
        peak_bytes: int,
        stdout: bytes,
        last_words: str,
    ) -> None:
        self.code = code
        self.wall_s = wall_s
        self.cpu_s = cpu_s
        """Its own and that of the children it waited for."""
        self.peak_bytes = peak_bytes
        self.stdout = stdout
        self.last_words = last_words
        """The end of its standard error, on one line."""


def timed_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    meanwhile: Callable[[int], None] | None = None,
    cwd: Path | None = None,
) -> Finished:
    """Run a command to its end; on an interrupt, end it first.

    Args:
        command: What to run; it reads nothing.
        environment: None takes this process's own.
        meanwhile: Called with its pid every 20 ms.
        cwd: Where it runs.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started_at = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            cwd=cwd,
        )
        try:
            if meanwhile is not None:
                # Left a zombie until it is waited for below: its times come with that.
                while (
                    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
                ):
                    meanwhile(process.pid)
                    time.sleep(_POLL_S)
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process)
            raise
        wall_s = time.perf_counter() - started_at
        process.returncode = os.waitstatus_to_exitcode(status)  # or it would be waited for again
        stdout.seek(0)
        stderr.seek(0)
        words = stderr.read().decode(errors="replace").split()
        return Finished(
            code=process.returncode,
            wall_s=wall_s,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_bytes=usage.ru_maxrss * 1024,
            stdout=stdout.read(),
            last_words=" ".join(words)[-_WORDS_CHARACTERS:],
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    for nudge in (process.terminate, process.kill):
        nudge()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
            return


def hot_seconds(source: bytes, *, image: str, session: str, count: int) -> list[float]:
    """Run a source over and over in one warm process, without a fork; the wall time of each."""
    done = subprocess.run(
        ["docker", "run", "--rm", "-i", "--network", "none", "--label", f"{BENCH_LABEL}={session}",
         "--entrypoint", "/usr/bin/python3", image, "-I", "-c",
         _FLOOR.read_text(encoding="utf-8"), "hot", str(count)],
        input=source, capture_output=True, check=True,
    )  # fmt: skip
    return [float(each) / 1000 for each in done.stdout.split()]


def remove_container(client: DockerClient, name: str) -> None:
    """Remove a container by force, if there is one."""
    from docker.errors import APIError  # noqa: PLC0415 - beside its only use

    with contextlib.suppress(APIError):
        client.api.remove_container(name, force=True, v=True)


def remove_session(client: DockerClient, session: str) -> None:
    """Remove whatever containers the `docker` command of this session left, say by an interrupt."""
    found = client.api.containers(all=True, filters={"label": f"{BENCH_LABEL}={session}"})
    for entry in found:
        remove_container(client, entry["Id"])


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
