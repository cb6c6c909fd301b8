"""A socket between the SDK and the engine, which a test can cut as if the engine had died."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_DEFAULT = "unix:///var/run/docker.sock"
_READ_BYTES = 1 << 16


class Relay:
    """Listens on ``path`` and passes every connection on to the engine."""

    def __init__(self, path: Path) -> None:
        self.address = f"unix://{path}"
        self._path = path
        self._engine = (os.environ.get("DOCKER_HOST") or _DEFAULT).removeprefix("unix://")
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_error: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Listen."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._path))
        listener.listen()
        self._keep(listener)
        self._start(self._accept, listener)

    def cut(self) -> None:
        """Close every connection, and take no new one."""
        self._path.unlink(missing_ok=True)
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        while self._threads:
            self._threads.pop().join()
        while self._open:
            self._open.pop().close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listener.accept()
                self._keep(here)
                there = socket.socket(socket.AF_UNIX)
                self._keep(there)
                there.connect(self._engine)
                self._start(_pass_on, here, there)
                self._start(_pass_on, there, here)

    def _keep(self, each: socket.socket) -> None:
        with self._lock:
            self._open.add(each)

    def _start(self, task: object, *arguments: socket.socket) -> None:
        assert callable(task)
        thread = threading.Thread(target=task, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_READ_BYTES):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
