"""What one run of a lab may use: the limits of a request to the sandbox."""

from __future__ import annotations

from verifier.sandbox.request import Limits

__all__ = ["Limits"]
