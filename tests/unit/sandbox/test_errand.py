"""An errand gives its whole answer, or is an error; it never hangs and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from verifier.sandbox import errand

if TYPE_CHECKING:
    from collections.abc import Callable


def descriptors() -> int:
    """Count what this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - of the kernel's


def says(data: bytes, *, then: Callable[[], object] = lambda: None) -> Callable[..., None]:
    """Stand in for the child's side of an errand: it writes these bytes."""

    def do(_task: Callable[[], Any], writer: int) -> None:
        try:
            os.write(writer, data)
            then()
        finally:
            os._exit(0)

    return do


@pytest.mark.parametrize(
    "answer",
    [
        *(json.dumps({"value": {"a": [1, "x"]}}).encode()[:length] for length in range(24)),
        b'{"value": 1}{"value": 2}', b'{"value": 1', b"12", b"null", b"[]", b'"error"', b"{}",
        b'{"val": 1}', b'{"error": ', b"\xff\xfe", b"[" * 100_000,
    ],
)  # fmt: skip
def test_half_an_answer_is_an_error_of_the_errand(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """Whoever is killed while it answers has not answered."""
    monkeypatch.setattr(errand, "_do", says(answer))

    with pytest.raises(errand.ErrandError):
        errand.send(lambda: None)


def test_an_answer_in_pieces_is_one_answer() -> None:
    """Longer than a pipe holds."""
    assert errand.send(lambda: "x" * 3_000_000) == "x" * 3_000_000


def test_what_is_no_json_is_an_error() -> None:
    """The task gave something that cannot be brought back."""
    with pytest.raises(errand.ErrandError):
        errand.send(lambda: {1, 2})


def test_who_answers_and_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped, it would be waited for for ever."""

    def stop() -> None:
        os.closerange(3, 256)
        os.kill(os.getpid(), signal.SIGSTOP)

    monkeypatch.setattr(errand, "_do", says(b'{"value": 5}', then=stop))
    began = time.monotonic()

    assert errand.send(lambda: None, within_s=5) == 5
    assert time.monotonic() - began < 4


def test_who_says_half_and_waits_is_ended_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither parsed nor waited for."""
    monkeypatch.setattr(errand, "_do", says(b'{"value": 5', then=lambda: time.sleep(60)))
    began = time.monotonic()

    with pytest.raises(errand.ErrandError):
        errand.send(lambda: None, within_s=0.2)
    assert time.monotonic() - began < 10


def test_no_errand_leaves_a_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Done, failed, or never begun."""

    def no_fork() -> int:
        raise BlockingIOError(11, "no more processes")

    before = descriptors()
    errand.send(lambda: 1)
    monkeypatch.setattr(errand, "_do", says(b"{"))
    with pytest.raises(errand.ErrandError):
        errand.send(lambda: None)
    monkeypatch.setattr(os, "fork", no_fork)
    with pytest.raises(BlockingIOError):
        errand.send(lambda: None)

    assert descriptors() == before


def test_an_errand_that_may_not_be_ended_is_an_error_and_leaves_no_zombie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As root without CAP_KILL: the child has another uid by then."""

    def refused(_pid: int, _signal: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "kill", refused)

    with pytest.raises(errand.ErrandError):
        errand.send(lambda: 1)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
