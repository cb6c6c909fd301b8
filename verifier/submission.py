"""A learner's file: read with bounds, and either gradable or not, with the reason."""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import os
import re
import stat
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from verifier.errors import UsageError
from verifier.finding import Finding
from verifier.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

SIZE_LIMIT_BYTES = 1024 * 1024
"""A longer file is not gradable: no lesson's script is."""

_PLAIN_CODINGS = re.compile(
    r"utf-8(-sig)?|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|gb2312|gbk|gb18030|big5|euc_(jp|kr)|shift_jis"
)
"""Codecs that decode in linear time. Python has others that no editor writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was handed in."""

    path: str
    """As the user named it; ``-`` for standard input."""
    sha256: str | None
    """Of the bytes; None where they could not be read, or were more than the limit."""
    source: bytes
    """Empty where it is not gradable."""
    refusals: tuple[Finding, ...]
    """Why it cannot be graded; empty for a gradable one."""

    @property
    def gradable(self) -> bool:
        """Whether it may be run."""
        return not self.refusals


def read_submission(path: Path, *, is_script: bool = True) -> Submission:
    """Read a file that a stranger made: no link is followed, no device or pipe is read.

    A link could point to a solution, or to a file that only this process may read.

    Args:
        path: The file.
        is_script: False for captured output, of which any bytes can be judged.
    Raises:
        UsageError: There is no such file, or it is a folder.
    """
    name = str(path)
    try:
        # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"there is no file {printable(name)}",
            remedy="check the path. In a container a file can be handed in two ways:\n"
            "      docker run --rm -i labcheck - < submission.py\n"
            '      docker run --rm -v "$PWD:/work:ro" labcheck submission.py',
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            return _refused(name, "unreadable", "it is a link: hand in the file itself")
        whose = _whose(path) if isinstance(error, PermissionError) else ""
        return _refused(name, "unreadable", f"the file cannot be read: {error.strerror}{whose}")
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise UsageError(f"{printable(name)} is a folder", remedy="name one file")
        return _refused(name, "unreadable", "it is no regular file (a device or a pipe)")
    with os.fdopen(descriptor, "rb") as file:
        return read_stream(file, name=name, is_script=is_script)


def _whose(path: Path) -> str:
    """Say what helps when a container's root may not read another user's private file."""
    try:
        owner = path.stat().st_uid
    except OSError:
        return ""
    return (
        f" (it belongs to uid {owner} and is private: `chmod a+r` it, or hand it in with `-i … -`)"
    )


def read_stream(stream: BinaryIO, *, name: str, is_script: bool = True) -> Submission:
    """Read a submission, or captured output, from an open stream such as standard input."""
    try:
        source: bytes | None = stream.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        return _refused(name, "unreadable", f"the file cannot be read: {error.strerror}")
    if source is None:  # a stream that does not wait, and has nothing yet
        return _refused(name, "unreadable", "standard input does not block: pass a file instead")
    if len(source) > SIZE_LIMIT_BYTES:
        return _refused(name, "too_large", f"it is larger than {SIZE_LIMIT_BYTES} bytes")
    refusal = _refusal(source, name=name) if is_script else None
    return Submission(
        path=name,
        sha256=hashlib.sha256(source).hexdigest(),
        source=b"" if refusal else source,
        refusals=(refusal,) if refusal else (),
    )


def _refused(name: str, kind: str, message: str) -> Submission:
    finding = Finding(kind=kind, line=None, message=message)
    return Submission(path=name, sha256=None, source=b"", refusals=(finding,))


def _refusal(source: bytes, *, name: str) -> Finding | None:
    if not source.strip():
        message = "the file is empty: nothing was handed in"
        if name == "-":
            message = "standard input is empty; `docker run` passes it on with -i only"
        return Finding(kind="empty", line=None, message=message)
    nul = source.find(b"\0")
    if nul >= 0:
        return Finding(
            kind="nul_byte",
            line=None,
            message=f"byte {nul} is NUL, which Python refuses: save the file as plain UTF-8 text",
        )
    return _undecodable(source)


def _undecodable(source: bytes) -> Finding | None:
    try:
        source.decode(_coding(source))
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not {error.encoding}: save the file as UTF-8"
    except (SyntaxError, LookupError) as error:
        message = f"its declared coding does not fit: {printable(str(error))}"
    else:
        return None
    return Finding(kind="undecodable", line=None, message=message)


def _coding(source: bytes) -> str:
    """Name the coding as Python would.

    Raises:
        UnicodeDecodeError: The first lines are not UTF-8, and declare nothing else.
        SyntaxError: The declaration names no coding, or contradicts a byte order mark.
        LookupError: It names one that no editor writes.
    """
    try:
        coding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:
        source.decode("utf-8-sig")  # names the byte, where that is the reason
        raise
    if not _PLAIN_CODINGS.fullmatch(codecs.lookup(coding).name):
        raise LookupError(f"{coding} is not accepted")
    return coding
