"""The C library: calls of the kernel's that Python has no function for, and their errors."""

from __future__ import annotations

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def failure(call: str, *about: str) -> OSError:
    """Give the error that the last call ended with.

    Args:
        call: Its name.
        about: What it was about, if that says more.
    """
    code = ctypes.get_errno()
    return OSError(code, f"{call}: {os.strerror(code)}", *about)
