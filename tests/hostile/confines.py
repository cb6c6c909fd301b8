"""Where positive controls run: production's container with less around the script.

Each is a container with production's own bounds on memory and processes, and ends by itself.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tests.hostile.warm import CONTROL_LABEL, look_into
from verifier.errors import WorkerError
from verifier.run import hardened, owner
from verifier.run.attached import AttachedStream, attach
from verifier.run.frames import Conversation, ServerInfo
from verifier.run.hardened import OWNER_LABEL, ROLE, ROLE_LABEL, UID_LABEL
from verifier.sandbox import wire
from verifier.sandbox.request import Request, run_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import DockerClient

    from tests.hostile.case import Control
    from tests.hostile.warm import Sight
    from verifier.run.interface import Limits, RunResult

MEMORY_BYTES = 1 << 30
"""Of a control's container; production has twice as much."""

PATIENCE_S = 40
_PYTHON = "/usr/bin/python3"
_SCRATCH = "size=64m,mode=1777,nosuid,nodev"
_LISTEN = """
import socket
server = socket.create_server(("", 9000))
server.settimeout(300)
while True:
    server.accept()[0].close()
"""
_DRIVER = """
import contextlib, gc, io, json, os, sys
request = json.load(sys.stdin)
if request["warm"]:
    from verifier.sandbox.warm import warmup
    warmup.warm_up()
if request["holds"] == "reference":
    kept = {"__name__": "reference"}, io.StringIO()
    with contextlib.redirect_stdout(kept[1]):
        exec(compile(request.pop("secret"), "reference.py", "exec"), kept[0])
if request["holds"] == "descriptor":
    os.dup2(os.open(request["secret"], os.O_RDONLY), 9)
gc.collect()
if request["holds"] == "pipe":
    reader, writer = os.pipe()
    os.dup2(writer, 9)
if os.fork() == 0:
    exec(compile(request["source"], "submission.py", "exec"), {"__name__": "__main__"})
    sys.stdout.flush()
    os._exit(0)
os.wait()
if request["holds"] == "pipe":
    os.set_blocking(reader, False)
    print("parent read", os.read(reader, 1000))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a script gave that ran without a server."""

    code: int
    stdout: bytes
    stderr: bytes


class Confine:
    """A container made as production makes its own, but for what a control changes."""

    def __init__(
        self,
        engine: DockerClient,
        *,
        image: str,
        host: Mapping[str, Any],
        command: Mapping[str, Any],
    ) -> None:
        self._engine = engine
        self.name = f"labcheck-control-{secrets.token_hex(8)}"
        self.uid = hardened.free_uid(engine)
        tmpfs = {
            path: re.sub(r"\bgid=\d+", f"gid={self.uid}", options)
            for path, options in (host.get("Tmpfs") or {}).items()
        }
        labels = {
            ROLE_LABEL: ROLE,
            OWNER_LABEL: owner.current(),
            UID_LABEL: str(self.uid),
            CONTROL_LABEL: "1",
        }
        self._config = {
            "Image": image,
            "User": "0:0",
            "Labels": labels,
            "OpenStdin": True,
            "StdinOnce": True,
            "AttachStdin": True,
            "HostConfig": {**host, "Tmpfs": tmpfs},
            **command,
        }
        self._exits = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._exits.callback(hardened.remove, self._engine, self.name)
        try:
            # Not the SDK's own words for it: this is the HostConfig as production has it.
            create: Any = self._engine.api.create_container_from_config
            create(self._config, name=self.name)
            self._stream = AttachedStream(
                self._exits.enter_context(attach(self._engine, self.name))
            )
            self._engine.api.start(self.name)
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._exits.close()

    def look(self) -> Sight:
        """Look into it; as root, where the runs are root's."""
        return look_into(self._engine, self.name, uid=self.uid)


class LesserServer(Confine):
    """A sandbox server with some of its walls left down."""

    def __init__(
        self,
        engine: DockerClient,
        *,
        image: str,
        host: Mapping[str, Any],
        without: tuple[str, ...],
    ) -> None:
        super().__init__(
            engine, image=image, host=host, command={"Cmd": [f"--without={w}" for w in without]}
        )
        self._without = without
        self.dead = False

    def __enter__(self) -> Self:
        super().__enter__()
        server_info = ServerInfo(
            runner="container", image=None, pins_sha256=None, walls=frozenset({"container"})
        )
        self._talk = Conversation(self._stream, server_info=server_info)
        try:
            self._talk.begin()
            self._before = self.look()
        except BaseException:
            self._exits.close()
            raise
        return self

    def run(self, source: bytes, *, limits: Limits) -> RunResult:
        """Run it.

        Raises:
            WorkerError: The server died, and can be used no more.
        """
        try:
            result = self._talk.run(source, limits=limits)
        except WorkerError:
            self.dead = True
            raise
        assert set(self._without) <= set(result.tier.missing)
        return result

    @contextlib.contextmanager
    def retired_unless_clean(self, *, harmed: bool) -> Iterator[None]:
        """See that what runs inside leaves nothing: the walls that stand are enough for that.

        Args:
            harmed: It is known to; then nothing else will run in this server.
        """
        retired, self.dead = self.dead, True  # also if something fails inside
        yield
        if not harmed:
            assert self.look() == self._before
            self.dead = retired

    def is_silent(self, source: bytes, *, limits: Limits, for_s: float) -> bool:
        """Ask for a run and wait; True if no answer comes. It can be used no more."""
        self.dead = True
        deadline = time.monotonic() + for_s
        request = run_frame(Request(id=1, source=source, limits=limits))
        self._stream.write(wire.encode(request), deadline=deadline)
        try:
            self._stream.read(deadline=deadline)
        except TimeoutError:
            return True
        return False


class BareContainer(Confine):
    """A container in which nothing watches over a script."""

    def __init__(self, engine: DockerClient, *, image: str, host: Mapping[str, Any]) -> None:
        idle = {"Entrypoint": ["/usr/bin/tini", "--", "/bin/sleep", "120"], "Cmd": []}
        super().__init__(engine, image=image, host=host, command=idle)

    def run(self, source: bytes, *, within_s: float = PATIENCE_S) -> Ended | None:
        """Run ``source`` as `submission.py`, in a new interpreter; None if it does not end."""
        start = (
            f"mkdir -p /slot/run && cd /slot/run && cat > submission.py && {_PYTHON} submission.py"
        )
        # Or like a grader that reads to the end of the file.
        start += " | cat" if within_s < PATIENCE_S else "; exit $?"
        try:
            done = subprocess.run(
                [
                    "docker",
                    "exec",
                    "-i",
                    "-u",
                    f"{self.uid}:{self.uid}",
                    self.name,
                    "sh",
                    "-c",
                    start,
                ],
                input=source,
                capture_output=True,
                timeout=within_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        return Ended(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def drive(image: str, source: bytes, *, holds: str, secret: str | None) -> Ended:
    """Fork the script off a warm process that holds a secret, as a careless fork server would."""
    warm = holds in ("nothing", "reference", "victim")  # the others need no torch
    request = {"holds": holds, "secret": secret, "warm": warm, "source": source.decode()}
    return docker_run(
        "--cap-drop", "ALL", "--entrypoint", _PYTHON, image, "-I", "-c", _DRIVER,
        stdin=json.dumps(request).encode(),
    )  # fmt: skip


def docker_run(*words: str, stdin: bytes) -> Ended:
    """Start a container without a network, wait for its end, and be sure that it is gone."""
    name = f"labcheck-control-{secrets.token_hex(8)}"
    try:
        done = subprocess.run(
            ["docker", "run", "--rm", "-i", "--name", name, "--label", f"{CONTROL_LABEL}=1",
             "--network", "none", "--memory", str(MEMORY_BYTES), "--pids-limit", "64", *words],
            input=stdin,
            capture_output=True,
            timeout=2 * PATIENCE_S,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        subprocess.run(["docker", "rm", "-f", name], capture_output=True, timeout=60, check=True)
        raise
    return Ended(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def place_of(control: Control) -> str:
    """Name the server that a control needs: equal names may share one."""
    return json.dumps([sorted(control.without), dict(control.host), control.neighbour])


class Confines:
    """The lesser servers of one module, one at a time, as long as the same one will do."""

    def __init__(self, engine: DockerClient, *, image: str, production: Mapping[str, Any]) -> None:
        self._engine = engine
        self._image = image
        self._production = dict(production)
        self._open: LesserServer | None = None
        self._open_place = ""
        self._exits = contextlib.ExitStack()
        self._network = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close_open()
        self._exits.close()

    def server(self, control: Control) -> LesserServer:
        """Give a server without its walls; the one that is there, if it will do."""
        place = place_of(control)
        if place != self._open_place or self._open is None or self._open.dead:
            self._close_open()
            server = LesserServer(
                self._engine,
                image=self._image,
                host=self._host(control.without, control.host, neighbour=control.neighbour),
                without=control.without,
            )
            self._open, self._open_place = server.__enter__(), place
        return self._open

    def bare(self, *, changes: Mapping[str, Any]) -> BareContainer:
        """Give a container without a server, to be entered."""
        return BareContainer(
            self._engine, image=self._image, host=self._host((), changes, neighbour=False)
        )

    def _close_open(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None

    def _host(
        self, without: tuple[str, ...], changes: Mapping[str, Any], *, neighbour: bool
    ) -> dict[str, Any]:
        bounds = {"Memory": MEMORY_BYTES, "MemorySwap": MEMORY_BYTES}
        host = {**self._production, **bounds, **changes}
        if "uid" in without:  # then the slot of another uid cannot be used
            host["Tmpfs"] = {"/tmp": _SCRATCH}
        if neighbour:
            host["NetworkMode"] = self._with_neighbour()
        return host

    def _with_neighbour(self) -> str:
        """Make a network that leads nowhere else, and a listener in it called ``neighbour``."""
        if not self._network:
            network = self._engine.networks.create(
                f"labcheck-control-{secrets.token_hex(4)}", driver="bridge", internal=True
            )
            self._exits.callback(network.remove)
            self._network = str(network.id)
            listener = self._engine.containers.create(
                self._image,
                ["-I", "-c", _LISTEN],
                entrypoint=_PYTHON,
                labels={CONTROL_LABEL: "1"},
                mem_limit=MEMORY_BYTES,
                pids_limit=16,
                cap_drop=["ALL"],
                network_mode="none",
            )
            self._exits.callback(listener.remove, force=True)
            self._engine.api.disconnect_container_from_network(str(listener.id), "none")
            network.connect(listener, aliases=["neighbour"])
            listener.start()
        return self._network
