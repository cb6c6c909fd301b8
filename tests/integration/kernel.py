"""What this kernel's Landlock denies to a submission. Debian 12's speaks ABI 2: files alone."""

from __future__ import annotations

from verifier.sandbox.walls import landlock

DENIES_TCP = landlock.abi() >= 4
DENIES_SIGNALS = landlock.abi() >= 6
"""And connections to abstract sockets, since the same version."""
