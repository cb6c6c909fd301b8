"""What a report tells under its policy of feedback; every format is made from what is left here.

Without values, a report holds no golden number, nothing that one can be calculated from (as how far
a printed number is from it), and no word that depends on how near a wrong number is: whoever hands
in a hundred times learns no more than which checks pass. What the learner printed stays.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.checks.check import WOULD_FAIL, Discreet, Status
from verifier.finding import Finding
from verifier.golden.record import EMPTY_RECORD
from verifier.lab.feedback import Feedback
from verifier.lab.stage import Stage
from verifier.report.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.checks.check import Check
    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.report.report import Report

NEAR = frozenset(
    {"printed-too-coarse", "printed-wrong-moment", "values-swapped", "loop-printed-late"}
)
"""Diagnoses that say that a wrong number is a golden one, rounded or of another place."""
QUOTING = frozenset({"format-unfilled", "name-printed"})
"""Diagnoses whose digits stand in a text of the learner's that is no number."""
_ADVICE = Finding(
    kind="advice",
    line=None,
    message="where a value is not right, look at the moment at which it is computed, at the name "
    "that it is printed under, and at its decimals",
)
"""What is told in place of a diagnosis, whether there was one or not."""
_UNTOLD = "how that is known is not told here"
_NOT_RUN = "nothing was run"
_ELSEWHERE = "Compare that step with the lesson's, operation by operation."
_SENTENCE = re.compile(r"(?<=[.!?]) +")
_LABEL = re.compile(
    r"\blines? [0-9]+(?:(?:, | and )[0-9]+)*"
    r"|\b[A-Za-z_]\w*=[0-9]+(?![.0-9])"
    r"|\b[A-Za-z_]\w*_[0-9]+\.[0-9]+"
    r"|\b[A-Za-z_]\w*"
)
"""A line, a row, a section or a name: digits in these are no value."""
_VALUE = re.compile(r"[0-9]")
_RATIO = re.compile(r"\btimes\b(?! gradient)")
_SCRIPT_LINE = re.compile(r"\bline [1-9][0-9]{0,6}\b(?! of the output)")


def told(report: Report, feedback: Feedback) -> Report:
    """Give of a report what its policy lets be told."""
    report = replace(report, feedback=feedback)
    match feedback:
        case Feedback.FULL:
            return report
        case Feedback.NO_VALUES:
            return _without_values(report)
        case Feedback.VERDICT:
            return _verdict_alone(report)


def _without_values(report: Report) -> Report:
    diagnoses = tuple(_discreet_diagnoses(report))
    is_advised = diagnoses or report.start_here in {None, Stage.RUN, Stage.OUTPUT}
    return replace(
        report,
        checks=tuple(map(_discreet, report.checks)),
        diagnoses=diagnoses,
        findings=report.findings if is_advised else (*report.findings, _ADVICE),
        computed_evidence=_evidence(report),
    )


def _verdict_alone(report: Report) -> Report:
    return replace(
        report,
        start_here=None,
        checks=(),
        diagnoses=(),
        findings=report.findings if report.verdict is Verdict.NOT_GRADABLE else (),
        computed="unclear",
        computed_evidence=_evidence(report),
        record=EMPTY_RECORD,
    )


def _evidence(report: Report) -> str:
    """Say no more than that nothing was run: which values follow other seeds are the right ones."""
    said = report.computed_evidence
    return said if said.endswith(_NOT_RUN) else _UNTOLD


def _discreet(check: Check) -> Check:
    kept = check.discreet or _harmless(check)
    return replace(
        check,
        message=kept.message,
        observed=kept.observed,
        discreet=None,
        expected=None,
        difference=None,
        allowed=None,
    )


def _harmless(check: Check) -> Discreet:
    """Give what a check says that has no other words for it: all, if it knows of no right value."""
    if check.status is Status.FAILED and check.expected is not None:
        return Discreet(message=f"{check.name} is not right")
    message, _, _ = check.message.partition(WOULD_FAIL)
    return Discreet(message=message, observed=check.observed)


def _discreet_diagnoses(report: Report) -> Iterator[Diagnosis]:
    for each in report.diagnoses:
        if each.stage == Stage.RUN or each.id in QUOTING:  # nothing was compared
            yield each
        elif each.id not in NEAR:
            yield _discreet_diagnosis(each)


def _discreet_diagnosis(diagnosis: Diagnosis) -> Diagnosis:
    kept = _kept(diagnosis.message)
    if not kept or not diagnosis.message.startswith(kept[0]):
        kept = [_in_place(diagnosis)]
    evidence = (" ".join(_kept(fact)) for fact in diagnosis.evidence)
    return replace(
        diagnosis,
        message=" ".join(kept),
        fix=" ".join(_kept(diagnosis.fix)) or _ELSEWHERE,
        evidence=tuple(filter(None, evidence)),
    )


def _kept(text: str) -> list[str]:
    """Give the sentences that hold no number: also one that was printed may be a golden one."""
    return [
        sentence
        for sentence in _SENTENCE.split(text)
        if not _VALUE.search(_LABEL.sub("", sentence)) and not _RATIO.search(sentence)
    ]


def _in_place(diagnosis: Diagnosis) -> str:
    """Say what is left of a message whose first sentence cannot be told."""
    found = _SCRIPT_LINE.search(" ".join((diagnosis.message, *diagnosis.evidence)))
    at = "" if found is None else f" ({found[0]})"
    return (
        f"Something at stage {diagnosis.stage} is not as the lab has it{at}; "
        "the numbers that show it are not told here."
    )
