"""The parameters of a training, and what backward passes and updates do to them."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.digest import NONE, added, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.sandbox.trace.digest import Digester, Sums
    from verifier.sandbox.trace.tensor import Reader

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_MAX_KEPT = 1 << 20
"""Elements of parameters of which a copy is kept, to tell what an update changed."""
_MOST_LISTED = 8


class Parameter:
    """A parameter that was seen; kept alive, as its memory tells writes to it."""

    __slots__ = ("before", "id", "is_new", "met", "tensor")

    def __init__(self, tensor: Any, *, number: int) -> None:  # noqa: ANN401 - of torch
        self.tensor = tensor
        self.id = number
        self.met = False
        """Whether data has met it."""
        self.is_new = False
        """Whether another tensor has taken its place since the last update."""
        self.before: Any = None
        """A copy of its values before the last update; None where that would be too large."""


class Trained:
    """All parameters that were seen."""

    def __init__(self, reader: Reader, digester: Digester) -> None:
        self._reader = reader
        self._digester = digester
        self._by_number: dict[int, Parameter] = {}
        self._by_memory: dict[int, Parameter] = {}
        self._kept = 0

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._by_number)

    def get(self, number: int | None) -> Parameter | None:
        """Give the one of a number."""
        return None if number is None else self._by_number.get(number)

    def of(self, tensor: Any) -> Parameter | None:  # noqa: ANN401 - of torch
        """Give the one whose memory a tensor shares."""
        return self._by_memory.get(self._reader.memory(tensor))

    def add(self, tensor: Any, *, number: int) -> Parameter:  # noqa: ANN401 - of torch
        """Take up a new one."""
        made = Parameter(tensor, number=number)
        self._by_number[number] = self._by_memory[self._reader.memory(tensor)] = made
        self._kept += self._reader.numel(tensor)
        self._keep(made)
        return made

    def replace(self, tensor: Any) -> Parameter | None:  # noqa: ANN401 - of torch
        """Let a tensor take the place of the first trained one of its shape; None for none."""
        shape = self._reader.shape(tensor)
        for each in self._by_number.values():
            if each.met and not each.is_new and self._reader.shape(each.tensor) == shape:
                self._by_memory.pop(self._reader.memory(each.tensor), None)
                self._by_memory[self._reader.memory(tensor)] = each
                each.tensor, each.is_new = tensor, True
                return each
        return None

    def all_gradients(self) -> list[Any]:
        """Give the gradients that there are."""
        found = [self._reader.gradient(each.tensor) for each in self._by_number.values()]
        return [each for each in found if each is not None]

    def gradients(self) -> dict[int, Sums]:
        """Sum up the gradient of each that has one."""
        found = {}
        for each in self._by_number.values():
            grad = self._reader.gradient(each.tensor)
            if grad is not None:
                found[each.id] = self._digester.sums(grad)
        return found

    def moved(self) -> tuple[dict[int, Sums], Sums]:
        """Sum up what an update changed.

        Returns:
            The change of each that changed, and their values now.
        """
        changes: dict[int, Sums] = {}
        values: list[Sums] = []
        for each in self._by_number.values():
            each.is_new = False
            if each.before is not None:
                change = self._digester.sums(each.tensor.detach() - each.before)
                if not change[1] and not change[5]:
                    continue
                changes[each.id] = change
            values.append(self._digester.sums(each.tensor))
            self._keep(each)
        return changes, added(values)

    def _keep(self, parameter: Parameter) -> None:
        is_small = self._kept <= _MAX_KEPT
        parameter.before = parameter.tensor.detach().clone() if is_small else None


def difference(before: dict[int, Sums], now: dict[int, Sums]) -> str:
    """Give, as members of JSON, the gradients that a backward pass changed, before and after."""
    moved = [key for key in now if now[key] != before.get(key, NONE)]
    return (
        f'"before":{as_json(added(before.get(key, NONE) for key in moved))},'
        f'"d":{as_json(added(now[key] for key in moved))},'
        f'"each":{listed((key, now[key]) for key in moved)}'
    )


def listed(sums: Iterable[tuple[int, Sums]]) -> str:
    """Give sums of single parameters as JSON, the first ones."""
    shown = [f"[{key},{as_json(each)}]" for key, each in list(sums)[:_MOST_LISTED]]
    return f"[{','.join(shown)}]"
