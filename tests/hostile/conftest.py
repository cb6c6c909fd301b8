"""The image in which hostile submissions run: the runtime, today's server, and the lab to hide."""

from __future__ import annotations

import io
import os
import secrets
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from tests.integration.images import CHECKER, RUNTIME, find_image
from verifier.errors import EngineUnavailableError
from verifier.lab.load import load_labs
from verifier.run.engine import connect
from verifier.task import Task, load_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.images import Image

HIDDEN = "/opt/labcheck/lib/verifier/_lab"
"""Where the image `labcheck` keeps the lab."""

_DOCKERFILE = f"""\
FROM {RUNTIME}
COPY verifier/sandbox /usr/local/lib/python3.11/dist-packages/verifier/sandbox
RUN ["/usr/bin/python3", "-m", "compileall", "-q", "-f", "--invalidation-mode", \
"unchecked-hash", "/usr/local/lib/python3.11/dist-packages/verifier"]
COPY lab {HIDDEN}
RUN chmod 0700 /opt/labcheck
LABEL org.labcheck.test={secrets.token_hex(8)}
"""


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """Reach the engine; where there is none, only a machine that is no CI may go without."""
    try:
        client = connect()
    except EngineUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    yield client
    client.close()


@pytest.fixture(scope="session")
def learner_image(engine: DockerClient) -> Image:
    """Find the image that learners run."""
    return find_image(engine, CHECKER)


@pytest.fixture(scope="session")
def hostile_image(engine: DockerClient) -> Iterator[str]:
    """Build a throwaway image with the lab where no run may read it."""
    find_image(engine, RUNTIME)
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for folder, pattern in (("verifier/sandbox", "**/*"), ("lab", "**/*")):
            for path in sorted(Path(CHECKOUT, folder).glob(pattern)):
                if path.is_file():
                    tar.add(path, path.relative_to(CHECKOUT))
        dockerfile = _DOCKERFILE.encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        tar.addfile(entry, io.BytesIO(dockerfile))
    context.seek(0)
    image, _ = engine.images.build(
        fileobj=context, custom_context=True, rm=True, forcerm=True, network_mode="none"
    )
    yield str(image.id)
    engine.images.remove(str(image.id), force=True)


@pytest.fixture(scope="session")
def task() -> Task:
    """Give the lesson's exercise with its golden, from a lab that would pass printed numbers.

    Many cases print the published output to see what else decides; that it was not computed
    would decide before it.
    """
    found = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
    return replace(found, lab=replace(found.lab, computed_required=False))
