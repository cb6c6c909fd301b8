"""Mistakes of stage forward: layers, first weights, types."""

from __future__ import annotations

import ast
from functools import partial

from bench.diagnosis.mutation import Mutations
from bench.diagnosis.training import optimizer_calls
from bench.diagnosis.tree import (
    after_imports,
    calls,
    calls_method,
    constants,
    expression,
    nodes,
    statement,
    torch_name,
)
from mutations.gradient import after_the_model
from mutations.sample import FEATURES, after_x, with_features

MODELS = Mutations()


@MODELS.of("model-other")
def _layer_without_bias(tree: ast.Module) -> bool:
    layers = calls(tree, "Linear")
    for call in layers:
        call.keywords = [ast.keyword(arg="bias", value=ast.Constant(value=False))]
    return bool(layers)


def _layers(tree: ast.Module, template: str) -> bool:
    """Put other layers where a Sequential has its linear one; NN stands for torch.nn's name."""
    done = False
    for call in calls(tree, "Sequential"):
        match call.args:
            case [ast.Call(func=ast.Attribute(attr="Linear", value=nn)), last]:
                module = ast.unparse(nn)
                made = expression(f"[{template.replace('NN', module)}]")
                assert isinstance(made, ast.List)
                call.args = [*made.elts, last]
                done = True
    return done


for _name, _template in {
    "hidden-layer": "NN.Linear(2, 3), NN.Tanh(), NN.Linear(3, 1)",
    "two-layers": "NN.Linear(2, 1), NN.Linear(1, 1)",
    "layer-norm": "NN.Linear(2, 1), NN.LayerNorm(1)",
}.items():
    MODELS.add(_name, "model-other", partial(_layers, template=_template))
MODELS.add(
    "two-outputs",
    "model-other",
    partial(_layers, template="NN.Linear(2, 2)"),
    also=("shape-mismatch",),
)


for _name, _text in {
    "weights-zero": "TORCH.nn.init.zeros_(parameter)",
    "weights-one": "TORCH.nn.init.ones_(parameter)",
    "weights-tenth": "parameter.data.fill_(0.1)",
    "weights-normal": "TORCH.nn.init.normal_(parameter)",
}.items():

    def _by_hand(tree: ast.Module, text: str) -> bool:
        torch = torch_name(tree)
        loop = f"for parameter in MODEL.parameters():\n    {text.replace('TORCH', torch)}"
        return bool(torch or "TORCH" not in text) and after_the_model(tree, loop)

    MODELS.add(_name, "weights-by-hand", partial(_by_hand, text=_text))


# --- types ------------------------------------------------------------------------------------


@MODELS.of("dtype-other")
def _x_double(tree: ast.Module) -> bool:
    return after_x(tree, "X = X.double()")


@MODELS.of("dtype-other")
def _x_half(tree: ast.Module) -> bool:
    return after_x(tree, "X = X.to(TORCH.float16)")


@MODELS.of("dtype-other")
def _x_whole_numbers(tree: ast.Module) -> bool:
    made = [call for call in calls(tree, "tensor") if call.args and set(FEATURES) <= _floats(call)]
    for call in made:
        call.keywords = [each for each in call.keywords if each.arg != "dtype"]
    return with_features(tree, *FEATURES) and bool(made)


def _floats(call: ast.Call) -> set[object]:
    return set(constants(call, float))


@MODELS.of("dtype-other")
def _model_double(tree: ast.Module) -> bool:
    return after_the_model(tree, "MODEL = MODEL.double()")


@MODELS.of("dtype-other")
def _double_by_default(tree: ast.Module) -> bool:
    torch = torch_name(tree)
    if not torch or not optimizer_calls(tree) or _double(tree):
        return False
    line = statement(f"{torch}.set_default_dtype({torch}.float64)")
    tree.body.insert(after_imports(tree), line)
    return True


def _double(tree: ast.Module) -> bool:
    return any(calls_method(each, "double") for each in nodes(tree, ast.stmt))
