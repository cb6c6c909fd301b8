"""The digest of a tensor: what tells its numbers from others, whatever their shape and order.

Six numbers: how many elements there are, the sums of their sizes, of their squares and of
themselves, one sum that weighs each by its place, which alone depends on their order, and how many
elements are not finite, which no sum holds.
"""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.tensor import flat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.sandbox.trace.tensor import Reader

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

MAX_ELEMENTS = 1 << 22
"""Of a larger tensor nothing is summed."""
_FEW = 256
"""So many are summed by Python, which is quicker then."""

Sums = tuple[float, float, float, float, float, float]
"""Count, Σ|x|, Σx², Σx, Σ i·x / n with i from 1, and the count of infinities and NaN."""
NONE: Sums = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Digester:
    """Sums the elements of plain tensors."""

    __slots__ = ("_float64", "_is_floating", "_reader", "_torch")

    def __init__(self, reader: Reader, torch: Any) -> None:  # noqa: ANN401 - the module
        self._reader = reader
        self._torch = torch
        self._float64 = torch.float64

    def sums(self, tensor: Any) -> Sums:  # noqa: ANN401 - of torch
        """Give the sums of a tensor; only the count where it cannot be read or is too large."""
        count = self._reader.numel(tensor)
        if count <= _FEW:
            return _summed(self._reader.whole(tensor))
        if count > MAX_ELEMENTS:
            return (float(count), 0.0, 0.0, 0.0, 0.0, float(count))
        numbers = tensor.detach().reshape(-1).to(self._float64)
        finite = numbers.isfinite()
        strange = count - int(finite.sum())
        if strange:
            numbers = numbers.where(finite, 0.0)
        places = self._torch.arange(1, count + 1, dtype=self._float64)
        each = (numbers.abs().sum(), (numbers * numbers).sum(), numbers.sum())
        placed = float((numbers * places).sum()) / count
        size, square, plain = map(float, each)
        return (float(count), size, square, plain, placed, float(strange))


def _summed(values: list[Any]) -> Sums:
    numbers = flat(values)
    if not numbers or type(numbers[0]) is complex:
        return NONE
    size = square = plain = placed = strange = 0.0
    for place, number in enumerate(map(float, numbers), 1):
        if not math.isfinite(number):
            strange += 1
            continue
        size += abs(number)
        square += number * number
        plain += number
        placed += place * number
    return (float(len(numbers)), size, square, plain, placed / len(numbers), strange)


def added(several: Iterable[Sums]) -> Sums:
    """Give the sums over several tensors, in whatever order they come."""
    total = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    for each in several:
        for place, number in enumerate(each):
            total[place] += number
    return (total[0], total[1], total[2], total[3], total[4], total[5])


def as_json(sums: Sums) -> str:
    """Give them as a list of JSON; what is not finite as a text."""
    return "[" + ",".join(map(_number, sums)) + "]"


def _number(value: float) -> str:
    return f"{value:.9g}" if math.isfinite(value) else f'"{value}"'
