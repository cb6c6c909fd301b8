"""Rules of stage update: by what rule parameters changed, and by which numbers."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import near, ratio
from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.subject import at
from verifier.diagnosis.training import change_of, gradients_for, has_any, rate_of
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.trace.event import Backward, Group, Update

_SURPLUS = (2, 3, 4)
_SHOWN_RATES = 5


def suspicions(subject: Subject) -> Iterator[Suspicion]:
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
    settings = list(_of_settings(subject))
    yield from settings
    if all(each.id != "optimizer-other" for each in settings):
        yield from _of_rates(subject, pairs, rates, plain=not settings)


def _is_right(subject: Subject, rate: float | None) -> bool:
    return rate is not None and subject.expects_rate(rate)


def _has_gradients(update: Update, backward: Backward | None) -> bool:
    return any(has_any(each) for each in gradients_for(update, backward).values())


def _of_settings(subject: Subject) -> Iterator[Suspicion]:
    for optimizer in subject.training.optimizers:
        name, line = printable(optimizer.kind), optimizer.line
        fact = f"the optimizer is {name}{at(line)}"
        known = optimizer.kind in _KNOWN
        if known and optimizer.kind != subject.unit.optimizer:
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


def _of_rates(
    subject: Subject, pairs: _Pairs, rates: list[float | None], *, plain: bool
) -> Iterator[Suspicion]:
    odd = next(place for place, rate in enumerate(rates) if not _is_right(subject, rate))
    rate = rates[odd]
    line = _maker_line(subject, *pairs[odd])
    if rate is None:
        yield from _of_decay(subject, pairs[odd], line)
        return
    if odd:
        momentum = _momentum(pairs, subject.unit.lr)
        if momentum is not None:
            yield _momentum_used(momentum, line)
            return
        if not plain:
            return  # what the settings carry from one update to the next is no rate
    setter, surplus = _setter_line(subject), _surplus(subject, rate)
    high = max(each for each in rates if each is not None) > subject.unit.too_high
    changes = len(subject.unit.rates) == 1 and _changes(subject, pairs, rates)
    if changes and (setter if surplus else not high):
        yield _changing(rates, setter or line)
    else:
        yield _rate(subject, rate, line, rates)


def _maker_line(subject: Subject, update: Update, backward: Backward | None) -> int | None:
    """Where the learning rate is set: the optimizer's line, or the line of a change by hand."""
    if update.kind is None:
        return _hand_line(subject, update, backward)
    made = (each.line for each in subject.training.optimizers if each.id == update.id)
    return next(made, update.line)


def _hand_line(subject: Subject, update: Update, backward: Backward | None) -> int | None:
    """Find what changed parameters by hand: the trace knows the line that looked at them next."""
    lines = subject.facts.tensors.updates
    passed = 0 if backward is None else backward.line or 0
    behind = [each for each in lines if each > passed]
    alone = lines if len(lines) == 1 else ()
    return next(iter(behind or alone), update.line)


_SCHEDULERS = frozenset({"ChainedScheduler", "CosineAnnealingWarmRestarts", "ReduceLROnPlateau"})


def _setter_line(subject: Subject) -> int | None:
    """Find what sets a learning rate that was there before: a scheduler, or a line of one's own."""
    made = (
        call.line
        for call in subject.facts.calls
        if call.name.endswith("LR") or call.name in _SCHEDULERS
    )
    return next(made, next(iter(subject.facts.tensors.rates), None))


def _changes(subject: Subject, pairs: _Pairs, rates: list[float | None]) -> bool:
    """Whether what was made once, or is done by one line, follows several learning rates."""
    seen: dict[tuple[bool, int | None], float] = {}
    for (update, backward), rate in zip(pairs, rates, strict=True):
        by_hand = update.kind is None
        passed = None if backward is None else backward.line
        line = passed if by_hand else _maker_line(subject, update, backward)
        if rate is not None and not near(rate, seen.setdefault((by_hand, line), rate)):
            return True
    return False


def _changing(rates: list[float | None], line: int | None) -> Suspicion:
    shown = [text for text, _ in groupby(f"{each:.4g}" for each in rates if each is not None)]
    later = ", ".join(shown[1 : _SHOWN_RATES + 1])
    later += " and so on" if len(shown) > _SHOWN_RATES + 1 else ""
    told = f"{shown[0]} times the gradient at first, then by {later}"
    fact = f"the parameters changed by {told}{at(line)}"
    return suspect("lr-changes", fact, line=line, words={"observed": told})


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
    elif max(abs(each) for each in rates if each is not None) > subject.unit.too_high:
        name = "lr-too-high"
    return suspect(name, fact, sure=sure, line=line, words=words)


def _surplus(subject: Subject, rate: float) -> int | None:
    """Count the updates that would explain a rate, where the script names the lab's own."""
    constants, wanted = subject.facts.constants, subject.unit.lr
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
        rest += [c / subject.unit.lr - s for c, s in zip(change_of(each), slope, strict=False)]
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
