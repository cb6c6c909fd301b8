"""Gradients, updates and rounds: how a script learns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.diagnosis.alike import alike
from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect
from verifier.diagnosis.divergence import EVERYWHERE
from verifier.diagnosis.parting.parting import as_factor, factor, number, with_line
from verifier.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from verifier.diagnosis.divergence import Sides
    from verifier.diagnosis.parting.parting import Parting
    from verifier.diagnosis.side import Side
    from verifier.output.transcript import Reading
    from verifier.trace.milestone import Kind, Milestone

_ROUNDS: tuple[tuple[Kind, str, str], ...] = (
    ("update", "update", "updates"),
    ("grad", "backward pass", "backward passes"),
)


def of_gradient(parting: Parting) -> Iterator[Suspicion]:
    """The gradients after a backward pass are other than the reference's."""
    wanted, found = parting.wanted, parting.found
    if found is None or found.sums is None or wanted is None:
        yield suspect("backward-missing", sure=LIKELY)
        return
    rules = (_kept, _cleared, _nowhere, _partial, _scaled_gradient)
    yield _first(rules, wanted, found) or suspect("gradient-differs", sure=LIKELY, line=found.line)


def _first(
    rules: tuple[Callable[[Milestone, Milestone], Suspicion | None], ...],
    wanted: Milestone,
    found: Milestone,
) -> Suspicion | None:
    return next((each for rule in rules if (each := rule(wanted, found)) is not None), None)


def _kept(wanted: Milestone, found: Milestone) -> Suspicion | None:
    if found.before is None or wanted.before is None:
        return None
    if not (found.before.size > 0 and wanted.before.size == 0):
        return None
    fact = "gradients of an earlier backward pass were still there"
    return suspect("gradients-kept", with_line(fact, found), line=found.line)


def _cleared(wanted: Milestone, found: Milestone) -> Suspicion | None:
    if found.before is None or wanted.before is None:
        return None
    if not (found.before.size == 0 and wanted.before.size > 0):
        return None
    fact = "no gradients of an earlier pass were there"
    return suspect("gradients-cleared", with_line(fact, found), line=found.line)


def _nowhere(_wanted: Milestone, found: Milestone) -> Suspicion | None:
    if found.sums is None or found.sums.count:
        return None
    fact = "backward changed the gradient of no parameter"
    return suspect("gradient-nowhere", with_line(fact, found), line=found.line)


def _partial(wanted: Milestone, found: Milestone) -> Suspicion | None:
    if wanted.sums is None or found.sums is None or found.sums.count >= wanted.sums.count:
        return None
    fact = (
        f"backward reached {number(found.sums.count)} numbers, "
        f"{number(wanted.sums.count)} in the reference"
    )
    return suspect("gradient-partial", fact)


def _scaled_gradient(wanted: Milestone, found: Milestone) -> Suspicion | None:
    ratio = factor(found.sums, wanted.sums)
    if ratio is None:
        return None
    shown = as_factor(ratio)
    return suspect(
        "gradient-differs-by-factor",
        with_line(f"the gradient is {shown} the reference's", found),
        sure=LIKELY,
        words={"ratio": shown},
    )


def of_update(parting: Parting) -> Iterator[Suspicion]:
    """The parameters after an update are other than the reference's."""
    wanted, found, sides = parting.wanted, parting.found, parting.sides
    if wanted is None:
        return
    if found is None or found.delta is None or found.delta.size == 0:
        where = found or _last(sides.script.of("grad"))
        fact = with_line("after this backward pass no parameter changed", where)
        yield suspect("update-missing", fact, line=None if where is None else where.line)
        return
    yield (
        _unused(sides, wanted)
        or _other_optimizer(wanted, found)
        or _other_setting(wanted, found, sides.script.of("optimizer"))
        or _first((_fewer, _other_gradients, _scaled_update), wanted, found)
        or suspect("update-differs", sure=LIKELY, line=found.line)
    )


def _unused(sides: Sides, wanted: Milestone) -> Suspicion | None:
    """Find the script's optimizer that is as the reference's, and takes no step at all."""
    if not wanted.name:
        return None
    stepped = {each.made for each in sides.script.of("update")}
    fitting = [
        each
        for each in sides.script.of("optimizer")
        if (each.name, each.settings) == (wanted.name, wanted.settings)
    ]
    if not fitting or any(each.line in stepped for each in fitting):
        return None
    fact = with_line("an optimizer is made that takes no step", fitting[0])
    return suspect("optimizer-unused", fact, sure=LIKELY, line=fitting[0].line)


def _other_optimizer(wanted: Milestone, found: Milestone) -> Suspicion | None:
    if not found.name or not wanted.name or found.name == wanted.name:
        return None
    made = replace(found, line=found.made or found.line)
    return suspect(
        "optimizer-differs",
        with_line(f"the optimizer is {found.name}", made),
        line=made.line,
        words={"mine": found.name, "theirs": wanted.name},
    )


def _other_setting(
    wanted: Milestone, found: Milestone, optimizers: Sequence[Milestone]
) -> Suspicion | None:
    changed = [
        (name, values, theirs)
        for name, values in found.settings
        if (theirs := wanted.setting(name)) is not None and theirs != values
    ]
    if not changed:
        return None
    name, mine, theirs = changed[0]
    words = {"name": name, "mine": _shown(mine), "theirs": _shown(theirs)}
    made = replace(found, line=found.made or found.line)
    at_first = [each.setting(name) for each in optimizers if each.line == found.made]
    if theirs in at_first:
        fact = f"{name} was {_shown(theirs)} when the optimizer was made"
        return suspect("setting-changed", fact, words=words)
    fact = with_line(f"{name} is {_shown(mine)}", made)
    return suspect("setting-differs", fact, line=made.line, words=words)


def _other_gradients(wanted: Milestone, found: Milestone) -> Suspicion | None:
    if found.grads is None or not found.grads.count or alike(found.grads, wanted.grads):
        return None  # gradients that were given apart, it may have got
    fact = with_line("the update found other gradients than the reference's", found)
    return suspect("gradient-at-update-differs", fact, sure=LIKELY, line=found.line)


def _fewer(wanted: Milestone, found: Milestone) -> Suspicion | None:
    if wanted.delta is None or found.delta is None or found.delta.count >= wanted.delta.count:
        return None
    fact = (
        f"the update changed {number(found.delta.count)} numbers, "
        f"{number(wanted.delta.count)} in the reference"
    )
    return suspect("update-partial", fact, sure=LIKELY, line=found.line)


def _scaled_update(wanted: Milestone, found: Milestone) -> Suspicion | None:
    ratio = factor(found.delta, wanted.delta)
    if ratio is None:
        return None
    shown = as_factor(ratio)
    return suspect(
        "update-scaled",
        with_line(f"the update is {shown} the reference's", found),
        sure=LIKELY,
        line=found.line,
        words={"ratio": shown},
    )


def of_rounds(parting: Parting, *, right: Sequence[tuple[Reading, Reading]]) -> Iterator[Suspicion]:
    """Other rounds than the reference's had taken place when the first wrong value was printed.

    Args:
        parting: Where nothing in the training itself differs.
        right: The golden and the printed reading of values that are right; where rounds before
            one of these differ, too, the script only prints at other times.
    """
    first, sides = parting.first, parting.sides
    if first is None:
        return
    for kind, one, more in _ROUNDS:
        # A script may print a value before or after the step that the reference takes first.
        usual = {mine - theirs for mine, theirs in (_rounds(sides, kind, *pair) for pair in right)}
        mine, theirs = _rounds(sides, kind, first.golden, first.printed)
        usual = usual or {0}
        if mine - theirs in usual:
            continue
        words = {"mine": counted(mine, one, more), "theirs": str(theirs), "name": first.field.name}
        concept = "gradient" if kind == "grad" and not sides.reference.of("update") else None
        if first.printed is not None:
            line = _line_of_surplus(sides.script.of(kind), theirs, mine)
            found = "rounds-before-print"
            yield suspect(found, sure=LIKELY, line=line, words=words, concept=concept)
        elif mine - theirs < min(usual):
            yield suspect("rounds-fewer", sure=LIKELY, words=words, concept=concept)
        return


def ended_early(parting: Parting) -> Iterator[Suspicion]:
    """A training that ends before the reference's does: what comes later in it is no other step."""
    first, sides, wanted = parting.first, parting.sides, parting.wanted
    if first is None or wanted is None:
        return
    place = sides.reference.place(wanted)
    earlier = [each for each in sides.reference.all[:place] if each.kind == "update"]
    mine = _count(sides.script.of("update"))
    theirs = sides.reference.before("update", first.golden.line)
    if _is_seen_to_end(sides.script) and 0 < mine < theirs and mine <= _count(earlier):
        words = {"mine": counted(mine, "update", "updates"), "theirs": str(theirs)}
        yield suspect("rounds-fewer", sure=LIKELY, words=words | {"name": first.field.name})


def _is_seen_to_end(side: Side) -> bool:
    """Whether more was noted after the last update and a print: of a long run only some is."""
    last = side.of("update")[-1:]
    return any(side.all[-1].after_lines > each.after_lines for each in last)


def _count(several: Sequence[Milestone]) -> int:
    return max((each.place or 0 for each in several), default=0)


def _rounds(sides: Sides, kind: Kind, golden: Reading, printed: Reading | None) -> tuple[int, int]:
    """Count the script's milestones of a kind before a reading, and the reference's."""
    line = EVERYWHERE if printed is None else printed.line
    return sides.script.before(kind, line), sides.reference.before(kind, golden.line)


def _line_of_surplus(own: Sequence[Milestone], theirs: int, mine: int) -> int | None:
    """Give the line of the first one too many, where it is known."""
    surplus = [each for each in own if each.place == theirs + 1]
    return surplus[0].line if mine > theirs and surplus else None


def _shown(values: tuple[float, ...]) -> str:
    shown = ", ".join(f"{each:g}" for each in values)
    return shown if len(values) == 1 else f"({shown})"


def _last(milestones: Sequence[Milestone]) -> Milestone | None:
    return milestones[-1] if milestones else None
