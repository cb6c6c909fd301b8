"""Rules of stage update: did the parameters change, by what rule, and which of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.rules import rates
from verifier.diagnosis.subject import at
from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.diagnosis.training import Round

_NO_SLOPE = 1e-6


_NO_LEAF = b"that is not a leaf Tensor is being accessed"
"""Torch warns so whoever looks for the gradient of what was calculated."""
_SHOWN = 60
_FEW = 3


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what is wrong with the updates."""
    yield from _of_rebinding(subject)
    yield from _of_order(subject)
    yield from _of_missing(subject)
    yield from _of_holding(subject)
    yield from _of_twice(subject)
    yield from rates.suspicions(subject)


def _of_rebinding(subject: Subject) -> Iterator[Suspicion]:
    """Find a name that an update gave a new tensor, where a gradient was then missed."""
    lines: dict[str, int] = {}
    for place in subject.facts.tensors.rebound:
        lines.setdefault(place.text, place.line)
    if not lines or not (subject.is_last and _lost_leaf(subject)):
        return
    named = [f"{printable(name, limit=_SHOWN)}{at(line)}" for name, line in lines.items()][:_FEW]
    shown = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    yield suspect(
        "update-makes-new-tensor",
        f"the update gives a new tensor to {shown}",
        line=min(lines.values()),
        words={"observed": shown},
    )


def _lost_leaf(subject: Subject) -> bool:
    """Whether a gradient was missed that an earlier backward pass had filled."""
    if _NO_LEAF in subject.run.stderr:
        return True
    reached = [each for each in subject.training.backwards if each.reached]
    message = "" if subject.error is None else subject.error.message
    return ("does not require grad" in message and bool(reached)) or (
        "NoneType" in message and len(reached) > 1
    )


def _whole(subject: Subject) -> tuple[Round, ...]:
    """Rounds that trained something, but for one that a script's end may have cut short."""
    rounds = subject.training.rounds
    whole = rounds[:-1] if subject.may_still("step") else rounds
    return tuple(each for each in whole if each.backwards or each.updates)


def _of_order(subject: Subject) -> Iterator[Suspicion]:
    for each in subject.training.rounds:
        order = "".join(letter for letter in each.order if letter in "BS")
        if order.startswith("SB") and not _used_new(each):
            line = each.line_of("S")
            fact = f"the update{at(line)} ran before the backward pass{at(each.line_of('B'))}"
            yield subject.seen_in_steps("step-before-backward", fact, line)
            return


def _used_new(each: Round) -> bool:
    return any(u.kind is None and any(p.before != p.after for p in u.params) for u in each.updates)


def _of_missing(subject: Subject) -> Iterator[Suspicion]:
    rounds = [each for each in _whole(subject) if each.backwards]
    lacking = [
        each
        for each in rounds
        if not each.updates and _has_slope(each) and not _may_be_unseen(subject, each)
    ]
    lost = subject.error is not None and _lost_leaf(subject)
    if not lacking or subject.training.anew or lost:
        return
    first = rounds[0] in lacking
    line = lacking[0].line_of("B")
    fact = f"no update follows the backward pass{at(line)}"
    alone = subject.facts.uncalled.get("step")
    if alone is not None:
        fact += f"; step stands without brackets{at(alone)}"
    yield subject.seen_in_steps("step-missing" if first else "loop-step-missing", fact, line)


def _may_be_unseen(subject: Subject, each: Round) -> bool:
    """Whether a change by hand would have left no event: nothing was looked at after it."""
    is_end = each is subject.training.rounds[-1] and each.letters.endswith("B")
    return is_end and not subject.training.optimizers


def _has_slope(each: Round) -> bool:
    """Whether there is a gradient to follow: a change by hand along none leaves no event."""
    slopes = (value for b in each.backwards for m in b.params for value in m.after or ())
    return any(abs(slope) > _NO_SLOPE for slope in slopes)


def _of_holding(subject: Subject) -> Iterator[Suspicion]:
    """Compare what is updated with what backward reached."""
    training = subject.training
    held = {name for each in training.optimizers for group in each.groups for name in group.params}
    own = {p.id for model in training.models for p in model.params}
    for each in training.rounds:
        if not each.updates or not each.backwards or _may_be_unseen(subject, each):
            continue
        by_hand = all(update.kind is None for update in each.updates)
        reached = {m for b in each.backwards for m in b.reached} & (own or held)
        moved = {p.id for u in each.updates for p in u.params}
        missed = reached - moved
        # A change by hand along no slope leaves no event.
        if missed and (not by_hand or all(_leads_on(each, name) for name in missed)):
            line = next((e.line for e in training.optimizers), None)
            held_by = "changes" if by_hand else "holds"
            fact = (
                f"backward reached {counted(len(reached), 'parameter')} of the model, "
                f"the update{at(each.updates[0].line)} {held_by} {len(reached & moved)} of them"
            )
            made = () if line is None else (f"the optimizer was made{at(line)}",)
            yield suspect(
                "optimizer-other-parameters",
                fact,
                *made,
                sure=LIKELY if by_hand else SEEN,
                line=line or each.updates[0].line,
            )
            return


def _leads_on(each: Round, name: int) -> bool:
    slopes = (m.after or () for b in each.backwards for m in b.params if m.id == name)
    return any(abs(slope) > _NO_SLOPE for values in slopes for slope in values)


def _of_twice(subject: Subject) -> Iterator[Suspicion]:
    for each in subject.training.rounds:
        previous: set[int] | None = None
        for _, event in each.happened:
            if event in each.backwards:
                previous = set()
            elif previous is not None and event in each.updates:
                ids = {p.id for p in event.params if p.before != p.after}
                if ids & previous:
                    yield _twice(subject, event.line)
                    return
                previous |= ids


def _twice(subject: Subject, line: int | None) -> Suspicion:
    fact = f"a second update{at(line)} follows the same backward pass"
    return subject.seen_in_steps("step-twice", fact, line)
