"""The divergence: where a script first parted from the reference, as the milestones of both tell.

Two milestones are the same where their numbers are, whatever shape, order or name they have. A
milestone of the reference that the script lacks is no fault where what follows from it is there:
another style came to the same. Nothing is compared beyond the first wrong value. Pure.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from verifier.diagnosis.alike import (
    alike,
    alike_in_order,
    is_telling,
    joined_anyhow,
    joined_in_order,
)
from verifier.diagnosis.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from verifier.trace.milestone import Kind, Milestone

_CHAIN: tuple[Kind, ...] = ("param", "data", "out", "loss", "grad", "update")
_MOST_OF_A_KIND = 400
"""So many are joined: a forged trace may hold any number, and a strange lab."""
PICKS = frozenset(("select", "slice", "index", "gather", "narrow", "cat", "stack", "lift_fresh"))
"""Operations that pick numbers out or put them together, and change none."""
EVERYWHERE = 10**9
"""Beyond the last line."""


class Sides:
    """The milestones of the reference and of a script, joined."""

    def __init__(
        self, reference: Sequence[Milestone], script: Sequence[Milestone], *, crashed: bool
    ) -> None:
        self.reference = Side(reference)
        self.script = Side(script)
        self.crashed = crashed
        self._pairs = {kind: self._joined(kind) for kind in _CHAIN}

    def _joined(self, kind: Kind) -> dict[int, Milestone]:
        """Join the longest common sequence of a kind; parameters in any order."""
        wanted, own = (each.of(kind)[:_MOST_OF_A_KIND] for each in (self.reference, self.script))
        pairs = {} if kind == "param" else joined_in_order(wanted, own)
        # Two trainings may take turns in one script, and not in the other.
        taken = {id(each) for each in pairs.values()}
        left = [each for each in own if id(each) not in taken]
        return pairs | joined_anyhow([each for each in wanted if id(each) not in pairs], left)

    def counterpart(self, wanted: Milestone) -> Milestone | None:
        """Give the script's milestone that is a chain milestone of the reference's.

        What meets a parameter and what a pass gives may stand anywhere: a layer by hand is made of
        several operations.
        """
        pair = self._pairs[wanted.kind].get(id(wanted))
        return self.same(wanted) if pair is None and wanted.kind in {"data", "out"} else pair

    def same(self, wanted: Milestone) -> Milestone | None:
        """Give the script's first milestone of any kind that holds the same numbers."""
        return self.script.first_alike(wanted.sums)

    def is_known(self, own: Milestone) -> bool:
        """Whether the reference has the same numbers anywhere."""
        return self.reference.first_alike(own.sums) is not None

    def guilty(
        self, *, before_line: int = EVERYWHERE, right: Sequence[Milestone] = ()
    ) -> Milestone | None:
        """Find the reference's first milestone of the chain that the script parted from.

        Args:
            before_line: Only what came before this line was printed counts, from 1.
            right: Tensors of the reference that the script has printed right: whatever led to
                them is right, in whatever way it was done, and so is the training before them.
        """
        chain = [each for each in self.reference.all if each.kind in _CHAIN]
        early = [each for each in right if each.after_lines < before_line]
        cleared = self.reference.leading_to_any(early)
        trained = self._trained_right(chain, early)
        for place, each in enumerate(chain):
            if each.after_lines >= before_line:
                return None
            if id(each) in cleared or (place < trained and each.kind not in {"data", "out"}):
                continue
            if (
                self.counterpart(each) is None
                and not self._is_unseen(each)
                and not self._is_excused(each, chain[place + 1 :])
            ):
                if self.crashed and self.found_for(each) is None:
                    continue  # the script did not get there
                return each
        return None

    def _is_unseen(self, wanted: Milestone) -> bool:
        """Whether the script may have it and it was not kept: of a long training only some are."""
        if wanted.place is None:
            return False
        places = [each.place for each in self.script.of(wanted.kind) if each.place is not None]
        near = any(abs(place - wanted.place) <= 1 for place in places)
        return not near and max(places, default=0) > wanted.place

    @staticmethod
    def _trained_right(chain: Sequence[Milestone], right: Sequence[Milestone]) -> int:
        """Say how far the training is right: up to the last loss that was printed right."""
        return max(
            (
                place
                for place, each in enumerate(chain)
                if each.kind == "loss"
                and any(
                    each.after_lines <= other.after_lines and alike(each.sums, other.sums)
                    for other in right
                )
            ),
            default=0,
        )

    def _is_excused(self, absent: Milestone, after: Sequence[Milestone]) -> bool:
        """Whether what follows from a milestone is there, so that it was done in another way."""
        following = {
            kind: next((each for each in after if each.kind == kind), None) for kind in _CHAIN
        }
        match absent.kind:
            case "out" if absent.mode is False:
                return False
            case "param" | "data" | "out":
                return self._is_there(following["grad"] or following["loss"])
            case "loss":
                return self._is_there(following["grad"])
            case "grad":
                step = next((each for each in after if each.kind in {"update", "grad"}), None)
                return step is not None and step.kind == "update" and self._found_grads(step)
            case _:
                later = next((each for each in after if each.kind in {"loss", "update"}), None)
                return self._is_there(later)

    def _is_there(self, milestone: Milestone | None) -> bool:
        return (
            milestone is not None
            and is_telling(milestone)
            and self.counterpart(milestone) is not None
        )

    def _found_grads(self, update: Milestone) -> bool:
        """Whether the script has an update that found the same gradients."""
        return any(alike(each.grads, update.grads) for each in self.script.of("update"))

    def found_for(self, wanted: Milestone) -> Milestone | None:
        """Give the script's own milestone in the place of one that it lacks."""
        mine, pairs = self.script.of(wanted.kind), self._pairs[wanted.kind]
        places = {id(each): place for place, each in enumerate(mine)}
        taken = {id(each) for each in pairs.values()}
        start = 0
        for each in self.reference.of(wanted.kind):
            if each is wanted:
                break
            if id(each) in pairs:
                start = max(start, 1 + places[id(pairs[id(each)])])
        return next((each for each in mine[start:] if id(each) not in taken), None)

    def first_operation(self, of: Milestone | None) -> Milestone | None:
        """Give the script's first operation on the way to a milestone that is not the reference's.

        Args:
            of: None for any of the script's.
        """
        mine = self.script.of("op") if of is None else self.script.leading_to(of)
        excused = self._excused
        foreign = [
            each
            for each in mine
            if each.kind == "op"
            and id(each) not in excused
            and (is_telling(each) or (each.of and id(each) not in self._leading_on))
            and not self.is_known(each)
        ]
        # What only picks numbers out is another style more often than another step.
        return _first([each for each in foreign if each.name not in PICKS], self.script)

    def first_missing(self, of: Milestone | None, *, before_line: int) -> Milestone | None:
        """Give the reference's first operation on the way to a milestone that the script lacks."""
        wanted = self.reference.of("op") if of is None else self.reference.leading_to(of)
        reached = self._reached
        missing = [
            each
            for each in wanted
            if each.kind == "op"
            and each.after_lines < before_line
            and id(each) not in reached
            and self.same(each) is None
        ]
        return _first(missing, self.reference)

    @cached_property
    def _excused(self) -> set[int]:
        """The script's operations from which something came that the reference has as well."""
        told = [each for each in self.script.all if each.of and is_telling(each)]
        return self.script.leading_to_any([each for each in told if self.is_known(each)])

    @cached_property
    def _leading_on(self) -> set[int]:
        """The same for numbers that tell little: anything the reference has is enough."""
        known = [each for each in self.script.all if each.of and self.is_known(each)]
        return self.script.leading_to_any(known)

    @cached_property
    def _reached(self) -> set[int]:
        """The reference's operations from which something came that the script has as well."""
        told = [each for each in self.reference.all if each.of and is_telling(each)]
        return self.reference.leading_to_any([each for each in told if self.same(each)])

    def in_place_of(self, operation: Milestone, *, towards: Milestone | None) -> Milestone | None:
        """Give what the reference does with what one of the script's operations was given.

        Args:
            operation: The script's; the reference has none with its numbers.
            towards: The reference's milestone to which both should lead; None for any.
        """
        if operation.draw:
            return self._drawn_in_place_of(operation)
        given = [each for each in self.script.given(operation) if each.kind in {"op", "param"}]
        there = {id(each) for own in given for each in self.reference.alike(own.sums)}
        among = self.reference.all if towards is None else self.reference.leading_to(towards)
        following = [
            (each, self.reference.given(each))
            for each in among
            if each.kind == "op" and id(each) not in there
        ]
        fitting = [
            (
                not all(id(up) in there for up in ups),
                -sum(id(up) in there for up in ups),
                each.name != operation.name,
                each.id or 0,
                each,
            )
            for each, ups in following
            if any(id(up) in there for up in ups)
        ]
        return min(fitting, key=lambda each: each[:4])[4] if fitting else None

    def _drawn_in_place_of(self, operation: Milestone) -> Milestone | None:
        """Give the reference's draw that has the same place among all of them."""
        theirs = self.reference.draws
        place = next(place for place, each in enumerate(self.script.draws) if each is operation)
        return theirs[place] if place < len(theirs) else None

    def first_other_draw(self, *, before: Milestone) -> tuple[Milestone, Milestone] | None:
        """Give the script's first draw of other numbers, or in another order, and the reference's.

        Args:
            before: The script's; only what came before it counts.
        """
        for mine, theirs in zip(self.script.draws, self.reference.draws, strict=False):
            if (mine.id or 0) >= (before.id or 0):
                return None
            if not alike(mine.sums, theirs.sums) or not alike_in_order(mine.sums, theirs.sums):
                return mine, theirs
        return None

    def last_step(self) -> Milestone | None:
        """Give the script's last operation, from which an error may have come."""
        return next(iter(reversed(self.script.of("op"))), None)

    def leads_to_data(self, step: Milestone, *, own: bool) -> bool:
        """Whether an operation is on the way to what meets a parameter."""
        side = self.script if own else self.reference
        return id(step) in side.leading_to_any(side.of("data"))


def _first(operations: Iterable[Milestone], side: Side) -> Milestone | None:
    """Give the first of several operations that comes from none of them."""
    several = list(operations)
    known = {id(each) for each in several}
    firsts = [each for each in several if not any(id(up) in known for up in side.given(each))]
    return min(firsts, key=lambda each: each.id or 0, default=None)
