"""What the figures were measured on: hardware, kernel, engine, versions. No names, no paths."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any


def describe(*, engine: str | None) -> dict[str, Any]:
    """Describe this machine as ``schemas/bench.schema.json`` asks.

    Args:
        engine: The Docker engine's version; None where none was used.
    """
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6),
        "kernel": platform.release().partition("-")[0],  # what follows may name a site
        "engine": engine,
        "python": platform.python_version(),
        "torch": _torch_version(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def _torch_version() -> str | None:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


def peak_client_bytes() -> int:
    """Give the most memory that this process ever held."""
    import resource  # noqa: PLC0415 - beside its only use

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def say(message: str) -> None:
    """Tell on standard error how far it is."""
    print(message, file=sys.stderr, flush=True)
