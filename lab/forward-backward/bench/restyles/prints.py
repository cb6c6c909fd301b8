"""How numbers are put into what is printed."""

from __future__ import annotations

import ast
import re

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.tree import (
    called,
    calls,
    expression,
    nodes,
)

PRINTS = Restyles()
_FIXED = re.compile(r"\.(\d+)f")


@PRINTS.named("f-strings")
def f_strings(tree: ast.Module) -> bool:
    """``print("loss=", round(loss.item(), 4))`` becomes an f-string."""
    done = False
    for call in calls(tree, "print"):
        match call:
            case ast.Call(args=[ast.Constant(value=str(label)), shown], keywords=[]):
                rounded = _rounded_item(shown)
                if rounded is not None:
                    value, digits = rounded
                    spec = ast.JoinedStr(values=[ast.Constant(value=f".{digits}f")])
                    field = ast.FormattedValue(value=value, conversion=-1, format_spec=spec)
                    call.args = [ast.JoinedStr(values=[ast.Constant(value=f"{label} "), field])]
                    done = True
    return done


def _rounded_item(node: ast.expr) -> tuple[ast.expr, int] | None:
    """Give value and decimals of ``round(value.item(), 4)``."""
    match node:
        case ast.Call(
            func=ast.Name(id="round"),
            args=[
                ast.Call(func=ast.Attribute(attr="item")) as value,
                ast.Constant(value=int(digits)),
            ],
        ):
            return value, digits
    return None


@PRINTS.named("str-format")
def str_format(tree: ast.Module) -> bool:
    """f-strings become ``"…".format(…)``."""

    def change(node: ast.expr) -> ast.expr | None:
        if not isinstance(node, ast.JoinedStr):
            return None
        made = _template(node)
        if made is None:
            return None
        text, values = made
        function = ast.Attribute(value=ast.Constant(value=text), attr="format", ctx=ast.Load())
        return ast.Call(func=function, args=values, keywords=[])

    return _in_prints(tree, change)


def _in_prints(tree: ast.Module, change: object) -> bool:
    done = False
    for call in calls(tree, "print"):
        for n, given in enumerate(call.args):
            new = change(given)  # type: ignore[operator]
            if new is not None:
                call.args[n] = new
                done = True
    return done


def _template(node: ast.JoinedStr) -> tuple[str, list[ast.expr]] | None:
    """Give text with braces and the values that go there; None for what is too special."""
    text, values = "", list[ast.expr]()
    for part in node.values:
        match part:
            case ast.Constant(value=str(words)):
                text += words.replace("{", "{{").replace("}", "}}")
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                text += "{}"
                values.append(value)
            case ast.FormattedValue(
                value=value,
                conversion=-1,
                format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec))]),
            ):
                text += f"{{:{spec}}}"
                values.append(value)
            case _:
                return None
    return text, values


@PRINTS.named("percent-format")
def percent_format(tree: ast.Module) -> bool:
    """f-strings of plain numbers become ``"…" % (…)``."""

    def change(node: ast.expr) -> ast.expr | None:
        made = _template(node) if isinstance(node, ast.JoinedStr) else None
        if made is None or "%" in made[0] or not made[1]:
            return None
        text, values = made
        specs = re.findall(r"\{:?([^{}]*)\}", text)
        numbers = all(
            not spec or (_FIXED.fullmatch(spec) and _is_number(value))
            for spec, value in zip(specs, values, strict=True)
        )
        if not numbers or "{{" in text or "}}" in text:
            return None
        written = re.sub(r"\{:?([^{}]*)\}", lambda found: f"%{found[1] or 's'}", text)
        return ast.BinOp(
            left=ast.Constant(value=written),
            op=ast.Mod(),
            right=ast.Tuple(elts=values, ctx=ast.Load()),
        )

    return _in_prints(tree, change)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and called(node) in {"item", "float"}


@PRINTS.named("rows-rounded")
def rows_rounded(tree: ast.Module) -> bool:
    """``{loss.item():.4f}`` in an f-string becomes ``{round(loss.item(), 4)}``."""
    done = False
    for field in nodes(tree, ast.FormattedValue):
        match field.format_spec:
            case ast.JoinedStr(values=[ast.Constant(value=str(spec))]):
                found = _FIXED.fullmatch(spec)
                if found and _is_number(field.value):
                    field.value = ast.Call(
                        func=expression("round"),
                        args=[field.value, ast.Constant(value=int(found[1]))],
                        keywords=[],
                    )
                    field.format_spec = None
                    done = True
    return done
