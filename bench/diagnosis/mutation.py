"""A mutation: it makes one mistake in a right script, and names the diagnosis of that mistake."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Change = Callable[[ast.Module], bool]
"""Changes a tree in place and says whether it did; if not, the tree may be spoilt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A way to make one mistake."""

    name: str
    diagnosis: str
    """The id that is right for every script it changes."""
    also: tuple[str, ...]
    """Ids that are right as well."""
    change: Change


class Mutations:
    """Those of one stage, in the order they were written."""

    def __init__(self) -> None:
        self.all: list[Mutation] = []

    def of(self, diagnosis: str, *also: str) -> Callable[[Change], Change]:
        """Register a function under its own name."""

        def register(change: Change) -> Change:
            name = change.__name__.strip("_").replace("_", "-")
            self.add(name, diagnosis, change, also=also)
            return change

        return register

    def add(
        self,
        name: str,
        diagnosis: str,
        change: Change,
        *,
        also: tuple[str, ...] = (),
    ) -> None:
        """Register a change that was made from others."""
        self.all.append(Mutation(name=name, diagnosis=diagnosis, also=also, change=change))


def any_done(results: Iterable[bool]) -> bool:
    """Carry every change out, and say whether any did something."""
    return any(list(results))
