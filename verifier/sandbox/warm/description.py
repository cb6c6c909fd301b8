"""A description of this interpreter and its torch: the ``environment`` of a result."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys

from verifier.sandbox.descriptor import read_file
from verifier.sandbox.variables import THREAD_VARIABLES

LAZY_IMPORT_BYTES = 256 * 1024 * 1024
"""What the first optimizer imports besides torch itself, with room: measured at 79 MB."""

_STATM_BYTES = 256


class NoTorchError(ImportError):
    """This interpreter cannot import torch."""


def describe() -> dict[str, str | int]:
    """Import torch and say what it is.

    Returns:
        ``torch``, ``python``, ``platform``, ``cpu_capability``, ``threads``.
    Raises:
        NoTorchError: It cannot be imported.
    """
    if not any(name in os.environ for name in THREAD_VARIABLES):
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        import torch  # noqa: PLC0415 - after the variables, and its lack is an answer
    except ImportError as error:
        raise NoTorchError(sys.executable) from error
    return {
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "platform": "-".join((platform.system(), platform.machine(), "".join(platform.libc_ver()))),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }


def torch_file() -> str | None:
    """Find torch without importing it; None where there is none."""
    found = importlib.util.find_spec("torch")
    return None if found is None else found.origin


def address_space_bytes() -> int:
    """Address space of this process, as `RLIMIT_AS` counts it."""
    pages = int(read_file("/proc/self/statm", at_most=_STATM_BYTES).split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def import_bytes() -> int:
    """Address space a fresh interpreter needs to import torch; measured on this process."""
    return address_space_bytes() + LAZY_IMPORT_BYTES
