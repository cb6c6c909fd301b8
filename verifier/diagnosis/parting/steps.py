"""Single steps: the first operation that is other than the reference's, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.alike import alike, alike_in_order
from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect
from verifier.diagnosis.parting.parting import named, number, shapes, with_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.divergence import Sides
    from verifier.diagnosis.parting.parting import Parting
    from verifier.trace.milestone import Milestone

_DROPOUT = "bernoulli_"


def of_operation(parting: Parting, *, concept: str) -> Iterator[Suspicion]:
    """The first operation that is other than the reference's."""
    mine, theirs = parting.operation, parting.instead_of
    if mine is None and theirs is None:
        if parting.found is not None:
            yield suspect(
                f"{concept}-differs",
                with_line("what comes out", parting.found),
                sure=LIKELY,
                line=parting.found.line,
                words={"detail": "What comes out is other than the lesson's"},
            )
        return
    if mine is not None and mine.draw and _is_of_wrong_numbers(parting, mine):
        where = with_line("random numbers drawn are others than the reference's", mine)
        yield suspect("start-differs", where, sure=LIKELY)
        return
    if mine is not None and not is_told_apart(parting) and _follows_other_draw(parting, mine):
        yield suspect("start-differs", sure=LIKELY)
        return
    turned = None if mine is None or theirs is None else reordered(parting.sides, mine, theirs)
    is_bare = mine is not None and theirs is not None and not is_told_apart(parting)
    if concept == "evaluation" and is_bare and turned is None:
        return  # the training before it is other, and nothing tells how
    if turned is not None:
        yield turned_suspicion(turned)
        return
    # Where only numbers differ, the step that made them so is further up, and what Python has
    # computed itself comes from any line above.
    is_sure = mine is not None and bool(mine.of or mine.draw) and is_told_apart(parting)
    yield suspect(
        f"{concept}-differs",
        *([with_line(f"the first step that differs is {named(mine)}", mine)] if mine else []),
        sure=LIKELY,
        line=parting.line if is_sure else None,
        words={"detail": compared(parting)},
    )


def is_told_apart(parting: Parting) -> bool:
    """Whether the first operations differ in more than their numbers."""
    mine, theirs = parting.operation, parting.instead_of
    if mine is None or theirs is None:
        return False
    return (mine.name, mine.arguments, mine.inputs) != (
        theirs.name,
        theirs.arguments,
        theirs.inputs,
    )


def _is_of_wrong_numbers(parting: Parting, mine: Milestone) -> bool:
    """Whether a draw is no other one than the reference's, but for its numbers or its place."""
    theirs = parting.instead_of
    if mine.name == _DROPOUT:
        return any(each.name == _DROPOUT for each in parting.sides.reference.draws)
    return theirs is None or theirs.name != mine.name or mine.shape == theirs.shape


def _follows_other_draw(parting: Parting, mine: Milestone) -> bool:
    pair = parting.sides.first_other_draw(before=mine)
    return pair is not None and _is_of_wrong_numbers(parting, pair[0])


def turned_suspicion(turned: Milestone) -> Suspicion:
    """Suspect that numbers are there in another order."""
    return suspect(
        "data-reordered",
        with_line("the same numbers in another order", turned),
        sure=LIKELY,
        line=turned.line,
    )


def compared(parting: Parting) -> str:
    """Say how the first operations that differ do so, without a full stop."""
    mine, theirs = parting.operation, parting.instead_of
    if mine is None:
        if theirs is None:
            return "Its numbers are others than the lesson's"
        return f"The lesson's script has {named(theirs)} there, and this one goes on without"
    if theirs is None:
        return f"{_capital(mine)} gives numbers here that are not the lesson's"
    if named(mine) != named(theirs):
        return _of_other_names(parting.sides, mine, theirs)
    return _of_one_name(mine, theirs)


def _of_other_names(sides: Sides, mine: Milestone, theirs: Milestone) -> str:
    own = next((each for each in sides.script.given(mine) if each.name == theirs.name), None)
    if own is not None:
        return _of_one_name(own, theirs)
    if sides.reference.is_followed_by(theirs, mine.name):
        return f"The lesson's script has {named(theirs)} before {named(mine)}, and this one not"
    if sides.script.is_followed_by(mine, theirs.name):
        return f"{_capital(mine)} comes here before {named(theirs)}; the lesson's has none"
    return f"Here stands {named(mine)}, and {named(theirs)} in the lesson's"


def _of_one_name(mine: Milestone, theirs: Milestone) -> str:
    if mine.draw and mine.shape != theirs.shape:
        shape = list(theirs.shape or ())
        return f"The shape drawn is {list(mine.shape or ())}, and {shape} in the lesson's"
    if mine.name == theirs.name == _DROPOUT and mine.arguments != theirs.arguments:
        dropped, due = (_dropped(each) for each in (mine, theirs))
        return f"Dropout leaves out a share of {dropped}; the lesson's has {due} there"
    if (
        mine.name == theirs.name
        and mine.arguments != theirs.arguments
        and len(mine.arguments) == len(theirs.arguments)
    ):
        pairs = zip(mine.arguments, theirs.arguments, strict=True)
        changed = [(one, other) for one, other in pairs if one != other]
        seen = ", ".join(number(one) for one, _ in changed)
        due = ", ".join(number(other) for _, other in changed)
        return f"{_capital(mine)} is called with {seen}; the lesson's has {due} there"
    if mine.inputs != theirs.inputs and mine.inputs and theirs.inputs:
        there = shapes(theirs.inputs)
        return f"{_capital(mine)} gets the shapes {shapes(mine.inputs)}; the lesson's gets {there}"
    return f"{_capital(mine)} gets other numbers than the lesson's"


def _dropped(operation: Milestone) -> str:
    """Say which share dropout leaves out: torch draws what is kept."""
    kept = operation.arguments[0] if operation.arguments else 0.5  # torch leaves a default out
    return number(1 - kept)


def _capital(operation: Milestone) -> str:
    name = named(operation)
    return name[:1].upper() + name[1:] if " " in name else name


def reordered(sides: Sides, mine: Milestone, theirs: Milestone) -> Milestone | None:
    """Give what an operation was given that holds the reference's numbers in another order.

    Of several steps that hold them so, one after the other, it is the first.
    """
    for each in sides.script.given(mine):
        for other in sides.reference.given(theirs):
            if (
                each.shape == other.shape
                and alike(each.sums, other.sums)
                and not alike_in_order(each.sums, other.sums)
            ):
                return reordered(sides, each, other) or each
    return None
