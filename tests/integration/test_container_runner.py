"""What becomes of a script in a container, with a real engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS
from tests.integration.leftovers import GRACE_S
from verifier.run.interface import Exited, OutputFlood, TimedOut
from verifier.run.local import LocalRunner

if TYPE_CHECKING:
    from verifier.run.container import ContainerRunner

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_left")]

SHORT = replace(LIMITS, time_limit_s=1.0)


@pytest.mark.torch
def test_output_in_the_container_equals_output_outside(
    contained: ContainerRunner, training: bytes
) -> None:
    """The same torch computes the same bits, whatever walls stand around it."""
    inside = contained.run(training, limits=LIMITS)
    with LocalRunner() as local:
        outside = local.run(training, limits=LIMITS)

    assert inside.stderr == b""
    assert inside.stdout == outside.stdout
    assert inside.environment.image is not None
    assert inside.environment.image.startswith("sha256:")
    assert inside.environment.torch == outside.environment.torch
    assert inside.environment.cpu_capability == outside.environment.cpu_capability


def test_a_hanging_script_is_killed_and_what_it_printed_is_kept(contained: ContainerRunner) -> None:
    """Time is counted from the script's start, not from the container's."""
    result = contained.run(b"print('on')\nwhile True: pass", limits=SHORT)

    assert (result.outcome, result.stdout) == (TimedOut(), b"on\n")
    assert SHORT.time_limit_s <= result.wall_s < SHORT.time_limit_s + GRACE_S


def test_a_flood_ends_the_run(contained: ContainerRunner) -> None:
    """The largest output of which the frame still has room."""
    limits = replace(LIMITS, stdout_limit_bytes=8 << 20)
    result = contained.run(b"while True: print('x' * 65535)", limits=limits)

    assert result.outcome == OutputFlood(stream="stdout")
    assert len(result.stdout) == 8 << 20


def test_any_bytes_on_both_streams_arrive(contained: ContainerRunner) -> None:
    """A megabyte on standard error blocks nothing."""
    source = b"""
import os, sys
sys.stderr.write("x" * (1 << 20))
os.write(1, bytes(range(256)))
os.write(2, b"\\xff")
sys.exit(3)
"""
    result = contained.run(source, limits=LIMITS)

    assert result.outcome == Exited(code=3)
    assert result.stdout == bytes(range(256))
    assert result.stderr == b"x" * (LIMITS.stderr_limit_bytes - 1) + b"\xff"


def test_hogs_of_memory_and_space_fail_in_their_own_line(contained: ContainerRunner) -> None:
    """Each allocation is refused, and the server lives to say so."""
    source = b"""
import os, torch
def grow():
    kept = []
    while True: kept.append(bytearray(1 << 24))
def fill():
    for number in range(99):
        with open(f"f{number}", "wb") as file:
            for _ in range(1 << 4): file.write(bytes(1 << 20))
def litter():
    for number in range(10**6): open(f"e{number}", "w").close()
for action in (lambda: torch.empty(10**12), grow, litter, fill):
    try:
        action()
    except Exception as error:
        print(type(error).__name__)
    else:
        print("nothing")
"""
    result = contained.run(source, limits=replace(LIMITS, memory_limit_bytes=1 << 28))

    assert result.stdout.split() == [b"RuntimeError", b"MemoryError", b"OSError", b"OSError"]
    assert result.outcome == Exited(code=0)
