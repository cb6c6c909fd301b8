"""A row: one finished submission of a batch, as a line of ``results.jsonl`` has it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn, assert_never

from verifier.errors import BadDataError
from verifier.report.report import report_document
from verifier.resources import package_sha256
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut
from verifier.schema import SCHEMA_VERSION, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.report.report import Report
    from verifier.run.interface import Outcome, RunResult

Row = dict[str, Any]
"""A document that satisfies ``schemas/row.schema.json``."""

HEAD_BYTES = 6000
"""Kept of the beginning of a stream; the lesson's whole output is a twelfth of it."""

TAIL_BYTES = 2000
"""Kept of its end, where the rest is left out: a traceback stands there."""


def row_of(report: Report, runs: Sequence[RunResult], *, lab_revision: str) -> Row:
    """Make the row of a submission.

    Args:
        report: What was judged.
        runs: What it rests on; none where the submission was never run.
        lab_revision: Of the lab that it was judged by.
    Raises:
        BadDataError: It would break its own schema.
    """
    first = runs[0] if runs else None
    seconds = [run.cpu_s for run in runs if run.cpu_s is not None]
    row = {
        "schema_version": SCHEMA_VERSION,
        "path": report.submission.path,
        "sha256": report.submission.sha256,
        "lab_revision": lab_revision,
        "labcheck_sha256": package_sha256(),
        "image": report.environment.image,
        "report": report_document(report),
        "outcome": None if first is None else _outcome(first.outcome),
        "stdout": _stream(b"" if first is None else first.stdout),
        "stderr": _stream(b"" if first is None else first.stderr),
        "wall_s": round(sum(run.wall_s for run in runs), 6) if runs else None,
        "cpu_s": round(sum(seconds), 6) if runs and len(seconds) == len(runs) else None,
    }
    validate("row", row)
    return row


def row_line(row: Row) -> bytes:
    """Write a row as its line, the newline included."""
    return strict_json(row).encode("ascii") + b"\n"


def parse_row(line: bytes) -> Row:
    """Read a line back.

    Raises:
        BadDataError: It is no JSON, breaks the schema, or contradicts itself.
    """
    try:
        row: Row = json.loads(
            line,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_said_once,
        )
        validate("row", row)
    except (ValueError, OverflowError, RecursionError) as error:
        raise _bad_row(str(error)) from error
    said, image = row["report"]["submission"], row["report"]["environment"]["image"]
    if (row["path"], row["sha256"], row["image"]) != (said["path"], said["sha256"], image):
        raise _bad_row("row and report name different submissions or images")
    return row


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number")
    return number


def _bounded(text: str) -> int:
    number = int(text)
    float(number)  # OverflowError: what is calculated with it later would end there
    return number


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return said


def _bad_row(problem: str) -> BadDataError:
    return BadDataError(f"row: {problem}", remedy="have the submission graded again")


def _outcome(outcome: Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": "", "code": None, "signal": None, "stream": None}
    match outcome:
        case Exited(code=code):
            return said | {"kind": "exited", "code": code}
        case Killed(signal=number):
            return said | {"kind": "killed", "signal": number}
        case TimedOut():
            return said | {"kind": "timed_out"}
        case OutputFlood(stream=stream):
            return said | {"kind": "output_flood", "stream": stream}
        case _:
            assert_never(outcome)


def _stream(captured: bytes) -> dict[str, Any]:
    whole = len(captured) <= HEAD_BYTES + TAIL_BYTES
    return {
        "bytes": len(captured),
        "head": _text(captured if whole else captured[:HEAD_BYTES]),
        "tail": "" if whole else _text(captured[-TAIL_BYTES:]),
    }


def _text(captured: bytes) -> str:
    return captured.decode("utf-8", errors="replace")
