"""A script as a tree: its statements with where they stand, its calls, and what its names mean.

The scripts are those of ``tests/lab/styles`` and of a lab's mistakes. Nothing here runs them.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Loop = ast.For | ast.While

_Node = TypeVar("_Node", bound=ast.AST)
_BLOCKS = ("body", "orelse", "finalbody")
_FIRST_LINE = "one_training_step"
"""What the straight part of a script prints first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A statement and where it stands."""

    statement: ast.stmt
    block: list[ast.stmt]
    """The list that holds it; changing the list changes the tree."""
    inside: tuple[ast.stmt, ...]
    """The statements around it, the outermost first."""

    @property
    def index(self) -> int:
        """Its place in its block."""
        return next(n for n, each in enumerate(self.block) if each is self.statement)

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The loops around it, up to its function."""
        return tuple(each for each in self._near if isinstance(each, Loop))

    @property
    def straight(self) -> bool:
        """Whether it runs once, in the script's own order."""
        return not self.loops and self._of_the_script

    @property
    def looped(self) -> bool:
        """Whether it runs in a loop of the script's own."""
        return bool(self.loops) and self._of_the_script

    @property
    def _near(self) -> tuple[ast.stmt, ...]:
        last = max((n for n, each in enumerate(self.inside) if is_function(each)), default=-1)
        return self.inside[last + 1 :]

    @property
    def _of_the_script(self) -> bool:
        around = [each for each in self.inside if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        return all(isinstance(each, ast.FunctionDef) and is_main(each) for each in around)

    def drop(self) -> None:
        """Take the statement out; what is left empty gets a ``pass``."""
        del self.block[self.index]
        if not self.block:
            self.block.append(ast.Pass())

    def put_before(self, *statements: ast.stmt) -> None:
        """Put statements in front of it."""
        at = self.index
        self.block[at:at] = statements

    def put_after(self, *statements: ast.stmt) -> None:
        """Put statements behind it."""
        at = self.index + 1
        self.block[at:at] = statements


def read(source: bytes) -> ast.Module:
    """Parse a script.

    Raises:
        SyntaxError: It is none.
    """
    return ast.parse(source)


def written(tree: ast.Module) -> bytes:
    """Write a tree as a script: comments and layout are gone."""
    return (ast.unparse(ast.fix_missing_locations(tree)) + "\n").encode()


def statements(text: str) -> list[ast.stmt]:
    """Parse statements that are put into a script."""
    return ast.parse(text).body


def statement(text: str) -> ast.stmt:
    """Parse one statement."""
    (only,) = statements(text)
    return only


def expression(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


def spots(tree: ast.Module) -> list[Spot]:
    """List every statement, in the order of the text."""
    return list(_spots(tree.body, ()))


def _spots(block: list[ast.stmt], inside: tuple[ast.stmt, ...]) -> Iterator[Spot]:
    for each in list(block):
        yield Spot(statement=each, block=block, inside=inside)
        for inner in blocks_of(each):
            yield from _spots(inner, (*inside, each))


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Give the lists of statements right under a node."""
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list) and block:
            yield block
    for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from blocks_of(holder)


def is_function(node: ast.AST) -> bool:
    """Whether a statement defines a function."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def is_main(function: ast.FunctionDef) -> bool:
    """Whether a function is the script itself: it prints the first line and trains."""
    return _FIRST_LINE in constants(function, str) and any(
        called(call) == "backward" for call in calls(function)
    )


def nodes(tree: ast.AST, kind: type[_Node]) -> list[_Node]:
    """List every node of a kind, in the order of the text."""
    found: list[_Node] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            found.append(node)
        # As ast.iter_child_nodes, the last first: most of the generation's time goes by here.
        for name in reversed(node._fields):
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [each for each in reversed(value) if isinstance(each, ast.AST)]
    return found


def constants(tree: ast.AST, kind: type) -> list[object]:
    """List the values of a kind that stand in the script; True is no number."""
    return [each.value for each in nodes(tree, ast.Constant) if type(each.value) is kind]


def called(call: ast.Call) -> str:
    """Give the last part of the name that is called, ``step`` of ``self.optimizer.step()``."""
    return last_name(call.func)


def last_name(node: ast.AST) -> str:
    """Give the last part of a dotted name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST, *names: str) -> list[ast.Call]:
    """List the calls of these names; of none named, all."""
    return [each for each in nodes(tree, ast.Call) if not names or called(each) in names]


def calls_method(node: ast.stmt, name: str) -> bool:
    """Whether a statement is nothing but a call of a method, ``loss.backward()``."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == name
    )


def assigned_name(node: ast.stmt) -> str:
    """Give the one name that a statement assigns; empty if it does not, or assigns more."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
        case _:
            return ""


def stored_names(tree: ast.AST) -> set[str]:
    """Every name that a script gives to a value, a function, a class, an argument, an import."""
    found = set()
    for each in nodes(tree, ast.AST):
        match each:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.alias():
                found.add(_bound(each))
    return found


def imported_names(tree: ast.AST) -> set[str]:
    """Every name that an import binds."""
    return {_bound(alias) for alias in nodes(tree, ast.alias)}


def _bound(alias: ast.alias) -> str:
    return (alias.asname or alias.name).split(".")[0]


def loaded_names(tree: ast.AST) -> set[str]:
    """Every name that is looked up."""
    return {each.id for each in nodes(tree, ast.Name) if isinstance(each.ctx, ast.Load)}


def fresh_name(tree: ast.AST, wish: str) -> str:
    """Give a name that the script does not use, as near to a wish as may be."""
    return free_name(taken_names(tree), wish)


def taken_names(tree: ast.AST) -> set[str]:
    """Every name that means something in a script, Python's own included."""
    return stored_names(tree) | loaded_names(tree) | set(dir(builtins))


def free_name(taken: set[str], wish: str) -> str:
    """Give a name that is not taken, as near to a wish as may be."""
    while wish in taken:
        wish += "_"
    return wish


def torch_name(tree: ast.AST) -> str:
    """Give the name that torch is imported as; empty if it is not imported whole."""
    for each in nodes(tree, ast.Import):
        for alias in each.names:
            if alias.name == "torch":
                return alias.asname or "torch"
    return ""


def after_imports(tree: ast.Module) -> int:
    """Give the place in the body behind its docstring and imports at the top."""
    at = 0
    for n, each in enumerate(tree.body):
        if isinstance(each, ast.Import | ast.ImportFrom):
            at = n + 1
        elif not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)):
            break
    return at


def replaced(tree: ast.AST, change: Callable[[ast.expr], ast.expr | None]) -> bool:
    """Replace expressions, the innermost first; say whether any was.

    Args:
        tree: What is changed in place.
        change: Gives what an expression becomes, or None to leave it.
    """
    replacer = _Replacer(change)
    replacer.visit(tree)
    return replacer.changed


class _Replacer(ast.NodeTransformer):
    def __init__(self, change: Callable[[ast.expr], ast.expr | None]) -> None:
        self._change = change
        self.changed = False

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if not isinstance(node, ast.expr):
            return node
        new = self._change(node)
        if new is None:
            return node
        self.changed = True
        return new
