"""A ZIP archive of submissions, which may be hostile: read in memory, never extracted.

What an archive says of itself is not believed. An entry is read up to the size limit of a
submission, whatever its header promises; its name is a label and never becomes a path.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import threading
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Self

from verifier.batch.item import LeftOut, is_hidden, is_script, key_of, refused
from verifier.errors import UsageError
from verifier.printable import printable
from verifier.submission import SIZE_LIMIT_BYTES, Submission, read_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DIRECTORY_LIMIT_BYTES = 8 * 1024 * 1024
"""Of an archive's table of contents: 40,000 submissions with long names take that much."""

ENTRY_LIMIT = 50_000
TOTAL_LIMIT_BYTES = 512 * 1024 * 1024
"""Of all entries together, unpacked; what comes later is not gradable."""

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others unpack without a bound on memory, and no learning platform writes them."""

_ENCRYPTED = 0x1
_UTF_8_FLAG_HIGH = 0x08
_ENTRY_MAGIC = b"PK\x01\x02"
_ENTRY_BYTES = 46
_FLAGS_HIGH_AT = 9
_LENGTHS_AT = 28
_HEADER_MAGIC = b"PK\x03\x04"
_HEADER_BYTES = 30
_HEADER_FLAGS_HIGH_AT = 7
_UNIX = 3
_DRIVE = re.compile(r"[A-Za-z]:")
_TROUBLES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError,
    OverflowError, IndexError,
)  # fmt: skip
"""What `zipfile` raises on bytes that are no archive, or a broken one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One submission in an archive."""

    name: str
    """Relative, with ``/`` between its parts."""
    read: Callable[[str], Submission]


class Archive:
    """An open ZIP file.

    Raises:
        UsageError: It cannot be opened, or lists more than a class can hand in.
    """

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._left_bytes = TOTAL_LIMIT_BYTES
        self._read_before: set[str] = set()
        shown = key_of(str(path))
        try:
            # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
            self._file = os.fdopen(
                os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0
            )
        except OSError as error:
            raise _unusable(shown, error.strerror or "it cannot be read") from error
        try:
            self._zip = _open(self._file)
        except _TROUBLES as error:
            self._file.close()
            raise _unusable(shown, printable(str(error))) from error
        if len(self._zip.infolist()) > ENTRY_LIMIT:
            self.close()
            raise _unusable(shown, f"it holds more than {ENTRY_LIMIT} entries")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; nothing can be read any more."""
        self._zip.close()
        self._file.close()

    def contents(self) -> Iterator[Entry | LeftOut]:
        """List the submissions, and what else lies there, in the archive's order."""
        named: dict[str, list[zipfile.ZipInfo]] = {}
        for info in self._zip.infolist():
            raw = _raw_name(info)
            if not raw.endswith(("/", "\\")):
                named.setdefault(_tidy(raw), []).append(info)
        for name, infos in named.items():
            yield self._entry(name, infos)

    def _entry(self, name: str, infos: list[zipfile.ZipInfo]) -> Entry | LeftOut:
        parts = name.split("/")
        if is_hidden([part for part in parts if part != ".."]):
            return LeftOut(path=key_of(name), reason="hidden")
        if not is_script(name):
            return LeftOut(path=key_of(name), reason="no .py file")
        problem = _name_problem(name) or _info_problem(infos)
        if problem is not None:
            return Entry(name=name, read=partial(refused, message=problem))
        return Entry(name=name, read=partial(self._read, infos[0], name))

    def _read(self, info: zipfile.ZipInfo, name: str, path: str) -> Submission:
        with self._lock:
            if self._left_bytes <= 0 and name not in self._read_before:
                message = f"the archive unpacks to more than {TOTAL_LIMIT_BYTES >> 20} MiB"
                return refused(path, kind="too_large", message=message)
            try:
                with self._zip.open(info) as stream:
                    source = stream.read(SIZE_LIMIT_BYTES + 1)
            except _TROUBLES as error:
                # What it cost is not known, so it counts as the most it can have cost.
                self._count(name, SIZE_LIMIT_BYTES)
                reason = printable(str(error) or type(error).__name__)
                return refused(path, message=f"the archive is broken here: {reason}")
            self._count(name, len(source))
        return read_stream(io.BytesIO(source), name=path)

    def _count(self, name: str, size: int) -> None:
        """Count an entry against the total, the first time that it is read."""
        if name not in self._read_before:
            self._read_before.add(name)
            self._left_bytes -= size


def _unusable(shown: str, reason: str) -> UsageError:
    return UsageError(
        f"{shown} cannot be used as a ZIP archive: {reason}",
        remedy="unpack it yourself and name the folder",
    )


def _name_problem(name: str) -> str | None:
    if "\0" in name:
        return "its name in the archive holds a NUL"
    if name.startswith("/") or _DRIVE.match(name):
        return "its name in the archive is an absolute path"
    if ".." in name.split("/"):
        return "its name in the archive leads out of the archive"
    return None


def _info_problem(infos: list[zipfile.ZipInfo]) -> str | None:
    info = infos[0]
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if len(infos) > 1:
        return f"the archive holds {len(infos)} entries of this name"
    if stat.S_ISLNK(mode):
        return "it is a link: hand in the file itself"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is no regular file (a device or a pipe)"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted: hand in an archive without a password"
    if info.compress_type not in _METHODS:
        return f"it is compressed by method {info.compress_type}, which is not read here"
    return None


def _tidy(raw: str) -> str:
    """Give a name with ``/`` between its parts, as Windows programs do not always write it."""
    parts = [part for part in raw.replace("\\", "/").split("/") if part not in ("", ".")]
    root = "/" if raw.startswith(("/", "\\")) else ""
    return root + "/".join(parts)


def _raw_name(info: zipfile.ZipInfo) -> str:
    raw = info.orig_filename.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")  # what the format says where no flag says otherwise


def _open(file: IO[bytes]) -> zipfile.ZipFile:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise ValueError("it is no regular file")
    return zipfile.ZipFile(_GuardedFile(file), metadata_encoding="latin-1")


class _GuardedFile:
    """The archive's file, as `zipfile` may see it: with a table of contents of bounded size.

    No entry claims there that its name is in UTF-8: where one claims so and is not, `zipfile`
    would refuse the whole archive. So every name is handed on as bytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > DIRECTORY_LIMIT_BYTES:
            raise ValueError("its table of contents is too long")
        data = self._file.read(DIRECTORY_LIMIT_BYTES if size < 0 else size)
        if data.startswith(_ENTRY_MAGIC):
            return _without_utf_8_flags(data)
        if data.startswith(_HEADER_MAGIC) and len(data) == _HEADER_BYTES:
            flags = bytes([data[_HEADER_FLAGS_HIGH_AT] & ~_UTF_8_FLAG_HIGH])
            return data[:_HEADER_FLAGS_HIGH_AT] + flags + data[_HEADER_FLAGS_HIGH_AT + 1 :]
        return data


def _without_utf_8_flags(directory: bytes) -> bytes:
    edited = bytearray(directory)
    at = 0
    while directory.startswith(_ENTRY_MAGIC, at) and at + _ENTRY_BYTES <= len(directory):
        edited[at + _FLAGS_HIGH_AT] &= ~_UTF_8_FLAG_HIGH
        at += _ENTRY_BYTES + sum(struct.unpack_from("<3H", directory, at + _LENGTHS_AT))
    return bytes(edited)
