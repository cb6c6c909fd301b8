"""How much CPU and memory something took: a container by its cgroup, processes by the kernel.

A container's CPU is everything in it: server, fork server, children, what reaps them. It is read
from the cgroup's own files where they are where Docker puts them under cgroup v1
(``cpuacct.usage``, nanoseconds) or v2 (``cpu.stat``); else from the engine's statistics, which are
the same counters over its socket. `Meter.source` says which.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from verifier.run.hardened import OWNER_LABEL, ROLE, ROLE_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

Source = Literal["cgroup v1", "cgroup v2", "engine statistics"]

_CGROUPS = Path("/sys/fs/cgroup")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Meter:
    """Reads one container's counters; the last ones stay known after its end."""

    def __init__(self, client: DockerClient, container: str) -> None:
        self._client = client
        self._container = container
        self._last_cpu_s = 0.0
        self._last_peak: int | None = None
        v1 = _CGROUPS / "cpuacct" / "docker" / container
        v2 = _CGROUPS / "system.slice" / f"docker-{container}.scope"
        self.source: Source = "engine statistics"
        self._folders: tuple[Path, Path] | None = None
        if (v1 / "cpuacct.usage").exists():
            self.source, self._folders = (
                "cgroup v1",
                (v1, _CGROUPS / "memory" / "docker" / container),
            )
        elif (v2 / "cpu.stat").exists():
            self.source, self._folders = "cgroup v2", (v2, v2)

    def cpu_s(self) -> float:
        """CPU seconds since its start."""
        with contextlib.suppress(OSError, KeyError):
            self._last_cpu_s = self._read_cpu_s()
        return self._last_cpu_s

    def peak_bytes(self) -> int | None:
        """The most memory it ever held, its page cache included; None where nobody counts."""
        with contextlib.suppress(OSError, KeyError):
            self._last_peak = self._read_peak_bytes()
        return self._last_peak

    def _read_cpu_s(self) -> float:
        if self._folders is None:
            stats = self._client.api.stats(self._container, stream=False, one_shot=True)
            return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9
        folder = self._folders[0]
        if self.source == "cgroup v1":
            return int((folder / "cpuacct.usage").read_text()) / 1e9
        fields = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
        return int(fields["usage_usec"]) / 1e6

    def _read_peak_bytes(self) -> int | None:
        if self._folders is None:
            stats = self._client.api.stats(self._container, stream=False, one_shot=True)
            peak = stats["memory_stats"].get("max_usage")
            return None if peak is None else int(peak)
        name = "memory.max_usage_in_bytes" if self.source == "cgroup v1" else "memory.peak"
        return int((self._folders[1] / name).read_text())


def all_containers_cpu_s() -> float | None:
    """CPU seconds of every container ever, the ended ones included; None without cgroup v1."""
    try:
        return int((_CGROUPS / "cpuacct" / "docker" / "cpuacct.usage").read_text()) / 1e9
    except OSError:
        return None


def sandbox_containers(client: DockerClient, *, owners: set[int]) -> set[str]:
    """Find the running sandbox containers that one of these processes started."""
    found = client.api.containers(filters={"label": f"{ROLE_LABEL}={ROLE}"})
    return {
        entry["Id"] for entry in found if _owner_pid(entry["Labels"].get(OWNER_LABEL, "")) in owners
    }


def _owner_pid(owner: str) -> int | None:
    # boot / pid namespace / pid / start time
    parts = owner.split("/")
    return int(parts[-2]) if len(parts) > 1 and parts[-2].isdigit() else None


def descendants(pid: int) -> set[int]:
    """Find a process's children, theirs, and so on; without itself."""
    children: dict[int, set[int]] = {}
    for child, parent, _ in _processes():
        children.setdefault(parent, set()).add(child)
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        fresh = children.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def tree_cpu_s(pid: int) -> float:
    """CPU seconds of a process, what it waited for, and what it started and still lives."""
    family = {pid} | descendants(pid)
    return sum(cpu_s for child, _, cpu_s in _processes() if child in family)


def peak_tree_bytes(pid: int) -> int:
    """Give the sum of the most memory that each living process of a family ever held.

    More than there was: what a fork shares with its parent is counted in both.
    """
    total = 0
    for member in {pid} | descendants(pid):
        with contextlib.suppress(OSError, IndexError, StopIteration):
            lines = Path(f"/proc/{member}/status").read_text().splitlines()
            peak = next(line for line in lines if line.startswith("VmHWM:"))
            total += int(peak.split()[1]) * 1024
    return total


def _processes() -> Iterator[tuple[int, int, float]]:
    """List (pid, parent's pid, CPU seconds with those of the children waited for)."""
    for entry in os.listdir("/proc"):  # noqa: PTH208 - names alone, often
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            # The second field, in parentheses, may hold anything.
            fields = Path(f"/proc/{entry}/stat").read_bytes().rpartition(b")")[2].split()
            ticks = sum(int(field) for field in fields[11:15])
            yield int(entry), int(fields[1]), ticks / _TICKS_PER_S
