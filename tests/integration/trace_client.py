"""A warm parent, started, asked to run scripts, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Parent:
    """A warm process that forks a child for each script."""

    process: subprocess.Popen[str]

    def run(self, script: str, *, traced: bool = False, looked: bool = False) -> dict[str, Any]:
        """Run a script in a fork of it: traced, looked at for its milestones, or neither."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(
            json.dumps({"script": script, "traced": traced, "looked": looked}) + "\n"
        )
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def events(self, script: str) -> list[dict[str, Any]]:
        """Record a script."""
        return [json.loads(line) for line in self.run(script, traced=True)["trace"].splitlines()]


@contextmanager
def warm_parent() -> Iterator[Parent]:
    """Warm one up; it takes seconds, and serves any number of runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.trace_parent"],
        cwd=CHECKOUT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Parent(process)
        process.stdin.close()  # type: ignore[union-attr] # a pipe, above
    assert process.returncode == 0
