"""Containers on one engine do not share a uid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from verifier.errors import EnvironmentFailure
from verifier.run import hardened
from verifier.run.hardened import UID_LABEL
from verifier.sandbox.slot import RUN_UIDS
from verifier.sandbox.walls import uids

if TYPE_CHECKING:
    from docker import DockerClient


class Listing:
    """An engine that has containers with these uids, and one of an older labcheck's."""

    def __init__(self, *uids: int) -> None:
        self.api = self
        self._uids = uids

    def containers(self, **_: object) -> list[dict[str, Any]]:
        """List them."""
        return [{"Labels": {}}, *({"Labels": {UID_LABEL: str(uid)}} for uid in self._uids)]


def free_uid(*taken: int) -> int:
    """Choose one on an engine where these are taken."""
    return hardened.free_uid(cast("DockerClient", Listing(*taken)))


@pytest.fixture(autouse=True)
def _empty_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uids, "seen", frozenset)


def test_a_uid_of_a_run_on_the_host_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The janitor of one on the host ends every process of its uid, in containers too."""
    monkeypatch.setattr(uids, "seen", lambda: frozenset(RUN_UIDS) - {RUN_UIDS[42]})

    assert free_uid() == RUN_UIDS[42]


def test_no_two_containers_of_a_process_have_the_same_uid() -> None:
    """Also when neither is on the engine yet: two threads start at the same moment."""
    chosen = {free_uid() for _ in RUN_UIDS}

    assert chosen == set(RUN_UIDS)


def test_a_uid_of_another_process_is_left_to_it() -> None:
    """The kernel counts processes per uid, whatever the container."""
    assert free_uid(*RUN_UIDS[:5000], *RUN_UIDS[5001:]) == RUN_UIDS[5000]


def test_where_all_are_taken_one_is_shared() -> None:
    """Ten thousand containers are no reason to run nothing."""
    assert free_uid(*RUN_UIDS) in RUN_UIDS


def test_a_uid_of_a_directory_s_user_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel counts their processes with a run's, though the container knows no users."""
    mine = RUN_UIDS[77]
    monkeypatch.setattr(uids, "is_nobodys", lambda uid: uid == mine)

    assert free_uid() == mine
    assert free_uid(*RUN_UIDS) == mine


def test_where_every_uid_is_somebody_s_no_container_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sharing one with a user is not the same as with a container."""
    monkeypatch.setattr(uids, "is_nobodys", lambda _: False)

    with pytest.raises(EnvironmentFailure, match="every uid"):
        free_uid()


def test_a_container_runs_nothing_before_its_start() -> None:
    """Nobody has said hello."""
    build = hardened.Build(image_id="", memory="", server_info=cast("Any", None))
    made = hardened.HardenedContainer(cast("Any", None), build, file_limit_bytes=0)

    with pytest.raises(RuntimeError):
        made.run(b"", limits=cast("Any", None))
