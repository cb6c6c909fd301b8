"""What a lab's references were, where it is without them: the image for learners has a list alone.

It is what ``sha256sum`` writes of them as that image is built, so that the lab's revision there is
that of the checkout, and a script whose name somebody mistyped is still missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.errors import BadDataError
from verifier.files import read_regular
from verifier.schema import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "references.sha256"
_LINE = re.compile(r"^([0-9a-f]{64}) [ *](?:\./)?(\S+)$", re.MULTILINE)


def listed_references(folder: Path) -> Mapping[str, str]:
    """Give the sha256 of each reference that is listed, by its path in the lab's folder.

    Raises:
        BadDataError: There is a list that cannot be read.
    """
    file = folder / FILE
    try:
        content = read_regular(file, limit_bytes=MAX_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadDataError(f"{file}: {error.strerror}", remedy="mend the file") from error
    text = content.decode("utf-8", errors="replace")
    return {name: sha256 for sha256, name in _LINE.findall(text)}
