"""The checks of `grade`: every field that the lab asks for, compared within tolerance."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING

from verifier.checks.check import Check, Discreet, Status, failed, passed
from verifier.checks.closeness import Apart, Close, Unlike, compare, fewest_decimals_rounded
from verifier.checks.labels import reading_instead, section_instead
from verifier.finding import Finding
from verifier.lab.stage import Stage
from verifier.output.factor import behind_value, makes_another
from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from verifier.lab.field import Field
    from verifier.output.match import Match, SectionMatch
    from verifier.output.transcript import Reading, Transcript
    from verifier.output.value import Value

_SHOWN_CHARACTERS = 120
_COARSE = 2
"""So many decimals too few are no zeros that `round` dropped."""
_NUMBER_FIRST = re.compile(
    r"[+-]?[0-9.]+(?:,[0-9]{3})*+[0-9.]*+(?:e[+-]?[0-9]+)?(?P<unit>[^0-9_].*)?$"
    r"|[+-]?(nan|inf)|[\[(]|tensor\(|array\(|np\.",
    re.IGNORECASE | re.DOTALL,
)
"""A number with or without a unit behind it, or what a number is printed in."""


def grade_output(
    match: Match, *, answers: Mapping[Field, Reading], tells_near: bool = True
) -> tuple[Check, ...]:
    """Check everything an exercise asks for, from stage `output` on.

    Args:
        match: What was printed, and which fields it answers.
        answers: The golden reading of every field.
        tells_near: Whether a wrong value that is a golden one rounded, or has it beside it, is
            told apart from others. By many tries that finds golden values out, digit by digit.
    Returns:
        Every check, judged for itself; `in_debug_order` skips those after a failed stage.
    """
    if not match.transcript.readings and not match.transcript.sections:
        nothing = failed(
            Stage.OUTPUT, "anything_printed", "the script printed nothing that can be read"
        )
        return (nothing, *map(_unanswered, answers))
    checks: list[Check] = []
    for section in match.sections:
        checks += _section_checks(match, section)
        checks += _repeat_checks(section, answers, tells_near=tells_near)
        whole = _with_all_decimals(section)
        for field, readings in section.fields.items():
            of_field = (
                _field_checks(field, readings, answers[field])
                if readings
                else [_unanswered(field, section)]
            )
            if field.key in whole or not tells_near:
                del of_field[:-1]
            if readings:
                of_field[-1] = _with_discreet(of_field[-1], field, readings[0], answers[field])
            checks += of_field
        checks += _row_checks(section)
    return tuple(checks)


def _with_all_decimals(match: SectionMatch) -> frozenset[str]:
    """The keys that are not rounded too much: fewer digits in a row are zeros that were dropped."""
    return frozenset(
        field.key
        for field, readings in match.fields.items()
        if field.row is not None and readings and (readings[0].decimals or 0) >= field.decimals
    )


def _unanswered(field: Field, section: SectionMatch | None = None) -> Check:
    message = _missing_message(field)
    if section is not None and not section.spec.is_plain:
        near = reading_instead(section, field)
        if near is not None:
            called = " ".join(filter(None, (near.row, near.key)))
            message += f"; the nearest that was read is `{_shown(called)}` on line {near.line}"
    return failed(field.stage, field.name, message)


def _missing_message(field: Field) -> str:
    row = field.place_on_line.replace(" at ", " on a line with ", 1)
    begins = f" behind {_shown(field.label)}" if field.label else ""
    under = f" under the line {field.section}" if field.section else ""
    return f"{field.called} is missing: print it{under}{begins}{row}"


def _section_checks(match: Match, section: SectionMatch) -> list[Check]:
    return [_section_check(match, section)] if section.spec.name else []


def _section_check(match: Match, section: SectionMatch) -> Check:
    name = f"section {section.spec.name}"
    if section.present:
        return passed(Stage.OUTPUT, name, "its line was printed")
    message = (
        f"the line {section.spec.name} is missing: print it above the values that belong to it"
    )
    instead = section_instead(match, section.spec.name)
    asked = "" if instead is None else f"; you printed `{_shown(instead)}`: is it meant?"
    return failed(Stage.OUTPUT, name, message + asked)


def _repeat_checks(
    match: SectionMatch, answers: Mapping[Field, Reading], *, tells_near: bool
) -> list[Check]:
    """A value printed twice counts once if both agree; if not, nobody can say which is meant."""
    return [
        failed(
            Stage.OUTPUT,
            f"repeats of {field.name}",
            _repeated(field, readings),
        )
        for field, readings in match.fields.items()
        if len(readings) > 1
        and len({_verdict(field, reading, answers[field]) for reading in readings}) > 1
        and (tells_near or _verdict(field, readings[0], answers[field]))
    ]


def _repeated(field: Field, readings: tuple[Reading, ...]) -> str:
    lines = dict.fromkeys(reading.line for reading in readings)
    if len(lines) == 1:
        return f"{field.name} has {len(readings)} values on line {readings[0].line}: print one"
    shown = ", ".join(str(line) for line in list(lines)[:10])
    return (
        f"{field.name} is printed {len(readings)} times with different values "
        f"(lines {shown}): print it once"
    )


def _verdict(field: Field, reading: Reading, golden: Reading) -> bool:
    return isinstance(_comparison(field, reading, golden), Close)


def _field_checks(field: Field, readings: tuple[Reading, ...], golden: Reading) -> list[Check]:
    reading = readings[0]
    result = _comparison(field, reading, golden)
    shown = _as_printed(readings)
    if shown != reading.text and not isinstance(result, Close):
        reason = f"expected {golden.text}, got {_shown(shown)}, of which the comma makes two values"
        result = Unlike(reason=reason)
    check = _value_check(field, shown, golden, result)
    if check.status is Status.FAILED:
        decimals = fewest_decimals_rounded(observed=reading.value, golden=golden.value)
        if decimals is not None and decimals < field.decimals:
            return [_precision_check(field, reading, golden, decimals), check]
    return [check]


def _as_printed(readings: tuple[Reading, ...]) -> str:
    """Give a value with what a comma alone parts from it, as in ``0,825``."""
    glued = takewhile(lambda each: each.glue, readings[1:])
    return readings[0].text + "".join(f"{each.glue}{each.text}" for each in glued)


def _comparison(field: Field, reading: Reading, golden: Reading) -> Close | Apart | Unlike:
    if isinstance(golden.value, Decimal):
        number = _NUMBER_FIRST.match(reading.text)
        if number is None or makes_another((number["unit"] or "").strip()):
            return Unlike(reason=f"it is {_shown(reading.text)!r}, not a number alone")
    elif makes_another(behind_value(reading.text)):
        return Unlike(reason=f"it is {_shown(reading.text)!r}, not numbers alone")
    return compare(observed=reading.value, golden=golden.value, bound=field)


def _precision_check(field: Field, reading: Reading, golden: Reading, decimals: int) -> Check:
    return Check(
        stage=Stage.OUTPUT,
        name=f"precision of {field.name}",
        status=Status.FAILED,
        message=f"{field.name} is printed with {counted(decimals, 'decimal')}, "
        f"the lab asks for {field.decimals}: round less",
        expected=golden.text,
        observed=_shown(reading.text),
    )


def _value_check(
    field: Field, shown: str, golden: Reading, result: Close | Apart | Unlike
) -> Check:
    worst = None if isinstance(result, Unlike) else result.worst
    return Check(
        stage=field.stage,
        name=field.name,
        status=Status.PASSED if isinstance(result, Close) else Status.FAILED,
        message=_message(field, result, golden),
        expected=golden.text,
        observed=_shown(shown),
        difference=None if worst is None else _plain(str(worst.difference)),
        allowed=None if worst is None else _plain(str(worst.allowed)),
    )


def _message(field: Field, result: Close | Apart | Unlike, golden: Reading) -> str:
    if isinstance(result, Close):
        return "within tolerance"
    if isinstance(result, Unlike):
        return f"{field.name}: {result.reason}"
    worst = result.worst
    place = "".join(f"[{index}]" for index in worst.index)
    name = field.called + place + field.name.removeprefix(field.called)
    seen = _plain(_shown(str(worst.observed)))
    how = (
        f"; difference {_plain(str(worst.difference))}, allowed {worst.allowed}"
        if worst.observed.is_finite()
        else ", which is no finite number"
    )
    many = (
        f" (mismatched elements: {result.mismatched} / {result.total})" if result.total > 1 else ""
    )
    # As published where it is one number: its trailing zeros say how many digits are asked for.
    expected = worst.expected if worst.index else golden.text
    return f"{name}: expected {expected}, got {seen}{how}{many}"


def _with_discreet(check: Check, field: Field, reading: Reading, golden: Reading) -> Check:
    """Say of a wrong value as well what would be said of it were its golden value another."""
    if check.status is not Status.FAILED:
        return check
    is_number, is_unlike = isinstance(golden.value, Decimal), check.difference is None
    message = f"{field.name} is not right"
    if is_unlike and is_number:
        message = f"{field.name}: it is {check.observed!r}, not a number alone"
    elif is_unlike and not _has_words(golden.value):
        # Kind and shape are no secret: the instructions have them.
        message = f"{field.name}: it is not of the kind and shape asked for"
    elif is_number and check.difference == "nan":
        message = f"{field.name} is no finite number"
    elif is_number and (reading.decimals or 0) <= field.decimals - _COARSE:
        printed = f"{reading.decimals or 0} decimal{'' if reading.decimals == 1 else 's'}"
        message += f" as printed, with {printed}; the lab asks for {field.decimals}"
    return replace(check, discreet=Discreet(message=message, observed=check.observed))


def _under(name: str) -> str:
    return f"under {name}" if name else "above the first section"


def _has_words(value: Value) -> bool:
    """Whether a wrong value may be of the right kind and shape, and yet not be compared."""
    if isinstance(value, tuple):
        return any(map(_has_words, value))
    return not isinstance(value, Decimal)


def _shown(text: str) -> str:
    return printable(text, limit=_SHOWN_CHARACTERS)


def _plain(number: str) -> str:
    """Write NaN and infinities as the JSON documents do."""
    return number.lower().replace("infinity", "inf")


def _row_checks(match: SectionMatch) -> list[Check]:
    spec = match.spec
    if match.surplus:
        shown = ", ".join(_shown(each) for each in match.surplus[:10])
        message = f"the lab does not ask for it, but there is also {shown}"
        return [failed(spec.fields[-1].stage, f"lines of {spec.name or 'the output'}", message)]
    if not spec.rows:
        return []
    stage = spec.fields[0].stage
    name = f"rows of {spec.name}"
    if match.surplus_rows:
        rows = ", ".join(str(row)[:20] for row in match.surplus_rows[:10])
        asked = counted(len(spec.rows), "row")
        message = f"the lab asks for {asked}; there is also {spec.row_key}={rows}"
        return [failed(stage, name, message)]
    return [passed(stage, name, f"no {spec.row_key} beyond the {len(spec.rows)} asked for")]


def _units(match: Match) -> Iterator[Finding]:
    """Name what stands behind a number, which alone is judged."""
    for field, reading in match.judged.items():
        number = _NUMBER_FIRST.match(reading.text)
        unit = ((number and number["unit"]) or "").strip()
        if unit and isinstance(reading.value, Decimal) and not makes_another(unit):
            message = f"{field.name} has {_shown(unit)} behind it; the number alone is judged"
            yield Finding(kind="unit", line=reading.line, message=message)


_CUT = {"too_many_lines", "too_many_readings"}


def _several(readings: tuple[Reading, ...], transcript: Transcript) -> str:
    shown = _as_printed(readings)
    if shown != readings[0].text:
        return f"is printed as {_shown(shown)}; its first number"
    is_cut = any(each.kind in _CUT for each in transcript.findings)
    times = f"{len(readings)} times{' or more' if is_cut else ''}"
    return f"is printed {times}; the first one"


def match_findings(match: Match) -> tuple[Finding, ...]:
    """Name what is printed besides the lab's lines, and what is printed twice."""
    findings: list[Finding] = list(_units(match))
    for section in match.sections:
        findings += [
            Finding(
                kind="repeated_reading",
                line=readings[1].line,
                message=f"{field.name} {_several(readings, match.transcript)} is judged",
            )
            for field, readings in section.fields.items()
            if len(readings) > 1
        ]
        findings += [
            Finding(
                kind="extra_reading",
                line=reading.line,
                message=f"{_shown(reading.key or 'a bare list')} is not asked for "
                f"{_under(section.spec.name)}",
            )
            for reading in section.extra[:20]
        ]
        findings += [
            Finding(
                kind="not_judged",
                line=reading.line,
                message=f"{_shown(reading.key or '')} under {_shown(reading.section or '')} "
                f"is not judged: the one under {section.spec.name} is",
            )
            for reading in section.elsewhere[:20]
        ]
    return tuple(findings)
