"""A ZIP archive may be hostile: a row or a refusal, never a stop, never a path."""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier.batch import archive as archive_module
from verifier.batch.archive import Archive, Entry
from verifier.batch.item import LeftOut
from verifier.errors import UsageError
from verifier.submission import SIZE_LIMIT_BYTES

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = b"print('a learner was here')\n"


def _zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in entries:
            made.writestr(name, content, compress_type=zipfile.ZIP_DEFLATED)
    return path


def _with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def _messages(path: Path) -> dict[str, str]:
    """Read every submission: its refusal, or its source."""
    with Archive(path) as archive:
        found = [entry for entry in archive.contents() if isinstance(entry, Entry)]
        read = {entry.name: entry.read(entry.name) for entry in found}
    return {
        name: submission.refusals[0].message if submission.refusals else submission.source.decode()
        for name, submission in read.items()
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the archive lies."""
    return tmp_path / "week.zip"


def test_scripts_are_read_and_the_rest_is_told(path: Path) -> None:
    """Folders are neither."""
    _zip(path, ("a/", b""), ("a/b.py", SCRIPT), ("a/n.txt", b""), ("__MACOSX/._b.py", b""))
    with Archive(path) as archive:
        contents = list(archive.contents())

    assert [each.name for each in contents if isinstance(each, Entry)] == ["a/b.py"]
    assert [each for each in contents if isinstance(each, LeftOut)] == [
        LeftOut(path="a/n.txt", reason="no .py file"),
        LeftOut(path="__MACOSX/._b.py", reason="hidden"),
    ]


@pytest.mark.parametrize(
    ("name", "tidy", "reason"),
    [
        ("../../etc/x.py", "../../etc/x.py", "leads out"),
        ("a/../../x.py", "a/../../x.py", "leads out"),
        ("..\\x.py", "../x.py", "leads out"),
        ("/etc/x.py", "/etc/x.py", "absolute"),
        ("\\\\host\\x.py", "/host/x.py", "absolute"),
        ("C:\\x.py", "C:/x.py", "absolute"),
    ],
)
def test_name_that_leads_elsewhere_is_refused(
    path: Path, name: str, tidy: str, reason: str
) -> None:
    """It would be harmless, for nothing is extracted; but no honest program writes it."""
    messages = _messages(_zip(path, (name, SCRIPT)))

    assert list(messages) == [tidy]
    assert reason in messages[tidy]


def test_backslashes_of_windows_are_slashes(path: Path) -> None:
    """Programs there write them."""
    assert _messages(_zip(path, ("jane\\.\\b.py", SCRIPT))) == {"jane/b.py": SCRIPT.decode()}


def test_name_with_nul_is_refused(path: Path) -> None:
    """Programs in C would see another suffix, or another file."""
    _zip(path, ("aXb.py", SCRIPT))
    path.write_bytes(path.read_bytes().replace(b"aXb.py", b"a\0b.py"))

    assert "NUL" in _messages(path)["a\0b.py"]


def test_name_that_stands_twice_is_refused_once(path: Path) -> None:
    """Nobody could say which is meant."""
    messages = _messages(_zip(path, ("a.py", SCRIPT), ("a.py", b"2"), (".//a.py", b"3")))

    assert messages == {"a.py": "the archive holds 3 entries of this name"}


@pytest.mark.parametrize(
    ("mode", "reason"), [(stat.S_IFLNK | 0o777, "a link"), (stat.S_IFIFO, "no regular file")]
)
def test_entry_that_is_no_file_is_refused(path: Path, mode: int, reason: str) -> None:
    """A link's content would be judged as a script; nothing it names is looked at."""
    _zip(path, (_with_mode("a.py", mode), b"/etc/passwd"), (_with_mode("b.py", 0o644), SCRIPT))

    messages = _messages(path)
    assert reason in messages["a.py"]
    assert messages["b.py"] == SCRIPT.decode()


def test_encrypted_entry_is_refused(path: Path) -> None:
    """It says so in a flag."""
    _zip(path, ("a.py", SCRIPT))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    assert "encrypted" in _messages(path)["a.py"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_method_that_unpacks_without_a_bound_is_refused(path: Path, method: int) -> None:
    """A few bytes of it can ask for gigabytes."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.py", SCRIPT, compress_type=method)

    assert f"method {method}" in _messages(path)["a.py"]


def test_bomb_is_read_up_to_the_limit_of_a_submission(path: Path) -> None:
    """Whatever its header says; here 64 MiB in 64 kB, and a header that tells of ten bytes."""
    _zip(path, ("a.py", b"\0" * 67_654_321), ("b.py", SCRIPT))
    assert f"larger than {SIZE_LIMIT_BYTES}" in _messages(path)["a.py"]

    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 67_654_321), struct.pack("<L", 10)))
    messages = _messages(path)

    assert "broken here" in messages["a.py"]
    assert messages["b.py"] == SCRIPT.decode()


def test_submission_of_exactly_the_limit_is_read(path: Path) -> None:
    """The bound is inclusive, as for a file."""
    assert len(_messages(_zip(path, ("a.py", b"#" * SIZE_LIMIT_BYTES)))["a.py"]) == SIZE_LIMIT_BYTES


def test_total_is_bounded_and_the_same_each_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries may overlap, so that a small archive holds a thousand bombs."""
    monkeypatch.setattr(archive_module, "TOTAL_LIMIT_BYTES", 2 << 20)
    _zip(path, *((f"{number}.py", b"#" * (1 << 20)) for number in range(4)))
    with Archive(path) as archive:
        entries = [entry for entry in archive.contents() if isinstance(entry, Entry)]
        first = [entry.read("x").gradable for entry in entries]
        second = [entry.read("x").gradable for entry in entries]

    assert first == second == [True, True, False, False]


def test_broken_entries_cost_their_share_of_the_total(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a broken bomb could be had for nothing, as often as one likes."""
    monkeypatch.setattr(archive_module, "TOTAL_LIMIT_BYTES", SIZE_LIMIT_BYTES)
    _zip(path, ("a.py", SCRIPT * 9), ("b.py", SCRIPT))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 16] ^= 0xFF  # the first entry's checksum
    path.write_bytes(data)
    messages = _messages(path)

    assert "Bad CRC-32" in messages["a.py"]
    assert "unpacks to more than" in messages["b.py"]


@pytest.mark.parametrize("name", [b"\xff\xfe.py", b"\xc3\xa9.py"])
@pytest.mark.parametrize("flagged", [True, False])
def test_name_in_any_coding_is_read(path: Path, name: bytes, flagged: bool) -> None:  # noqa: FBT001 - a parameter
    """One that claims to be UTF-8 and is not would make `zipfile` refuse the whole archive."""
    place = b"X" * (len(name) - 3) + b".py"
    _zip(path, (place.decode(), SCRIPT), ("good.py", SCRIPT))
    data = bytearray(path.read_bytes().replace(place, name))
    for magic, flags_at in ((b"PK\x01\x02", 9), (b"PK\x03\x04", 7)):
        if flagged:
            data[data.index(magic) + flags_at] |= 0x08
    path.write_bytes(data)
    messages = _messages(path)

    assert list(messages.values()) == [SCRIPT.decode()] * 2
    assert "good.py" in messages


def test_too_many_entries_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No class is that large."""
    monkeypatch.setattr(archive_module, "ENTRY_LIMIT", 2)
    _zip(path, *((f"{number}.py", b"") for number in range(3)))

    with pytest.raises(UsageError, match="more than 2 entries"):
        Archive(path)


def test_table_of_contents_without_end_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is read: a million entries take a gigabyte."""
    monkeypatch.setattr(archive_module, "DIRECTORY_LIMIT_BYTES", 100)
    _zip(path, *((f"{number}.py", b"") for number in range(3)))

    with pytest.raises(UsageError, match="table of contents is too long"):
        Archive(path)


def test_what_is_no_archive_is_a_usage_error(path: Path) -> None:
    """With a way out."""
    path.write_bytes(b"no archive")
    with pytest.raises(UsageError) as caught:
        Archive(path)
    assert caught.value.remedy == "unpack it yourself and name the folder"

    path.unlink()
    with pytest.raises(UsageError, match="No such file"):
        Archive(path)
    os.mkfifo(path)
    with pytest.raises(UsageError, match="no regular file"):
        Archive(path)


def _plain_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", SCRIPT * 5)
        archive.writestr("b/c.py", b"#" * 5000)
        archive.writestr("n.txt", b"x")
    return made.getvalue()


PLAIN = _plain_zip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    edits=st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, len(PLAIN)) | st.just(len(PLAIN)),
)
def test_any_damage_gives_rows_or_a_usage_error(
    path: Path, edits: list[tuple[int, int]], cut: int
) -> None:
    """Nothing else escapes, and nothing is longer than a submission may be."""
    data = bytearray(PLAIN)
    for at, value in edits:
        data[at] = value
    path.write_bytes(data[:cut])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            messages = _messages(path)
        except UsageError:
            return

    assert all(len(message) <= SIZE_LIMIT_BYTES for message in messages.values())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.dictionaries(
        st.from_regex(r"[a-zé]{1,8}(/[a-z ]{1,8}){0,2}\.py", fullmatch=True),
        st.binary(min_size=1, max_size=200).filter(lambda content: content.strip()),
        max_size=6,
    )
)
def test_honest_archive_gives_back_what_was_put_in(path: Path, files: dict[str, bytes]) -> None:
    """Every name and every byte."""
    _zip(path, *files.items())
    with Archive(path) as archive:
        entries = [entry for entry in archive.contents() if isinstance(entry, Entry)]
        read = {entry.name: entry.read("x") for entry in entries}

    assert read.keys() == files.keys()
    assert all(
        not submission.gradable or submission.source == files[name]
        for name, submission in read.items()
    )
