"""Scripts that Python cannot read: made from a right one at a place that its tree tells.

No tree stands for them, so the last step is at the text: which characters, the tree says.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bench.diagnosis.tree import nodes

if TYPE_CHECKING:
    from collections.abc import Callable

_QUOTES = ("\u2018", "\u2019")
"""What a word processor makes of quotation marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """A way to make a script unreadable."""

    name: str
    diagnosis: str
    also: tuple[str, ...]
    change: Callable[[list[str], ast.Module], bool]
    """Changes the lines of a script in place, given its tree; says whether it did."""


def broken(source: bytes, breakage: Breakage) -> bytes | None:
    """Break a script that a tree was written as; None where there is no place for it.

    The result is no Python: it is parsed once to see that.
    """
    text = source.decode()
    lines = text.splitlines()
    if not breakage.change(lines, ast.parse(text)):
        return None
    made = ("\n".join(lines) + "\n").encode()
    try:
        ast.parse(made)
    except SyntaxError:
        return made
    return None


def _remove(lines: list[str], row: int, column: int, wanted: str) -> bool:
    """Take one character out, at a row from 1 and a column from 0."""
    line = lines[row - 1]
    if line[column : column + 1] != wanted:
        return False
    lines[row - 1] = line[:column] + line[column + 1 :]
    return True


def _last_print(tree: ast.Module) -> ast.Call | None:
    found = [
        each
        for each in nodes(tree, ast.Call)
        if ast.unparse(each.func) == "print" and each.lineno == each.end_lineno
    ]
    return found[-1] if found else None


def _bracket(lines: list[str], tree: ast.Module) -> bool:
    call = _last_print(tree)
    return (
        call is not None
        and call.end_lineno is not None
        and call.end_col_offset is not None
        and _remove(lines, call.end_lineno, call.end_col_offset - 1, ")")
    )


def _bracket_of_the_tensor(lines: list[str], tree: ast.Module) -> bool:
    lists = [each for each in nodes(tree, ast.List) if each.lineno == each.end_lineno]
    outer = lists[0] if lists else None
    return (
        outer is not None
        and outer.end_lineno is not None
        and outer.end_col_offset is not None
        and _remove(lines, outer.end_lineno, outer.end_col_offset - 1, "]")
    )


def _colon(lines: list[str], tree: ast.Module) -> bool:
    """No colon behind the last loop, with block or function."""
    heads = [each for each in nodes(tree, ast.stmt) if isinstance(each, ast.For | ast.With)]
    if not heads:
        return False
    row = heads[-1].lineno
    return lines[row - 1].endswith(":") and _remove(lines, row, len(lines[row - 1]) - 1, ":")


def _old_print(lines: list[str], tree: ast.Module) -> bool:
    """``print "…"``, as in Python 2."""
    call = _last_print(tree)
    if call is None or call.end_col_offset is None or len(call.args) != 1:
        return False
    row, start, end = call.lineno - 1, call.col_offset, call.end_col_offset
    inner = lines[row][start + len("print(") : end - 1]
    lines[row] = f"{lines[row][:start]}print {inner}{lines[row][end:]}"
    return True


def _curly(lines: list[str], tree: ast.Module) -> bool:
    words = [
        each
        for each in nodes(tree, ast.Constant)
        if isinstance(each.value, str) and each.lineno == each.end_lineno
    ]
    for each in words:
        row, start, end = each.lineno - 1, each.col_offset, each.end_col_offset
        line = lines[row]
        if end is not None and line[start] == "'" and line[end - 1] == "'" and line.isascii():
            inner = line[start + 1 : end - 1]
            lines[row] = line[:start] + _QUOTES[0] + inner + _QUOTES[1] + line[end:]
            return True
    return False


def _comma(lines: list[str], tree: ast.Module) -> bool:
    """No comma between the two sizes of the layer."""
    found = [
        each
        for each in nodes(tree, ast.Call)
        if len(each.args) > 1
        and ast.unparse(each.func).endswith("Linear")
        and each.lineno == each.end_lineno
    ]
    if not found:
        return False
    first = found[0].args[0]
    return first.end_col_offset is not None and _remove(
        lines, first.lineno, first.end_col_offset, ","
    )


def _loops(tree: ast.Module) -> list[ast.For | ast.With]:
    return [each for each in nodes(tree, ast.stmt) if isinstance(each, ast.For | ast.With)]


def _body_at_the_margin(lines: list[str], tree: ast.Module) -> bool:
    """The body of the last block stands under its head."""
    heads = _loops(tree)
    if not heads:
        return False
    body = heads[-1].body
    for row in range(body[0].lineno - 1, (body[-1].end_lineno or body[-1].lineno)):
        lines[row] = " " * heads[-1].col_offset + lines[row].lstrip()
    return True


def _all_lost(lines: list[str], _tree: ast.Module) -> bool:
    bare = [line.lstrip() for line in lines]
    changed = bare != lines
    lines[:] = bare
    return changed


def _one_line_in(lines: list[str], tree: ast.Module) -> bool:
    """A line in the middle stands further right than its block."""
    simple = (ast.Expr, ast.Assign, ast.Import, ast.ImportFrom)
    plain = [
        second
        for first, second in pairwise(tree.body)
        if isinstance(first, simple) and isinstance(second, simple)
    ]
    if not plain:
        return False
    row = plain[len(plain) // 2].lineno - 1
    lines[row] = "    " + lines[row]
    return True


def _one_line_out(lines: list[str], tree: ast.Module) -> bool:
    """The last line of a block goes back to an indentation that there is not."""
    blocks = [each for each in _loops(tree) if len(each.body) > 1]
    if not blocks:
        return False
    row = blocks[-1].body[-1].lineno - 1
    lines[row] = lines[row][2:]
    return True


BREAKAGES = [
    *(
        Breakage(name=name, diagnosis="syntax-error", also=(), change=change)
        for name, change in {
            "bracket-missing": _bracket,
            "square-bracket-missing": _bracket_of_the_tensor,
            "colon-left-out": _colon,
            "comma-missing": _comma,
        }.items()
    ),
    Breakage(name="print-of-python-2", diagnosis="python-older", also=(), change=_old_print),
    Breakage(name="quotes-curled", diagnosis="character-other", also=(), change=_curly),
    *(
        Breakage(name=name, diagnosis="indentation-lost", also=("syntax-error",), change=change)
        for name, change in {
            "body-at-the-margin": _body_at_the_margin,
            "indentation-all-gone": _all_lost,
            "line-indented": _one_line_in,
            "line-dedented": _one_line_out,
        }.items()
    ),
]
