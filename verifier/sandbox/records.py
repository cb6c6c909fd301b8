"""Records of a run besides its output: its trace, and its rerun's output, in files of memory.

Whatever a script wrote there, and however much, no more than a bound is read of it.
"""

from __future__ import annotations

import hmac
import os
import secrets
from typing import TYPE_CHECKING

from verifier.sandbox.rerun import MARK
from verifier.sandbox.trace.format import KEY_BYTES, MAX_BYTES, MAX_LOOK_BYTES
from verifier.sandbox.trace.journal import seal_of

if TYPE_CHECKING:
    from verifier.sandbox.request import Examination

_MAX_RERUN_BYTES = 64 * 1024
"""More output is not worth its way: what labs print is far shorter."""


def unsealed(written: bytes, key: bytes) -> bytes:
    """Give the lines of a trace without their seals; nothing where one of them is broken."""
    seal = seal_of(key)
    lines = []
    *whole, rest = written.split(b"\n")
    for each in whole:
        line, _, sealed = each.rpartition(b" ")
        seal.update(line)
        if not hmac.compare_digest(seal.hexdigest().encode(), sealed):
            return b""
        lines.append(line + b"\n")
    return b"" if rest else b"".join(lines)


class Records:
    """The files of one run, from before its start until `close`.

    Args:
        examination: Which of them it needs.
    Raises:
        OSError: There is no memory for them.
    """

    def __init__(self, examination: Examination) -> None:
        self.trace_file: int | None = None
        self.rerun_file: int | None = None
        self._key = secrets.token_bytes(KEY_BYTES)
        try:
            self._most_bytes = MAX_LOOK_BYTES if examination.milestones else MAX_BYTES
            if examination.trace:
                self.trace_file = os.memfd_create("trace")
                os.pwrite(self.trace_file, self._key, 0)
            if examination.trace or examination.rerun_shift:  # who is traced finds the same files
                self.rerun_file = os.memfd_create("rerun")
        except OSError:
            self.close()
            raise

    @property
    def files(self) -> tuple[int, ...]:
        """Descriptors of those that there are, the trace's first."""
        return tuple(each for each in (self.trace_file, self.rerun_file) if each is not None)

    def trace(self) -> bytes:
        """Read the trace; nothing where its recorder did not write every line of it."""
        file = self.trace_file
        return b"" if file is None else unsealed(os.pread(file, self._most_bytes + 1, 0), self._key)

    def reran(self) -> bool:
        """Whether the script had ended with status 0 and was being run again."""
        file = self.rerun_file
        return file is not None and os.pread(file, len(MARK), 0) == MARK

    def rerun(self) -> bytes | None:
        """Read what the rerun printed; None where there was none, or too much of it."""
        file, most = self.rerun_file, len(MARK) + _MAX_RERUN_BYTES
        recorded = b"" if file is None else os.pread(file, most + 1, 0)
        is_answer = recorded.startswith(MARK) and len(recorded) <= most
        return recorded[len(MARK) :] if is_answer else None

    def close(self) -> None:
        """Give the memory back."""
        for file in self.files:
            os.close(file)
