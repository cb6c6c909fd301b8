"""The runners and what they need: an engine, its images, and one with the server as it is now."""

from __future__ import annotations

import os
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS
from tests.integration.images import CHECKER, RUNTIME, find_image, throwaway_image
from tests.integration.leftovers import PATIENCE_S, containers_of
from verifier.errors import EngineUnavailableError
from verifier.run.container import ContainerRunner
from verifier.run.engine import connect
from verifier.run.local import LocalRunner
from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient
    from docker.models.images import Image

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
def runtime(engine: DockerClient) -> Image:
    """Find the image that submissions run in."""
    return find_image(engine, RUNTIME)


@pytest.fixture(scope="session")
def checker(engine: DockerClient) -> Image:
    """Find the image that learners run."""
    return find_image(engine, CHECKER)


@pytest.fixture(scope="session")
def runtime_image(engine: DockerClient, runtime: Image) -> Iterator[str]:
    """Build a throwaway image: the runtime, today's sandbox server, and a folder to hide."""
    with throwaway_image(engine) as image:
        yield image


@pytest.fixture
def no_container_left(engine: DockerClient, runtime_image: str) -> Iterator[None]:
    """See that no container of the throwaway image is left after a test; some end by themselves."""
    yield
    deadline = time.monotonic() + PATIENCE_S
    while containers_of(engine, runtime_image) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert containers_of(engine, runtime_image) == set()


@pytest.fixture
def no_container_more(engine: DockerClient, runtime: Image, checker: Image) -> Iterator[None]:
    """See that the images have no more containers after a test than before."""
    before = containers_of(engine)
    yield

    assert containers_of(engine) <= before


@pytest.fixture
def contained(runtime_image: str) -> Iterator[ContainerRunner]:
    """Give each test a runner, which starts its container with the first run."""
    with ContainerRunner(image=runtime_image) as found:
        yield found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder that no submission may read."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "golden").mkdir()
    (folder / "golden" / "baseline.json").write_text("golden")
    return folder


@pytest.fixture(scope="module")
def boxed(lab: Path) -> Iterator[SandboxRunner]:
    """Start one server for the whole module: it must outlive all that is run in it."""
    with SandboxRunner(hide=[lab]) as runner:
        yield runner
        assert runner.run(b"print('still here')", limits=LIMITS).stdout == b"still here\n"


@pytest.fixture(scope="module")
def unboxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRunner]:
    """Ask once what torch there is; its runs have a folder that only this module uses."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch, LocalRunner() as runner:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield runner


@pytest.fixture(params=["boxed", "unboxed"])
def runner(request: pytest.FixtureRequest) -> SandboxRunner | LocalRunner:
    """Give each of the two."""
    found: SandboxRunner | LocalRunner = request.getfixturevalue(request.param)
    return found
