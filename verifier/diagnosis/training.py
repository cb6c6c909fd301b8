"""The training as the trace shows it: rounds of forward, loss, clear, backward and update."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import ratio
from verifier.trace.event import (
    Backward,
    Clear,
    End,
    Forward,
    Loss,
    Model,
    Optimizer,
    Seed,
    Update,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from verifier.trace.event import Event, Moved, Trace

WORDS = {"F": "forward", "L": "loss", "Z": "clear", "B": "backward", "S": "update"}
"""What the letters of a round stand for, in the lesson's order."""
AS_IT_RAN = "the steps that were seen: "
"""Begins the evidence that tells the order of the learner's own steps."""
_SHOWN_ROUNDS = 12
_MODELS = 2


@dataclass(frozen=True)
class Round:
    """What happened from one forward pass to the next that follows a backward pass or update."""

    happened: tuple[tuple[str, Event], ...]
    """A letter and its event, in order; small letters for what ran without gradients."""

    @cached_property
    def letters(self) -> str:
        """As ``FLZBS``."""
        return "".join(letter for letter, _ in self.happened)

    @cached_property
    def order(self) -> str:
        """The letters of training, each run of equal ones as one."""
        return "".join(letter for letter, _ in groupby(self.letters) if letter in WORDS)

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """Those that gradients can flow through."""
        return tuple(e for k, e in self.happened if k == "L" and isinstance(e, Loss))

    @cached_property
    def forwards(self) -> tuple[Forward, ...]:
        """Those of the script's own calls with gradients recorded."""
        return tuple(e for k, e in self.happened if k == "F" and isinstance(e, Forward))

    @cached_property
    def backwards(self) -> tuple[Backward, ...]:
        """Every backward pass."""
        return tuple(e for _, e in self.happened if isinstance(e, Backward))

    @cached_property
    def updates(self) -> tuple[Update, ...]:
        """Every update."""
        return tuple(e for k, e in self.happened if k == "S" and isinstance(e, Update))

    @cached_property
    def resets(self) -> tuple[Update, ...]:
        """Every change by hand next to an optimizer's updates."""
        return tuple(e for k, e in self.happened if k == "R" and isinstance(e, Update))

    def line_of(self, letter: str, *, after: str | None = None) -> int | None:
        """Give the line of the first such thing, or of the first after another."""
        letters = [k for k, _ in self.happened]
        start = letters.index(after) if after in letters else 0
        return next((e.line for k, e in self.happened[start:] if k == letter and e.line), None)  # type: ignore[union-attr] # only End has none, and no letter


@dataclass(frozen=True)
class Training:
    """Everything a trace tells, put in order."""

    events: tuple[Event, ...]
    rounds: tuple[Round, ...]
    """In order; none where nothing was trained."""

    @cached_property
    def seeds(self) -> tuple[Seed, ...]:
        """Every ``manual_seed``."""
        return tuple(e for e in self.events if isinstance(e, Seed))

    @cached_property
    def early_seeds(self) -> tuple[Seed, ...]:
        """Those set before there was any parameter."""
        made = (Optimizer, Model, Forward)
        before = takewhile(lambda event: not isinstance(event, made), self.events)
        return tuple(e for e in before if isinstance(e, Seed) and e.params == 0)

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """Every model with parameters, in the order of their first calls."""
        return tuple(e for e in self.events if isinstance(e, Model) and e.params)

    @cached_property
    def optimizers(self) -> tuple[Optimizer, ...]:
        """Every optimizer made."""
        return tuple(e for e in self.events if isinstance(e, Optimizer))

    @cached_property
    def forwards(self) -> tuple[Forward, ...]:
        """Every call of a module, inner ones included."""
        return tuple(e for e in self.events if isinstance(e, Forward))

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """Every loss."""
        return tuple(e for e in self.events if isinstance(e, Loss))

    @cached_property
    def backwards(self) -> tuple[Backward, ...]:
        """Every backward pass."""
        return tuple(e for e in self.events if isinstance(e, Backward))

    @cached_property
    def updates(self) -> tuple[Update, ...]:
        """Every update that belongs to a round."""
        return tuple(update for each in self.rounds for update in each.updates)

    @cached_property
    def trainable(self) -> frozenset[int]:
        """Parameters of models and optimizers, and whatever updates changed."""
        ids = {each.id for model in self.models for each in model.params}
        ids |= {n for each in self.optimizers for group in each.groups for n in group.params}
        return frozenset(ids | {each.id for update in self.updates for each in update.params})

    @cached_property
    def anew(self) -> bool:
        """Whether each backward pass leads to other parameters of one model than the one before.

        A script that updates by hand may make them anew in every step; how they change is then not
        told.
        """
        reached = [frozenset(each.reached) for each in self.backwards if each.reached]
        called = {frozenset(e.id for e in each.forwards) for each in self.rounds if each.forwards}
        return (
            all(update.kind is None for update in self.updates)
            and len(called) < _MODELS
            and len(reached) > 1
            and all(map(frozenset.isdisjoint, reached, reached[1:]))
        )

    @cached_property
    def cut(self) -> bool:
        """Whether events are missing at its end: more happened than is told."""
        return any(isinstance(e, End) and e.dropped for e in self.events)

    @property
    def told(self) -> str:
        """Tell the order of the steps, equal rounds in one."""
        groups = []
        first = 1
        for order, same in groupby(each.order for each in self.rounds):
            last = first + len(list(same)) - 1
            name = f"{first}" if first == last else f"{first} to {last}"
            steps = ", ".join(WORDS[letter] for letter in order)
            groups.append(f"{name}: {steps or 'nothing'}")
            first = last + 1
        shown = "; ".join(groups[:_SHOWN_ROUNDS])
        return AS_IT_RAN + shown + ("; …" if len(groups) > _SHOWN_ROUNDS else "")


def training_of(trace: Trace) -> Training:
    """Put the events of a trace in order; linear in their number."""
    asides = _asides(trace.events)
    events = tuple(each for each in trace.events if id(each) not in asides)
    by_hand = not any(isinstance(e, Update) and e.kind is not None for e in events)
    happened = list(_letters(events, by_hand=by_hand))
    has_calls = any(letter in "FL" for letter, _ in happened)
    rounds: list[list[tuple[str, Event]]] = []
    seen = ""
    for letter, event in happened:
        begins = (letter in "FL" and seen.strip("FLZflR")) or (
            not has_calls and letter == "B" and "B" in seen and seen[-1] != "B"
        )
        if begins or not rounds:
            rounds.append([])
            seen = ""
        seen += letter
        rounds[-1].append((letter, event))
        if letter == "S" and len(rounds) > 1 and _is_step_of(rounds[-2], seen):
            # The passes before it looked at the model as it was: the step is that of before.
            looked = rounds.pop()
            rounds[-1] += looked
            seen = "".join(each for each, _ in rounds[-1])
    trained = [each for each in rounds if any(letter in WORDS for letter, _ in each)]
    return Training(events=events, rounds=tuple(Round(tuple(each)) for each in trained))


def _is_step_of(before: Iterable[tuple[str, Event]], seen: str) -> bool:
    """Whether an update that no backward pass precedes follows that of the round before."""
    order = "".join(letter for letter, _ in before if letter in "BS")
    return order.endswith("B") and "S" not in order and not seen[:-1].strip("FLflR")


def _asides(events: Iterable[Event]) -> frozenset[int]:
    """Find gradients that were only looked at: an update that follows has others to work with."""
    found: set[int] = set()
    waiting: set[int] = set()
    passed = ever = False
    for event in events:
        if isinstance(event, Backward) and event.apart:
            waiting.add(id(event))
        elif isinstance(event, Backward):
            passed = ever = True
        elif isinstance(event, Update):
            found |= waiting if passed else set()
            waiting, passed = set(), False
    return frozenset(found | waiting) if ever else frozenset()


def _letters(events: Iterable[Event], *, by_hand: bool) -> Iterator[tuple[str, Event]]:
    """Name each event; R is a change next to an optimizer's updates that follows no gradient."""
    began = False
    passed: Backward | None = None
    for event in events:
        match event:
            case Forward(depth=0, grad=grad):
                yield ("F" if grad else "f"), event
            case Loss(input=given, target=target):
                yield ("L" if given.grad or target.grad else "l"), event
            case Clear():
                yield "Z", event
            case Backward():
                passed = event
                yield "B", event
            case Update(kind=kind):
                # Weights that are set by hand before anything was trained are no update.
                if kind is not None or began:
                    is_step = by_hand or kind is not None or _descends(event, passed)
                    yield ("S" if is_step else "R"), event
            case _:
                continue
        began = began or isinstance(event, (Loss, Backward, Update, Forward))


def _descends(update: Update, backward: Backward | None) -> bool:
    """Whether a change by hand goes against the gradients; one that goes back does not."""
    rate = rate_of(update, backward)
    return rate is not None and rate > 0


def has_any(values: tuple[float, ...] | None) -> bool:
    """Whether there is a gradient that is not zero."""
    return values is not None and any(values)


def gradients_for(update: Update, backward: Backward | None) -> dict[int, tuple[float, ...]]:
    """Find the gradients an update worked with, by parameter; those it had none for are left out.

    An optimizer's step tells them; for a change by hand they are those of the backward pass.
    """
    if update.kind is not None:
        return {each.id: each.grad for each in update.params if each.grad is not None}
    known = () if backward is None else backward.params
    return {each.id: each.after for each in known if each.after is not None}


def change_of(moved: Moved) -> tuple[float, ...]:
    """How far a parameter moved down, number by number."""
    before, after = moved.before or (), moved.after or ()
    return tuple(a - b for a, b in zip(before, after, strict=False))


def rate_of(update: Update, backward: Backward | None) -> float | None:
    """Solve for the learning rate of an update; None where it does not follow the gradients."""
    gradients = gradients_for(update, backward)
    moved: list[float] = []
    slope: list[float] = []
    for each in update.params:
        pairs = zip(change_of(each), gradients.get(each.id, ()), strict=False)
        for change, gradient in pairs:
            moved.append(change)
            slope.append(gradient)
    return ratio(moved, slope)
