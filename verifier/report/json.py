"""Reports as JSON lines: one object a report, strict JSON, ASCII."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.report.report import report_to_json
from verifier.schema import strict_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.report.report import Report


def json_reports(reports: Sequence[Report]) -> str:
    """Write every report as one line."""
    return "".join(strict_json(report_to_json(report)) + "\n" for report in reports)
