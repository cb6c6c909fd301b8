"""The streams of a container as its engine multiplexes them over one socket.

Without a terminal, the engine sends chunks: one byte for the stream (1 stdout, 2
stderr), three zeros, four bytes of big-endian length, then the data. What is written to
the socket is the container's standard input.

Source: Docker Engine API, "Attach to a container", stream format.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

_HEADER_BYTES = 8
_STDOUT = 1
_STDERR = 2
_READ_BYTES = 1 << 16
_WORDS_BYTES = 4096


class Demultiplexer:
    """Takes the engine's bytes, gives the container's standard output."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._stream = 0
        self._left = 0
        self._words = bytearray()

    @property
    def words(self) -> bytes:
        """The last bytes of its standard error."""
        return bytes(self._words)

    def take(self, data: bytes) -> bytes:
        """Add what was read from the socket; return its part of standard output.

        Raises:
            ConnectionError: The engine sent something that is no chunk.
        """
        output = bytearray()
        at = 0
        while at < len(data):
            if self._left == 0:
                missing = _HEADER_BYTES - len(self._header)
                self._header += data[at : at + missing]
                at += missing
                self._begin_chunk()
                continue
            piece = data[at : at + self._left]
            at += len(piece)
            self._left -= len(piece)
            self._keep(piece, output)
        return bytes(output)

    def _begin_chunk(self) -> None:
        if len(self._header) < _HEADER_BYTES:
            return
        self._stream = self._header[0]
        if self._stream not in (_STDOUT, _STDERR) or any(self._header[1:4]):
            msg = "the engine sent a chunk without a header"
            raise ConnectionError(msg)
        self._left = int.from_bytes(self._header[4:], "big")
        self._header.clear()

    def _keep(self, piece: bytes, output: bytearray) -> None:
        if self._stream == _STDOUT:
            output += piece
            return
        self._words += piece
        del self._words[:-_WORDS_BYTES]


class AttachedStream:
    """A container's standard input and output over the engine's socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._chunks = Demultiplexer()

    def write(self, data: bytes, *, deadline: float) -> None:
        """Send all of ``data``.

        Raises:
            TimeoutError: The container does not read.
            OSError: The connection is gone.
        """
        self._socket.settimeout(_left_s(deadline))
        self._socket.sendall(data)

    def read(self, *, deadline: float) -> bytes:
        """Wait for some bytes of standard output; empty once the container is gone.

        Raises:
            TimeoutError: None came in time.
            OSError: The connection is gone.
        """
        while True:
            self._socket.settimeout(_left_s(deadline))
            data = self._socket.recv(_READ_BYTES)
            if not data:
                return b""
            if output := self._chunks.take(data):
                return output

    def last_words(self) -> str:
        """The end of its standard error."""
        return self._chunks.words.decode(errors="replace")


@contextlib.contextmanager
def attach(client: DockerClient, name: str) -> Iterator[socket.socket]:
    """Connect to all three streams of a container, which need not have been started."""
    raw: Any = client.api.attach_socket(
        name, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    )
    connection: socket.socket = getattr(raw, "_sock", raw)
    try:
        yield connection
    finally:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        response = getattr(raw, "_response", None)
        if response is not None:
            response.close()
        raw.close()
        connection.close()


def _left_s(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s
