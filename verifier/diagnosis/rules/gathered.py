"""Rules of stage loop: rows that show what was gathered over the rows, of a training that is right.

Each printed number is compared with sums and means of the right ones, so the trace is not needed.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import near
from verifier.diagnosis.diagnosis import Suspicion, suspect
from verifier.diagnosis.subject import plain_number
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from verifier.diagnosis.subject import Subject
    from verifier.lab.field import Field

_FEWEST = 3
_WRONG = 2
_KEPT_OFTEN = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""What moving averages keep that are divided by the weights they are made with."""
_KEPT = (0.05, 0.99)
"""Between these lies what a moving average keeps of the one before."""


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name the first key whose rows show what was gathered, where all but rows is right."""
    if any(field.row is None for field in subject.wrong):
        return
    alone = subject.traced or len({field.key for field in subject.wrong}) == 1
    for fields in _columns(subject):
        wrong = [field for field in fields if field in subject.wrong]
        seen = [plain_number(subject.printed[field]) for field in fields]
        right = [plain_number(subject.answers[field]) for field in fields]
        known = [
            (a, b) for a, b in zip(seen, right, strict=True) if a is not None and b is not None
        ]
        if len(wrong) < _WRONG or len(known) < max(_FEWEST, len(fields)):
            continue
        unit = 10.0 ** -fields[0].decimals
        shown, asked = ([pair[place] for pair in known] for place in (0, 1))
        what = _gathering(shown, asked, _before(subject), unit)
        # Another training looks like a moving average: the trace, or other rows, say it is right.
        what = what or (_averaging(shown, asked, unit) if alone else None)
        if what is not None:
            field = wrong[0]
            line = _print_line(subject)
            words = {"field": field.name, "what": what, "key": field.key}
            yield suspect("loop-mean-printed", f"{field.name} shows {what}", line=line, words=words)
            return


def _columns(subject: Subject) -> Iterator[list[Field]]:
    """Give the printed rows of each key."""
    for match in subject.matches:
        rows = [field for field in match.fields if field.row is not None]
        for key in dict.fromkeys(field.key for field in rows):
            yield [field for field in rows if field.key == key and field in subject.printed]


def _before(subject: Subject) -> list[float]:
    """Give what may have been gathered before the loop: loss and prediction of the first step."""
    keys = {subject.unit.first_loss, subject.unit.first_prediction}
    found = [e for field, e in subject.answers.items() if field.row is None and field.key in keys]
    return [numbers[0] for numbers in (floats_in(each.value) for each in found) if numbers]


def _print_line(subject: Subject) -> int | None:
    lines = {call.line for call in subject.facts.called("print") if call.looped}
    return lines.pop() if len(lines) == 1 else None


def _gathering(
    seen: Sequence[float], right: Sequence[float], before: Iterable[float], unit: float
) -> str | None:
    """Say what was made of the right numbers; None where it is nothing known."""
    for what, wanted in _shapes(right, before):
        terms = range(2, len(right) + 2)
        if all(
            near(a, b, within=unit * n / 2) for a, b, n in zip(seen, wanted, terms, strict=True)
        ):
            return what
    return None


def _averaging(seen: Sequence[float], right: Sequence[float], unit: float) -> str | None:
    kept = _kept(seen, right, unit)
    return None if kept is None else _average(kept)


def _decayed(numbers: Sequence[float], kept: float) -> list[float]:
    """Add up numbers, of which so much is kept from one to the next."""
    return list(accumulate(numbers, lambda last, new: kept * last + new))


def _average(kept: float) -> str:
    return f"a moving average that keeps {kept:.2f} of the one before it"


def _shapes(
    right: Sequence[float], before: Iterable[float]
) -> Iterator[tuple[str, Sequence[float]]]:
    count = len(right)
    for start in (None, *before):
        sums = list(accumulate(right, initial=start or 0.0))[1:]
        more = 1 if start is None else 2
        total = "the sum of all so far"
        yield "the mean of all so far", [s / n for n, s in enumerate(sums, more)]
        yield total, sums
        yield f"{total}, divided by {count}", [s / count for s in sums]
        yield (
            f"{total}, divided by one more than their number",
            [s / (n + 1) for n, s in enumerate(sums, more)],
        )
    for kept in _KEPT_OFTEN:
        weighed, whole = _decayed(right, kept), _decayed([1.0] * count, kept)
        yield _average(kept), [a / b for a, b in zip(weighed, whole, strict=True)]
    for width in range(2, count):
        parts = [right[max(0, end - width) : end] for end in range(1, count + 1)]
        yield f"the mean of the last {width}", [sum(part) / len(part) for part in parts]


def _kept(seen: Sequence[float], right: Sequence[float], unit: float) -> float | None:
    """Solve for the part that a moving average keeps."""
    triples = list(zip(seen[1:], seen, right[1:], strict=False))
    size = sum((last - new) ** 2 for _, last, new in triples)
    if not size:
        return None
    kept = sum((now - new) * (last - new) for now, last, new in triples) / size
    fits = all(abs(kept * last + (1 - kept) * new - now) <= 2 * unit for now, last, new in triples)
    return kept if fits and _KEPT[0] < kept < _KEPT[1] else None
