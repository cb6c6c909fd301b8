"""The parts of a script that trains several times, as exercise lr-sweep asks: a subject for each.

Every training has a learning rate of its own, a section of the output, and a model that no
other one trains; what is wrong with one of them is found by the same rules as ever.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.diagnosis.training import training_of
from verifier.trace.event import Model, Optimizer, Seed, Trace, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from verifier.diagnosis.subject import Subject
    from verifier.diagnosis.training import Round, Training
    from verifier.trace.event import Event


_BEGINNINGS = (Seed, Model, Optimizer)


def parts_of(subject: Subject) -> tuple[Subject, ...]:
    """Give a subject for each training; the whole where there is one, or they cannot be told."""
    if len(subject.unit.rates) == 1 or not subject.training.rounds:
        return (subject,)
    for places in _orders(subject):
        owners = _owners(subject.training, len(places), crashed=subject.crashed)
        count = len(set(owners))
        if count == len(places) or (subject.crashed and 0 < count < len(places)):
            return tuple(_parts(subject, _split(subject.training, owners), places))
    return (subject,)


def _parts(
    subject: Subject, trainings: Sequence[Training], places: Sequence[int]
) -> Iterable[Subject]:
    before: frozenset[int] = frozenset()
    known = _is_known(subject, places)
    for number, (training, place) in enumerate(zip(trainings, places, strict=False), start=1):
        section = subject.exercise.sections[place].name
        rates = (subject.unit.rates[place],) if known else subject.unit.rates
        yield replace(
            subject,
            unit=replace(subject.unit, rates=rates),
            training=training,
            section=section,
            answers={f: each for f, each in subject.answers.items() if f.section == section},
            trained_before=before,
            is_last=number == len(trainings),
        )
        before |= frozenset(name for each in training.backwards for name in each.reached)


def _printed(subject: Subject) -> tuple[int, ...]:
    """Give the places of the sections, as they were printed."""
    names = [section.name for section in subject.exercise.sections]
    seen = dict.fromkeys(
        each.name for each in subject.match.transcript.sections if each.name in names
    )
    return tuple(names.index(name) for name in seen)


def _is_known(subject: Subject, places: Sequence[int]) -> bool:
    """Whether the output tells which training stands in which place; crashed ones go in order."""
    printed = [place for place in places if place in _printed(subject)]
    return subject.crashed or (bool(printed) and printed == list(_printed(subject)))


def _orders(subject: Subject) -> tuple[tuple[int, ...], ...]:
    """Give the places of the sections as they were printed, then as the exercise has them."""
    printed, asked = _printed(subject), tuple(range(len(subject.exercise.sections)))
    # A script that ended early would have come to the others.
    later = tuple(place for place in asked if place not in printed) if subject.crashed else ()
    return tuple(each for each in (printed + later, asked) if each)


def _owners(training: Training, count: int, *, crashed: bool) -> list[int]:
    """Tell for each round which training it belongs to.

    Gradients go to other parameters in each, or something begins anew; where neither gives the
    number that is wanted, each has as many rounds as the others. Empty where that fails too.
    """
    by_model, anew = _by_model(training), _by_beginning(training)
    for owners in (by_model, anew):
        if len(set(owners)) == count:
            return owners
    if crashed:
        return max(by_model, anew, key=lambda owners: len(set(owners)))
    size, rest = divmod(len(training.rounds), count)
    return [] if rest else [place // size for place in range(len(training.rounds))]


def _by_model(training: Training) -> list[int]:
    owners: list[int] = []
    known: dict[frozenset[int], int] = {}
    for each in training.rounds:
        reached = frozenset(name for backward in each.backwards for name in backward.reached)
        owners.append(known.setdefault(reached, len(known)) if reached else (owners or [0])[-1])
    return owners


def _by_beginning(training: Training) -> list[int]:
    """Count what a round begins with: a seed, the first call of a model, a new optimizer."""
    owners: list[int] = []
    for events in _by_round(training):
        anew = any(isinstance(each, _BEGINNINGS) for each in events)
        owners.append(owners[-1] + anew if owners else 0)
    return owners


def _by_round(training: Training) -> list[list[Event]]:
    """Give the events of each round with those in front of it; the last has those after it, too."""
    ends = {id(_end(each)) for each in training.rounds[:-1]}
    found: list[list[Event]] = [[]]
    for event in training.events:
        found[-1].append(event)
        if id(event) in ends:
            found.append([])
    return found


def _end(each: Round) -> Event:
    """Give a round's last event; parameters that were set after it are the next one's."""
    own = [event for letter, event in each.happened if letter != "R"]
    return own[-1] if own else each.happened[-1][1]


def _split(training: Training, owners: Sequence[int]) -> list[Training]:
    parts: dict[int, list[Event]] = {owner: [] for owner in sorted(set(owners))}
    before = owners[0]
    for owner, events in zip(owners, _by_round(training), strict=True):
        # A look at the model before the next one is made is the last of its own training.
        start = 0 if owner == before else _start(events)
        parts[before] += events[:start]
        parts[owner] += events[start:]
        before = owner
    made = training.optimizers
    return [
        training_of(Trace(events=(*_used(made, events), *events), unreadable=0))
        for events in parts.values()
    ]


def _start(events: Sequence[Event]) -> int:
    made = (place for place, each in enumerate(events) if isinstance(each, _BEGINNINGS))
    return next(made, 0)


def _used(made: Sequence[Optimizer], events: Sequence[Event]) -> Iterable[Optimizer]:
    """Give the optimizers that a training uses, and that were made in front of another one."""
    used = {each.id for each in events if isinstance(each, Update)}
    return (each for each in made if each.id in used and each not in events)
