"""A submission is read with bounds, and refused with a reason."""

from __future__ import annotations

import hashlib
import io
import os
from typing import TYPE_CHECKING

import pytest

from verifier.errors import UsageError
from verifier.submission import SIZE_LIMIT_BYTES, read_stream, read_submission

if TYPE_CHECKING:
    from pathlib import Path


def _kinds(source: bytes) -> list[str]:
    return [finding.kind for finding in read_stream(io.BytesIO(source), name="-").refusals]


def test_plain_script_is_gradable_and_named_by_its_digest(tmp_path: Path) -> None:
    """The digest ties a report to the bytes that were judged."""
    file = tmp_path / "submission.py"
    file.write_bytes(b"print(1)\r\n")

    read = read_submission(file)

    assert read.gradable
    assert read.source == b"print(1)\r\n"
    assert read.sha256 == hashlib.sha256(b"print(1)\r\n").hexdigest()


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"print(1)\0", "nul_byte"),
        (b"print('\xff')", "undecodable"),
        (b"# coding: latin-9000\n", "undecodable"),
        (b"# coding: rot13\n", "undecodable"),
        (b"# coding: punycode\n", "undecodable"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "undecodable"),
        (b"x" * (SIZE_LIMIT_BYTES + 1), "too_large"),
    ],
)
def test_what_python_could_not_run_is_refused_unrun(source: bytes, kind: str) -> None:
    """Not gradable is no verdict on the learner's numbers."""
    assert _kinds(source) == [kind]


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfprint(1)\n",
        "# coding: latin-1\nprint('é')\n".encode("latin-1"),
        b"x" * SIZE_LIMIT_BYTES,
        b"print(1)\r\n",
    ],
)
def test_what_python_can_run_is_gradable(source: bytes) -> None:
    """A BOM, a declared coding, CRLF and the very limit are all fine."""
    assert _kinds(source) == []


def test_empty_standard_input_names_the_flag_that_was_forgotten() -> None:
    """Without -i, docker hands nothing on, and the learner's file is full."""
    assert "-i" in read_stream(io.BytesIO(b""), name="-").refusals[0].message


def test_undecodable_source_names_the_byte() -> None:
    """A learner must be able to find it."""
    refusal = read_stream(io.BytesIO(b"ab\xff"), name="-").refusals[0]

    assert refusal.message == "byte 2 is not utf-8: save the file as UTF-8"


def test_captured_output_of_any_bytes_is_taken() -> None:
    """Only scripts must be readable by Python."""
    assert read_stream(io.BytesIO(b"\xff\0"), name="-", is_script=False).gradable


def test_missing_file_shows_both_ways_to_hand_one_in(tmp_path: Path) -> None:
    """In a container the learner's folder is not there unless it is mounted."""
    with pytest.raises(UsageError) as caught:
        read_submission(tmp_path / "no.py")

    assert "-i labcheck - <" in caught.value.remedy
    assert '-v "$PWD:/work:ro"' in caught.value.remedy


def test_folder_is_a_usage_error(tmp_path: Path) -> None:
    """One file is judged at a time."""
    with pytest.raises(UsageError, match="is a folder"):
        read_submission(tmp_path)


def test_fifo_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    """Opening it the plain way would wait for ever."""
    os.mkfifo(tmp_path / "pipe.py")

    assert [finding.kind for finding in read_submission(tmp_path / "pipe.py").refusals] == [
        "unreadable"
    ]


def test_link_is_refused_wherever_it_points(tmp_path: Path) -> None:
    """It could point to the lab's own solution, or to what only the grader may read."""
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    refusal = read_submission(tmp_path / "link.py").refusals[0]

    assert (refusal.kind, refusal.message) == (
        "unreadable",
        "it is a link: hand in the file itself",
    )


def test_stream_that_does_not_wait_is_refused() -> None:
    """A part of a script must not be graded as the whole."""

    class NotReady(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            return None  # type: ignore[return-value] # as a non-blocking stream does

    assert read_stream(NotReady(), name="-").refusals[0].kind == "unreadable"


def test_unreadable_file_names_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root in a container without DAC_OVERRIDE may not read another user's private file."""
    file = tmp_path / "private.py"
    file.write_text("print(1)")

    def deny(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)
    refusal = read_submission(file).refusals[0]

    assert refusal.kind == "unreadable"
    assert f"belongs to uid {file.stat().st_uid}" in refusal.message


def test_unreadable_file_in_an_unreadable_folder_is_still_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where even its owner is hidden, the reason alone is given."""

    def deny(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)

    assert read_submission(tmp_path / "no.py").refusals[0].message == (
        "the file cannot be read: Permission denied"
    )


def test_stream_that_breaks_is_refused() -> None:
    """A vanished disk is no crash of ours."""

    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    assert read_stream(Broken(), name="-").refusals[0].kind == "unreadable"  # type: ignore[arg-type] # as much of a stream as is read
