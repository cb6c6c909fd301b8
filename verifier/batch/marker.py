"""The marker of a results folder: this user's labcheck made it, and by these seeds it judges.

A repository that is graded can bring a folder of that name, with rows that say what it likes. It
cannot bring the marker: that is signed with the user's secret, and names the folder's inode, so
that a marker that was published with one folder does not fit another.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Self

from verifier.schema import SCHEMA_VERSION, strict_json
from verifier.state import user_secret

SEED_BYTES = 32
LIMIT_BYTES = 4096
"""More than any marker has."""

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What the file ``.labcheck`` of a results folder says."""

    salt: bytes
    seed: bytes
    """What the seeds of second runs are chosen by: the same folder judges alike again. No row,
    page or gradebook shows it."""
    signature: bytes

    @classmethod
    def made(cls, inode: int, *, seed: bytes | None) -> Self:
        """Sign a marker for a folder, with the seed of an earlier marker or a new one."""
        salt, seed = secrets.token_bytes(_SALT_BYTES), seed or secrets.token_bytes(SEED_BYTES)
        return cls(salt=salt, seed=seed, signature=_signature(salt, seed, inode))

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """Read a marker, of whosoever; None where it is none."""
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            document = json.loads(content)
            salt, seed, signature = (bytes.fromhex(document[key]) for key in _KEYS)
            if len(seed) == SEED_BYTES and document["schema_version"] == SCHEMA_VERSION:
                return cls(salt=salt, seed=seed, signature=signature)
        return None

    def fits(self, inode: int) -> bool:
        """Whether this user's labcheck signed it, for this very folder."""
        return hmac.compare_digest(self.signature, _signature(self.salt, self.seed, inode))

    def text(self) -> bytes:
        """Write it as its file has it."""
        values = {key: getattr(self, key).hex() for key in _KEYS}
        return strict_json({"schema_version": SCHEMA_VERSION, **values}).encode() + b"\n"


_KEYS = ("salt", "seed", "signature")


def _signature(salt: bytes, seed: bytes, inode: int) -> bytes:
    said = f"labcheck results folder\n{salt.hex()}\n{seed.hex()}\n{inode}\n"
    return hmac.digest(user_secret(), said.encode(), hashlib.sha256)
