"""The janitor: a small process that ends what a run left, and empties its slot.

It has the run's rights, and they cannot touch it: its effective uid is the run's, so that
it may signal the run's processes and remove the run's files; its real and saved uids are
another's, so that they may not signal, trace or limit it. Nothing privileged ever touches
a path that a submission could have made.

It has an open descriptor of the folder that slots are made in, and sees after every run that there
is nothing in it and that it is as it was: what it keeps itself, the next run would find.

It is started once, before the first run, and asked after every run: forking a process for
each such errand costs more than most scripts do.

=======  ======================================================
from     byte
=======  ======================================================
server   ``t``: tidy up
janitor  ``d``: done, and once it is ready; ``l``: a process is left, nothing was
         removed; ``r``: room is not given back yet; ``f``: files
         are left; ``c``: what is around the slot was changed
=======  ======================================================
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING, NoReturn

from verifier.sandbox import slot
from verifier.sandbox.descriptor import close_from
from verifier.sandbox.sweep import kill_all_that_may_be, kill_descendants, reap_orphans, uids
from verifier.sandbox.walls import ground, privilege

if TYPE_CHECKING:
    from verifier.sandbox.slot import Slot

_TIDY = b"t"
_DONE = b"d"
_PROCESS_LEFT = b"l"
_ROOM_LEFT = b"r"
_FILES_LEFT = b"f"
_CHANGED = b"c"
_MAY_PASS = {
    _PROCESS_LEFT: "a process that does not end",
    _ROOM_LEFT: "less room than there was",
}
_STAYS = {
    _FILES_LEFT: "files that cannot be removed",
    _CHANGED: "a changed folder around its slot",
}

_CLEAN_S = 5.0
"""A run may leave a million folders: then this server runs nothing more, but its verdict stands."""

_CONNECTION = 3
_FOLDER = 4
_OUT_OF_THE_WAY = 100
_ROUNDS = 200
_PAUSE_S = 0.005


class UntidyError(Exception):
    """Something of a run is left, and stays."""


class Janitor:
    """The janitor, seen from the server that started it.

    Args:
        place: The runs' slot. All processes of its uid end; where it has none, the server's
            descendants.
        spare: Pids of those children of the server that stay.
    """

    def __init__(self, place: Slot, *, spare: frozenset[int]) -> None:
        self._uid = place.uid
        self._connection, theirs = socket.socketpair()
        server = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            # These live as long as it does, so no process of a run has one of their pids.
            known = {*spare, server, os.getpid()}
            _become(theirs.fileno(), place=place, server=server, known=known)
        theirs.close()
        self._connection.recv(1)  # it has seen the folder before the first run
        self._spare = spare | {self._pid}

    def tidy(self) -> None:
        """Leave nothing of a run: no process, no zombie, no file.

        Raises:
            UntidyError: There is something that cannot be ended or removed.
        """
        answer = _PROCESS_LEFT
        for _ in range(_ROUNDS):
            left = self._uid is None and kill_descendants(self._spare)
            reap_orphans(self._spare)
            answer = _PROCESS_LEFT if left else self._ask()
            if answer == _DONE:
                return
            if answer in _STAYS:
                raise UntidyError(_STAYS[answer])
            time.sleep(_PAUSE_S)
        raise UntidyError(_MAY_PASS[answer])

    def stop(self) -> None:
        """End it."""
        self._connection.close()
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _ask(self) -> bytes:
        try:
            self._connection.send(_TIDY)
            if select.select([self._connection], [], [], _CLEAN_S)[0]:
                return self._connection.recv(1) or _FILES_LEFT
        except OSError:
            pass  # it died: nobody knows what is left
        return _FILES_LEFT


def _become(connection: int, *, place: Slot, server: int, known: set[int]) -> NoReturn:
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number, each in enumerate((connection, place.descriptor)):
            os.dup2(each, _OUT_OF_THE_WAY + number)
        os.dup2(_OUT_OF_THE_WAY, _CONNECTION)
        os.dup2(_OUT_OF_THE_WAY + 1, _FOLDER)
        close_from(_FOLDER + 1)
        os.close(0)  # the server's own input
        privilege.take_over_from(place.uid)
        privilege.die_with(server)
        before = ground.look_at(_FOLDER)
        room = ground.room_left(_FOLDER) if place.permanent else None
        os.write(_CONNECTION, _DONE)
        while os.read(_CONNECTION, 1):
            answer = _tidied(place.uid, known)
            if answer == _DONE and ground.look_at(_FOLDER) != before:
                answer = _CHANGED
            if answer == _DONE and room is not None and not ground.has_room(_FOLDER, room):
                answer = _ROOM_LEFT
            os.write(_CONNECTION, answer)
    finally:
        os._exit(0)


def _tidied(uid: int | None, known: set[int]) -> bytes:
    if uid is not None:
        kill_all_that_may_be()
        if uid in {found for _, found in uids(spare=known)}:
            return _PROCESS_LEFT
    try:
        slot.empty(_FOLDER)
        os.utime(_FOLDER)  # the moment of its last change would be a message as well
    except OSError:
        return _FILES_LEFT
    return _DONE
