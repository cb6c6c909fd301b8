"""Memory that a text asks for and never writes to: whatever lay there are then its numbers.

Read from the ast, never run; by names, whatever their scope. Where something may have been
written, nothing is said.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from verifier.diagnosis.names import called_name, chain_of, is_module, pairs_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_EMPTY = frozenset(
    {
        *("empty", "empty_like", "empty_permuted", "empty_strided", "new_empty"),
        "new_empty_strided",
    }
)
_CLASSES = frozenset(
    {
        *("BFloat16Tensor", "ByteTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor"),
        *("LongTensor", "ShortTensor", "Tensor", "ndarray", "new"),
    }
)
"""Given sizes they give memory, given numbers a tensor of these."""
_WRITERS = frozenset(
    {
        *(
            "bernoulli_",
            "cauchy_",
            "copy_",
            "copyto",
            "exponential_",
            "fill",
            "fill_",
            "geometric_",
        ),
        *(
            "index_copy_",
            "index_fill_",
            "itemset",
            "log_normal_",
            "masked_fill_",
            "normal_",
            "put_",
        ),
        *("random_", "scatter_", "set_", "uniform_", "zero_"),
    }
)
"""What gives a tensor its numbers, whatever lay there before; so does what `nn.init` holds."""
_FEW_ALIASES = 4
_MANY = 32
"""Calls that give memory, beyond which no more are looked at."""


def unwritten(nodes: Sequence[ast.AST]) -> Iterator[ast.Call]:
    """Find the calls that give memory to which nothing is written."""
    reader = _Reader(nodes)
    for node in nodes:
        reader.read(node)
    return reader.unwritten()


class _Reader:
    """Collects memory, what is written to, and the names that both go under."""

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        self._memory: list[ast.Call] = []
        self._filled: set[int] = set()
        """The identities of parts of chains that are written to."""
        self._written: set[str] = set()
        self._looped: set[str] = set()
        """Names that stand for many things, one after the other."""
        self._bound: list[tuple[str, ast.expr]] = []
        """Names, each with its value."""
        self._own: set[str] = set()
        self._sizes: set[str] = set()
        """Names of whole numbers."""
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self._own.add(node.name)
            elif isinstance(node, ast.Assign) and _is_whole(node.value):
                self._sizes |= {path_of(target) for target in node.targets}

    def read(self, node: ast.AST) -> None:
        """Take a node up."""
        match node:
            case ast.Call():
                self._call(node)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bound += [(path_of(a), b) for a, b in pairs_of(target, value)]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bound.append((path_of(target), value))
            case ast.For(target=target):
                self._looped |= {path_of(each) for each in getattr(target, "elts", [target])}
            case ast.FunctionDef(name=name):
                returned = (each.value for each in ast.walk(node) if isinstance(each, ast.Return))
                self._bound += [(f"{name}()", each) for each in returned if each is not None]
            case (
                ast.Attribute(attr="data", value=owner, ctx=ast.Store())
                | ast.Subscript(value=owner, ctx=ast.Store())
            ):
                self._write(owner)
            case _:
                pass

    def _call(self, node: ast.Call) -> None:
        name, owner = called_name(node), getattr(node.func, "value", None)
        given = [*node.args, *(each.value for each in node.keywords if each.arg == "out")]
        if self._is_memory(node, name):
            self._memory.append(node)
        elif name in _WRITERS and owner is not None and not is_module(owner):
            self._write(owner)
        elif (
            name in _WRITERS
            or name in self._own
            or (name.endswith("_") and "init" in path_of(owner).split("."))
            or len(given) > len(node.args)
        ):
            for each in given:
                self._write(each)

    def _is_memory(self, node: ast.Call, name: str) -> bool:
        args = [*node.args, *(each.value for each in node.keywords if each.arg == "size")]
        if not args or name in self._own or any(map(_is_nothing, args)):
            return False
        if name in _CLASSES:
            return len(node.args) > 1 or any(map(self._is_size, args))
        return name in _EMPTY

    def _is_size(self, node: ast.expr) -> bool:
        """Whether a class that is given it alone takes it for a size."""
        match node:
            case ast.Starred() | ast.Attribute(attr="shape"):
                return True
            case ast.Call():
                return called_name(node) in {"size", "Size"}
            case _:
                return _is_whole(node) or path_of(node) in self._sizes

    def _write(self, node: ast.expr) -> None:
        for each in chain_of(node):
            self._filled.add(id(each))
            self._written.add(path_of(each))

    def unwritten(self) -> Iterator[ast.Call]:
        """Give what is left when all was read."""
        if self._looped & self._written:
            return  # whatever goes through the loop
        memory = {id(each): number for number, each in enumerate(self._memory[:_MANY])}
        owners: dict[str, set[int]] = {}
        found: dict[int, set[int]] = {}
        for name, value in self._bound:
            if id(value) not in found:
                inner = map(id, ast.walk(value))
                found[id(value)] = {memory[each] for each in inner if each in memory}
            owners.setdefault(name, set()).update(found[id(value)])
        for _ in range(_FEW_ALIASES):
            for name, value in self._bound:
                owners[name] |= owners.get(_alias(value), set())
        written = {number for name in self._written - {""} for number in owners.get(name, ())}
        for number, call in enumerate(self._memory[:_MANY]):
            if id(call) not in self._filled and number not in written:
                yield call


def _alias(value: ast.expr) -> str:
    """Give the name that a value is another one for, or the function that gave it."""
    if path_of(value):
        return path_of(value)
    *_, last = chain_of(value)
    if isinstance(last, ast.Call) and isinstance(last.func, ast.Name):
        return f"{last.func.id}()"
    return path_of(last)


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _is_nothing(node: ast.expr) -> bool:
    """Whether a size holds no elements."""
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    return any(isinstance(each, ast.Constant) and each.value == 0 for each in parts)
