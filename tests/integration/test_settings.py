"""The environment that torch is loaded in can be chosen, and the interpreter it is loaded by."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.fakes import LIMITS
from verifier.run.interface import Exited
from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

SEEN = b"""
import os, torch
print(os.environ.get("ATEN_CPU_CAPABILITY"), torch.get_num_threads())
print((torch.ones(600, 600) @ torch.ones(600, 600)).sum().item())
"""


def test_variables_reach_torch_and_the_script() -> None:
    """A CPU without vectors is a matter of one variable."""
    settings = {"ATEN_CPU_CAPABILITY": "default"}
    with SandboxRunner(settings=settings) as runner:
        assert runner.environment.cpu_capability == "DEFAULT"
        assert runner.run(SEEN, limits=LIMITS).stdout == b"default 1\n216000000.0\n"


def test_two_threads_compute_where_the_walls_against_threads_are_down() -> None:
    """A run has one thread behind all walls, whatever it is told."""
    settings = {"OMP_NUM_THREADS": "2"}
    with SandboxRunner(settings=settings, without={"rlimits", "seccomp"}) as runner:
        run = runner.run(SEEN, limits=LIMITS)

        assert runner.environment.threads == 2
        assert (run.outcome, run.stdout) == (Exited(code=0), b"None 2\n216000000.0\n")


def test_another_interpreter_is_used(tmp_path: Path) -> None:
    """Here one that says so, and is this one otherwise."""
    shim = tmp_path / "python"
    shim.write_text(f'#!/bin/sh\necho used >> {tmp_path}/log\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)
    with SandboxRunner(python=shim) as runner:
        assert runner.run(b"print(1)", limits=LIMITS).stdout == b"1\n"

    assert Path(tmp_path, "log").read_text() == "used\n"
    assert os.access(shim, os.X_OK)
