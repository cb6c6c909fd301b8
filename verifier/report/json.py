"""Reports as JSON lines: one object a report, strict JSON, ASCII."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from verifier.schema import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def json_reports(documents: Iterable[Mapping[str, Any]]) -> str:
    """Write every report as one line.

    Args:
        documents: Reports as their schema has them.
    """
    return "".join(strict_json(document) + "\n" for document in documents)
