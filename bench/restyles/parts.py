"""How the parts of a training step are written: loss, model, clearing, update, imports, prints."""

from __future__ import annotations

import ast
import re
from copy import deepcopy

from bench.restyles.restyle import Restyles
from bench.training import is_backward, is_step, optimizer_calls, optimizer_spots, trained_model
from bench.tree import (
    Spot,
    after_imports,
    assigned_name,
    called,
    calls,
    calls_method,
    expression,
    fresh_name,
    imported_names,
    last_name,
    loaded_names,
    nodes,
    replaced,
    spots,
    statement,
    statements,
    stored_names,
    torch_name,
)

PARTS = Restyles()
_FUNCTIONS = {
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "CrossEntropyLoss": "cross_entropy",
    "HuberLoss": "huber_loss",
}
_FIXED = re.compile(r"\.(\d+)f")


@PARTS.named("loss-as-a-function")
def loss_as_a_function(tree: ast.Module) -> bool:
    """``nn.BCELoss()`` that is called becomes a function of torch.nn.functional."""
    torch = torch_name(tree)
    made = [
        spot
        for spot in spots(tree)
        if assigned_name(spot.statement)
        and isinstance(spot.statement, ast.Assign)
        and isinstance(spot.statement.value, ast.Call)
        and called(spot.statement.value) in _FUNCTIONS
        and isinstance(spot.statement.value.func, ast.Attribute)
        and not spot.statement.value.args + spot.statement.value.keywords
    ]
    if len(made) != 1 or not torch or not isinstance(made[0].statement, ast.Assign):
        return False
    module = made[0].statement.value
    assert isinstance(module, ast.Call)
    name = assigned_name(made[0].statement)
    if _bindings(tree, name) != 1 or not _only_called(tree, name):
        return False
    function = f"{torch}.nn.functional.{_FUNCTIONS[called(module)]}"
    made[0].statement.value = expression(function)
    return True


def _bindings(tree: ast.Module, name: str) -> int:
    stored = [each for each in nodes(tree, ast.Name) if isinstance(each.ctx, ast.Store)]
    arguments = [each.arg for each in nodes(tree, ast.arg)]
    return [each.id for each in stored].count(name) + arguments.count(name)


def _only_called(tree: ast.Module, name: str) -> bool:
    used = [
        each for each in nodes(tree, ast.Name) if each.id == name and isinstance(each.ctx, ast.Load)
    ]
    functions = {id(call.func) for call in nodes(tree, ast.Call)}
    return all(id(each) in functions for each in used)


@PARTS.named("model-as-a-class")
def model_as_a_class(tree: ast.Module) -> bool:
    """A Sequential becomes a subclass of Module with the same layers."""
    torch = torch_name(tree)
    made = [call for call in calls(tree, "Sequential") if call.args and not call.keywords]
    if not torch or not _alike(tree, made) or not _fits_a_class(tree, made):
        return False
    layers = made[0].args
    title = fresh_name(tree, "Neuron")
    swap = {id(call) for call in made}
    names = _model_names(tree, swap)

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(at)), ctx=ctx):
                if name in names:
                    return ast.Attribute(value=node.value, attr=f"layer_{at}", ctx=ctx)
        return expression(f"{title}()") if id(node) in swap else None

    replaced(tree, change)
    tree.body.insert(after_imports(tree), _class_of(title, torch, layers))
    return True


def _alike(tree: ast.Module, made: list[ast.Call]) -> bool:
    """Whether they are all the same, made of layers that can be written anywhere."""
    if len({ast.dump(call) for call in made}) != 1:
        return False
    layers = made[0].args
    return all(isinstance(each, ast.Call) for each in layers) and all(
        loaded_names(each) <= imported_names(tree) for each in layers
    )


def _model_names(tree: ast.Module, made: set[int]) -> set[str]:
    return {
        assigned_name(spot.statement)
        for spot in spots(tree)
        if id(getattr(spot.statement, "value", None)) in made
    } - {""}


def _fits_a_class(tree: ast.Module, made: list[ast.Call]) -> bool:
    """Whether each Sequential has a plain name, and is asked for no layer that it has not."""
    swap = {id(call) for call in made}
    names = _model_names(tree, swap)
    given = [
        spot
        for spot in spots(tree)
        if assigned_name(spot.statement) and id(getattr(spot.statement, "value", None)) in swap
    ]
    if len(given) != len(made):
        return False
    for node in nodes(tree, ast.Subscript):
        if last_name(node.value) in names and not (
            isinstance(node.value, ast.Name)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, int)
            and 0 <= node.slice.value < len(made[0].args)
        ):
            return False
    parameters = [each for each in nodes(tree, ast.Attribute) if each.attr in {"weight", "bias"}]
    layers = [each.value for each in parameters if isinstance(each.value, ast.Subscript)]
    if any(last_name(each.value) not in names for each in layers):
        return False  # the model goes by another name as well
    loops = [each.iter for each in nodes(tree, ast.For)]
    loops += [each.iter for each in nodes(tree, ast.comprehension)]
    text = ast.unparse(tree)
    return not any(last_name(each) in names for each in loops) and not any(
        word in text
        for word in ("state_dict", "named_parameters", "len(", "add_module", "_modules")
    )


def _class_of(title: str, torch: str, layers: list[ast.expr]) -> ast.stmt:
    made = statements(
        f"class {title}({torch}.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "    def forward(self, given):\n"
        "        return given\n"
    )[0]
    assert isinstance(made, ast.ClassDef)
    init, forward = made.body
    assert isinstance(init, ast.FunctionDef)
    assert isinstance(forward, ast.FunctionDef)
    for n, layer in enumerate(layers):
        assign = statement(f"self.layer_{n} = 0")
        assert isinstance(assign, ast.Assign)
        assign.value = deepcopy(layer)
        init.body.append(assign)
        forward.body.insert(n, statement(f"given = self.layer_{n}(given)"))
    return made


@PARTS.named("cleared-first")
def cleared_first(tree: ast.Module) -> bool:
    """``zero_grad()`` moves in front of forward and loss, where nothing in between minds."""
    done = False
    for spot in spots(tree):
        if not calls_method(spot.statement, "zero_grad"):
            continue
        before = spot.block[: spot.index]
        crossed = 0
        while crossed < len(before) and _minds_no_clearing(tree, before[-1 - crossed]):
            crossed += 1
        if crossed:
            target = before[-crossed]
            spot.drop()
            at = next(n for n, each in enumerate(spot.block) if each is target)
            spot.block.insert(at, spot.statement)
            done = True
    return done


def _minds_no_clearing(tree: ast.Module, crossed: ast.stmt) -> bool:
    own = {each.name for each in nodes(tree, ast.FunctionDef)}
    own |= {each.name for each in nodes(tree, ast.ClassDef)}
    touched = {each.attr for each in nodes(crossed, ast.Attribute)}
    return (
        isinstance(crossed, ast.Assign)
        and not touched & {"grad", "backward", "step", "zero_grad", "manual_seed", "parameters"}
        and not own & {called(call) for call in calls(crossed)}
        and bool(calls(crossed))
        and not nodes(crossed, ast.Lambda)
        and not optimizer_calls(crossed)
    )


def _plain_sgd(tree: ast.Module) -> tuple[str, str, ast.expr] | None:
    """Give optimizer, model and rate, where nothing but plain SGD of one whole model is used."""
    made = optimizer_spots(tree)
    model = trained_model(tree)
    if len(made) != 1 or len(optimizer_calls(tree)) != 1 or not model:
        return None
    call = optimizer_calls(tree)[0]
    rates = [each.value for each in call.keywords if each.arg == "lr"]
    others = {each.arg for each in call.keywords} - {"lr"}
    name = assigned_name(made[0].statement)
    text = ast.unparse(tree)
    if len(rates) != 1 or not isinstance(rates[0], ast.Constant) or others or len(call.args) != 1:
        return None
    if _bindings(tree, name) != 1 or _bindings(tree, model) != 1 or "param_groups" in text:
        return None
    if any(word in text for word in ("scheduler", "requires_grad", "load_state_dict", "deepcopy")):
        return None
    return name, model, rates[0]


@PARTS.named("updated-by-hand")
def updated_by_hand(tree: ast.Module) -> bool:
    """``optimizer.step()`` becomes a loop over the parameters."""
    plain, torch = _plain_sgd(tree), torch_name(tree)
    if plain is None or not torch:
        return False
    name, model, rate = plain
    parameter = fresh_name(tree, "parameter")
    update = (
        f"with {torch}.no_grad():\n"
        f"    for {parameter} in {model}.parameters():\n"
        f"        if {parameter}.grad is not None:\n"
        f"            {parameter} -= {ast.unparse(rate)} * {parameter}.grad"
    )
    found = [
        spot
        for spot in spots(tree)
        if is_step(spot.statement) and ast.unparse(spot.statement) == f"{name}.step()"
    ]
    for spot in found:
        spot.block[spot.index] = statement(update)
    return bool(found)


@PARTS.named("cleared-by-the-model")
def cleared_by_the_model(tree: ast.Module) -> bool:
    """``optimizer.zero_grad()`` becomes ``model.zero_grad()``."""
    plain = _plain_sgd(tree)
    if plain is None:
        return False
    name, model, _ = plain
    found = [spot for spot in spots(tree) if ast.unparse(spot.statement) == f"{name}.zero_grad()"]
    for spot in found:
        spot.block[spot.index] = statement(f"{model}.zero_grad()")
    return bool(found)


@PARTS.named("cleared-by-hand")
def cleared_by_hand(tree: ast.Module) -> bool:
    """``optimizer.zero_grad()`` becomes a loop that sets every gradient to None."""
    plain = _plain_sgd(tree)
    if plain is None:
        return False
    name, model, _ = plain
    parameter = fresh_name(tree, "each")
    found = [spot for spot in spots(tree) if ast.unparse(spot.statement) == f"{name}.zero_grad()"]
    for spot in found:
        spot.block[spot.index] = statement(
            f"for {parameter} in {model}.parameters():\n    {parameter}.grad = None"
        )
    return bool(found)


@PARTS.named("torch-aliased")
def torch_aliased(tree: ast.Module) -> bool:
    """``import torch`` becomes ``import torch as th``."""
    if torch_name(tree) != "torch" or {"th"} & (stored_names(tree) | loaded_names(tree)):
        return False
    if any(
        alias.name.startswith("torch.") and not alias.asname for alias in nodes(tree, ast.alias)
    ):
        return False
    for alias in nodes(tree, ast.alias):
        if alias.name == "torch" and alias.asname in (None, "torch"):
            alias.asname = "th"
    for name in nodes(tree, ast.Name):
        if name.id == "torch":
            name.id = "th"
    return True


@PARTS.named("nn-spelt-out")
def nn_spelt_out(tree: ast.Module) -> bool:
    """``nn.Linear`` becomes ``torch.nn.Linear``."""
    torch = torch_name(tree)
    if not torch or "nn" not in imported_names(tree) or "nn" in _stored_but_imported(tree):
        return False
    for node in nodes(tree, ast.ImportFrom):
        node.names = [alias for alias in node.names if alias.name != "nn" or alias.asname]
    for imported in nodes(tree, ast.Import):
        imported.names = [alias for alias in imported.names if alias.asname != "nn"]
    _drop_empty_imports(tree)

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Name(id="nn", ctx=ast.Load()):
                return expression(f"{torch}.nn")
        return None

    return replaced(tree, change) and "nn" not in imported_names(tree)


def _stored_but_imported(tree: ast.Module) -> set[str]:
    stored = {each.id for each in nodes(tree, ast.Name) if isinstance(each.ctx, ast.Store)}
    return stored | {each.arg for each in nodes(tree, ast.arg)}


def _drop_empty_imports(tree: ast.Module) -> None:
    empty = [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Import | ast.ImportFrom) and not spot.statement.names
    ]
    for spot in empty:
        spot.drop()


@PARTS.named("sgd-imported")
def sgd_imported(tree: ast.Module) -> bool:
    """``torch.optim.SGD`` becomes ``SGD``, imported by name."""
    torch = torch_name(tree)
    if not torch or "SGD" in stored_names(tree) | loaded_names(tree):
        return False
    long = f"{torch}.optim.SGD"

    def change(node: ast.expr) -> ast.expr | None:
        is_it = isinstance(node, ast.Attribute) and ast.unparse(node) == long
        return ast.Name(id="SGD", ctx=ast.Load()) if is_it else None

    changed = replaced(tree, change)
    tree.body.insert(after_imports(tree), statement("from torch.optim import SGD"))
    return changed


@PARTS.named("f-strings")
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


@PARTS.named("str-format")
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


@PARTS.named("percent-format")
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


@PARTS.named("rows-rounded")
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


@PARTS.named("backward-through-torch")
def backward_through_torch(tree: ast.Module) -> bool:
    """``loss.backward()`` becomes ``torch.autograd.backward(loss)``."""
    torch = torch_name(tree)
    losses = [
        spot.statement for spot in spots(tree) if assigned_name(spot.statement).endswith("loss")
    ]
    if any(ast.unparse(each).endswith(".item()") for each in losses):
        return False  # a number has no backward(), and the two would fail otherwise
    if not torch:
        return False
    found: list[Spot] = [
        spot
        for spot in spots(tree)
        if is_backward(spot.statement) and ast.unparse(spot.statement).endswith("loss.backward()")
    ]
    for spot in found:
        call = calls(spot.statement, "backward")[0]
        assert isinstance(call.func, ast.Attribute)
        spot.block[spot.index] = ast.Expr(
            value=ast.Call(
                func=expression(f"{torch}.autograd.backward"), args=[call.func.value], keywords=[]
            )
        )
    return bool(found)
