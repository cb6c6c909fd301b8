"""One warm server for all scripts: torch is imported once, and each script is a fork of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxRunner]:
    """Start the server that `docker run labcheck` uses; no engine is needed."""
    with SandboxRunner() as runner:
        yield runner
