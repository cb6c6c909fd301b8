"""What a new lab is worth: what its fields are about, and how much they tell right from wrong."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.authoring.derive import is_unjudged
from verifier.checks.computed import discriminating_fields
from verifier.golden.golden import reading_name
from verifier.output.transcript import read_stdout
from verifier.output.value import numbers_in
from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.lab.field import Field
    from verifier.output.transcript import Reading
    from verifier.report.report import Report
    from verifier.task import Task

_MOST = 5


def summary(task: Task, report: Report) -> Iterator[str]:
    """Say it, a line each.

    Args:
        task: The lab's exercise with its golden.
        report: Of its reference, graded.
    """
    fields, derived = task.exercise.fields, task.golden.derived
    stages = Counter(field.stage for field in fields)
    spread = ", ".join(f"{stage} {stages[stage]}" for stage in task.lab.stages if stages[stage])
    if fields:
        yield f"  {counted(len(fields), 'value')}: {spread}"
    else:
        yield "  no value to be judged by itself: the whole output is compared, line by line"
    # As a report counts them: a stage that nothing is asked of gives none.
    asked = {check.stage for check in report.checks}
    points = ", ".join(
        f"{stage} {task.lab.points[stage]}" for stage in task.lab.stages if stage in asked
    )
    yield f"  points: {points}; of {report.max_score} in all"
    weak = [field.name for field in fields if _says_little(task, field)]
    if weak:
        yield f"  {_some(weak)}: little is said by it under its own tolerance (a 0 would pass)"
    if fields:
        yield (
            f"  {len(_moved(task))} of {len(fields)} depend on a seed: a second run can tell by "
            f"them whether numbers were computed (of the reference: {report.computed})"
        )
    if derived is not None and derived.unsteady:
        yield (
            f"  {_some(list(derived.unsteady))}: printed otherwise by another run, so not judged; "
            "seed it, or leave it out"
        )
    endless = [
        reading_name(each) or f"line {each.line}"
        for each in task.golden.record.readings
        if is_unjudged(each.value)
    ]
    if endless and fields:
        yield f"  {_some(endless)}: no finite number, so not judged"
    hidden = [reading_name(each) for each in task.golden.record.readings if _is_hidden(each)]
    if hidden and fields:
        yield f"  {_some(hidden)}: hidden characters in its name, so not judged"
    left = _lines_without_a_value(derived.output) if derived is not None and fields else []
    if left:
        yield (
            f"  {counted(len(left), 'line')} in which no value is read, so not judged: "
            f"{_some([f'`{line}`' for line in left])}"
        )
    yield "  what you may set in lab.toml: title, lesson, instructions, stages, points, fields"


def _moved(task: Task) -> set[Field]:
    answers = task.answers
    return {
        field
        for other in task.reseeded
        for field in discriminating_fields(answers, answers=answers, expected=other.answers)
    }


def _is_hidden(reading: Reading) -> bool:
    names = filter(None, (reading.section, reading.row, reading.key))
    return any(printable(name, limit=len(name)) != name for name in names)


def _lines_without_a_value(output: str) -> list[str]:
    transcript = read_stdout(output.encode())
    known = {section.line for section in transcript.sections}
    for reading in transcript.readings:
        known |= {reading.line + number for number in range(reading.text.count("\n") + 1)}
    lines = enumerate(output.split("\n"), start=1)
    return [line.strip() for number, line in lines if line.strip() and number not in known]


def _says_little(task: Task, field: Field) -> bool:
    numbers = list(numbers_in(task.answers[field].value))
    return bool(field.atol) and all(abs(number) <= field.atol for number in numbers or [Decimal(1)])


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(map(printable, names[:_MOST])) + more
