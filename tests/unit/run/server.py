"""The server's side of a conversation: what it says, and one that says it."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.fakes import ENVIRONMENT, LIMITS
from verifier.run.frames import Conversation, ServerInfo
from verifier.sandbox import wire

if TYPE_CHECKING:
    from verifier.run.interface import RunResult

HELLO: wire.Frame = {
    "type": "hello",
    "protocol": 4,
    "environment": {
        "torch": "2.13.0+cpu",
        "python": "3.11.2",
        "platform": "Linux-x86_64-glibc2.36",
        "cpu_capability": "AVX2",
        "threads": 1,
    },
    "walls": ["uid", "landlock", "rlimits", "wall_time", "output_caps"],
    "missing": ["container", "no_network"],
}
RESULT: wire.Frame = {
    "type": "result",
    "id": 1,
    "outcome": {"kind": "exited", "code": 3},
    "stdout": wire.bytes_to_text(b"out\xff"),
    "stderr": wire.bytes_to_text(b"err"),
    "trace": wire.bytes_to_text(b"steps"),
    "rerun": wire.bytes_to_text(b"again"),
    "wall_s": 0.5,
    "cpu_s": 0.25,
    "peak_bytes": 1 << 20,
    "walls": ["rlimits", "uid"],
    "missing": [],
}
REQUEST: wire.Frame = {
    "type": "run",
    "id": 1,
    "source": wire.bytes_to_text(b"print(1)"),
    "limits": asdict(LIMITS),
    "trace": False,
    "arithmetic": False,
    "milestones": False,
    "generators": ["torch", "numpy", "random"],
    "seed_shift": 0,
    "rerun_shift": 0,
}
SERVER_INFO = ServerInfo(
    runner="container",
    image=ENVIRONMENT.image,
    pins_sha256=ENVIRONMENT.pins_sha256,
    walls=frozenset({"container", "no_network"}),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


class FakeStream:
    """A server that has said all it will say."""

    def __init__(self, *chunks: bytes, silent: bool = False, words: str = "") -> None:
        self._chunks = list(chunks)
        self._silent = silent
        self._words = words
        self.written = b""

    def write(self, data: bytes, *, deadline: float) -> None:
        """Take a request."""
        assert deadline > time.monotonic()
        self.written += data

    def read(self, *, deadline: float) -> bytes:
        """Give the next chunk, then the end, or nothing at all."""
        assert deadline > time.monotonic()
        if self._chunks:
            return self._chunks.pop(0)
        if self._silent:
            raise TimeoutError
        return b""

    def last_words(self) -> str:
        """Give what stands on standard error."""
        return self._words


class BrokenStream(FakeStream):
    """A server whose connection broke."""

    def __init__(self, *chunks: bytes, error: OSError) -> None:
        super().__init__(*chunks)
        self._error = error

    def write(self, data: bytes, *, deadline: float) -> None:  # noqa: ARG002 - the port has them
        """Fail as a broken connection does."""
        raise self._error


def talk(*frames: wire.Frame) -> RunResult:
    """Have a conversation with a server that answers so."""
    conversation = Conversation(FakeStream(*map(wire.encode, frames)), server_info=SERVER_INFO)
    conversation.begin()
    return conversation.run(b"print(1)", limits=LIMITS)
