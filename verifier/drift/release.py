"""Releases of torch, read as pip reads them: ``2.14.1rc1`` is a version, ``nightly`` is none.

>>> release_of("2.14.1+cpu"), version_of("nightly")
('2.14.1', None)
>>> sorted(["2.14.1", "2.14.1rc1", "2.9.0"], key=place_of)
['2.9.0', '2.14.1rc1', '2.14.1']
"""

from __future__ import annotations

from packaging.version import Version

_LONGEST = 40
_BEFORE_ALL = Version("0.dev0")


def version_of(text: str) -> Version | None:
    """Read a version of two numbers at least; None for any other text.

    Args:
        text: As torch names itself, or as pip takes it: nothing around it, all in small letters.
    """
    if len(text) > _LONGEST or text != text.strip().lower():
        return None
    try:
        found = Version(text)
    except ValueError:
        return None
    is_written_so = text.startswith(found.public) and len(found.release) > 1
    return found if is_written_so and not found.epoch else None


def release_of(torch: str) -> str:
    """Give a version without the part that says what it was built for, as 2.14.1 of 2.14.1+cpu."""
    found = version_of(torch)
    return torch if found is None else found.public


def place_of(release: str) -> Version:
    """Give what releases are sorted by; what is no version stands before them all."""
    return version_of(release) or _BEFORE_ALL
