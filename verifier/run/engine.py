"""The Docker engine of this machine, reached through its SDK, and what images it has."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from verifier.errors import EngineError, EngineUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.images import Image

PINS_LABEL = "org.labcheck.pins-sha256"
"""Label of the image: sha256 of ``docker/pins.toml``."""

_DEFAULT_SOCKET = "unix:///var/run/docker.sock"
_CALL_S = 60


def connect() -> DockerClient:
    """Reach the engine that the environment names, or the one on the default socket.

    Raises:
        EngineUnavailableError: None answers.
    """
    # Imported on first use: `labcheck --help` must not pay for it.
    import docker  # noqa: PLC0415

    _knock()
    with engine_errors():
        client = docker.from_env(timeout=_CALL_S)
        try:
            client.ping()
        except BaseException:
            client.close()
            raise
        return client


def _knock() -> None:
    """Try a local engine's socket: the SDK leaks its own, and says less, where none listens."""
    address = os.environ.get("DOCKER_HOST") or _DEFAULT_SOCKET
    if not address.startswith("unix://"):
        return
    path = "/" + address.removeprefix("unix://").lstrip("/")
    with socket.socket(socket.AF_UNIX) as knocker:
        try:
            knocker.settimeout(_CALL_S)
            knocker.connect(path)
        except OSError as error:
            raise EngineUnavailableError(reason=f"{path}: {error.strerror or error}") from error


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """Turn whatever the SDK raises into an error of ours.

    Raises:
        EngineError: The engine answered that it could not.
        EngineUnavailableError: It did not answer.
    """
    from docker.errors import APIError, DockerException  # noqa: PLC0415 - see connect
    from requests.exceptions import RequestException  # noqa: PLC0415 - see connect

    try:
        yield
    except APIError as error:
        raise EngineError(reason=str(error.explanation or error)[:400]) from error
    except (DockerException, RequestException, OSError) as error:
        reason = getattr(error, "explanation", None) or str(error) or type(error).__name__
        raise EngineUnavailableError(reason=str(reason)[:400]) from error


def engine_trouble() -> str | None:
    """Say why no engine can be used; None where one answers."""
    try:
        connect().close()
    except (EngineError, EngineUnavailableError) as error:
        return error.problem
    return None


def image_id(name: str) -> str | None:
    """Find an image's id; None where there is no such image, or no engine."""
    image = _find(name)
    return None if image is None else str(image.id)


def image_pins(name: str) -> str | None:
    """Find the sha256 of the pins that an image was built from; None where it cannot be known."""
    image = _find(name)
    return None if image is None else image.labels.get(PINS_LABEL)


def _find(name: str) -> Image | None:
    from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect

    try:
        client = connect()
    except (EngineError, EngineUnavailableError):
        return None
    with contextlib.closing(client), engine_errors():
        try:
            return client.images.get(name)
        except ImageNotFound:
            return None
