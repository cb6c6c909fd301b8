"""Reports as JUnit XML, for the test views of CI services."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from verifier.checks.check import Check, Status
from verifier.printable import printable
from verifier.report.report import Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


def junit_reports(reports: Sequence[Report]) -> str:
    """Write one test suite a report, one test case a check, or one for the verdict alone."""
    xml = JUnitXml("labcheck")
    for report in reports:
        xml.add_testsuite(_suite(report))
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call] # junitparser leaves it untyped
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode("utf-8")}\n'


def _suite(report: Report) -> TestSuite:
    suite = TestSuite(f"{report.lab}/{report.exercise}")
    for name, value in asdict(report.basis).items():
        suite.add_property(name, value)
    suite.add_testcases([_case(check, report) for check in report.checks])
    if not report.checks and report.verdict is not Verdict.NOT_GRADABLE:
        suite.add_testcase(_verdict_case(report))
    _add_diagnosis(suite, report)
    if report.verdict is Verdict.NOT_GRADABLE:
        case = TestCase("gradable", classname=_class_name(report, "submission"))
        case.result = [Failure(finding.message) for finding in report.findings]
        suite.add_testcase(case)
    return suite


def _add_diagnosis(suite: TestSuite, report: Report) -> None:
    """Say what went wrong in the first case that failed, where a reader of the view begins."""
    failures = [result for case in suite for result in case.result if isinstance(result, Failure)]
    if report.diagnoses and failures:
        best = report.diagnoses[0]
        failures[0].text = printable(f"{best.id}: {best.message} {best.fix}", limit=2000)


def _class_name(report: Report, stage: str) -> str:
    return f"{report.lab}.{report.exercise}.{stage}"


def _verdict_case(report: Report) -> TestCase:
    case = TestCase("verdict", classname=_class_name(report, "submission"))
    if report.verdict is Verdict.FAILED:
        case.result = [Failure("it did not pass; no more is told")]
    return case


def _case(check: Check, report: Report) -> TestCase:
    case = TestCase(check.name, classname=_class_name(report, check.stage.value))
    if check.status is Status.FAILED:
        case.result = [Failure(check.message)]
    elif check.status is Status.SKIPPED:
        case.result = [Skipped(check.message)]
    return case
