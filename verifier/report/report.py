"""The report: everything labcheck has to say about one submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from verifier.checks.check import Check, Status, first_failed
from verifier.golden.record import Record, record_to_json
from verifier.lab.feedback import Feedback
from verifier.schema import SCHEMA_VERSION, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.finding import Finding
    from verifier.lab.stage import Stage
    from verifier.run.interface import Environment, Tier
    from verifier.task import Basis


class Verdict(StrEnum):
    """What came out. A failure of the machine gives no verdict: it is an error."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_GRADABLE = "not_gradable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionName:
    """Which file the report is about."""

    path: str
    sha256: str | None
    """None where its bytes could not be read, or were more than the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One submission's verdict with all its evidence."""

    lab: str
    exercise: str
    basis: Basis
    submission: SubmissionName
    verdict: Verdict
    score: int
    max_score: int
    start_here: Stage | None
    """The first stage in debug order that failed."""
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    """The likeliest first; none for what passed, and none where nothing is known."""
    computed: Literal["yes", "no", "unclear"]
    computed_evidence: str
    record: Record
    tier: Tier
    environment: Environment
    feedback: Feedback = Feedback.FULL
    """How much of it is told; what is not is no longer there."""


def score_of(checks: tuple[Check, ...], points: Mapping[Stage, int]) -> tuple[int, int]:
    """Count the points of a run.

    Args:
        checks: At least one per stage that counts.
        points: What each stage is worth.
    Returns:
        Points of the stages of which every check passed, and of all stages that were asked about.
    """
    asked = {check.stage for check in checks}
    broken = {check.stage for check in checks if check.status is not Status.PASSED}
    return (
        sum(points.get(stage, 0) for stage in asked - broken),
        sum(points.get(stage, 0) for stage in asked),
    )


def verdict_of(checks: tuple[Check, ...]) -> Verdict:
    """Passed only if there are checks and none failed."""
    return Verdict.PASSED if checks and first_failed(checks) is None else Verdict.FAILED


def report_to_json(report: Report) -> dict[str, Any]:
    """Give the report as its schema has it.

    Raises:
        BadDataError: It would break its own schema.
    """
    document = report_document(report)
    validate("report", document)
    return document


def report_document(report: Report) -> dict[str, Any]:
    """Give the report as its schema should have it, for a document that is checked as a whole."""
    return {
        "schema_version": SCHEMA_VERSION,
        "lab": report.lab,
        "exercise": report.exercise,
        "lab_root": report.basis.lab_root,
        "lab_revision": report.basis.lab_revision,
        "golden_sha256": report.basis.golden_sha256,
        "feedback": report.feedback.value,
        "submission": asdict(report.submission),
        "verdict": report.verdict.value,
        "score": report.score,
        "max_score": report.max_score,
        "start_here": None if report.start_here is None else report.start_here.value,
        "checks": [_check_document(check) for check in report.checks],
        "findings": [_finding_document(finding) for finding in report.findings],
        "diagnoses": [_diagnosis_document(diagnosis) for diagnosis in report.diagnoses],
        "computed": report.computed,
        "computed_evidence": report.computed_evidence,
        "record": record_to_json(report.record),
        "tier": {"walls": list(report.tier.walls), "missing": list(report.tier.missing)},
        "environment": asdict(report.environment),
    }


_PARTS = {
    "forward": "prediction",
    "loss": "loss",
    "gradient": "gradients",
    "update": "update",
    "loop": "loop",
}


def right_so_far(document: Mapping[str, Any]) -> str | None:
    """Say what was right before the first wrong stage; None where nothing was, or nothing failed.

    Args:
        document: A report as its schema has it.
    """
    if document["start_here"] is None:
        return None
    return right_stages((check["stage"], check["status"]) for check in document["checks"])


def right_stages(checks: Iterable[tuple[str, str]]) -> str | None:
    """Say what is right where something failed, by stage and status of the checks."""
    whole: dict[str, bool] = {}
    for stage, status in checks:
        whole[stage] = whole.get(stage, True) and status == "passed"
    right = [stage for stage, is_right in whole.items() if is_right]
    parts = [name for stage, name in _PARTS.items() if stage in right]
    shown = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    are = f"{shown} {'is' if parts == parts[:1] and shown != 'gradients' else 'are'} right."
    if "run" not in right:
        return are[0].upper() + are[1:] if parts else None
    if parts:
        return f"The script ran; {are}"
    lines = ", and prints the lab's section lines." if "output" in right else " to its end."
    return f"The script ran{lines}"


def failed_checks(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the failed checks of a report as its schema has it, in debug order."""
    return [check for check in document["checks"] if check["status"] == "failed"]


def place_in_output(finding: Mapping[str, Any]) -> str:
    """Say which line of the output a finding is about; nothing where it is about none."""
    return "" if finding["line"] is None else f" (line {finding['line']} of the output)"


def policy(document: Mapping[str, Any]) -> str | None:
    """Say that something is not told; None where everything is."""
    match Feedback(document.get("feedback", Feedback.FULL)):
        case Feedback.FULL:
            return None
        case Feedback.NO_VALUES:
            return "feedback: no-values, so the numbers that were expected are not told"
        case Feedback.VERDICT:
            return "feedback: the verdict alone"


def judged_by(document: Mapping[str, Any]) -> str:
    """Say in short whose lab judged, and in which state; printable."""
    revision, golden = document["lab_revision"][:12], document["golden_sha256"][:12]
    return f"lab revision {revision}, golden {golden}, in {document['lab_root']}"


def _check_document(check: Check) -> dict[str, Any]:
    # By hand: `asdict` copies deeply, which for a class of checks costs more than judging them.
    return {
        "stage": check.stage.value,
        "name": check.name,
        "status": check.status.value,
        "message": check.message,
        "expected": check.expected,
        "observed": check.observed,
        "difference": check.difference,
        "allowed": check.allowed,
    }


def _diagnosis_document(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "id": diagnosis.id,
        "stage": diagnosis.stage.value,
        "concept": diagnosis.concept,
        "confidence": diagnosis.confidence,
        "evidence": list(diagnosis.evidence),
        "message": diagnosis.message,
        "fix": diagnosis.fix,
    }


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {"kind": finding.kind, "line": finding.line, "message": finding.message}
