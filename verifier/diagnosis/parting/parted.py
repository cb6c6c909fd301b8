"""What a second look shows: the suspicions of all modules beside, from the first difference on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.diagnosis.alike import alike, is_telling
from verifier.diagnosis.divergence import EVERYWHERE, Sides
from verifier.diagnosis.parting import learning, passes, printed, start, steps
from verifier.diagnosis.parting.parting import Parting
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.diagnosis.diagnosis import Suspicion
    from verifier.diagnosis.parting.parting import Printed, Wrong
    from verifier.output.transcript import Reading
    from verifier.run.script_error import ScriptError
    from verifier.trace.milestone import Milestone

_TELLING_DECIMALS = 2
OF_CHANCE = frozenset(
    (
        *("seed-not-set", "seed-differs", "seed-after-draw", "start-differs"),
        *("generator-differs", "generator-own", "seeded-anew"),
    )
)
"""Ids of what is true of every run, whatever numbers it draws."""
_KINDS = {
    "param": start.of_parameters,
    "data": start.of_data,
    "out": passes.of_output,
    "loss": passes.of_loss,
    "grad": learning.of_gradient,
    "update": learning.of_update,
}


def suspicions(
    output: Printed,
    *,
    reference: Sequence[Milestone],
    script: Sequence[Milestone],
    crashed: bool,
    error: ScriptError | None,
) -> list[Suspicion]:
    """Say where a script parted from the reference, and what that means; the surest first.

    Args:
        output: What was printed, and how it was judged.
        reference: Its milestones.
        script: Those of the second look; there may be none.
        crashed: Whether an error ended the script.
        error: Which.
    """
    if not script:
        return []
    # What a script lacks that ended early, or leaves lines out, it need not have come to.
    sides = Sides(reference, script, crashed=crashed or not output.wrong)
    first = output.first
    before = EVERYWHERE if crashed or first is None else first.golden.line
    wanted = sides.guilty(before_line=before, right=_right_sources(output, reference))
    parting = _parting(sides, wanted, first, before=before, error=error)
    if crashed:
        return list(_of_crash(parting))
    if first is None or _is_right_after_all(first, sides):
        return []
    if not output.wrong:
        fewer = list(learning.of_rounds(parting, right=output.right))
        if fewer:
            return fewer
    told = list(learning.ended_early(parting))
    if told:
        return told
    if (
        wanted is not None
        and wanted.kind in {"data", "out", "loss"}
        and not steps.is_told_apart(parting)
    ):
        told = list(learning.of_rounds(parting, right=output.right))
    if wanted is not None and not told:
        told = list(_KINDS[wanted.kind](parting))
    return told or list(_without_chain(parting, output))


def _right_sources(output: Printed, reference: Sequence[Milestone]) -> list[Milestone]:
    """Find the reference's tensors that were printed right, as far as their numbers tell."""
    found = [
        printed.source_of(golden, reference, before_line=golden.line)
        for golden, _ in output.right
        if (golden.decimals or 0) >= _TELLING_DECIMALS
        and (output.first is None or golden.line < output.first.golden.line)
    ]
    return [each for each in found if each is not None and is_telling(each)]


def _source(first: Wrong, sides: Sides) -> Milestone | None:
    """Find the reference's tensor that a value is printed from."""
    return printed.source_of(first.golden, sides.reference.all, before_line=first.golden.line)


def _own_source(first: Wrong, sides: Sides) -> Milestone | None:
    """Find the script's."""
    if first.printed is None:
        return None
    return printed.source_of(first.printed, sides.script.all, before_line=first.printed.line)


def _is_right_after_all(first: Wrong, sides: Sides) -> bool:
    """Whether what is printed comes from the very numbers that it should come from."""
    source, own = _source(first, sides), _own_source(first, sides)
    return source is not None and own is not None and alike(source.sums, own.sums)


def _parting(
    sides: Sides,
    wanted: Milestone | None,
    first: Wrong | None,
    *,
    before: int,
    error: ScriptError | None,
) -> Parting:
    found = None if wanted is None else sides.found_for(wanted)
    mine = None if found is None else sides.first_operation(found)
    theirs = None if mine is None else sides.in_place_of(mine, towards=wanted)
    if theirs is None and wanted is not None:
        theirs = sides.first_missing(wanted, before_line=before)
    return Parting(
        sides=sides,
        first=first,
        wanted=wanted,
        found=found,
        operation=mine,
        instead_of=theirs,
        error=error,
    )


def _of_crash(parting: Parting) -> Iterator[Suspicion]:
    """What went wrong before the error, if anything."""
    if parting.wanted is not None:
        yield from _KINDS[parting.wanted.kind](parting)
        return
    last = parting.sides.last_step()
    mine = None if last is None else parting.sides.first_operation(last)
    if mine is None or (parting.error is not None and mine.line == parting.error.line):
        return
    aside = _with_counterpart(replace(parting, operation=mine), None)
    if aside.instead_of is not None:
        yield from steps.of_operation(aside, concept=_concept(aside))


def _without_chain(parting: Parting, output: Printed) -> Iterator[Suspicion]:
    """What is wrong where the training up to there is right."""
    first, sides = parting.first, parting.sides
    if first is None:
        return
    source, own = _source(first, sides), _own_source(first, sides)
    mine = None if own is None else sides.first_operation(own)
    if mine is not None:
        step = _with_counterpart(replace(parting, found=own, operation=mine), source)
        rounds = (
            [] if steps.is_told_apart(step) else learning.of_rounds(parting, right=output.right)
        )
        yield from list(rounds) or steps.of_operation(step, concept=_concept(step))
        return
    told = [
        *printed.of_other_moment(parting, output.answers),
        *printed.of_other_value(parting, source),
        *learning.of_rounds(parting, right=output.right),
    ]
    if told:
        yield from told
        return
    if first.printed is None:
        return
    mine = _first_before(sides, first.printed.line)
    is_other = floats_in(first.printed.value) != floats_in(first.golden.value)
    if mine is not None and is_other and _is_shape(first.printed, sides):
        yield from _of_step(replace(parting, operation=mine), None)


def _is_shape(reading: Reading, sides: Sides) -> bool:
    """Whether a list of whole numbers is the shape of what one of the script's operations gives."""
    numbers = floats_in(reading.value)
    return len(numbers) > 1 and any(each.shape == numbers for each in sides.script.of("op"))


def _of_step(parting: Parting, source: Milestone | None) -> Iterator[Suspicion]:
    parting = _with_counterpart(parting, source)
    yield from steps.of_operation(parting, concept=_concept(parting))


def _with_counterpart(parting: Parting, source: Milestone | None) -> Parting:
    """Find what the reference does in place of the script's operation."""
    if parting.operation is not None:
        there = parting.sides.in_place_of(parting.operation, towards=source)
        there = there or parting.sides.in_place_of(parting.operation, towards=None)
        return replace(parting, instead_of=there or parting.instead_of)
    return parting


def _first_before(sides: Sides, line: int) -> Milestone | None:
    mine = sides.first_operation(None)
    return mine if mine is not None and mine.after_lines < line else None


def _concept(parting: Parting) -> str:
    """Say what an operation is about: the data before any parameter, the model, or its judging."""
    sides = parting.sides
    step = parting.operation or parting.instead_of
    if step is None:
        return "forward"
    own = parting.operation is not None
    updates = sides.script.of("update") if own else sides.reference.of("update")
    if sides.leads_to_data(step, own=own):
        return "data"
    is_judging = not step.draw and any((each.id or 0) < (step.id or 0) for each in updates)
    return "evaluation" if is_judging else "forward"
