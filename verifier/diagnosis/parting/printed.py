"""What is printed: the right number of another variable or moment, or one that nothing explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.checks.closeness import Close, compare
from verifier.diagnosis.alike import is_telling
from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect
from verifier.diagnosis.parting.parting import with_line
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from verifier.diagnosis.parting.parting import Parting
    from verifier.lab.field import Field
    from verifier.output.transcript import Reading
    from verifier.trace.milestone import Milestone

_TELLING_DECIMALS = 2
_HANDED_ON = ("select", "slice", "stack", "cat", "index")
"""Operations that give the same numbers once more."""


def source_of(
    reading: Reading | None, milestones: Sequence[Milestone], *, before_line: int
) -> Milestone | None:
    """Find the tensor that was printed: the last one before a line with just those numbers.

    Args:
        reading: What was printed; None for nothing.
        milestones: Of the run that printed it.
        before_line: The line that it was printed on.
    """
    numbers = () if reading is None else floats_in(reading.value)
    if not numbers or reading is None:
        return None
    unit = 0.51 * 10.0 ** -(reading.decimals or 0)
    slack = max(unit, 1e-9) * len(numbers)
    size, total = sum(map(abs, numbers)), sum(numbers)
    fitting = [
        each
        for each in milestones
        if each.sums is not None
        and each.after_lines < before_line
        and each.sums.count == len(numbers)
        and abs(each.sums.size - size) <= slack
        and abs(each.sums.total - total) <= slack
    ]
    reads = [each for each in fitting if each.kind == "read"]
    found = reads or fitting
    return found[-1] if found else None


def of_other_value(parting: Parting, source: Milestone | None) -> Iterator[Suspicion]:
    """The right number is there, and another was printed."""
    first = parting.first
    if first is None or first.printed is None or source is None or not is_telling(source):
        return  # a line that is missing shows no other number
    same = parting.sides.same(source)
    made = {
        each.id
        for each in parting.sides.reference.alike(source.sums)
        if each.kind == "op" and not each.name.startswith(_HANDED_ON)
    }
    if same is None or len(made) > 1:
        return  # where the lesson computes it twice, the script may have the other one
    name = first.field.name
    yield suspect(
        "printed-other",
        with_line(f"the right number for {name} was computed", same),
        sure=LIKELY,
        words={"name": name},
    )


def of_other_moment(parting: Parting, answers: Mapping[Field, Reading]) -> Iterator[Suspicion]:
    """What is printed is what the lesson prints elsewhere under the same key."""
    first = parting.first
    if first is None or first.printed is None:
        return
    if (first.printed.decimals or 0) < _TELLING_DECIMALS:
        return
    for other, golden in answers.items():
        if other is first.field or other.key != first.field.key:
            continue
        if isinstance(
            compare(observed=first.printed.value, golden=golden.value, bound=other), Close
        ):
            yield suspect(
                "printed-elsewhen",
                f"{first.field.name} shows what is due for {other.name}",
                sure=LIKELY,
                words={"name": first.field.name, "other": other.name},
            )
            return
