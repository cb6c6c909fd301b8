"""What holds for every test: how Hypothesis searches, a state folder, and one warm server."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

# Commands that tests start inherit it: no test reads or makes the user's own secret.
_state = tempfile.TemporaryDirectory(prefix="labcheck-state-")
atexit.register(_state.cleanup)
os.environ["LABCHECK_STATE"] = _state.name
os.environ["XDG_CACHE_HOME"] = str(Path(_state.name, "cache"))

# No deadline: how long one example takes says more about the machine's other work than about us.
# In CI each run tries the same examples, so that a red one means that the change is to blame.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxRunner]:
    """Start the server that `docker run labcheck` uses; no engine is needed.

    One warm server for all scripts: torch is imported once, and each script is a fork of it.
    """
    with SandboxRunner() as runner:
        yield runner
