"""The whole command: ``labcheck grade FOLDER --jobs 2``, reports and files included."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.speed.measure import Row
from bench.speed.meters import Meter, descendants, sandbox_containers
from bench.speed.outputs import WrongOutputError
from bench.speed.process import timed_process

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

JOBS = 2
_LOOK_S = 0.5


@dataclass(slots=True, kw_only=True)
class Grading:
    """What several runs of the command over the same folder took."""

    count: int
    """Submissions in the folder."""
    wall_s: list[float] = field(default_factory=list)
    """Of the whole command, start-up and reports included."""
    first_result_s: list[float] = field(default_factory=list)
    """Until the first line of ``results.jsonl``."""
    steady_per_second: list[float] = field(default_factory=list)
    """Between the first line of ``results.jsonl`` and the last."""
    cpu_s: list[float] = field(default_factory=list)
    """Of its containers, as far as they were seen."""
    client_cpu_s: list[float] = field(default_factory=list)
    """Of the command itself and of the processes that it waited for."""
    peak_memory_bytes: int | None = None
    """Of the largest container."""

    @property
    def per_second(self) -> float:
        """Of the whole command; the median."""
        return self.count / statistics.median(self.wall_s)

    def row(self, *, title: str) -> Row:
        """Sum it up; of a single submission in it no wall time is known."""
        each_ms = 1000 / self.count
        peak = self.peak_memory_bytes
        return Row(
            title=title,
            submissions=self.count,
            jobs=JOBS,
            per_second=self.per_second,
            wall_ms_p50=None,
            wall_ms_p95=None,
            cpu_ms=statistics.median(self.cpu_s) * each_ms,
            child_cpu_ms=None,
            client_cpu_ms=statistics.median(self.client_cpu_s) * each_ms,
            peak_memory_mb=None if peak is None else peak / 1e6,
            outcomes={"complete": len(self.wall_s)},
        )

    def to_json(self) -> dict[str, object]:
        """Write it as ``schemas/bench.schema.json`` asks."""
        return {
            "wall_s": [round(each, 3) for each in self.wall_s],
            "first_result_s": round(statistics.median(self.first_result_s), 3),
            "steady_per_second": round(statistics.median(self.steady_per_second), 2),
        }


class _Watch:
    """Looks at the results file and at the command's containers while it works."""

    def __init__(self, client: DockerClient, results: Path) -> None:
        self._client = client
        self._file = results / "results.jsonl"
        self._size = 0
        self._looked_at = 0.0
        self._meters: dict[str, Meter] = {}
        self.lines: list[tuple[float, int]] = []
        """When so many lines were first seen."""

    def look(self, pid: int) -> None:
        """Note what is there now."""
        now = time.perf_counter()
        size = self._file.stat().st_size if self._file.exists() else 0
        if size != self._size:
            self._size = size
            self.lines.append((now, self._file.read_bytes().count(b"\n")))
        # Asking the engine costs it something; the counters are plain files.
        if now - self._looked_at > _LOOK_S:
            self._looked_at = now
            for found in sandbox_containers(self._client, owners={pid} | descendants(pid)):
                self._meters.setdefault(found, Meter(self._client, found))
            self.cpu_s()
            self.peak_bytes()

    def cpu_s(self) -> float:
        """Of all its containers, as far as they were seen."""
        return sum(meter.cpu_s() for meter in self._meters.values())

    def peak_bytes(self) -> int | None:
        """Of the largest of them."""
        return max((meter.peak_bytes() or 0 for meter in self._meters.values()), default=None)


def grade_folder(
    client: DockerClient, grading: Grading, *, labcheck: Path, folder: Path, results: Path
) -> None:
    """Run the command once more, into a fresh results folder.

    Raises:
        WrongOutputError: It did not grade all of them.
    """
    watch = _Watch(client, results)
    command = [str(labcheck), "grade", str(folder), "--jobs", str(JOBS)]
    command += ["--results", str(results), "--runner", "container"]
    started_at = time.perf_counter()
    done = timed_process(command, meanwhile=watch.look)
    graded = watch.lines[-1][1] if watch.lines else 0
    if done.code != 0 or graded != grading.count:
        raise WrongOutputError(
            f"`labcheck grade` ended with {done.code} and {graded} of {grading.count} results: "
            f"{done.last_words}"
        )
    first_at, first = watch.lines[0]
    last_at, last = watch.lines[-1]
    grading.wall_s.append(done.wall_s)
    grading.first_result_s.append(first_at - started_at)
    grading.steady_per_second.append((last - first) / (last_at - first_at))
    grading.cpu_s.append(watch.cpu_s())
    grading.client_cpu_s.append(done.cpu_s)
    grading.peak_memory_bytes = max(grading.peak_memory_bytes or 0, watch.peak_bytes() or 0) or None
