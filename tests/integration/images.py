"""The two images that `make image` builds, and one with the server as it is now."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import tarfile
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from docker.errors import ImageNotFound

from tests.fakes import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import DockerClient
    from docker.models.images import Image

PINS_FILE = CHECKOUT / "docker" / "pins.toml"
PINS: dict[str, Any] = tomllib.loads(PINS_FILE.read_text(encoding="utf-8"))
_PREFIX = os.environ.get("LABCHECK_TAG_PREFIX", "")
RUNTIME: str = _PREFIX + PINS["image"]["runtime"]
CHECKER: str = _PREFIX + PINS["image"]["checker"]


def find_image(engine: DockerClient, name: str) -> Image:
    """Find an image that `make image` built; in CI it must be there."""
    try:
        return engine.images.get(name)
    except ImageNotFound:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no image {name}; run `make image`")


_HIDDEN = "/opt/labcheck"
_DOCKERFILE = f"""\
FROM {RUNTIME}
COPY verifier/sandbox /usr/local/lib/python3.11/dist-packages/verifier/sandbox
RUN ["/usr/bin/python3", "-m", "compileall", "-q", "-f", "--invalidation-mode", \
"unchecked-hash", "/usr/local/lib/python3.11/dist-packages/verifier"]
RUN mkdir -m 0700 {_HIDDEN} && echo golden > {_HIDDEN}/golden.json
LABEL org.labcheck.test={secrets.token_hex(8)}
"""
"""The label makes it an image of this session alone, which another one does not remove."""


@contextlib.contextmanager
def throwaway_image(
    engine: DockerClient, *, change: Mapping[str, tuple[str, str]] | None = None
) -> Iterator[str]:
    """Build an image of the runtime, today's sandbox server, and a folder to hide.

    Args:
        engine: Which has the runtime.
        change: Text in the server's modules, by file name, and what to put in its place.
    """
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for path in sorted((CHECKOUT / "verifier" / "sandbox").rglob("*.*")):
            if path.suffix not in (".py", ".txt"):
                continue
            old, new = (change or {}).get(path.name, ("", ""))
            text = path.read_text(encoding="utf-8")
            assert old in text
            _add(tar, str(path.relative_to(CHECKOUT)), text.replace(old, new) if old else text)
        _add(tar, "Dockerfile", _DOCKERFILE)
    context.seek(0)
    image, _ = engine.images.build(
        fileobj=context, custom_context=True, rm=True, forcerm=True, network_mode="none"
    )
    try:
        yield str(image.id)
    finally:
        engine.images.remove(str(image.id), force=True)


def _add(tar: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
