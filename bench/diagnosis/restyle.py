"""A restyle: it writes a script otherwise and changes nothing that the script does.

Each must hold for wrong scripts as well as for right ones; where that is in doubt, it does not
apply.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

Change = Callable[[ast.Module], bool]
"""Changes a tree in place and says whether it did; if not, the tree may be spoilt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restyle:
    """A way to write a script otherwise."""

    name: str
    change: Change


class Restyles:
    """Those of one module, in the order they were written."""

    def __init__(self) -> None:
        self.all: list[Restyle] = []

    def named(self, name: str) -> Callable[[Change], Change]:
        """Register a function."""

        def register(change: Change) -> Change:
            self.all.append(Restyle(name=name, change=change))
            return change

        return register
