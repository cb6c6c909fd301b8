"""Rules of stage update: did the parameters change, by what rule, and which of them?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import near, ratio
from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.subject import at
from verifier.diagnosis.training import change_of, gradients_for, has_any, rate_of
from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.diagnosis.training import Round
    from verifier.trace.event import Backward, Group, Update

_SURPLUS = (2, 3, 4)
_NO_SLOPE = 1e-6


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what is wrong with the updates."""
    yield from _of_order(subject)
    yield from _of_missing(subject)
    yield from _of_holding(subject)
    yield from _of_twice(subject)
    yield from _of_rule(subject)


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
    if not lacking:
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


def _of_rule(subject: Subject) -> Iterator[Suspicion]:
    """Judge the rule by which parameters changed, and its numbers."""
    pairs = [
        (update, next((b for b in reversed(each.backwards)), None))
        for each in subject.training.rounds
        for update in each.updates
    ]
    pairs = [(update, backward) for update, backward in pairs if _has_gradients(update, backward)]
    if not pairs:
        return
    rates = [rate_of(update, backward) for update, backward in pairs]
    if all(_is_right(subject, rate) for rate in rates):
        return
    yield from _of_settings(subject)
    yield from _of_rates(subject, pairs, rates)


def _is_right(subject: Subject, rate: float | None) -> bool:
    return rate is not None and subject.expects_rate(rate)


def _has_gradients(update: Update, backward: Backward | None) -> bool:
    return any(has_any(each) for each in gradients_for(update, backward).values())


def _of_settings(subject: Subject) -> Iterator[Suspicion]:
    for optimizer in subject.training.optimizers:
        name, line = printable(optimizer.kind), optimizer.line
        fact = f"the optimizer is {name}{at(line)}"
        known = optimizer.kind in _KNOWN
        if known and optimizer.kind != subject.plan.optimizer:
            words = {"class": name}
            yield suspect("optimizer-other", fact, line=line, words=words)
            return
        for group in optimizer.groups:
            yield from _of_group(group, fact, line)


_KNOWN = frozenset(
    {
        "ASGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "Muon",
        "NAdam", "RAdam", "RMSprop", "Rprop", "SGD", "SparseAdam",
    }
)  # fmt: skip


def _of_group(group: Group, fact: str, line: int | None) -> Iterator[Suspicion]:
    for name, value in (("momentum", group.momentum), ("weight_decay", group.weight_decay)):
        if value:
            yield suspect(
                f"{name.replace('_', '-')}-used",
                f"{fact} with {name}={value:.6g}",
                line=line,
                words={name: f"{value:.6g}"},
            )


_Pairs = list[tuple["Update", "Backward | None"]]


def _of_rates(subject: Subject, pairs: _Pairs, rates: list[float | None]) -> Iterator[Suspicion]:
    odd = next(place for place, rate in enumerate(rates) if not _is_right(subject, rate))
    rate, (update, _) = rates[odd], pairs[odd]
    line = _maker_line(subject, update)
    if rate is None:
        yield from _of_decay(subject, pairs[odd], line)
        return
    if odd:
        momentum = _momentum(pairs, subject.plan.lr)
        if momentum is not None:
            yield _momentum_used(momentum, line)
            return
    yield _rate(subject, rate, line, rates)


def _maker_line(subject: Subject, update: Update) -> int | None:
    """Where the learning rate is set: the optimizer's line, or the line of a change by hand."""
    made = (each.line for each in subject.training.optimizers if each.id == update.id)
    return update.line if update.kind is None else next(made, update.line)


def _rate(subject: Subject, rate: float, line: int | None, rates: list[float | None]) -> Suspicion:
    shown = f"{rate:.4g}"
    fact = f"the parameters changed by {shown} times the gradient{at(line)}"
    words = {"lr": shown}
    surplus = _surplus(subject, rate)
    name, sure = "lr-wrong", SEEN
    if rate < 0:
        name = "update-sign"
        words["lr"] = f"{-rate:.4g}"
    elif surplus is not None:
        name, sure = "step-twice", LIKELY
        fact += f", which is {surplus} times the learning rate that the script names"
    elif max(abs(each) for each in rates if each is not None) > subject.plan.too_high:
        name = "lr-too-high"
    return suspect(name, fact, sure=sure, line=line, words=words)


def _surplus(subject: Subject, rate: float) -> int | None:
    """Count the updates that would explain a rate, where the script names the lab's own."""
    constants, wanted = subject.facts.constants, subject.plan.lr
    if wanted not in constants or any(near(rate, each) for each in constants):
        return None
    return next((times for times in _SURPLUS if near(rate, times * wanted)), None)


def _momentum(pairs: _Pairs, lr: float) -> float | None:
    """Solve for a momentum that the updates carry, though no optimizer says so."""
    factors: list[float] = []
    before: dict[int, tuple[float, ...]] = {}
    for update, backward in pairs:
        gradients = gradients_for(update, backward)
        changes = {each.id: change_of(each) for each in update.params}
        rest = [
            change - lr * slope
            for name in before
            for change, slope in zip(changes.get(name, ()), gradients.get(name, ()), strict=False)
        ]
        carried = ratio(rest, [value for name in before for value in before[name]])
        if before:
            factors.append(math.nan if carried is None else carried)
        before = changes
    if not factors or not all(near(each, factors[0], within=0.01) for each in factors):
        return None
    return factors[0] if 0 < factors[0] <= 1 else None


def _momentum_used(momentum: float, line: int | None) -> Suspicion:
    shown = f"{momentum:.3g}"
    return suspect(
        "momentum-used",
        f"each update carries {shown} times the one before it{at(line)}",
        sure=LIKELY,
        line=line,
        words={"momentum": shown},
    )


def _of_decay(
    subject: Subject, pair: tuple[Update, Backward | None], line: int | None
) -> Iterator[Suspicion]:
    """Solve for a weight decay in an update that does not follow the gradients alone."""
    update, backward = pair
    gradients = gradients_for(update, backward)
    rest: list[float] = []
    weights: list[float] = []
    for each in update.params:
        slope = gradients.get(each.id, ())
        rest += [c / subject.plan.lr - s for c, s in zip(change_of(each), slope, strict=False)]
        weights += each.before or ()
    decay = ratio(rest, weights)
    if decay is not None and math.isfinite(decay) and decay > 0:
        yield suspect(
            "weight-decay-used",
            f"each update also takes {decay:.3g} times the parameter{at(line)}",
            sure=LIKELY,
            line=line,
            words={"weight_decay": f"{decay:.3g}"},
        )
