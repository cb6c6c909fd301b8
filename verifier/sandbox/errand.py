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
        ErrandError: It raised, the child died, or it took too long.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _do(task, writer)
    os.close(writer)
    chunks = []
    deadline = time.monotonic() + within_s
    try:
        while select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if not (chunk := os.read(reader, _READ_BYTES)):
                break
            chunks.append(chunk)
        else:
            os.kill(pid, signal.SIGKILL)
            chunks.clear()
    finally:
        os.close(reader)
        os.waitpid(pid, 0)
    answer = json.loads(b"".join(chunks) or b'{"error": "it died"}')
    if "error" in answer:
        raise ErrandError(answer["error"])
    return answer["value"]


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
