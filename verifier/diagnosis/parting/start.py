"""Seeds and data: what a training starts from."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect
from verifier.diagnosis.parting.parting import factor, number, with_line
from verifier.diagnosis.parting.steps import compared
from verifier.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.diagnosis.divergence import Sides
    from verifier.diagnosis.parting.parting import Parting
    from verifier.trace.milestone import Milestone

_MOST_LISTED = 8


def of_parameters(parting: Parting) -> Iterator[Suspicion]:
    """Parameters that start otherwise: of another model, or from other random numbers."""
    sides, wanted = parting.sides, parting.wanted
    own, theirs = sides.script.of("param"), sides.reference.of("param")
    if wanted is None or not own:
        return
    here, there = Counter(map(_size, own)), Counter(map(_size, theirs))
    if here[_size(wanted)] >= there[_size(wanted)]:
        yield from of_draws(parting)
    elif (frozen := _frozen(sides)) is not None:
        yield suspect(
            "parameters-frozen",
            with_line(f"{len(own)} of {frozen.number} parameters require a gradient", frozen),
            sure=LIKELY,
            words={"mine": str(len(own)), "count": str(frozen.number)},
        )
    elif set(here) == set(there) and _is_made_later(sides, wanted):
        made = sides.script.of("optimizer")
        yield suspect(
            "model-kept",
            f"{counted(len(own), 'parameter')} met data, {len(theirs)} in the reference",
            sure=LIKELY,
            line=made[1].line if len(made) > 1 else None,
        )
    else:
        yield suspect(
            "model-differs",
            f"parameters of the script: {_listed(own)}",
            sure=LIKELY,
            line=_line_of_parameters(parting),
            words={"theirs": _listed(theirs), "mine": _listed(own)},
        )


def of_draws(parting: Parting) -> Iterator[Suspicion]:
    """Random numbers that are others than the reference's: by their seed, or by their order."""
    sides = parting.sides
    where = parting.operation or parting.found
    pair = None if where is None else sides.first_other_draw(before=_after(where))
    mine = where if pair is None else pair[0]
    line = None if mine is None else mine.line
    seeds = [each for each in sides.script.of("seed") if not each.own]
    theirs = [each for each in sides.reference.of("seed") if not each.own]
    known = {each.number for each in theirs}
    foreign = next((each for each in seeds if each.number not in known), None)
    early = _drawn_before(sides, seeds)
    if pair is not None and (pair[0].own or pair[1].own):
        yield _of_generator(sides, *pair)
    elif theirs and not seeds:
        yield suspect("seed-not-set", "manual_seed is never called", line=line)
    elif foreign is not None:
        yield _other_seed(foreign, foreign.number, theirs)
    elif early is not None:
        yield suspect(
            "seed-after-draw",
            with_line("numbers are drawn", early),
            with_line("the seed is set", seeds[0]),
            line=early.line,
            words={"seed": str(seeds[0].line)},
        )
    elif pair is None and where is not None and where.kind == "param":
        fact = with_line("a parameter starts from other numbers", where)
        yield suspect("parameter-differs", fact, sure=LIKELY)
    else:
        fact = with_line("random numbers drawn are others than the reference's", mine)
        yield suspect("start-differs", fact, sure=LIKELY)


def _after(milestone: Milestone) -> Milestone:
    return replace(milestone, id=(milestone.id or 0) + 1)


def _other_seed(where: Milestone, number: int | None, theirs: Sequence[Milestone]) -> Suspicion:
    return suspect(
        "seed-differs",
        with_line(f"the seed {number} is set", where),
        line=where.line,
        words={"mine": str(number), "theirs": _numbers(theirs)},
    )


def _of_generator(sides: Sides, mine: Milestone, theirs: Milestone) -> Suspicion:
    """What a generator of its own drew, in the script or the reference."""
    seeded = [
        each
        for each in sides.script.all[: sides.script.place(mine)]
        if each.kind == "seed" and each.own
    ]
    if mine.own != theirs.own and (mine.name, mine.shape) == (theirs.name, theirs.shape):
        return suspect(
            "generator-differs" if theirs.own else "generator-own",
            with_line("random numbers are drawn", mine),
            sure=LIKELY,
        )
    if mine.own and theirs.own and mine.number != theirs.number:
        return _other_seed(seeded[-1] if seeded else mine, mine.number, [theirs])
    earlier = [each for each in sides.script.draws if each.own and (each.id or 0) < (mine.id or 0)]
    if seeded and earlier and sides.script.place(seeded[-1]) > sides.script.place(earlier[-1]):
        fact = with_line("the generator is seeded once more", seeded[-1])
        return suspect("seeded-anew", fact, sure=LIKELY, line=seeded[-1].line)
    fact = with_line("random numbers drawn are others than the reference's", mine)
    return suspect("start-differs", fact, sure=LIKELY)


def _is_made_later(sides: Sides, parameter: Milestone) -> bool:
    """Whether the reference has trained others before a parameter of its."""
    place = sides.reference.place(parameter)
    return any(each.kind == "update" for each in sides.reference.all[:place])


def _frozen(sides: Sides) -> Milestone | None:
    """Give the call of a model that has as many parameters as the reference's, and trains fewer."""
    if sides.crashed:
        return None
    most = max((each.number or 0 for each in sides.reference.of("call")), default=0)
    called = [each for each in sides.script.of("call") if (each.number or 0) == most > 0]
    return called[0] if called and len(sides.script.of("param")) < most else None


def _drawn_before(sides: Sides, seeds: Sequence[Milestone]) -> Milestone | None:
    """Give the first draw from torch's own generator before any seed was set."""
    for each in sides.script.all:
        if not seeds or each is seeds[0]:
            return None
        if each.draw and not each.own and not sides.is_known(each):
            return each
    return None


def _line_of_parameters(parting: Parting) -> int | None:
    draws = [each for each in parting.sides.script.of("op") if each.draw]
    foreign = next((each for each in draws if not parting.sides.is_known(each)), None)
    return parting.line if foreign is None else foreign.line


def of_data(parting: Parting) -> Iterator[Suspicion]:
    """Data that meets the parameters, other than the reference's."""
    wanted, found = parting.wanted, parting.found
    if found is None or wanted is None or found.sums is None or wanted.sums is None:
        return
    drawn = (parting.operation, parting.instead_of)
    is_drawn = any(each is not None and each.draw for each in drawn)
    if is_drawn or (
        found.shape == wanted.shape
        and parting.operation is None
        and parting.sides.first_other_draw(before=found) is not None
    ):
        yield from of_draws(parting)
        return
    yield suspect(
        "data-differs",
        with_line("what goes into the model", found),
        sure=LIKELY,
        line=parting.line,
        words={"detail": _detail(parting, wanted, found)},
    )


def _detail(parting: Parting, wanted: Milestone, found: Milestone) -> str:
    ratio = factor(found.sums, wanted.sums)
    if parting.operation is not None:
        return compared(parting)
    if found.shape != wanted.shape:
        shape = list(wanted.shape or ())
        return f"It has the shape {list(found.shape or ())}, and {shape} in the lesson's"
    return (
        "Its numbers are others" if ratio is None else f"It is {number(ratio)} times the lesson's"
    )


def _size(parameter: Milestone) -> tuple[int, ...]:
    return tuple(sorted(parameter.shape or ()))


def _listed(parameters: Sequence[Milestone]) -> str:
    shown = ", ".join(str(list(each.shape or ())) for each in parameters[:_MOST_LISTED])
    return f"{shown}, …" if len(parameters) > _MOST_LISTED else shown


def _numbers(seeds: Sequence[Milestone]) -> str:
    return " and ".join(dict.fromkeys(str(each.number) for each in seeds))
