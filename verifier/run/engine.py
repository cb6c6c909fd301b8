"""What the Docker engine of this machine is, and which images it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.errors import EngineUnavailableError
from verifier.run.container import PINS_LABEL, connect, engine_errors

if TYPE_CHECKING:
    from docker.models.images import Image


def engine_trouble() -> str | None:
    """Say why no engine can be used; None where one answers."""
    try:
        connect().close()
    except EngineUnavailableError as error:
        return error.reason
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
    from docker.errors import ImageNotFound  # noqa: PLC0415 - imported on first use

    try:
        client = connect()
    except EngineUnavailableError:
        return None
    try:
        with engine_errors():
            return client.images.get(name)
    except EngineUnavailableError as error:
        if isinstance(error.__cause__, ImageNotFound):
            return None
        raise
    finally:
        client.close()
