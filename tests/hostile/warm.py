"""The container that serves one submission after another, as in production."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from verifier.run import owner
from verifier.run.container import ContainerRunner
from verifier.run.hardened import OWNER_LABEL, UID_LABEL
from verifier.run.interface import PLAIN

if TYPE_CHECKING:
    from docker import DockerClient

    from verifier.run.interface import Examination, Limits, RunResult

CONTROL_LABEL = "org.labcheck.control"
"""Label of every container in which a control runs."""

_LOOK = r"""
import json, os

def names(path):
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []

processes = []
for name in os.listdir("/proc"):
    if not name.isdigit() or int(name) == os.getpid():
        continue
    try:
        with open(f"/proc/{name}/status", errors="replace") as file:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except OSError:
        continue
    processes.append({
        "pid": int(name),
        "parent": int(fields["PPid"]),
        "uid": int(fields["Uid"].split()[0]),
        "zombie": fields["State"].startswith("Z"),
        "stopped": fields["State"][0] in "Tt",
        "threads": int(fields.get("Threads", 0)),
    })
objects = []
for kind in ("shm", "sem", "msg"):
    with open(f"/proc/sysvipc/{kind}") as file:
        objects += file.read().splitlines()[1:]
print(json.dumps({
    "processes": sorted(processes, key=lambda each: each["pid"]),
    "files": {path: names(path) for path in FOLDERS},
    "objects": objects,
}))
"""
_FOLDERS = ("/slot", "/dev/shm", "/dev/mqueue", "/tmp", "/var/tmp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What stands in a container between two runs."""

    container: str
    run_uid: int
    """Real uid of every run in it."""
    processes: tuple[tuple[int, int, int], ...]
    """Pid, parent and real uid of each, in order."""
    troubled: tuple[Any, ...]
    """Those that are zombies, stopped, or have more than one thread."""
    files: dict[str, tuple[str, ...]]
    """What lies in each folder that a run could reach."""
    objects: tuple[str, ...]
    """System V shared memory, semaphores and queues."""


def look_into(engine: DockerClient, container: str, *, uid: int) -> Sight:
    """Look into a container between two runs, from a process of its own in it."""
    code = f"FOLDERS = {_FOLDERS!r}\n{_LOOK}"
    # As root, who owns the folder around the slots, and may no more than list it.
    job = engine.api.exec_create(
        container, ["/usr/bin/python3", "-I", "-S", "-c", code], user="0:0"
    )
    output = engine.api.exec_start(job["Id"])
    try:
        found = json.loads(output)
    except ValueError as error:
        raise AssertionError(f"no sight of the container: {output!r}") from error
    return Sight(
        container=container,
        run_uid=uid,
        processes=tuple((each["pid"], each["parent"], each["uid"]) for each in found["processes"]),
        troubled=tuple(
            each
            for each in found["processes"]
            if each["zombie"] or each["stopped"] or each["threads"] != 1
        ),
        files={path: tuple(names) for path, names in found["files"].items()},
        objects=tuple(found["objects"]),
    )


class Warm:
    """A `ContainerRunner`, and sight of the container that it has at the moment."""

    def __init__(self, engine: DockerClient, *, image: str) -> None:
        self._engine = engine
        self._image = image
        self._runner = ContainerRunner(image=image)

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.__exit__(*error)

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run ``source`` in it."""
        return self._runner.run(source, limits=limits, examination=examination)

    def look(self) -> Sight:
        """Look into the one container there is."""
        entry = self._entry()
        return look_into(self._engine, entry["Id"], uid=int(entry["Labels"][UID_LABEL]))

    def configuration(self) -> dict[str, Any]:
        """Give the HostConfig that production starts it with."""
        found: dict[str, Any] = self._engine.api.inspect_container(self._entry()["Id"])
        config: dict[str, Any] = found["HostConfig"]
        return config

    def _entry(self) -> dict[str, Any]:
        found = self._engine.api.containers(
            filters={"ancestor": self._image, "label": f"{OWNER_LABEL}={owner.current()}"}
        )
        mine = [entry for entry in found if CONTROL_LABEL not in entry["Labels"]]
        assert len(mine) == 1, f"{len(mine)} containers serve, not one"
        entry: dict[str, Any] = mine[0]
        return entry
