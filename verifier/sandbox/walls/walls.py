"""The walls around a run: which there are, and how a fresh fork raises them around itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.sandbox import slot
from verifier.sandbox.walls import allowed_paths, landlock, privilege, rlimits, seccomp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.sandbox.walls.rlimits import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """How a run is confined; the same for every run of a server."""

    uid: int | None
    """Its own uid; None where it cannot be changed."""
    landlock_abi: int
    """0 where there is none."""
    seccomp: bool
    """Whether system calls are filtered."""
    rlimits: bool
    """Whether memory, files and processes are limited; False only in tests of a lower tier."""
    hide: tuple[str, ...]
    """Folders whose files it must not read."""
    slot: str
    """The only folder it may write to; each run makes it anew."""


class Rulesets:
    """Makes Landlock's ruleset for one run after another: which paths there are is found out once.

    Each has its own, for it grants a folder that the run makes itself.
    """

    def __init__(self, walls: Walls) -> None:
        self._version = walls.landlock_abi
        self._rules = allowed_paths.rules(hide=walls.hide) if self._version else []

    def build(self) -> int | None:
        """Build one without a slot; None where there is no Landlock.

        Raises:
            OSError: The kernel refused it.
        """
        return landlock.build(self._rules, version=self._version) if self._version else None


def hide_files(walls: Walls) -> None:
    """Give up uid and files for good: the walls that hide things, and no other.

    Raises:
        OSError: A wall that was found at the start cannot be raised now.
    """
    privilege.give_up(walls.uid)
    privilege.forbid_new_privileges()
    ruleset = Rulesets(walls).build()
    if ruleset is not None:
        landlock.restrict(ruleset)


def raise_all(
    walls: Walls, *, parent: int, source: bytes, ruleset: int | None, bounds: Bounds
) -> Iterator[str]:
    """Raise every wall around this process, and put the script into its slot on the way.

    Args:
        walls: Those there are.
        parent: Pid of the fork server, with which this process dies.
        source: The script: written with the run's rights, before Landlock.
        ruleset: Landlock's, without the slot; None where there is none.
        bounds: Limits of this process; none where they are left down.
    Yields:
        The name of each step before it is taken.
    Raises:
        OSError: The step named last failed.
    """
    yield "uid"
    privilege.give_up(walls.uid)
    privilege.die_with(parent)
    privilege.forbid_dumping()
    yield "slot"
    slot.fill(walls.slot, source)
    yield "landlock"
    if ruleset is not None:
        landlock.allow_beneath(ruleset, walls.slot, allowed_paths.SLOT, version=walls.landlock_abi)
        landlock.restrict(ruleset)
        os.close(ruleset)
    yield "rlimits"
    rlimits.restrict(bounds)
    yield "seccomp"
    if walls.seccomp:
        seccomp.load(pid=os.getpid(), own_uid=walls.uid is not None)
