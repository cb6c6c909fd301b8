"""The sandbox server's life: how it starts, what it survives, how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LIMITS
from tests.integration.leftovers import (
    PATIENCE_S,
    assert_ends,
    filled_slots_of,
    server_pid,
    slots_go,
)
from verifier.errors import EnvironmentFailure, TorchMissingError, WorkerError
from verifier.run import sandbox
from verifier.run.local import LocalRunner
from verifier.run.sandbox import SandboxRunner
from verifier.sandbox import wire

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult

pytestmark = pytest.mark.torch


def test_after_an_interrupt_the_next_run_gets_a_new_server(lab: Path) -> None:
    """Ctrl-C in the middle of a conversation must not make the next answer a stale one."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        with SandboxRunner() as runner:
            first = server_pid(runner)
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with slots_go(first), pytest.raises(KeyboardInterrupt):
                runner.run(b"while True: pass", limits=LIMITS)
            assert runner.run(b"print(2)", limits=LIMITS).stdout == b"2\n"
    finally:
        signal.signal(signal.SIGALRM, old)


def test_a_killed_client_takes_server_and_script_with_it() -> None:
    """Nobody is left to stop them."""
    client = f"""
import sys; sys.path.insert(0, {str(CHECKOUT)!r})
from tests.fakes import LIMITS
from verifier.run.sandbox import SandboxRunner
with SandboxRunner() as runner:
    print(runner._server._process.pid, flush=True)
    runner.run(b"while True: pass", limits=LIMITS)
"""
    with subprocess.Popen([sys.executable, "-c", client], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        server = int(process.stdout.readline())
        deadline = time.monotonic() + PATIENCE_S
        while not filled_slots_of(server):
            assert time.monotonic() < deadline, "nothing runs"
            time.sleep(0.05)
        with slots_go(server):
            process.kill()
            assert_ends(server)


def test_the_server_outlives_a_bad_request_and_ends_after_what_is_no_frame() -> None:
    """It says what was wrong; after bytes that are no frame nobody knows where the next begins."""
    with SandboxRunner() as runner:
        server = runner._server
        assert server is not None
        stream = server.conversation._stream
        deadline = time.monotonic() + 20
        stream.write(wire.encode({"type": "run"}), deadline=deadline)
        assert b'"kind":"request"' in stream.read(deadline=deadline)
        stream.write(b"\xff" * 100, deadline=deadline)
        assert b'"kind":"request"' in stream.read(deadline=deadline)

        assert stream.read(deadline=deadline) == b""
        with pytest.raises(WorkerError):
            runner.run(b"", limits=LIMITS)
        assert runner.run(b"print(1)", limits=LIMITS).stdout == b"1\n"


def test_a_server_without_torch_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The remedy is an installation, not another try."""
    (tmp_path / "torch.py").write_text("raise ImportError")
    first = f"import sys; sys.path.insert(1, {str(tmp_path)!r})\n"
    before = (
        "import sys; sys.path.insert(0, sys.argv[1]); from verifier.sandbox import launcher;"
        f"launcher._FORK_SERVER = {first!r} + launcher._FORK_SERVER;"
    )
    monkeypatch.setattr(sandbox, "_SERVE", before + sandbox._SERVE)

    with pytest.raises(TorchMissingError):
        SandboxRunner().__enter__()


def test_a_server_that_dies_at_once_is_a_worker_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words are shown."""
    monkeypatch.setattr(sandbox, "_SERVE", "raise SystemExit('no such luck')")

    with pytest.raises(WorkerError, match="no such luck"):
        SandboxRunner().__enter__()


def test_an_interpreter_that_does_not_start_is_a_worker_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both runners that start one."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")

    with pytest.raises(WorkerError):
        SandboxRunner().__enter__()
    with pytest.raises(WorkerError):
        LocalRunner().__enter__()


def test_the_stamp_names_image_and_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image cannot know its own id, so the build leaves the runtime's in it."""
    stamp = tmp_path / "stamp.json"
    stamp.write_text('{"runtime_image": "sha256:1", "pins_sha256": "2"}')
    monkeypatch.setenv(sandbox.STAMP_VARIABLE, str(stamp))
    with SandboxRunner() as runner:
        result: RunResult = runner.run(b"", limits=LIMITS)

    assert (result.environment.image, result.environment.pins_sha256) == ("sha256:1", "2")
    assert "container" in result.tier.walls


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"runtime_image": 1, "pins_sha256": "2"}'])
def test_a_stamp_that_cannot_be_read_is_an_environment_failure(tmp_path: Path, text: str) -> None:
    """A wrong provenance is worse than none."""
    stamp = tmp_path / "stamp.json"
    stamp.write_text(text)

    with pytest.raises(EnvironmentFailure, match="stamp"):
        SandboxRunner(stamp=stamp).__enter__()
