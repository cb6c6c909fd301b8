"""The bound of a report: a submission of a hundred bytes cannot make one of fifty megabytes.

What a script prints is bounded where it is read, but each of its values brings along section, row
and key, and a character can take twelve bytes in JSON. So the record in a report keeps the first
readings, as many as fit, and a finding counts the rest. They were judged all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.finding import Finding
from verifier.golden.record import record_to_json
from verifier.printable import counted
from verifier.report.report import report_document
from verifier.schema import strict_json

if TYPE_CHECKING:
    from verifier.golden.record import Record
    from verifier.output.transcript import Reading
    from verifier.report.report import Report

REPORT_BYTES = 900 * 1024
"""The longest report in JSON; with the streams that its row keeps it stays below a mebibyte."""
SURELY_FITS_BYTES = 256 * 1024
"""Readings that take less fit next to the longest that a report has besides."""
_PLAIN_BYTES = 160
"""Of one reading: the names of its fields, and its numbers."""
_BYTES_PER_CHARACTER = 12


def bounded(report: Report) -> Report:
    """Give the report with no more readings than fit; linear in what was read."""
    record = report.record
    if sum(map(_most, record.readings)) <= SURELY_FITS_BYTES:
        return report
    besides = replace(report, record=replace(record, readings=()))
    kept = _fitting(record, REPORT_BYTES - len(strict_json(report_document(besides))))
    if kept == len(record.readings):
        return report
    whole = counted(len(record.readings), "value")
    message = f"the record keeps the first {kept} of {whole} that were read and judged"
    finding = Finding(kind="record_cut", line=record.readings[kept].line, message=message)
    return replace(
        report,
        record=replace(record, readings=record.readings[:kept]),
        findings=(*report.findings, finding),
    )


def _fitting(record: Record, room_bytes: int) -> int:
    """Count the first readings that fit."""
    size = 0
    for place, document in enumerate(record_to_json(record)["readings"]):
        size += len(strict_json(document)) + len(", ")
        if size > room_bytes:
            return place
    return len(record.readings)


def _most(reading: Reading) -> int:
    """Give more bytes than a reading can take."""
    names = len(reading.section or "") + len(reading.row or "") + len(reading.key or "")
    return _PLAIN_BYTES + _BYTES_PER_CHARACTER * (names + 2 * len(reading.text))
