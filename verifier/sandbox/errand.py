"""A small task done in a forked child, because it needs other rights than the server's."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_READ_BYTES = 65536


class ErrandError(OSError):
    """The child could not do its task."""


def send(task: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever JSON the task returns
    """Fork, do ``task`` in the child, and bring back what it returned.

    Args:
        task: Returns a JSON value; what it does to its own process ends with it.
    Raises:
        ErrandError: It raised, or the child died.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _do(task, writer)
    os.close(writer)
    chunks = []
    try:
        while chunk := os.read(reader, _READ_BYTES):
            chunks.append(chunk)
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
