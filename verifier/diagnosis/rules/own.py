"""Rules of stage run for a script's own classes, functions and names.

What Python says of them is true, and says little to a learner.
"""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING

from verifier.diagnosis.definitions import name_of, written
from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion
from verifier.diagnosis.rules.absent import named
from verifier.diagnosis.subject import at
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.diagnosis.definitions import Function
    from verifier.diagnosis.subject import Subject
    from verifier.run.script_error import ScriptError

_PLAIN = (
    "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "ReLU6", "ELU", "SELU", "GELU", "SiLU", "Softmax",
    "LogSoftmax", "LogSigmoid", "Softplus", "Softsign", "Hardsigmoid", "Hardtanh", "Identity",
    "Flatten",
)  # fmt: skip
"""Layers that are made without a size, so that a tensor in their brackets was meant to go
through them."""
_CLASS = re.compile(r"\b([A-Z][A-Za-z0-9]{2,40})\b")
_BASE = re.compile(r"(?<![\w.\])])((?:self\.)?[A-Za-z_]\w{0,60})(?:\[[^\]\n]{0,40}\]){0,3}[ ]?[(.]")
_WORD = re.compile(r"[A-Za-z_]\w{0,60}")
_NOT_CALLABLE = re.compile(r"'([\w.]{1,80})' object is not callable")
_NO_SELF = re.compile(
    r"(\w{1,80})\.\w{1,80}\(\) missing [0-9]+ required positional arguments?: 'self'"
)
_TOO_MANY = re.compile(
    r"(\w{1,80})\.(\w{1,80})\(\) takes [0-9]+ positional arguments? but [0-9]+ w"
)
_FUNCTION = re.compile(
    r"(?:'|type )(?:builtin_function_or_method|method|function)"
    r"(?:'| doesn't)(?! object is not callable)"
)
_OF_MODULES = frozenset({"parameters", "train", "eval", "zero_grad", "state_dict", "to", "apply"})
_HAS_NOT = re.compile(r"'([\w.]{1,80})' object has no attribute")


def suspicion(subject: Subject, error: ScriptError) -> Suspicion | None:
    """Name the mistake that explains an error; None where none of these does."""
    for rule in _RULES:
        found = rule(subject, error)
        if found is not None:
            return found
    return None


def _init(subject: Subject, error: ScriptError) -> Suspicion | None:
    """An ``__init__`` that Python does not know as one."""
    if "cannot assign" in error.message and "before Module.__init__() call" in error.message:
        return named("super-missing", error)
    empty = "empty parameter list" in error.message
    for each in subject.definitions.classes.values():
        found = each.misspelt_init
        concerns = f"'{each.name}' object" in error.message or f"{each.name}.__init__()" in (
            error.message
        )
        if found is not None and (empty or concerns):
            return named("init-misspelt", error, name=printable(found.name), line=str(found.first))
    return named("no-parameters", error) if empty else None


def _base(subject: Subject, error: ScriptError) -> Suspicion | None:
    """A class of its own that is no module of torch."""
    found = _HAS_NOT.search(error.message) or _NOT_CALLABLE.search(error.message)
    each = subject.definitions.classes.get(found[1]) if found else None
    lacks = error.message.endswith("not callable") or error.quoted(1) in _OF_MODULES
    if each is None or each.has_base or not lacks or "forward" not in each.methods:
        return None
    return named("base-missing", error, name=printable(each.name), line=str(each.line))


def _self(subject: Subject, error: ScriptError) -> Suspicion | None:
    """A method that does not take the object it is called on, or a class in an object's place."""
    made = _NO_SELF.search(error.message)
    if made is not None:
        return named("class-not-made", error, name=printable(made[1]))
    found = _TOO_MANY.search(error.message)
    each = subject.definitions.classes.get(found[1]) if found else None
    method = each.methods.get(found[2]) if each and found else None
    if method is None or method.takes[:1] == ("self",):
        return None
    return named("self-missing", error, name=printable(method.name), line=str(method.first))


def _uncalled(_subject: Subject, error: ScriptError) -> Suspicion | None:
    """A function where its value was meant."""
    found = _FUNCTION.search(error.message)
    return None if found is None else named("not-called", error)


def _forward(subject: Subject, error: ScriptError) -> Suspicion | None:
    if error.kind != "NotImplementedError" or '"forward" function' not in error.message:
        return None
    for each in subject.definitions.classes.values():
        if f"[{each.name}]" in error.message:
            found = each.misspelt_forward
            shown = "" if found is None else f"; is {printable(found.name)} meant as it"
            inner = subject.definitions.functions.get("forward")
            around = each.methods.get("__init__")
            if inner and around and around.first < inner.first <= around.last:
                shown = f"; the one{at(inner.first)} stands inside __init__"
            return named("forward-missing", error, name=printable(each.name), guess=shown)
    return named("forward-missing", error, name="The model")


def _nothing(subject: Subject, error: ScriptError) -> Suspicion | None:
    """None, where a function of the script's own gave nothing back."""
    if "NoneType" not in error.message or ".grad" in error.marked:
        return None
    defined = subject.definitions
    for each in defined.classes.values():
        forward = each.methods.get("forward")
        if forward is not None and _gave_nothing(subject, each.name, forward, error):
            return _returns(error, f"forward of {each.name}", forward)
    silent = [
        each
        for each in defined.functions.values()
        if not each.gives and _is_used(subject, each, error)
    ]
    return _returns(error, silent[0].name, silent[0]) if len(silent) == 1 else None


def _returns(error: ScriptError, name: str, function: Function) -> Suspicion:
    return named("return-missing", error, name=printable(name), line=str(function.first))


def _gave_nothing(subject: Subject, kind: str, forward: Function, error: ScriptError) -> bool:
    if error.line is None or forward.first <= error.line <= forward.last:
        return False
    calls = [each for each in subject.training.forwards if each.kind == kind]
    return calls[-1].out is None if calls else not forward.gives


def _is_used(subject: Subject, function: Function, error: ScriptError) -> bool:
    """Whether the line of an error works with the value of a call, or with its name."""
    tree = subject.definitions
    words = set(_WORD.findall(error.statement))
    return any(
        (call.lineno == error.line and id(call) not in tree.alone)
        or tree.given.get(id(call)) in words
        for call in tree.called(function.name)
    )


def _class_called(subject: Subject, error: ScriptError) -> Suspicion | None:
    """A class of torch that was given data, and made an object where a number was meant."""
    said = set(_CLASS.findall(error.message))
    # The class itself may have compared the tensor that it took for a setting.
    ambiguous = "Boolean value of Tensor" in error.message
    for call in reversed(subject.definitions.calls):
        called = name_of(call.func)
        name = subject.definitions.aliases.get(called, called)
        known = name.endswith("Loss") or name in _PLAIN
        if not known or name in subject.definitions.classes or not _is_data(call):
            continue
        above = error.line is None or call.lineno <= error.line
        if (name in said and above) or (ambiguous and call.lineno == error.line):
            line = str(call.lineno)
            return named("class-called-with-data", error, name=name, call=written(call), line=line)
    return None


def _is_data(call: ast.Call) -> bool:
    plain = (ast.Constant, ast.List, ast.Tuple, ast.UnaryOp)
    return any(not isinstance(each, plain) for each in call.args)


def _reused(subject: Subject, error: ScriptError) -> Suspicion | None:
    """A name that stood for a function or module, and then for a value."""
    if error.kind == "UnboundLocalError":
        return _reused_within(subject, error)
    called = _NOT_CALLABLE.search(error.message)
    found = called or _HAS_NOT.search(error.message)
    if found is None or found[1] == "NoneType":
        return None
    for base in _BASE.findall(error.marked) or _BASE.findall(error.statement):
        name = base.removeprefix("self.")
        lines = _before(subject.definitions.bound.get(name, ()), error)
        line = _second_meaning(subject, name, lines, called=called is not None)
        if line is not None:
            stood = hasattr(builtins, name) or name in subject.facts.imported
            sure = SEEN if stood or _takes_itself(subject, name) else LIKELY
            return _name_reused(error, name, line, sure)
    return None


def _reused_within(subject: Subject, error: ScriptError) -> Suspicion | None:
    """``loss = loss(…)`` in a function, where the name is local from its first line on."""
    name = error.quoted()
    again = re.match(rf"{re.escape(name)}\s*=[^=].*\b{re.escape(name)}\(", error.statement)
    lines = subject.definitions.bound.get(name, ())
    return _name_reused(error, name, lines[0], SEEN) if again and lines else None


def _second_meaning(
    subject: Subject, name: str, lines: tuple[int, ...], *, called: bool
) -> int | None:
    """Find the line that gives a name its other meaning."""
    if not lines:
        return None
    again = len(lines) > 1
    builtin = called and hasattr(builtins, name)
    if builtin or (again and (called or name in subject.facts.imported)):
        return lines[-1]
    return _takes_itself(subject, name)


def _before(lines: tuple[int, ...], error: ScriptError) -> tuple[int, ...]:
    """Leave out what stands below the error, unless a loop may have come by there before."""
    return tuple(each for each in lines if error.line is None or each <= error.line) or lines


def _takes_itself(subject: Subject, name: str) -> int | None:
    """Find the line ``name = name(…)``."""
    for call in subject.definitions.called(name):
        if call.lineno in subject.definitions.bound.get(name, ()):
            return call.lineno
    return None


def _name_reused(error: ScriptError, name: str, line: int | None, sure: float) -> Suspicion:
    return named("name-reused", error, sure=sure, name=printable(name), line=str(line))


_RULES: tuple[Callable[[Subject, ScriptError], Suspicion | None], ...] = (
    _init, _base, _self, _uncalled, _forward, _nothing, _class_called, _reused,
)  # fmt: skip
