"""Mistakes of stage forward: seed, inputs, layers, first weights, types."""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import partial

from bench.mutations.gradient import after_the_model
from bench.mutations.mutation import Mutations
from bench.training import model_made, optimizer_calls, trained_model
from bench.tree import (
    Spot,
    after_imports,
    assigned_name,
    calls,
    calls_method,
    constants,
    expression,
    last_name,
    nodes,
    replaced,
    spots,
    statement,
    torch_name,
)

FORWARD = Mutations()
SEED = 42
FEATURES = (1, 2)
_FIRST_LINE = "one_training_step"


# --- the seed ---------------------------------------------------------------------------------


def _seed_spots(tree: ast.Module) -> list[Spot]:
    return [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Expr)
        and isinstance(spot.statement.value, ast.Call)
        and last_name(spot.statement.value.func) == "manual_seed"
    ]


@FORWARD.of("seed-missing")
def _seed_nowhere(tree: ast.Module) -> bool:
    seeds = _seed_spots(tree)
    for spot in seeds:
        spot.drop()
    return bool(seeds)


def _seeded_by(tree: ast.Module, imported: str, text: str) -> bool:
    """Seed another generator than torch's."""
    seeds = _seed_spots(tree)
    for spot in seeds:
        spot.block[spot.index] = statement(text)
    tree.body.insert(after_imports(tree), statement(imported))
    return bool(seeds)


FORWARD.add(
    "seed-of-python",
    "seed-missing",
    partial(_seeded_by, imported="import random", text="random.seed(42)"),
)
FORWARD.add(
    "seed-of-numpy",
    "seed-missing",
    partial(_seeded_by, imported="import numpy", text="numpy.random.seed(42)"),
)


@FORWARD.of("seed-missing")
def _seed_of_a_generator_nobody_uses(tree: ast.Module) -> bool:
    torch = torch_name(tree)
    seeds = _seed_spots(tree) if torch else []
    for spot in seeds:
        spot.block[spot.index] = statement(f"generator = {torch}.Generator().manual_seed(42)")
    return bool(seeds)


def _seed(tree: ast.Module, seed: int) -> bool:
    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Constant(value=int(old)) if old == SEED:
                return ast.Constant(value=seed)
        return None

    return replaced(tree, change)


for _number in (0, 7, 43, 123, 2024, 420):
    FORWARD.add(f"seed-{_number}", "seed-wrong", partial(_seed, seed=_number))


@FORWARD.of("seed-after-model", "seed-missing")
def _seed_behind_the_model(tree: ast.Module) -> bool:
    made, seeds = model_made(tree), _seed_spots(tree)
    if made is None or len(seeds) != 1 or seeds[0].block is not made.block:
        return False
    seeds[0].drop()
    made.put_after(seeds[0].statement)
    return True


@FORWARD.of("seed-after-model", "seed-missing")
def _seed_in_front_of_the_first_line(tree: ast.Module) -> bool:
    made, seeds = model_made(tree), _seed_spots(tree)
    printed = [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Expr)
        and _FIRST_LINE in constants(spot.statement, str)
        and made is not None
        and spot.block is made.block
    ]
    if len(seeds) != 1 or not printed:
        return False
    seeds[0].drop()
    printed[0].put_before(seeds[0].statement)
    return True


@FORWARD.of("seed-after-model", "seed-missing")
def _numbers_drawn_before_the_model(tree: ast.Module) -> bool:
    """The seed is used up by another draw."""
    torch = torch_name(tree)
    seeds = _seed_spots(tree) if torch else []
    for spot in seeds:
        spot.put_after(statement(f"noise = {torch}.randn(3)"))
    return bool(seeds)


@FORWARD.of("seed-after-model", "seed-missing")
def _model_made_twice(tree: ast.Module) -> bool:
    """The first model uses the seed up; the second is trained."""
    made = model_made(tree)
    if made is None or not made.straight:
        return False
    made.put_before(deepcopy(made.statement))
    return True


# --- the activation ---------------------------------------------------------------------------


def _squashed(tree: ast.Module) -> list[ast.Call]:
    """Where a value goes through a sigmoid: ``torch.sigmoid(x)``, ``x.sigmoid()``."""
    names = {"sigmoid"}
    for node in nodes(tree, ast.Assign):
        if isinstance(node.value, ast.Call) and last_name(node.value.func) == "Sigmoid":
            names |= {last_name(target) for target in node.targets}
    own = {each.name for each in nodes(tree, ast.FunctionDef)}
    return [
        call
        for call in calls(tree, *names - own)
        if len(call.args) == 1 or (not call.args and isinstance(call.func, ast.Attribute))
    ]


def _given(call: ast.Call) -> ast.expr:
    """What a sigmoid is applied to."""
    if call.args:
        return call.args[0]
    assert isinstance(call.func, ast.Attribute)
    return call.func.value


def _without_sigmoid(tree: ast.Module) -> bool:
    done = False
    for call in calls(tree, "Sequential", "OrderedDict"):
        kept = [each for each in call.args if not _is_sigmoid(each)]
        done = done or len(kept) < len(call.args)
        call.args = kept
    squashed = {id(call) for call in _squashed(tree)}

    def change(node: ast.expr) -> ast.expr | None:
        return _given(node) if isinstance(node, ast.Call) and id(node) in squashed else None

    return replaced(tree, change) or done


def _is_sigmoid(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "Sigmoid"


@FORWARD.of("sigmoid-missing", "loss-nan")
def _sigmoid_nowhere(tree: ast.Module) -> bool:
    return _without_sigmoid(tree)


@FORWARD.of("sigmoid-missing")
def _sigmoid_nowhere_but_in_the_loss(tree: ast.Module) -> bool:
    """Logits are printed as predictions; the training is right."""
    changed = _without_sigmoid(tree)
    return with_logits(tree) and changed


def with_logits(tree: ast.Module) -> bool:
    """Use the loss that squashes what it is given."""
    names = {
        "BCELoss": "BCEWithLogitsLoss",
        "binary_cross_entropy": "binary_cross_entropy_with_logits",
    }
    return renamed(tree, names)


def renamed(tree: ast.Module, names: dict[str, str]) -> bool:
    """Use other names of torch's, imports included."""
    done = False
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=old) if old in names:
                node.id = names[old]
            case ast.Attribute(attr=old) if old in names:
                node.attr = names[old]
            case ast.alias(name=old) if old in names:
                node.name = names[old]
            case _:
                continue
        done = True
    return done


@FORWARD.of("sigmoid-doubled")
def _sigmoid_added_to_the_model(tree: ast.Module) -> bool:
    done = False
    for call in calls(tree, "Sequential"):
        last = call.args[-1] if call.args else None
        if last is not None and _is_sigmoid(last):
            call.args.append(deepcopy(last))
            done = True
    return done


@FORWARD.of("sigmoid-doubled")
def _sigmoid_applied_twice(tree: ast.Module) -> bool:
    squashed = _squashed(tree)
    for call in squashed:
        if call.args:
            again = ast.Call(func=deepcopy(call.func), args=call.args, keywords=[])
            call.args = [again]
        elif isinstance(call.func, ast.Attribute):
            call.func.value = ast.Call(func=deepcopy(call.func), args=[], keywords=[])
    return bool(squashed)


@FORWARD.of("sigmoid-doubled")
def _sigmoid_around_the_model(tree: ast.Module) -> bool:
    """The model ends with a sigmoid, and what it gives is squashed again."""
    torch, model = torch_name(tree), trained_model(tree)
    if not torch or not any(
        _is_sigmoid(each) for c in calls(tree, "Sequential") for each in c.args
    ):
        return False

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == model:
                return ast.Call(func=expression(f"{torch}.sigmoid"), args=[node], keywords=[])
        return None

    return replaced(tree, change)


def _activation(tree: ast.Module, module: str, function: str) -> bool:
    made = [call for call in calls(tree, "Sigmoid") if isinstance(call.func, ast.Attribute)]
    for call in made:
        call.func = _sibling(call.func, module)
        call.keywords = [ast.keyword(arg="dim", value=ast.Constant(value=1))] * (
            module == "Softmax"
        )
    if not function:
        return bool(made)
    applied = [
        call
        for call in _squashed(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sigmoid"
    ]
    for call in applied:
        call.func = _sibling(call.func, function)
    return bool(made or applied)


def _sibling(node: ast.expr, name: str) -> ast.expr:
    assert isinstance(node, ast.Attribute)
    return ast.Attribute(value=node.value, attr=name, ctx=ast.Load())


for _module, _function in {
    "Tanh": "tanh",
    "ReLU": "relu",
    "Softmax": "",
    "Hardsigmoid": "",
    "Softsign": "",
    "Softplus": "",
}.items():
    FORWARD.add(
        f"activation-{_module.lower()}",
        "activation-other",
        partial(_activation, module=_module, function=_function),
    )


# --- the input --------------------------------------------------------------------------------


def _features(tree: ast.Module) -> list[ast.List]:
    """Where the sample's two numbers stand."""
    return [
        each
        for each in nodes(tree, ast.List)
        if tuple(item.value for item in each.elts if isinstance(item, ast.Constant)) == FEATURES
    ]


def _numbers(tree: ast.Module, *numbers: float) -> bool:
    found = _features(tree)
    for each in found:
        each.elts = [expression(repr(number)) for number in numbers]
    return bool(found)


def with_numbers(*numbers: float) -> partial[bool]:
    """Make the change that gives x these numbers."""
    return partial(_given_numbers, numbers=numbers)


def _given_numbers(tree: ast.Module, numbers: tuple[float, ...]) -> bool:
    return _numbers(tree, *numbers)


for _name, _given_x in {
    "x-swapped": (2.0, 1.0),
    "x-ones": (1.0, 1.0),
    "x-negative": (1.0, -2.0),
    "x-half-empty": (0.0, 2.0),
    "x-counted-on": (2.0, 3.0),
}.items():
    FORWARD.add(_name, "input-wrong", with_numbers(*_given_x))
FORWARD.add(
    "x-three-features",
    "input-wrong",
    with_numbers(1.0, 2.0, 3.0),
    also=("shape-mismatch", "model-other"),
)
for _name, _given_x in {
    "x-ten-times": (10.0, 20.0),
    "x-hundredth": (0.01, 0.02),
    "x-tripled": (3.0, 6.0),
}.items():
    FORWARD.add(_name, "input-scaled", with_numbers(*_given_x))


def _x_spots(tree: ast.Module) -> list[Spot]:
    """Statements that give x its name, and hold nothing else."""
    return tensor_spots(tree, _features(tree))


_TENSORS = ("tensor", "Tensor", "FloatTensor", "Variable", "from_numpy", "reshape", "to")


def tensor_spots(tree: ast.Module, lists: list[ast.List]) -> list[Spot]:
    """Statements that give a tensor, made of one of these lists, a plain name."""
    wanted = {id(each) for each in lists}
    return [
        spot
        for spot in spots(tree)
        if assigned_name(spot.statement)
        and any(call is getattr(spot.statement, "value", None) for call in calls(tree, *_TENSORS))
        and wanted & {id(each) for each in nodes(spot.statement, ast.List)}
    ]


def after_x(tree: ast.Module, template: str) -> bool:
    """Put a statement behind the one that makes x; X stands for its name."""
    if "TORCH" in template and not torch_name(tree):
        return False
    made = _x_spots(tree)
    for spot in made:
        text = template.replace("X", assigned_name(spot.statement))
        spot.put_after(statement(text.replace("TORCH", torch_name(tree))))
    return bool(made)


for _name, _template in {
    "x-through-its-largest": "X = X / X.max()",
    "x-through-its-sum": "X = X / X.sum()",
    "x-times-four": "X = X * 4",
    "x-normalised": "X = TORCH.nn.functional.normalize(X)",
}.items():
    FORWARD.add(_name, "input-scaled", partial(after_x, template=_template))


# --- the model --------------------------------------------------------------------------------


@FORWARD.of("model-other")
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
    FORWARD.add(_name, "model-other", partial(_layers, template=_template))
FORWARD.add(
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

    FORWARD.add(_name, "weights-by-hand", partial(_by_hand, text=_text))


# --- types ------------------------------------------------------------------------------------


@FORWARD.of("dtype-other")
def _x_double(tree: ast.Module) -> bool:
    return after_x(tree, "X = X.double()")


@FORWARD.of("dtype-other")
def _x_half(tree: ast.Module) -> bool:
    return after_x(tree, "X = X.to(TORCH.float16)")


@FORWARD.of("dtype-other")
def _x_whole_numbers(tree: ast.Module) -> bool:
    made = [call for call in calls(tree, "tensor") if call.args and set(FEATURES) <= _floats(call)]
    for call in made:
        call.keywords = [each for each in call.keywords if each.arg != "dtype"]
    return _numbers(tree, *FEATURES) and bool(made)


def _floats(call: ast.Call) -> set[object]:
    return set(constants(call, float))


@FORWARD.of("dtype-other")
def _model_double(tree: ast.Module) -> bool:
    return after_the_model(tree, "MODEL = MODEL.double()")


@FORWARD.of("dtype-other")
def _double_by_default(tree: ast.Module) -> bool:
    torch = torch_name(tree)
    if not torch or not optimizer_calls(tree) or _double(tree):
        return False
    line = statement(f"{torch}.set_default_dtype({torch}.float64)")
    tree.body.insert(after_imports(tree), line)
    return True


def _double(tree: ast.Module) -> bool:
    return any(calls_method(each, "double") for each in nodes(tree, ast.stmt))
