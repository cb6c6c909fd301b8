"""The janitor: a small process that ends what a run left, and empties its slot.

It has the run's rights, and they cannot touch it: its effective uid is the run's, so that
it may signal the run's processes and remove the run's files; its real and saved uids are
another's, so that they may not signal, trace or limit it. Nothing privileged ever touches
a path that a submission could have made.

It is started once, before the first run, and asked after every run: forking a process for
each such errand costs more than most scripts do.

=======  ======================================================
from     byte
=======  ======================================================
server   ``t``: tidy up
janitor  ``d``: done; ``l``: a process is left, nothing was
         removed; ``f``: files are left
=======  ======================================================
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from typing import NoReturn

from verifier.sandbox import slot
from verifier.sandbox.descriptor import close_from
from verifier.sandbox.sweep import kill_all_that_may_be, kill_descendants, reap_orphans, uids
from verifier.sandbox.walls import privilege

_TIDY = b"t"
_DONE = b"d"
_PROCESS_LEFT = b"l"
_FILES_LEFT = b"f"

_CLEAN_S = 5.0
"""A run may leave a million folders: then this server runs nothing more, but its verdict stands."""

_ONLY_DESCRIPTOR = 3
_ROUNDS = 200
_PAUSE_S = 0.005


class UntidyError(Exception):
    """Something of a run is left, and stays."""


class Janitor:
    """The janitor, seen from the server that started it.

    Args:
        uid: The runs' own uid, all of whose processes end; None: the server's descendants.
        folder: The runs' slot.
        spare: Pids of those children of the server that stay.
    """

    def __init__(self, *, uid: int | None, folder: str, spare: frozenset[int]) -> None:
        self._uid = uid
        self._connection, theirs = socket.socketpair()
        server = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            # These live as long as it does, so no process of a run has one of their pids.
            known = {*spare, server, os.getpid()}
            _become(theirs.fileno(), uid=uid, folder=folder, server=server, known=known)
        theirs.close()
        self._spare = spare | {self._pid}

    def tidy(self) -> None:
        """Leave nothing of a run: no process, no zombie, no file.

        Raises:
            UntidyError: There is something that cannot be ended or removed.
        """
        for _ in range(_ROUNDS):
            left = self._uid is None and kill_descendants(self._spare)
            reap_orphans(self._spare)
            answer = _PROCESS_LEFT if left else self._ask()
            if answer == _DONE:
                return
            if answer == _FILES_LEFT:
                msg = "files that cannot be removed"
                raise UntidyError(msg)
            time.sleep(_PAUSE_S)
        msg = "a process that does not end"
        raise UntidyError(msg)

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


def _become(
    connection: int, *, uid: int | None, folder: str, server: int, known: set[int]
) -> NoReturn:
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(connection, _ONLY_DESCRIPTOR)
        close_from(_ONLY_DESCRIPTOR + 1)
        os.close(0)  # the server's own input
        privilege.take_over_from(uid)
        privilege.die_with(server)
        while os.read(_ONLY_DESCRIPTOR, 1):
            os.write(_ONLY_DESCRIPTOR, _tidied(uid, folder, known))
    finally:
        os._exit(0)


def _tidied(uid: int | None, folder: str, known: set[int]) -> bytes:
    if uid is not None:
        kill_all_that_may_be()
        if uid in {found for _, found in uids(spare=known)}:
            return _PROCESS_LEFT
    try:
        slot.empty(folder)
    except OSError:
        return _FILES_LEFT
    return _DONE
