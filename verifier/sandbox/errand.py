"""An errand: a small task that a forked child does, with other rights than the server's."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_READ_BYTES = 65536


class ErrandError(OSError):
    """The child could not do its task."""


def send(task: Callable[[], Any], *, within_s: float = 30.0) -> Any:  # noqa: ANN401 - whatever JSON the task returns
    """Fork, do ``task`` in the child, and bring back what it returned.

    Args:
        task: Returns a JSON value; what it does to its own process ends with it.
        within_s: Seconds after which the child is killed.
    Raises:
        ErrandError: It raised, the child died, or it took too long, or could not be ended.
    """
    reader, writer = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        raise
    if pid == 0:
        _do(task, writer)
    os.close(writer)
    said = b""
    try:
        said = _all_said(reader, deadline=time.monotonic() + within_s)
    finally:
        os.close(reader)
        _end(pid, is_ending=bool(said))
    return _value(said)


def _end(pid: int, *, is_ending: bool) -> None:
    """End a child, which has nothing more to say and may be stopped.

    Raises:
        ErrandError: It has a uid that this process may not signal: root without CAP_KILL.
    """
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError as error:
        os.waitpid(pid, 0 if is_ending else os.WNOHANG)
        msg = "it could not be ended"
        raise ErrandError(msg) from error
    os.waitpid(pid, 0)


def _all_said(reader: int, *, deadline: float) -> bytes:
    """Read to the end of what the child says; nothing, if that does not come in time."""
    chunks: list[bytes] = []
    while select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
        if not (chunk := os.read(reader, _READ_BYTES)):
            return b"".join(chunks)
        chunks.append(chunk)
    return b""


def _value(said: bytes) -> Any:  # noqa: ANN401 - as `send`
    """Read an answer, which is one JSON object and whole, or is none."""
    if not said:
        msg = "it died"
        raise ErrandError(msg)
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError) as error:
        msg = "it died while it answered"
        raise ErrandError(msg) from error
    match answer:
        case {"value": value, **more} if not more:
            return value
        case {"error": str(what)}:
            raise ErrandError(what)
    msg = "what it answered is no answer"
    raise ErrandError(msg)


def _do(task: Callable[[], Any], writer: int) -> None:
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            answer = {"value": task()}
        except Exception as error:  # noqa: BLE001 - it is carried to the parent as text
            answer = {"error": f"{type(error).__name__}: {error}"}
        with os.fdopen(writer, "wb") as out:
            out.write(json.dumps(answer).encode())
    finally:
        os._exit(0)
