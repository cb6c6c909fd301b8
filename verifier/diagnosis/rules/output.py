"""Rules of stage output: right numbers, printed too coarsely, elsewhere, too early or too late."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from verifier.checks.check import Status
from verifier.checks.ending import EXIT_STATUS
from verifier.diagnosis.arithmetic import near
from verifier.diagnosis.diagnosis import FITTING, LIKELY, Suspicion, suspect
from verifier.diagnosis.measured import measure
from verifier.diagnosis.rules import gathered, lines, values
from verifier.lab.stage import Stage
from verifier.output.value import floats_in
from verifier.printable import printable
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.lab.field import Field

_OBJECT = re.compile(r"<(built-in|bound) method|tensor\(|method .* of |\{['\"]|\{-?[0-9]+\.")
_PRECISION = re.compile(r"precision of (.*)")
_SHOWN = 60
_MANY = 3
_TWICE = 2


def certain(subject: Subject, *, trained_wrong: bool) -> Iterator[Suspicion]:
    """Name what the printed text alone shows.

    Where the training was wrong too, a wrong number may end like a rounded one by chance.
    """
    coarse = [field for field in subject.printed if _is_coarse(subject, field)]
    if not trained_wrong or len(coarse) >= _MANY:
        yield from _of_precision(subject)
    if not subject.crashed:
        yield from _of_objects(subject)
        yield from values.suspicions(subject)
        if trained_wrong and _lacks_lines(subject):
            yield from lines.suspicions(subject)


def of_status(subject: Subject) -> Iterator[Suspicion]:
    """Name the exit status of a script that did everything else right."""
    failed = [check for check in subject.checks if check.status is Status.FAILED]
    if [check.name for check in failed] == [EXIT_STATUS] and isinstance(
        subject.run.outcome, Exited
    ):
        yield suspect(
            "exit-status", failed[0].message, words={"code": str(subject.run.outcome.code)}
        )


def _lacks_lines(subject: Subject) -> bool:
    """Whether a line is missing that is none of a loop's rows, which may have ended early."""
    return any(field.row is None for field in subject.missing) or not all(
        match.present for match in subject.matches
    )


def _is_coarse(subject: Subject, field: Field) -> bool:
    """Whether a value is said to be rounded; any small number is rounded to a zero."""
    named = any(check.name == f"precision of {field.name}" for check in subject.checks)
    return named and any(floats_in(subject.printed[field].value))


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what is wrong with the printing of a training that was right."""
    late = list(_of_late_rows(subject))
    swapped = [] if late else list(_of_swaps(subject))
    rows = late if late or swapped else list(gathered.suspicions(subject))
    if rows:
        yield from rows
        return
    yield from swapped
    yield from lines.suspicions(subject)
    yield from _of_moments(subject)


def _of_precision(subject: Subject) -> Iterator[Suspicion]:
    for check in subject.checks:
        found = _PRECISION.fullmatch(check.name)
        if found is None or check.status is not Status.FAILED:
            continue
        field = next((each for each in subject.answers if each.name == found[1]), None)
        decimals = re.search(r"with ([0-9]+ decimals?)", check.message)
        yield suspect(
            "printed-too-coarse",
            check.message,
            words={
                "field": found[1],
                "decimals": decimals[1] if decimals else "fewer decimals",
                "decimals_expected": "more" if field is None else str(field.decimals),
            },
        )
        return


def _of_objects(subject: Subject) -> Iterator[Suspicion]:
    for field in subject.wrong:
        text = subject.printed[field].text
        if _OBJECT.search(text) and not text.startswith("tensor("):
            shown = printable(text, limit=_SHOWN)
            yield suspect(
                "printed-as-tensor",
                f"{field.name} is printed as {shown}",
                words={"field": field.name},
            )
            return


def _of_late_rows(subject: Subject) -> Iterator[Suspicion]:
    """Rows that show what the next row should."""
    fields = [field for field in subject.wrong if field.row is not None]
    late = 0
    for field in fields:
        following = _following(subject, field)
        late += following is not None and subject.shows(field, following)
    if late >= _MANY and late >= len(fields) - len({(each.section, each.key) for each in fields}):
        first = fields[0]
        yield suspect(
            "loop-printed-late",
            f"{first.name} shows the value of the row below, and so on",
            sure=LIKELY,
        )


def _following(subject: Subject, field: Field) -> Field | None:
    return next(
        (
            other
            for other in subject.answers
            if (other.section, other.key) == (field.section, field.key)
            and other.row is not None
            and field.row is not None
            and other.row == field.row + 1
        ),
        None,
    )


def _of_swaps(subject: Subject) -> Iterator[Suspicion]:
    """Values under each other's name, or one quantity under the name of another all the time."""
    wrong = subject.wrong
    found = [(field, other) for field in wrong for other in _owners(subject, field)]
    mutual = [(field, other) for field, other in found if (other, field) in found]
    rows = Counter((field.key, other.key) for field, other in found if field.row is not None)
    repeated = [(one, other) for one, other in found if rows[one.key, other.key] >= _TWICE]
    if mutual or repeated:
        field, other = (mutual or repeated)[0]
        fact = f"{field.name} shows {_text(subject, field)}, the value of {other.name}"
        yield suspect("values-swapped", fact, words={"field": field.name, "other": other.name})


def _owners(subject: Subject, field: Field) -> Iterator[Field]:
    """Find the fields next to a wrong one that its value belongs to."""
    for other in subject.answers:
        is_next = (field.section, field.row) == (other.section, other.row)
        if is_next and field.key != other.key and subject.shows(field, other):
            yield other


def _text(subject: Subject, field: Field) -> str:
    return printable(subject.printed[field].text, limit=_SHOWN)


def _of_moments(subject: Subject) -> Iterator[Suspicion]:
    """A wrong value that is the right one of another moment, or no number of a right training."""
    for field in subject.wrong:
        if len(subject.readings_of(field)) > 1:
            continue  # nobody can say which of them is meant
        other = next(
            (each for each in subject.answers if each is not field and subject.shows(field, each)),
            None,
        )
        if other is None and not _is_of_no_step(subject, field):
            continue
        fact = f"{field.name} shows {_text(subject, field)}"
        if other is not None:
            fact += f", the value of {other.name}"
        yield suspect(
            "printed-wrong-moment",
            fact,
            sure=LIKELY if subject.traced else FITTING,
            words={
                "field": field.name,
                "observed": _text(subject, field),
                "expected": subject.answers[field].text,
                "moment": _moment(field),
            },
        )
        return


def _is_of_no_step(subject: Subject, field: Field) -> bool:
    """Whether a value of the first step is none that this step had."""
    exact = not field.decimals
    if not subject.traced or field.row is not None or field.stage == Stage.LOOP or exact:
        return False
    measured = measure(subject.training, subject.unit)
    own = [*(measured.predictions or ()), *(measured.output or ()), *(measured.gradient or ())]
    own += [] if measured.loss_value is None else [measured.loss_value]
    unit = 10.0**-field.decimals
    reading = subject.printed[field]
    numbers = floats_in(reading.value)
    if not numbers:
        return reading.value is None
    # A power of ten times as much is the right moment, written as a percentage.
    return not all(
        any(near(number / scale, each, within=unit) for each in own for scale in (1, 10, 100, 1000))
        for number in numbers
    )


def _moment(field: Field) -> str:
    if field.row is not None:
        return "of its own row"
    if "before" in field.key.split("_"):
        return _BEFORE
    return _MOMENTS.get(field.stage, "of its place")


_BEFORE = "before the first update"
_MOMENTS = {
    Stage.FORWARD: _BEFORE,
    Stage.LOSS: _BEFORE,
    Stage.GRADIENT: "between the first backward pass and the update",
    Stage.UPDATE: "after the first update",
}
