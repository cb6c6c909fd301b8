"""The fork server: torch in memory and warm, a fork for every submission.

A process of its own next to the server, which stays small and quick to fork for its
errands. They speak over one socket, in frames; descriptors travel with a frame.

==========  ===============================================================
from        frame
==========  ===============================================================
fork server ``ready`` {environment}, or ``torch_missing`` {message}
server      ``walls`` {uid, landlock_abi, seccomp, rlimits, hide, slot}
server      ``fork`` {limits, trace, arithmetic, milestones, seed_shift, rerun_shift,
            generators}, with the script's stdout, stderr and source as descriptors, and
            files for its trace and its rerun if there are to be
fork server ``started`` {pid}, or ``failed`` {message}
fork server ``ended`` {status, cpu_s, peak_bytes}, once the script is dead
==========  ===============================================================

It never holds a golden value, a solution or a source, for every script can see its memory:
a source is read by the child that it is for.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
from typing import TYPE_CHECKING

from verifier.sandbox import child, seed, wire
from verifier.sandbox.request import Limits
from verifier.sandbox.trace import recording
from verifier.sandbox.walls import privilege, rlimits, seccomp
from verifier.sandbox.walls.walls import Rulesets, Walls
from verifier.sandbox.warm import description, memory, warmup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.sandbox.wire import Frame

_READ_BYTES = 65536
_MAX_DESCRIPTORS = 5
_GATHER_BEFORE_RUN = 2
"""The first run need not wait for it, and whoever grades one submission never does."""


class Channel:
    """Frames over a socket between server and fork server, and descriptors that go with them."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._buffer = wire.FrameBuffer()
        self._descriptors: list[int] = []

    def send(self, frame: Frame, descriptors: tuple[int, ...] = ()) -> None:
        """Send one frame; the other end gets copies of ``descriptors``.

        Raises:
            OSError: The other end is gone.
        """
        data = wire.encode(frame)
        sent = socket.send_fds(self.connection, [data], list(descriptors)) if descriptors else 0
        self.connection.sendall(data[sent:])

    def receive(self) -> Frame:
        """Wait for one frame.

        Raises:
            EOFError: The other end is gone.
        """
        while (frame := self._buffer.next_frame()) is None:
            # Always with room for descriptors: the kernel drops those that nobody takes. And not a
            # byte of the next frame: whoever waits for that looks at the socket, not in here.
            most = min(_READ_BYTES, self._buffer.missing())
            data, taken, _, _ = socket.recv_fds(self.connection, most, _MAX_DESCRIPTORS)
            self._descriptors += taken
            if not data:
                raise EOFError
            self._buffer.feed(data)
        return frame

    def descriptors(self) -> list[int]:
        """Take the descriptors that came with the frames received so far."""
        taken, self._descriptors = self._descriptors, []
        return taken


def serve(channel: Channel, *, keep: Sequence[str] = ()) -> child.Script | None:
    """Load and warm torch, then fork for every request until the other end goes.

    Args:
        channel: To the server.
        keep: Names of variables that scripts are to find as they are here.
    Returns:
        In a child, behind its walls, what it is to run: not run here, because torch notes
        the whole stack whenever it is seeded, line by line. None where there is no torch.
    Raises:
        EOFError: The other end is gone.
    """
    if not _get_ready(channel):
        return None
    walls = Walls(**channel.receive()["walls"])
    child.prepare(walls, keep=keep)
    rulesets = Rulesets(walls)
    runs = 0
    while True:
        runs += 1
        if runs == _GATHER_BEFORE_RUN:
            memory.gather()
        warmup.reseed()
        script = _serve_one(channel, walls, rulesets)
        if script is not None:
            return script


def _get_ready(channel: Channel) -> bool:
    """Load and warm torch, and say so; False where there is none."""
    # Parts of torch ask for it when they are imported; here there may be none to write to.
    tempfile.tempdir = "/tmp"  # noqa: S108 - named, not used
    memory.pause_collections()
    try:
        environment = description.describe()
    except description.NoTorchError as error:
        channel.send({"type": "torch_missing", "message": str(error)})
        return False
    recording.prepare()  # behind its walls a script's process can load nothing of ours
    if environment["threads"] == 1:  # more would be made, and a fork has none of its parent's
        warmup.warm_up()
        recording.rehearse()
    seed.prepare()
    if seccomp.available():
        for own_uid in (True, False):  # which, nobody has said yet
            seccomp.prepare(own_uid=own_uid)
    memory.freeze()
    channel.send({"type": "ready", "environment": environment})
    return True


def _receive_start(channel: Channel, walls: Walls, rulesets: Rulesets) -> child.Start:
    """Wait for a request; give all that a child needs for it.

    What no request changes is made before it comes, while nobody waits.
    """
    ruleset = rulesets.build()
    room_bytes = description.address_space_bytes()
    frame = channel.receive()
    limits = Limits(**frame["limits"])
    stdout, stderr, source, *files = channel.descriptors()
    return child.Start(
        ends=(stdout, stderr),
        source=source,
        trace=files.pop(0) if frame["trace"] else None,
        rerun=files.pop(0) if files else None,
        seed_shift=frame["seed_shift"],
        rerun_shift=frame["rerun_shift"],
        generators=tuple(frame["generators"]),
        arithmetic=frame["arithmetic"],
        milestones=frame["milestones"],
        walls=walls,
        bounds=rlimits.bounds(limits, room_bytes=room_bytes) if walls.rlimits else (),
        ruleset=ruleset,
    )


def _serve_one(channel: Channel, walls: Walls, rulesets: Rulesets) -> child.Script | None:
    """Fork a child for one request and wait for its end; in the child, give what it is to run."""
    start = _receive_start(channel, walls, rulesets)
    status, status_end = os.pipe()
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        return child.become_submission(start, parent=server, complaints=status_end)
    for descriptor in (
        *start.ends,
        start.source,
        start.trace,
        start.rerun,
        start.ruleset,
        status_end,
    ):
        if descriptor is not None:
            os.close(descriptor)
    # Empty once the script has its process for itself.
    trouble = os.read(status, child.COMPLAINT_BYTES)
    os.close(status)
    if trouble:
        os.waitpid(pid, 0)
        channel.send({"type": "failed", "message": trouble.decode(errors="replace")})
        return None
    channel.send({"type": "started", "pid": pid})
    _, code, usage = os.wait4(pid, 0)
    cpu_s = usage.ru_utime + usage.ru_stime
    peak_bytes = usage.ru_maxrss * 1024
    channel.send({"type": "ended", "status": code, "cpu_s": cpu_s, "peak_bytes": peak_bytes})
    return None


def main() -> None:
    """Serve on the socket whose descriptor is the first argument.

    The second is the server's pid; the others name variables that scripts keep.
    """
    privilege.die_with(int(sys.argv[2]))
    connection = socket.socket(fileno=int(sys.argv[1]))
    submission = None
    with contextlib.suppress(EOFError, ConnectionError, KeyboardInterrupt):
        submission = serve(Channel(connection), keep=sys.argv[3:])
    if submission is not None:
        child.run(submission)
    os._exit(0)
