"""A learner's file: read with bounds, and either gradable or not, with the reason."""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import json
import os
import re
import stat
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from verifier.errors import BadDataError, UsageError
from verifier.files import open_below
from verifier.finding import Finding
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIZE_LIMIT_BYTES = 1024 * 1024
"""A longer file is not gradable: no lesson's script is."""

_NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})

_PLAIN_CODINGS = re.compile(
    r"utf-8(-sig)?|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|gb2312|gbk|gb18030|big5|euc_(jp|kr)|shift_jis"
)
"""Codecs that decode in linear time. Python has others that no editor writes."""

_ZIP = b"PK\x03\x04"
_SAVE = "save it as plain text with the ending .py"
_NOTEBOOK = (
    "this is a notebook: hand in its code cells as one .py file (File, Export or Download as .py)"
)
_WEB_PAGE = (
    "this is a web page (HTML), not the script that it shows: download the file itself "
    "(the button Raw or Download)"
)
_UNPACK = "unpack it, and hand in the script alone"
_PICTURE = "this is a picture: hand in the script itself, as text"
_NO_TEXT = "hand in the script, which is text"
_MEMBERS = (
    (b"word/document", f"this is a Word document: {_SAVE}"),
    (b"xl/workbook", "this is an Excel sheet: hand in the script itself, as text"),
    (b"ppt/presentation", f"this is a presentation: {_NO_TEXT}"),
    (b"data.pkl", "this is a saved model: hand in the script that trains it"),
    (b"mimetypeapplication/vnd.", f"this is an office document: {_SAVE}"),
)
"""What the names in a zip archive tell of it."""
_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"this is an old Office document: {_SAVE}"),
    (b"\x1f\x8b", f"this is a compressed file: {_UNPACK}"),
    (b"BZh91AY", f"this is a compressed file: {_UNPACK}"),
    (b"\xfd7zXZ", f"this is a compressed file: {_UNPACK}"),
    (b"7z\xbc\xaf\x27\x1c", f"this is a compressed file: {_UNPACK}"),
    (b"Rar!\x1a\x07", f"this is a compressed file: {_UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"this is a compressed file: {_UNPACK}"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"RIFF", "this is a picture, a sound or a film: hand in the script itself, as text"),
    (b"\x7fELF", f"this is a program: {_NO_TEXT}"),
    (b"MZ", f"this is a program: {_NO_TEXT}"),
    (b"\xcf\xfa\xed\xfe", f"this is a program: {_NO_TEXT}"),
    *(
        (bytes([0x80, n]), "this is a pickle: hand in the script that makes it")
        for n in range(2, 6)
    ),
    (b"\x93NUMPY", "this is a saved array: hand in the script that makes it"),
    (b"SQLite format 3", f"this is a database: {_NO_TEXT}"),
    (b"bplist00", "this is a saved web page: download the script itself"),
)
"""How files begin that are no text."""
_TEXTS = tuple(
    (re.compile(pattern, re.IGNORECASE), message)
    for pattern, message in (
        (rb"\{\\rtf", f"this is rich text (RTF), as a word processor writes it: {_SAVE}"),
        (rb"(?:<!--[^>]*+>\s*+)?<\?xml\b", "this is an XML document: hand in the script itself"),
        (
            rb"(?:<!--[^>]*+>\s*+)?<(?:!doctype\b|[a-z][a-z0-9]*+[\s/>])",
            _WEB_PAGE,
        ),
        (
            rb"(?:From|Return-Path|Received|MIME-Version): (?s:.{0,2000}?\nMIME-Version: |1\.0\s)",
            "this is an e-mail or a saved web page: hand in the script itself",
        ),
        (rb"%PDF-[12]", "this is a PDF: hand in the script itself, as text"),
        (rb"diff --git ", "this is a patch: hand in the whole script"),
        (rb"\[InternetShortcut\]\s", "this is a link: hand in the file that it leads to"),
        (rb"\[\{000214A0-", "this is a link: hand in the file that it leads to"),
    )
)
"""How texts begin that are no Python."""
_NOTEBOOK_START = re.compile(rb'\{\s*+"(?:cells|metadata|nbformat\w*+|worksheets)"\s*+:')
_NOTEBOOK_KEY = re.compile(rb'"(?:cell_type|nbformat)"')
_CODE_LINE = re.compile(rb"^(?:import|from|def|class|for|print)\b", re.MULTILINE)


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


def read_reference(path: Path) -> Submission:
    """Read a lab's own script.

    Raises:
        BadDataError: It could not even be handed in, or is left out of this installation.
    """
    if not path.exists():
        raise BadDataError(
            f"the lab's script {printable(path.name)} is not here: an image for learners has none",
            remedy="use a checkout, or name its labs with --lab-root "
            '(in a container: -v "$PWD/lab:/lab:ro" … --lab-root /lab)',
        )
    reference = read_submission(path)
    if not reference.gradable:
        raise BadDataError(
            f"{printable(str(path))} cannot be run: {reference.refusals[0].message}",
            remedy="mend the script",
        )
    return reference


def read_submission(base: Path, below: Sequence[str] = (), *, is_script: bool = True) -> Submission:
    """Read a file that a stranger made: no link is followed, no device or pipe is read.

    A link could point to a solution, or to a file that only this process may read.

    Args:
        base: The file, or the folder that the user named.
        below: Where in that folder the file is.
        is_script: False for captured output, of which any bytes can be judged.
    Raises:
        UsageError: There is no such file, or it is a folder.
    """
    path = base.joinpath(*below)
    name = str(path)
    try:
        descriptor = open_below(base, below, os.O_RDONLY)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return _refused(name, "unreadable", "it is a link: hand in the file itself")
        if error.errno not in _NO_FILE:
            whose = _whose(path) if isinstance(error, PermissionError) else ""
            return _refused(name, "unreadable", f"the file cannot be read: {error.strerror}{whose}")
        raise UsageError(
            f"there is no file {printable(name)}",
            remedy="check the path. In a container a file can be handed in two ways:\n"
            "      docker run --rm -i labcheck - < submission.py\n"
            '      docker run --rm -v "$PWD:/work:ro" labcheck submission.py',
        ) from error
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
    other = _other_than_script(source) if is_script else None
    if len(source) > SIZE_LIMIT_BYTES:
        kind, message = "too_large", f"it is larger than {SIZE_LIMIT_BYTES} bytes"
        return _refused(name, "not_a_script" if other else kind, other or message)
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
    other = _other_than_script(source)
    if other is not None:
        return Finding(kind="not_a_script", line=None, message=other)
    nul = source.find(b"\0")
    if nul >= 0:
        return Finding(kind="nul_byte", line=None, message=_nul_message(source, nul))
    return _undecodable(source)


def _nul_message(source: bytes, place: int) -> str:
    start = source[:400]
    wide = start.count(0) * 3 // len(start)  # a NUL for each letter, or three
    if wide:
        coding = "UTF-32" if wide > 1 else "UTF-16"
        return f"this is text in {coding}, which Python does not read: save the file as UTF-8"
    return f"byte {place} is NUL, which Python refuses: save the file as plain UTF-8 text"


def _other_than_script(source: bytes) -> str | None:
    """Say what a file is, by what it holds, where that is no script; None for all that may be one.

    What could be Python is none of these: it is run, and Python says what is wrong with it.
    """
    if source.startswith(_ZIP):
        told = (message for member, message in _MEMBERS if member in source)
        return next(told, f"this is a zip archive: {_UNPACK}")
    for magic, message in _MAGIC:
        # A script may begin like those that are all ASCII, but holds no NUL.
        if source.startswith(magic) and (not magic.isascii() or b"\0" in source):
            return message
    if source[2:4] == b"\r\n" and b"\0" in source[4:16]:
        return "this is compiled Python (.pyc): hand in the .py file that it was made from"
    if source[257:262] == b"ustar":
        return f"this is a tar archive: {_UNPACK}"
    text = source.removeprefix(codecs.BOM_UTF8).lstrip()
    if _is_notebook(text):
        return _NOTEBOOK
    return next((message for start, message in _TEXTS if start.match(text)), None)


def _is_notebook(text: bytes) -> bool:
    """Whether it is Jupyter's JSON; also where that was cut off, or holds a merge's marks."""
    if not text.startswith(b"{") or not _NOTEBOOK_KEY.search(text):
        return False
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _NOTEBOOK_START.match(text) is not None and _CODE_LINE.search(text) is None
    return isinstance(document, dict) and bool(document.keys() & {"cells", "worksheets"})


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
