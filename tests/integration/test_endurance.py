"""One container serves run after run: nothing grows, nothing is lost or mixed up.

500 runs here; `make soak` asks for 10,000 by the variable ``LABCHECK_SOAK_RUNS``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS
from tests.integration.leftovers import containers_of
from verifier.run.container import ContainerRunner
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from collections.abc import Callable

    from docker import DockerClient

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("no_container_left"),
    pytest.mark.timeout(3000),
]

RUNS = int(os.environ.get("LABCHECK_SOAK_RUNS", "500"))
SETTLED = RUNS // 2 if RUNS <= 500 else 500
"""From this run on, memory must not grow."""

GROWTH = 1.05
SCRIPT = b"""
import torch
from torch import nn

number = %d
torch.manual_seed(number)
model = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid())
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
model(torch.ones(1, 2)).sum().backward()
optimizer.step()
print("number=", number, "drawn=", torch.initial_seed())
open("left", "w").write("x" * 100_000)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the processes of a container hold."""

    pids: frozenset[int]
    memory_bytes: int
    """Of its processes, no file's: what a file's pages count for depends on other containers."""
    container_bytes: int
    """Charged to the container, without what the kernel may drop at once."""
    descriptors: int
    zombies: int


def _state(engine: DockerClient, container: str) -> State:
    top = engine.api.top(container)
    pids = frozenset(int(row[top["Titles"].index("PID")]) for row in top["Processes"])
    usage = engine.api.stats(container, stream=False, one_shot=True)["memory_stats"]
    kept = usage["stats"]
    droppable = kept.get("total_inactive_file", 0) + kept.get("total_active_file", 0)
    droppable = droppable or kept.get("inactive_file", 0) + kept.get("active_file", 0)
    return State(
        pids=pids,
        memory_bytes=sum(_anonymous_bytes(pid) for pid in pids),
        container_bytes=usage["usage"] - droppable,
        descriptors=sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids),
        zombies=sum("\nState:\tZ" in Path(f"/proc/{pid}/status").read_text() for pid in pids),
    )


def _anonymous_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("\nRssAnon:")[2].split(maxsplit=1)[0]) * 1024


def test_many_runs_leave_the_container_as_it_was(
    runtime_image: str, engine: DockerClient, record_property: Callable[[str, object], None]
) -> None:
    """Order and count exact; the same processes, no zombie, no descriptor, no memory more."""
    states = []
    with ContainerRunner(image=runtime_image, runs_per_container=RUNS + 1) as runner:
        for number in range(1, RUNS + 1):
            result = runner.run(SCRIPT % number, limits=LIMITS)
            assert result.outcome == Exited(code=0), result.stderr
            assert result.stdout == b"number= %d drawn= %d\n" % (number, number)
            if number >= SETTLED and number % (RUNS // 20) == 0:
                (container,) = containers_of(engine, runtime_image)
                states.append(_state(engine, container))
    record_property("first", states[0])  # both stand in the soak's JUnit file
    record_property("last", states[-1])

    assert len(states) > 5
    assert {state.pids for state in states} == {states[0].pids}
    assert {state.descriptors for state in states} == {states[0].descriptors}
    assert {state.zombies for state in states} == {0}
    assert max(state.memory_bytes for state in states) <= GROWTH * states[0].memory_bytes
    assert max(state.container_bytes for state in states) <= GROWTH * states[0].container_bytes
