"""The uid of runs is nobody's, and what is to be hidden is hidden to whoever knows its name."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING, NoReturn

import pytest

from verifier.sandbox import enclosure, errand, slot
from verifier.sandbox.walls import ground, landlock, uids
from verifier.sandbox.walls.walls import Walls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root takes other uids")
SOMEBODY = pwd.struct_passwd(("ada", "x", 20_000, 20_000, "", "/nonexistent", "/bin/sh"))


def known(belongs: Callable[[int], bool]) -> Callable[[int], pwd.struct_passwd]:
    """Stand in for a directory of users."""

    def ask(uid: int) -> pwd.struct_passwd:
        if belongs(uid):
            return SOMEBODY
        raise KeyError(uid)

    return ask


def refuse(_uid: int) -> NoReturn:
    """Stand in for a directory that knows nobody."""
    raise KeyError


def test_a_uid_of_a_directory_s_user_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes would be killed after every run, and its files be a script's own."""
    monkeypatch.setattr("pwd.getpwuid", known(lambda uid: uid % 10 != 7))
    monkeypatch.setattr("grp.getgrgid", refuse)

    found = uids.free(slot.RUN_UIDS, since=os.getpid())

    assert found in slot.RUN_UIDS
    assert found % 10 == 7


def test_a_uid_whose_group_is_somebody_s_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run has the group of its uid's number, and with it that group's files."""
    monkeypatch.setattr("pwd.getpwuid", refuse)
    monkeypatch.setattr("grp.getgrgid", known(lambda gid: gid not in {20_005, 30_005}))

    assert uids.free(slot.RUN_UIDS, since=0) == 20_005


def test_a_directory_that_fails_is_no_leave_to_take_a_uid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has said that it is free."""

    def fail(_uid: int) -> NoReturn:
        raise OSError

    monkeypatch.setattr("pwd.getpwuid", fail)

    with pytest.raises(uids.NoFreeUidError):
        uids.free(slot.RUN_UIDS, since=0)


def test_where_every_uid_is_somebody_s_none_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that says so, rather than a run with a wall less."""
    monkeypatch.setattr("pwd.getpwuid", known(lambda _: True))

    with pytest.raises(uids.NoFreeUidError, match="20000 to 29999"):
        uids.free(slot.RUN_UIDS, since=os.getpid())


@as_root
def test_a_uid_of_a_process_is_passed_over_whichever_of_its_uids_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Real, effective or saved: each of them may be signalled."""
    monkeypatch.setattr("pwd.getpwuid", refuse)
    monkeypatch.setattr("grp.getgrgid", refuse)
    wait, go = os.pipe()
    ready, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.setresuid(20_000, 20_001, 20_002)
        os.write(say, b"x")
        os.read(wait, 1)
        os._exit(0)
    os.read(ready, 1)
    try:
        assert uids.free(range(20_000, 20_004), since=0) == 20_003
    finally:
        for descriptor in (wait, go, ready, say):
            os.close(descriptor)
        os.waitpid(pid, 0)


@as_root
def test_a_slot_of_somebody_s_uid_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Outside an image, a folder of that name may be anybody's."""
    folder = tmp_path / "slot"
    folder.mkdir(mode=0o700)
    os.chown(folder, 20_000, 20_000)
    monkeypatch.setattr(slot, "_OWN_SLOT", str(folder))
    monkeypatch.setattr("pwd.getpwuid", known(lambda uid: uid == 20_000))

    assert enclosure._run_uid() != 20_000


def hidden_by(folder: Path, *, uid: int | None, landlock_abi: int) -> str | None:
    """Give a file in a folder that a run could read, behind these walls."""
    walls = Walls(
        uid=uid, landlock_abi=landlock_abi, seccomp=False, rlimits=False,
        hide=(str(folder),), slot="/nonexistent",
    )  # fmt: skip
    found: str | None = errand.send(lambda: enclosure.first_readable(walls))
    return found


@pytest.fixture
def reachable(tmp_path: Path) -> Path:
    """Make a lab in a folder that everybody may reach."""
    here = tmp_path
    while here != here.parent and here.stat().st_uid == os.geteuid():
        here.chmod(here.stat().st_mode | 0o711)
        here = here.parent
    lab = tmp_path / "lab"
    (lab / "golden").mkdir(parents=True)
    (lab / "golden" / "baseline.json").write_text("golden")
    return lab


@as_root
@pytest.mark.parametrize("mode", [0o711, 0o701, 0o755, 0o731])
def test_a_folder_that_can_be_entered_hides_nothing_from_who_knows_a_name(
    reachable: Path, mode: int
) -> None:
    """It cannot be listed, but a lab's names are known to all."""
    reachable.chmod(mode)
    (reachable / "golden").chmod(mode)

    assert hidden_by(reachable, uid=20_000, landlock_abi=0) == f"{reachable}/golden/baseline.json"


@as_root
@pytest.mark.parametrize("mode", [0o700, 0o710, 0o750])
def test_a_folder_that_others_cannot_enter_hides_what_is_in_it(reachable: Path, mode: int) -> None:
    """Whatever the modes below it are."""
    reachable.chmod(mode)

    assert hidden_by(reachable, uid=20_000, landlock_abi=0) is None


@as_root
def test_a_file_of_mode_0600_is_hidden_in_an_open_folder(reachable: Path) -> None:
    """What matters is whether it opens."""
    (reachable / "golden" / "baseline.json").chmod(0o600)

    assert hidden_by(reachable, uid=20_000, landlock_abi=0) is None


@pytest.mark.skipif(landlock.abi() < 1, reason="a kernel without Landlock")
def test_landlock_hides_a_folder_that_can_be_entered(reachable: Path) -> None:
    """Whatever its mode is."""
    reachable.chmod(0o711)

    assert hidden_by(reachable, uid=None, landlock_abi=landlock.abi()) is None


def test_a_folder_that_this_process_can_enter_and_not_list_is_not_taken_as_hidden(
    reachable: Path,
) -> None:
    """Nobody can say what is in it, but whoever knows a name."""
    if os.geteuid() == 0:
        pytest.skip("root lists every folder")
    reachable.chmod(0o311)
    try:
        assert hidden_by(reachable, uid=None, landlock_abi=0) == str(reachable)
    finally:
        reachable.chmod(0o755)


def test_a_uid_whose_janitor_s_is_somebody_s_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The janitor kills all that its real uid may signal, too."""
    monkeypatch.setattr("pwd.getpwuid", known(lambda uid: uid == 30_000))
    monkeypatch.setattr("grp.getgrgid", refuse)

    assert uids.free(range(20_000, 20_002), since=0) == 20_001
    assert not uids.is_nobodys(20_000)


def test_an_odd_line_hides_no_subordinate_uid_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Blank, a comment, half a line, or no numbers."""
    file = tmp_path / "subuid"
    file.write_text("\n# a comment\nada:1\nada:x:y\nbob:20000:5\n", encoding="utf-8")
    monkeypatch.setattr(uids, "_SUBORDINATE", (str(file),))
    uids._subordinate.cache_clear()
    try:
        assert uids.is_somebodys(20_004)
    finally:
        uids._subordinate.cache_clear()


def test_a_place_found_unusable_is_tried_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A thousand tries take eight seconds and end no better."""
    place = ground.Ground(folder=str(tmp_path), small=False, bounded=False, in_memory=False)
    opened: list[str] = []

    def unusable(around: str, *_: object, **__: object) -> None:
        opened.append(around)
        os.rmdir(around)  # noqa: PTH106 - as the real one does

    monkeypatch.setattr(ground, "grounds", lambda: [place])
    monkeypatch.setattr(slot, "_open", unusable)

    with pytest.raises(slot.NoSlotError):
        slot.make(None)
    assert len(opened) == 1


def test_a_slot_is_gone_where_the_walls_cannot_be_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Any error after it was made."""
    place = ground.Ground(folder=str(tmp_path), small=False, bounded=False, in_memory=False)
    monkeypatch.setattr(ground, "grounds", lambda: [place])

    def fail() -> bool:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(enclosure, "_can_filter", fail)
    with pytest.raises(OSError, match="open files"):
        enclosure.find(hide=(), without=frozenset({"uid"}))
    assert list(tmp_path.iterdir()) == []
