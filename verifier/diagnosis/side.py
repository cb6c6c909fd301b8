"""One side of a comparison: the milestones of one run, by kind, by number and by their numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from verifier.diagnosis.alike import REACH, alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.trace.milestone import Kind, Milestone, Sums


class Side:
    """The milestones of one run. What leads to which is kept as bits, by place."""

    def __init__(self, milestones: Sequence[Milestone]) -> None:
        self.all = tuple(milestones)
        self._place = {id(each): place for place, each in enumerate(self.all)}
        self._by_id = {each.id: place for place, each in enumerate(self.all) if each.id is not None}
        self._firsts: dict[Sums | None, Milestone | None] = {}
        """By sums, the first that has the same: many of a forged look may."""
        self._kinds: dict[Kind, list[Milestone]] = defaultdict(list)
        for each in self.all:
            self._kinds[each.kind].append(each)

    def of(self, kind: Kind) -> list[Milestone]:
        """Give those of a kind, in order."""
        return self._kinds.get(kind, [])

    @cached_property
    def draws(self) -> list[Milestone]:
        """Those that drew random numbers."""
        return [each for each in self.of("op") if each.draw]

    def before(self, kind: Kind, line: int) -> int:
        """Count those of a kind before a line was printed, those that were not kept included."""
        earlier = [each.place or 0 for each in self.of(kind) if each.after_lines < line]
        return max(earlier, default=0)

    def place(self, milestone: Milestone) -> int:
        """Say where it stands among all."""
        return self._place[id(milestone)]

    def is_trained_on(self, out: Milestone) -> bool:
        """Whether a backward pass starts from what a pass gave, before the next one."""
        after = self.all[self.place(out) + 1 :]
        return next((each.kind for each in after if each.kind in {"out", "loss"}), None) == "loss"

    def given(self, operation: Milestone) -> list[Milestone]:
        """Give what an operation was computed from, as far as it is noted."""
        return [self.all[self._by_id[up]] for up in operation.of if up in self._by_id]

    def alike(self, sums: Sums | None) -> list[Milestone]:
        """Give all with the same numbers, in order."""
        return list(self._alike(sums))

    def first_alike(self, sums: Sums | None) -> Milestone | None:
        """Give the first with the same numbers."""
        if sums not in self._firsts:
            self._firsts[sums] = next(self._alike(sums), None)
        return self._firsts[sums]

    def _alike(self, sums: Sums | None) -> Iterator[Milestone]:
        if sums is None:
            return
        sizes, places = self._by_size
        least = sums.size - REACH * sums.size - REACH
        most = sums.size + REACH * sums.size + REACH
        near = places[bisect_left(sizes, least) : bisect_right(sizes, most)]
        yield from (self.all[each] for each in sorted(near) if alike(self.all[each].sums, sums))

    def leading_to(self, milestone: Milestone) -> list[Milestone]:
        """Give a milestone with all that it comes from, in order."""
        bits = self._ancestors[self._place[id(milestone)]]
        return [each for place, each in enumerate(self.all) if bits >> place & 1]

    def leading_to_any(self, milestones: Sequence[Milestone]) -> set[int]:
        """Give the identities of several milestones and all that they come from."""
        bits = 0
        for each in milestones:
            bits |= self._ancestors[self._place[id(each)]]
        return {id(each) for place, each in enumerate(self.all) if bits >> place & 1}

    def is_followed_by(self, first: Milestone, name: str) -> bool:
        """Whether an operation of a name comes right after another."""
        return any(each.name == name and first.id in each.of for each in self.of("op"))

    @cached_property
    def _by_size(self) -> tuple[list[float], list[int]]:
        pairs = sorted(
            (each.sums.size, place) for place, each in enumerate(self.all) if each.sums is not None
        )
        return [size for size, _ in pairs], [place for _, place in pairs]

    @cached_property
    def _ancestors(self) -> list[int]:
        """By place, the places of all that leads to it, itself included, as bits.

        Only what came before counts: a forged trace may say otherwise.
        """
        found: list[int] = []
        for place, each in enumerate(self.all):
            bits = 1 << place
            for up in each.of:
                earlier = self._by_id.get(up, place)
                if earlier < place:
                    bits |= found[earlier]
            found.append(bits)
        return found
