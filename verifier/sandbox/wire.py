r"""Frames on a byte stream: a 4-byte big-endian length, then one JSON object in UTF-8.

>>> encode({"type": "run", "id": 7})
b'\x00\x00\x00\x15{"type":"run","id":7}'
>>> buffer = FrameBuffer()
>>> buffer.feed(encode({"type": "run", "id": 7}) + b"\x00\x00")
>>> buffer.next_frame(), len(buffer)
({'type': 'run', 'id': 7}, 2)

Both ends use this module; neither trusts the other. A frame that is too long, is not
UTF-8, or is not one strict JSON object is a `FrameError`, after which the stream can
no longer be read.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NoReturn

Frame = dict[str, Any]
"""One JSON object, its values not checked yet."""

PROTOCOL = 4
"""Version of the conversation; it stands in ``hello``."""

MAX_FRAME_BYTES = 16 * 1024 * 1024
"""The longest body either end sends or accepts."""

_LENGTH_BYTES = 4


class FrameError(ValueError):
    """The bytes are no frame."""


def encode(frame: Frame) -> bytes:
    """Write one frame.

    Raises:
        FrameError: The body would be longer than `MAX_FRAME_BYTES`.
    """
    body = json.dumps(frame, allow_nan=False, separators=(",", ":")).encode()
    if len(body) > MAX_FRAME_BYTES:
        msg = f"a frame of {len(body)} bytes is over the bound of {MAX_FRAME_BYTES}"
        raise FrameError(msg)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def decode(body: bytes) -> Frame:
    """Read the body of one frame.

    Raises:
        FrameError: It is not one strict JSON object in UTF-8.
    """
    try:
        frame = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        msg = f"a frame is not JSON: {type(error).__name__}"
        raise FrameError(msg) from error
    if not isinstance(frame, dict):
        msg = f"a frame is a JSON {type(frame).__name__}, not an object"
        raise FrameError(msg)
    return frame


def bytes_to_text(data: bytes) -> str:
    """Bytes as they stand in a frame: base64."""
    return base64.b64encode(data).decode("ascii")


def text_to_bytes(text: str) -> bytes:
    """Undo `bytes_to_text`.

    Raises:
        FrameError: The text is not base64.
    """
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        msg = "a frame's bytes are not base64"
        raise FrameError(msg) from error


class FrameBuffer:
    """Bytes that arrived, cut into frames. Never holds more than one frame and one read."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        """Bytes that are not read as a frame yet."""
        return len(self._bytes)

    def feed(self, data: bytes) -> None:
        """Add what was read from the stream."""
        self._bytes += data

    def missing(self) -> int:
        """Bytes that may be read without taking any of the frame after the first."""
        length = int.from_bytes(self._bytes[:_LENGTH_BYTES], "big")
        whole = _LENGTH_BYTES + (length if len(self._bytes) >= _LENGTH_BYTES else 0)
        return whole - len(self._bytes)

    def next_frame(self) -> Frame | None:
        """Take the first frame, or None while it is incomplete.

        Raises:
            FrameError: It announces more than `MAX_FRAME_BYTES`, or is no JSON object.
        """
        if len(self._bytes) < _LENGTH_BYTES:
            return None
        length = int.from_bytes(self._bytes[:_LENGTH_BYTES], "big")
        if length > MAX_FRAME_BYTES:
            msg = f"a frame announces {length} bytes; the bound is {MAX_FRAME_BYTES}"
            raise FrameError(msg)
        end = _LENGTH_BYTES + length
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_LENGTH_BYTES:end])
        del self._bytes[:end]
        return decode(body)


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not strict JSON"
    raise ValueError(msg)
