"""Containers that a benchmark started, and their end."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient


BENCH_LABEL = "org.labcheck.bench"
"""Label of every container that the `docker` command starts here; its value is the session's."""


def remove_container(client: DockerClient, name: str) -> None:
    """Remove a container by force, if there is one."""
    from docker.errors import APIError  # noqa: PLC0415 - beside its only use

    with contextlib.suppress(APIError):
        client.api.remove_container(name, force=True, v=True)


def remove_session(client: DockerClient, session: str) -> None:
    """Remove whatever containers the `docker` command of this session left, say by an interrupt."""
    found = client.api.containers(all=True, filters={"label": f"{BENCH_LABEL}={session}"})
    for entry in found:
        remove_container(client, entry["Id"])
