"""Facts of a submission's source text: calls with their lines, names, imports, numbers, loops.

Read from the ast, never run. Bounded: a text that is too long, nested too deep or no Python
gives no facts.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from verifier.checks.syntax import parsed
from verifier.diagnosis.tensors import NO_TENSORS, TensorFacts, read_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_NODES = 30_000
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COUNTS = frozenset({"Linear", "manual_seed", "print", "range", "round"})
"""Calls whose numbers are counts and sizes."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

Constant = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call in the text."""

    name: str
    """The last part, as ``SGD`` in ``torch.optim.SGD(…)``."""
    path: str
    """All parts that are plain names, as ``torch.optim.SGD``."""
    line: int
    looped: bool
    """Whether it stands in the body of a loop."""
    numbers: tuple[float, ...]
    """Numbers among its positional arguments."""
    keywords: Mapping[str, float | None]
    """Named arguments; None for one that is no plain number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """Everything read."""

    calls: tuple[Call, ...] = ()
    """In the order of their lines."""
    uncalled: Mapping[str, int] = field(default_factory=dict)
    """Attributes that stand alone as a statement, as ``optimizer.step`` without brackets."""
    assigned: Mapping[str, int] = field(default_factory=dict)
    """Names that are given a value, a parameter or definition included, with the first line."""
    defined: frozenset[str] = frozenset()
    """Names of the functions and classes that it defines."""
    imported: frozenset[str] = frozenset()
    """Names that imports bind."""
    mentioned: Mapping[str, int] = field(default_factory=dict)
    """Every name and attribute, with the first line."""
    constants: frozenset[float] = frozenset()
    """Every number but data in lists and tuples, and counts; a sign in front is ignored."""
    clears: tuple[int, ...] = ()
    """Lines that clear a gradient by hand."""
    functions: tuple[tuple[int, int], ...] = ()
    """First and last line of every function, the outer ones first."""
    loops: tuple[tuple[int, int], ...] = ()
    """The same of every loop."""
    tensors: TensorFacts = NO_TENSORS
    """What it does to tensors."""
    lines: int = 0

    def called(self, *names: str) -> tuple[Call, ...]:
        """Give the calls of any of these names."""
        return tuple(call for call in self.calls if call.name in names)

    def line_of(self, *names: str) -> int | None:
        """Give the first line that mentions one of these names."""
        return min((self.mentioned[name] for name in names if name in self.mentioned), default=None)

    def scope_of(self, line: int) -> int:
        """Give the first line of the innermost function around a line; 0 outside of all."""
        return _around(line, self.functions)

    def loop_of(self, line: int) -> int:
        """Give the first line of the innermost loop around a line; 0 outside of all."""
        return _around(line, self.loops)


def _around(line: int, spans: tuple[tuple[int, int], ...]) -> int:
    return max((first for first, last in spans if first <= line <= last), default=0)


NO_FACTS = SourceFacts()
"""Of a text that cannot be read."""


def read_source(source: bytes) -> SourceFacts:
    """Read a submission's text; never raises."""
    tree = parsed(source)
    if tree is None:
        return NO_FACTS
    tensors = read_tensors(list(islice(ast.walk(tree), _MAX_NODES)))
    reader = _Reader()
    reader.read(tree)
    return SourceFacts(
        calls=tuple(sorted(reader.calls, key=lambda call: call.line)),
        uncalled=reader.uncalled,
        assigned=reader.assigned,
        defined=frozenset(reader.defined),
        imported=frozenset(reader.imported),
        mentioned=reader.mentioned,
        constants=frozenset(reader.constants),
        clears=tuple(sorted(reader.clears)),
        functions=tuple(sorted(reader.functions)),
        loops=tuple(sorted(reader.loops)),
        tensors=tensors,
        lines=source.count(b"\n") + 1,
    )


class _Reader:
    """Walks a tree on a stack of its own, so that depth costs nothing."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.uncalled: dict[str, int] = {}
        self.assigned: dict[str, int] = {}
        self.defined: set[str] = set()
        self.imported: set[str] = set()
        self.mentioned: dict[str, int] = {}
        self.constants: set[float] = set()
        self.clears: list[int] = []
        self.functions: list[tuple[int, int]] = []
        self.loops: list[tuple[int, int]] = []

    def read(self, tree: ast.AST) -> None:
        stack: list[tuple[ast.AST, bool]] = [(tree, False)]
        for _ in range(_MAX_NODES):
            if not stack:
                return
            node, looped = stack.pop()
            self._note(node, looped=looped)
            inner = (looped or isinstance(node, _LOOPS)) and not isinstance(node, _FUNCTIONS)
            stack.extend((child, inner) for child in ast.iter_child_nodes(node))

    def _note(self, node: ast.AST, *, looped: bool) -> None:
        match node:
            case ast.Call():
                self._call(node, looped=looped)
            case ast.Expr(value=ast.Attribute(attr=name)):
                _first(self.uncalled, name, node.lineno)
            case ast.Constant():
                self.constants |= _plain(node.value)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                node.elts = [each for each in elements if not isinstance(each, ast.Constant)]
            case ast.For() | ast.AsyncFor() | ast.While():
                self.loops.append((node.lineno, node.end_lineno or node.lineno))
            case _:
                self._note_name(node)

    def _note_name(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name):
                _first(self.mentioned, name, node.lineno)
                if isinstance(node.ctx, ast.Store):
                    _first(self.assigned, name, node.lineno)
            case ast.Attribute(attr=name):
                _first(self.mentioned, name, node.lineno)
                if name == "grad" and isinstance(node.ctx, ast.Store):
                    self.clears.append(node.lineno)
            case ast.arg(arg=name):
                _first(self.assigned, name, node.lineno)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.defined.add(node.name)
                _first(self.assigned, node.name, node.lineno)
                if not isinstance(node, ast.ClassDef):
                    self.functions.append((node.lineno, node.end_lineno or node.lineno))
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                self.imported |= {each.asname or each.name.partition(".")[0] for each in names}
            case _:
                pass

    def _call(self, node: ast.Call, *, looped: bool) -> None:
        parts: list[str] = []
        target: ast.AST = node.func
        if isinstance(target, ast.Attribute) and target.attr == "zero_":
            owner = target.value
            if isinstance(owner, ast.Attribute) and owner.attr == "grad":
                self.clears.append(node.lineno)
        while isinstance(target, ast.Attribute):
            parts.append(target.attr)
            target = target.value
        if isinstance(target, ast.Name):
            parts.append(target.id)
        if not parts:
            return
        self.calls.append(
            Call(
                name=parts[0],
                path=".".join(reversed(parts)),
                line=node.lineno,
                looped=looped,
                numbers=tuple(n for each in node.args if (n := _number(each)) is not None),
                keywords={each.arg: _setting(each.value) for each in node.keywords if each.arg},
            )
        )
        if parts[0] in _COUNTS:
            node.args = [each for each in node.args if not isinstance(each, ast.Constant)]


def _first(lines: dict[str, int], name: str, line: int) -> None:
    lines[name] = min(line, lines.get(name, line))


def _setting(node: ast.AST) -> float | None:
    """Read a named argument: a number, or a truth as 1 or 0."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return float(node.value)
    return _number(node)


def _number(node: ast.AST) -> float | None:
    match node:
        case ast.Constant(value=value):
            return next(iter(_plain(value)), None)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
            return next((-each for each in _plain(value)), None)
        case _:
            return None


def _plain(value: object) -> set[float]:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return set()
    try:
        return {float(value)}
    except OverflowError:
        return set()
