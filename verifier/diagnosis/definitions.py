"""What a submission's text defines: classes, functions, names, and calls with what they are given.

Read from the ast, never run, and only for a script that an error ended. Bounded as `source` is.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier.checks.syntax import parsed
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_NODES = 40_000
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_GIVING = (ast.Yield, ast.YieldFrom)
_INIT = "__init__"
_MISSPELT = frozenset({"init", "__int__", "int", "__inti__", "__initi__"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function or method of the script's."""

    name: str
    first: int
    last: int
    takes: tuple[str, ...]
    """Names of its positional arguments."""
    gives: bool
    """Whether a ``return`` with a value, or a ``yield``, stands anywhere in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class of the script's."""

    name: str
    line: int
    has_base: bool
    methods: Mapping[str, Function]

    @property
    def misspelt_init(self) -> Function | None:
        """The method that was meant as ``__init__``, where there is none of that name."""
        if _INIT in self.methods:
            return None
        return next((m for name, m in self.methods.items() if _is_like_init(name)), None)

    @property
    def misspelt_forward(self) -> Function | None:
        """The method that was meant as ``forward``."""
        alike = difflib.get_close_matches("forward", list(self.methods), n=1, cutoff=0.7)
        return self.methods[alike[0]] if alike else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Everything read."""

    classes: Mapping[str, Class] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    """Those outside of classes."""
    bound: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Every line that gives a name a value, in ascending order; imports and definitions too."""
    calls: tuple[ast.Call, ...] = ()
    """In the order of their lines."""
    alone: frozenset[int] = frozenset()
    """Ids of the calls that are a statement of their own: nothing is done with their value."""
    given: Mapping[int, str] = field(default_factory=dict)
    """The name that the value of a call is given, by the call's id."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names that stand for something else uncalled: ``loss_fn`` for ``BCELoss``."""
    kept: frozenset[str] = frozenset()
    """Names that are given to ``self``: ``act`` of ``self.act = …``."""

    def called(self, *names: str) -> tuple[ast.Call, ...]:
        """Give the calls of any of these names, whatever stands in front of a point."""
        return tuple(call for call in self.calls if name_of(call.func) in names)


def read_definitions(source: bytes) -> Definitions:
    """Read a submission's text; never raises."""
    tree = parsed(source)
    return Definitions() if tree is None else _read(tree)


def name_of(target: ast.AST) -> str:
    """Give the last part of what is called or read: ``SGD`` of ``torch.optim.SGD``."""
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def written(call: ast.Call) -> str:
    """Show a call of plain arguments as it is written, from its last name on."""
    arguments = ", ".join(ast.unparse(each) for each in call.args[:4])
    return printable(f"{name_of(call.func)}({arguments})", limit=60)


def _is_like_init(name: str) -> bool:
    return name in _MISSPELT or (name.strip("_") in {"init", "Init", "INIT"} and name != _INIT)


def _read(tree: ast.Module) -> Definitions:
    reader = _Reader()
    for node in _nodes(tree):
        for name in _names_bound(node):
            reader.bound.setdefault(name, []).append(node.lineno)  # type: ignore[attr-defined] # all have
        reader.note_definition(node)
        reader.note_value(node)
    return Definitions(
        classes=reader.classes,
        functions=reader.functions,
        bound={name: tuple(sorted(lines)) for name, lines in reader.bound.items()},
        calls=tuple(sorted(reader.calls, key=lambda call: call.lineno)),
        alone=frozenset(reader.alone),
        given=reader.given,
        aliases=reader.aliases,
        kept=frozenset(reader.kept),
    )


class _Reader:
    """Gathers what `Definitions` holds."""

    def __init__(self) -> None:
        self.classes: dict[str, Class] = {}
        self.functions: dict[str, Function] = {}
        self.bound: dict[str, list[int]] = {}
        self.calls: list[ast.Call] = []
        self.alone: set[int] = set()
        self.given: dict[int, str] = {}
        self.aliases: dict[str, str] = {}
        self.kept: set[str] = set()
        self._methods: set[int] = set()

    def note_definition(self, node: ast.AST) -> None:
        """Note a class or a function."""
        if isinstance(node, ast.ClassDef):
            self.classes.setdefault(node.name, _class(node))
            self._methods |= {id(each) for each in node.body}
        elif isinstance(node, _FUNCTIONS) and id(node) not in self._methods:
            self.functions.setdefault(node.name, _function(node))

    def note_value(self, node: ast.AST) -> None:
        """Note a call, or what a name is given."""
        match node:
            case ast.Call():
                self.calls.append(node)
            case ast.Expr(value=ast.Call()):
                self.alone.add(id(node.value))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()):
                self.given[id(node.value)] = name
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Name(id=other) | ast.Attribute(attr=other)
            ):
                self.aliases[name] = other
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                self.kept.add(name)
            case _:
                pass


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk outer nodes before inner ones, on a stack of its own."""
    stack = [tree]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        yield node
        stack.extend(ast.iter_child_nodes(node))


def _names_bound(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [each.asname or each.name.partition(".")[0] for each in names]
        case _:
            return []


def _class(node: ast.ClassDef) -> Class:
    methods = {each.name: _function(each) for each in node.body if isinstance(each, _FUNCTIONS)}
    return Class(name=node.name, line=node.lineno, has_base=bool(node.bases), methods=methods)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    return Function(
        name=node.name,
        first=node.lineno,
        last=node.end_lineno or node.lineno,
        takes=tuple(each.arg for each in (*node.args.posonlyargs, *node.args.args)),
        gives=any(_gives(each) for each in _own_nodes(node)),
    )


def _gives(node: ast.AST) -> bool:
    return isinstance(node, _GIVING) or (isinstance(node, ast.Return) and node.value is not None)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Walk a function without the functions and classes inside it."""
    stack = list(ast.iter_child_nodes(function))
    for _ in range(_MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(node))
