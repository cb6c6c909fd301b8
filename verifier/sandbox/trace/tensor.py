"""A tensor as the trace shows it, read without leaving a mark on it.

Only methods of torch's own base class are used, taken before a script could replace them
in `torch.Tensor`; none of them draws a number, records an operation or warns.
"""

from __future__ import annotations

import builtins
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.format import MAX_NAME, MAX_VALUES, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_MAX_KINDS = 1_000

_UNKNOWN = f'{{"shape":[],"dtype":"{UNKNOWN}","grad":false,"fn":null,"v":[]}}'
_METHODS = ("detach", "dim", "narrow", "numel", "select", "tolist", "untyped_storage")
_ATTRIBUTES = (
    *("dtype", "grad", "grad_fn", "is_leaf", "is_nested", "layout", "requires_grad"),
    "shape",
)

Values = list[Any]
"""Numbers, or lists of lists of numbers, as `tolist` nests them; empty where unreadable."""

_hex = float.hex


def text(name: str) -> str:
    """Give a name as JSON; a script may have chosen it."""
    return encode_basestring_ascii(name[:MAX_NAME])


def flat(values: Values) -> list[Any]:
    """Give the numbers in one list."""
    while values and type(values[0]) is list:
        values = [value for row in values for value in row]
    return values


def hexes(values: Values | None) -> str:
    """Give numbers as JSON: a list of texts that `float.fromhex` reads, or null."""
    if values is None:
        return "null"
    numbers = flat(values)
    if not numbers:
        return "[]"
    if type(numbers[0]) is complex:
        return "[]"
    if type(numbers[0]) is not float:
        numbers = [float(number) for number in numbers]
    return '["' + '","'.join(map(_hex, numbers)) + '"]'


def several(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 - whatever a script hands over
    """Give what a list, tuple or dictionary holds; anything else alone."""
    if type(value) in {list, tuple}:
        return tuple(value)
    return tuple(value.values()) if type(value) is dict else (value,)


class Reader:
    """Reads tensors of any kind. Methods take plain ones only, but where they say otherwise."""

    __slots__ = (
        *("_base", "_dispatch_modes", "_dtypes", "_exact", "_kinds"),
        *("_strided", *(f"_{name}" for name in (*_METHODS, *_ATTRIBUTES))),
    )

    _detach: Callable[[Any], Any]
    _dim: Callable[[Any], int]
    _dtype: Callable[[Any], Any]
    _grad: Callable[[Any], Any]
    _grad_fn: Callable[[Any], Any]
    _is_leaf: Callable[[Any], bool]
    _is_nested: Callable[[Any], bool]
    _layout: Callable[[Any], Any]
    _narrow: Callable[[Any, int, int, int], Any]
    _numel: Callable[[Any], int]
    _requires_grad: Callable[[Any], bool]
    _select: Callable[[Any, int, int], Any]
    _shape: Callable[[Any], tuple[int, ...]]
    _tolist: Callable[[Any], Any]
    _untyped_storage: Callable[[Any], Any]

    def __init__(self, torch: Any) -> None:  # noqa: ANN401 - the module, imported by the caller
        base = torch._C.TensorBase  # noqa: SLF001 - the C class, which scripts cannot change
        for name in _METHODS:
            setattr(self, f"_{name}", getattr(base, name))
        for name in _ATTRIBUTES:
            setattr(self, f"_{name}", getattr(base, name).__get__)
        self._base = base
        self._exact = frozenset((torch.Tensor, torch.nn.Parameter))
        dtypes = [each for each in vars(torch).values() if type(each) is torch.dtype]
        self._dtypes = {each: str(each).removeprefix("torch.") for each in dtypes}
        self._strided = torch.strided
        self._dispatch_modes = torch._C._len_torch_dispatch_stack  # noqa: SLF001
        self._kinds: dict[tuple[Any, ...], str] = {}
        """What was said of tensors before their values; most are of few kinds."""

    def is_tensor(self, value: object) -> bool:
        """Whether it is a tensor of any kind."""
        return type(value) in self._exact or issubclass(type(value), self._base)

    def is_plain(self, value: object) -> bool:
        """Whether it is a tensor that answers for itself, without code of a script or a mode."""
        kind = type(value)
        if kind not in self._exact:
            if not issubclass(kind, self._base):
                return False
            if any(_is_foreign(each) for each in kind.__mro__ if each not in self._exact):
                return False
        return not self._is_nested(value)

    def described(self, tensor: Any) -> str:  # noqa: ANN401 - of torch
        """Give a tensor as JSON; anything else as a tensor of which nothing is known."""
        if not self.is_plain(tensor):
            return _UNKNOWN
        node = self.grad_fn(tensor)
        key = (self._shape(tensor), self._dtype(tensor), self._requires_grad(tensor), type(node))
        known = self._kinds.get(key)
        if known is None:
            function = "null" if node is None else text(type(node).__name__)
            known = f'{{{self.kind(tensor)},"fn":{function},"v":'
            if len(self._kinds) < _MAX_KINDS:
                self._kinds[key] = known
        return f"{known}{hexes(self.values(tensor))}}}"

    def kind(self, tensor: Any) -> str:  # noqa: ANN401 - of torch
        """Give shape, type, and whether a tensor requires a gradient, as members of JSON."""
        dtype = self._dtypes.get(self._dtype(tensor), UNKNOWN)
        grad = "true" if self._requires_grad(tensor) else "false"
        return f'"shape":{list(self._shape(tensor))},"dtype":"{dtype}","grad":{grad}'

    def values(self, tensor: Any) -> Values:  # noqa: ANN401 - of torch
        """Give the first elements of a tensor; none where they cannot be read."""
        try:
            if self._numel(tensor) > MAX_VALUES:
                return self._first(tensor)
            found = self._tolist(tensor)
        except RuntimeError:  # sparse, quantised, without memory of its own
            return []
        return found if type(found) is list else [found]

    def shape(self, tensor: Any) -> list[int]:  # noqa: ANN401 - of torch
        """Give its shape."""
        return list(self._shape(tensor))

    def memory(self, tensor: Any) -> int:  # noqa: ANN401 - of torch
        """Give the address of its memory, which its views share; 0 where it has none."""
        try:
            return int(self._untyped_storage(tensor).data_ptr())
        except (RuntimeError, NotImplementedError):
            return 0

    def whole(self, tensor: Any) -> Values:  # noqa: ANN401 - of torch
        """Give all elements of a tensor, which has few; none where they cannot be read."""
        try:
            found = self._tolist(tensor)
        except RuntimeError:  # sparse, quantised, without memory of its own
            return []
        return found if type(found) is list else [found]

    def gradient(self, leaf: Any) -> Any:  # noqa: ANN401 - of torch
        """Give a leaf's gradient itself; None where there is none or it is none to be read."""
        if not self._is_leaf(leaf):
            return None
        grad = self._grad(leaf)
        return grad if grad is None or self.is_plain(grad) else None

    def grad(self, leaf: Any) -> Values | None:  # noqa: ANN401 - of torch
        """Give the first elements of a leaf's gradient; None where there is none."""
        if not self._is_leaf(leaf):  # asked for its gradient, any other would warn
            return None
        grad = self._grad(leaf)
        if grad is None:
            return None
        return self.values(grad) if type(grad) in self._exact or self.is_plain(grad) else []

    def is_leaf(self, tensor: Any) -> bool:  # noqa: ANN401 - of torch
        """Whether gradients gather in it."""
        return bool(self._requires_grad(tensor) and self._is_leaf(tensor))

    def grad_fn(self, tensor: Any) -> Any:  # noqa: ANN401 - a node of torch
        """Give the node of the graph that made it; None where there is none."""
        try:
            return self._grad_fn(tensor)
        except RuntimeError:  # a view of what has been written to since
            return None

    def number(self, value: object) -> str:
        """Give one number, which may be a tensor, as JSON; null where it is none."""
        if issubclass(type(value), (int, float)):
            return f'"{float(value).hex()}"'  # type: ignore[arg-type] # seen above
        if self.is_plain(value) and self._numel(value) == 1:
            return hexes(self.values(value))[1:-1] or "null"
        return "null"

    def dim(self, tensor: Any) -> int:  # noqa: ANN401 - of torch
        """Give how many dimensions it has."""
        return int(self._dim(tensor))

    def numel(self, tensor: Any) -> int:  # noqa: ANN401 - of torch
        """Give how many elements it has."""
        return int(self._numel(tensor))

    def _first(self, tensor: Any) -> Values:  # noqa: ANN401 - of torch
        # Elements of another layout are costly to select; a mode of the script would see it.
        if self._layout(tensor) is not self._strided or self._dispatch_modes():
            return []
        part = self._detach(tensor)
        while self._dim(part) > 1:
            row = self._select(part, 0, 0)
            if self._numel(row) < MAX_VALUES:
                rows = -(-MAX_VALUES // self._numel(row))
                return flat(self._tolist(self._narrow(part, 0, 0, rows)))[:MAX_VALUES]
            part = row
        return list(self._tolist(self._narrow(part, 0, 0, MAX_VALUES)))


def _is_foreign(kind: type) -> bool:
    """Whether a subclass answers for its tensors with code of its own."""
    return "__torch_dispatch__" in kind.__dict__
