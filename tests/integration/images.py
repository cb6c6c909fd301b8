"""The two images that `make image` builds, by the names the pins give them."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from docker.errors import ImageNotFound

from tests.fakes import CHECKOUT

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

PINS_FILE = CHECKOUT / "docker" / "pins.toml"
PINS: dict[str, Any] = tomllib.loads(PINS_FILE.read_text(encoding="utf-8"))
RUNTIME: str = PINS["image"]["runtime"]
CHECKER: str = PINS["image"]["checker"]


def find_image(engine: DockerClient, name: str) -> Image:
    """Find an image that `make image` built; in CI it must be there."""
    try:
        return engine.images.get(name)
    except ImageNotFound:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no image {name}; run `make image`")
