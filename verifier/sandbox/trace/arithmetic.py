"""The arithmetic of a script that trains without torch: what it gave, and what it was done with.

The script is compiled with a call around every operation, which gives back what it is given. So
this is for a run of its own, where a trace of torch explains nothing.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.format import MAX_LISTED, MAX_VALUES
from verifier.sandbox.trace.tensor import flat

if TYPE_CHECKING:
    import types

    from verifier.sandbox.trace.journal import Journal
    from verifier.sandbox.trace.tensor import Reader

_RESULT, _USED = ".result", ".used"
"""No name that a script can write."""
_FIRST, _LAST = 256, 448
"""So many numbers of a kind are written as they come, and of the others so many at the end.

A script that calculates at length before it trains, or after it, is not taken for one that
calculates nothing."""
_READING = frozenset(
    (
        *("array", "asarray", "eval", "float", "frombuffer", "fromhex", "fromstring", "get"),
        *("item", "literal_eval", "loads", "next", "pop", "tensor", "tolist", "unpack"),
    )
)
"""Calls that give numbers and calculate none."""


class Arithmetic:
    """Notes numbers in a journal, each once."""

    def __init__(self, journal: Journal, *, reader: Reader, unobserved: Any) -> None:  # noqa: ANN401
        self._journal = journal
        self._reader = reader
        self._unobserved = unobserved
        self._seen: tuple[dict[float, None], dict[float, None]] = ({}, {})
        """Results and operands not yet written, of each the last."""
        self._written: tuple[set[float], set[float]] = (set(), set())

    def compiled(self, source: bytes, path: str) -> types.CodeType:
        """Compile a script so that its operations are noted."""
        try:
            tree = ast.fix_missing_locations(_Instrumented().visit(ast.parse(source, path)))
            code: types.CodeType = compile(tree, path, "exec", dont_inherit=True)
        except (RecursionError, MemoryError, ValueError):
            return compile(source, path, "exec", dont_inherit=True)
        vars(builtins)[_RESULT] = lambda value: self._note(value, 0)
        vars(builtins)[_USED] = lambda value: self._note(value, 1)
        return code

    def write(self) -> None:
        """Write what is not yet written."""
        results, used = ([value.hex() for value in each] for each in self._seen)
        for seen, written in zip(self._seen, self._written, strict=True):
            written.update(seen)
            seen.clear()
        for start in range(0, max(len(results), len(used)), MAX_LISTED):
            one, other = (
                str(each[start : start + MAX_LISTED]).replace("'", '"') for each in (results, used)
            )
            self._journal.add_calculated(f'{{"e":"calculated","results":{one},"used":{other}}}')

    def _note(self, value: Any, which: int) -> Any:  # noqa: ANN401 - whatever a script calculates
        written, seen = self._written[which], self._seen[which]
        for number in (value,) if type(value) is float else self._numbers(value):
            if number not in written and number not in seen:
                seen[number] = None
                if len(seen) > _LAST:
                    del seen[next(iter(seen))]
        if len(seen) >= MAX_LISTED and len(written) < _FIRST:
            self.write()
        return value

    def _numbers(self, value: Any) -> list[float]:  # noqa: ANN401
        try:
            if self._reader.is_tensor(value):
                with self._unobserved():
                    found = self._reader.values(value) if self._reader.is_plain(value) else []
            elif type(value).__module__ == "numpy":
                found = value.ravel()[:MAX_VALUES].tolist()
            elif type(value).__module__ in {"decimal", "fractions"}:
                found = [float(value)]
            else:
                return []
            return [number for number in flat(found) if type(number) is float]
        except Exception:  # noqa: BLE001 - must not reach the script
            return []


class _Instrumented(ast.NodeTransformer):
    """Puts a call around what calculates."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        node.left, node.right = _noted(node.left, _USED), _noted(node.right, _USED)
        return _noted(node, _RESULT)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else None
        name = function.id if isinstance(function, ast.Name) else name
        return node if name is None or name in _READING else _noted(node, _RESULT)

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        self.generic_visit(node)
        target = _read_again(node.target)
        if target is None:
            return [node]
        before, after = (ast.Expr(_noted(target, which)) for which in (_USED, _RESULT))
        return [ast.copy_location(each, node) for each in (before, node, after)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        body = ast.Module(body=node.body, type_ignores=[])
        node.body = self.generic_visit(body).body  # type: ignore[attr-defined] # the same module
        return node


def _read_again(target: ast.expr) -> ast.expr | None:
    """Give the expression that reads a target; None where it holds more than names."""
    match target:
        case ast.Name(id=name):
            return ast.Name(id=name, ctx=ast.Load())
        case ast.Attribute(value=inner, attr=name):
            owner = _read_again(inner)
            return owner and ast.Attribute(value=owner, attr=name, ctx=ast.Load())
        case ast.Subscript(value=inner, slice=ast.Name() | ast.Constant() as index):
            owner = _read_again(inner)
            return owner and ast.Subscript(value=owner, slice=index, ctx=ast.Load())
        case _:
            return None


def _noted(node: ast.expr, which: str) -> ast.expr:
    call = ast.Call(func=ast.Name(id=which, ctx=ast.Load()), args=[node], keywords=[])
    return ast.copy_location(call, node)
