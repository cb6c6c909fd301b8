"""Scripts that more than one runner has to survive, and an image with the server as it is now."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from verifier.errors import EngineUnavailableError
from verifier.run.container import IMAGE, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

TRAINING = b"""\
import torch
from torch import nn

torch.manual_seed(7)
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x, y = torch.randn(16, 3, 8, 8), torch.randn(16, 1)
for step in range(5):
    loss = (model(x) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item().hex())
print([value.hex() for value in model[0].weight.flatten().tolist()])
print([value.hex() for value in (torch.randn(64, 64) @ torch.randn(64, 64)).flatten().tolist()])
print(sorted({"a", "b", "c", "d"}, key=hash))
"""
"""Prints bits, not roundings: convolution, Adam, a matrix product, string hashes."""

_HIDDEN = "/opt/labcheck"
_DOCKERFILE = f"""\
FROM {IMAGE}
COPY verifier/sandbox /usr/local/lib/python3.11/dist-packages/verifier/sandbox
RUN ["/usr/bin/python3", "-m", "compileall", "-q", "-f", "--invalidation-mode", \
"unchecked-hash", "/usr/local/lib/python3.11/dist-packages/verifier"]
RUN mkdir -m 0700 {_HIDDEN} && echo golden > {_HIDDEN}/golden.json
"""


@pytest.fixture(scope="session")
def training() -> bytes:
    """Return a script whose output shows any difference in arithmetic."""
    return TRAINING


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
def runtime_image(engine: DockerClient) -> Iterator[str]:
    """Build a throwaway image: the runtime, today's sandbox server, and a folder to hide."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for path in sorted(Path(CHECKOUT, "verifier", "sandbox").glob("*.py")):
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
