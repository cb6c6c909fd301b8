"""How loss and model are written."""

from __future__ import annotations

import ast
from copy import deepcopy

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.tree import (
    after_imports,
    assigned_name,
    called,
    calls,
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
    torch_name,
)

MODEL = Restyles()
_FUNCTIONS = {
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "CrossEntropyLoss": "cross_entropy",
    "HuberLoss": "huber_loss",
}


@MODEL.named("loss-as-a-function")
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
    if bindings(tree, name) != 1 or not _only_called(tree, name):
        return False
    function = f"{torch}.nn.functional.{_FUNCTIONS[called(module)]}"
    made[0].statement.value = expression(function)
    return True


def bindings(tree: ast.Module, name: str) -> int:
    """Count how often a script gives a name to a value."""
    stored = [each for each in nodes(tree, ast.Name) if isinstance(each.ctx, ast.Store)]
    arguments = [each.arg for each in nodes(tree, ast.arg)]
    return [each.id for each in stored].count(name) + arguments.count(name)


def _only_called(tree: ast.Module, name: str) -> bool:
    used = [
        each for each in nodes(tree, ast.Name) if each.id == name and isinstance(each.ctx, ast.Load)
    ]
    functions = {id(call.func) for call in nodes(tree, ast.Call)}
    return all(id(each) in functions for each in used)


@MODEL.named("model-as-a-class")
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
