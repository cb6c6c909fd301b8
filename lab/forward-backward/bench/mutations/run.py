"""Mistakes of stage run: names, imports, attributes, arguments, and scripts that never end."""

from __future__ import annotations

import ast
from functools import partial

from bench.diagnosis.mutation import Mutations
from bench.diagnosis.training import (
    is_backward,
    is_step,
    loss_calls,
    model_spots,
    optimizer_calls,
    optimizer_spots,
)
from bench.diagnosis.tree import (
    Spot,
    after_imports,
    assigned_name,
    called,
    calls,
    nodes,
    spots,
    statements,
    stored_names,
    torch_name,
)
from mutations.gradient import filled
from mutations.sample import after_x

RUN = Mutations()


# --- names ------------------------------------------------------------------------------------


def _misspelt(tree: ast.Module, place: int) -> bool:
    """Leave a letter out of a name where it is used."""
    names = {assigned_name(spot.statement) for spot in (*model_spots(tree), *optimizer_spots(tree))}
    used = [
        each
        for each in nodes(tree, ast.Name)
        if each.id in names - {""} and len(each.id) > 2 and isinstance(each.ctx, ast.Load)
    ]
    if len(used) <= abs(place):
        return False
    wrong = used[place].id[:-2] + used[place].id[-1]
    used[place].id = wrong
    return wrong not in stored_names(tree)


RUN.add("name-misspelt-at-first", "undefined-name", partial(_misspelt, place=0))
RUN.add("name-misspelt-at-last", "undefined-name", partial(_misspelt, place=-1))


@RUN.of("undefined-name")
def _optimizer_made_too_late(tree: ast.Module) -> bool:
    """It gets its name only at the end of the script."""
    made = [spot for spot in optimizer_spots(tree) if spot.block is tree.body]
    for spot in made:
        spot.drop()
        tree.body.append(spot.statement)
    return bool(made)


@RUN.of("undefined-name")
def _model_never_made(tree: ast.Module) -> bool:
    made = [spot for spot in model_spots(tree) if spot.straight]
    for spot in made:
        spot.drop()
    return bool(made)


@RUN.of("undefined-name")
def _counter_of_another_name(tree: ast.Module) -> bool:
    """The loop counts under one name and prints another."""
    loops = [
        each
        for each in nodes(tree, ast.For)
        if isinstance(each.target, ast.Name)
        and isinstance(each.iter, ast.Call)
        and called(each.iter) == "range"
        and calls(each, "print")
    ]
    for each in loops:
        assert isinstance(each.target, ast.Name)
        each.target.id += "_number"
    return bool(loops)


# --- imports ----------------------------------------------------------------------------------


def _imports(tree: ast.Module) -> list[Spot]:
    return [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Import)
        or (isinstance(spot.statement, ast.ImportFrom) and spot.statement.module != "__future__")
    ]


def _not_imported(tree: ast.Module, place: int) -> bool:
    found = [spot for spot in _imports(tree) if "torch" in ast.unparse(spot.statement).split()[1]]
    if len(found) <= abs(place):
        return False
    found[place].drop()
    return True


RUN.add(
    "first-import-missing",
    "import-missing",
    partial(_not_imported, place=0),
    also=("undefined-name",),
)
RUN.add(
    "second-import-missing",
    "import-missing",
    partial(_not_imported, place=1),
    also=("undefined-name",),
)


def _imported_as(tree: ast.Module, wrong: str) -> bool:
    """Import torch under a name that no package has."""
    for spot in _imports(tree):
        match spot.statement:
            case ast.Import(names=[ast.alias(name="torch") as alias]):
                alias.asname = alias.asname or "torch"
                alias.name = wrong
                return True
            case ast.ImportFrom(module="torch"):
                spot.statement.module = wrong
                return True
    return False


for _wrong in ("toch", "pytorch"):
    RUN.add(
        f"imported-as-{_wrong}",
        "module-misspelt",
        partial(_imported_as, wrong=_wrong),
        also=("attribute-typo",),
    )


# --- attributes -------------------------------------------------------------------------------


def _attribute(tree: ast.Module, right: str, wrong: str) -> bool:
    found = [each for each in nodes(tree, ast.Attribute) if each.attr == right]
    for each in found:
        each.attr = wrong
    return bool(found)


for _right, _wrong in {
    "Linear": "linear",
    "Sigmoid": "sigmod",
    "BCELoss": "BinaryCrossEntropyLoss",
    "SGD": "Sgd",
    "parameters": "params",
    "backward": "backwards",
    "step": "steps",
    "item": "items",
    "no_grad": "nograd",
    "tensor": "tensors",
}.items():
    RUN.add(
        f"attribute-{_wrong.lower()}",
        "attribute-typo",
        partial(_attribute, right=_right, wrong=_wrong),
    )


# --- arguments --------------------------------------------------------------------------------


def _keyword(tree: ast.Module, wrong: str) -> bool:
    given = [k for call in optimizer_calls(tree) for k in call.keywords if k.arg == "lr"]
    for keyword in given:
        keyword.arg = wrong
    return bool(given)


RUN.add("rate-as-alpha", "wrong-argument", partial(_keyword, wrong="alpha"))
RUN.add("rate-as-learningrate", "wrong-argument", partial(_keyword, wrong="learningrate"))


@RUN.of("wrong-argument")
def _sigmoid_given_a_size(tree: ast.Module) -> bool:
    found = [call for call in calls(tree, "Sigmoid") if not call.args]
    for call in found:
        call.args = [ast.Constant(value=1)]
    return bool(found)


@RUN.of("wrong-argument")
def _target_not_given(tree: ast.Module) -> bool:
    found = loss_calls(tree)
    for call in found:
        del call.args[1]
    return bool(found)


@RUN.of("wrong-argument")
def _layer_given_one_size(tree: ast.Module) -> bool:
    found = [call for call in calls(tree, "Linear") if len(call.args) == 2]
    for call in found:
        del call.args[1]
    return bool(found)


@RUN.of("wrong-argument")
def _step_given_a_rate(tree: ast.Module) -> bool:
    """``optimizer.step(lr=0.5)``."""
    found = [spot for spot in spots(tree) if is_step(spot.statement)]
    for spot in found:
        for call in calls(spot.statement, "step"):
            call.keywords.append(ast.keyword(arg="lr", value=ast.Constant(value=0.5)))
    return bool(found)


@RUN.of("wrong-argument")
def _backward_given_a_word(tree: ast.Module) -> bool:
    """``loss.backward(retain=True)``."""
    found = [spot for spot in spots(tree) if is_backward(spot.statement)]
    for spot in found:
        for call in calls(spot.statement, "backward"):
            call.keywords.append(ast.keyword(arg="retain", value=ast.Constant(value=True)))
    return bool(found)


# --- other errors -----------------------------------------------------------------------------


@RUN.of("script-error")
def _third_layer_asked_for(tree: ast.Module) -> bool:
    found = [
        each
        for each in nodes(tree, ast.Subscript)
        if ast.unparse(each.slice) == "0"
        and "grad" not in ast.unparse(each.value)
        and any(
            ast.unparse(each) in ast.unparse(around.value)
            for around in nodes(tree, ast.Attribute)
            if around.attr == "weight"
        )
    ]
    for each in found:
        each.slice = ast.Constant(value=3)
    return bool(found)


def _at_the_top(tree: ast.Module, text: str) -> bool:
    tree.body[after_imports(tree) : after_imports(tree)] = statements(text)
    return True


for _name, _text in {
    "number-of-a-word": "rate = float('0,5')",
    "key-not-there": "settings = {'lr': 0.5}\nsteps = settings['steps']",
    "divides-by-zero": "samples = []\nmean = sum(samples) / len(samples)",
    "word-plus-number": "title = 'lab ' + 6",
}.items():
    RUN.add(_name, "script-error", partial(_at_the_top, text=_text))

for _name, _due, _text in (
    ("asks-for-the-seed", "no-keyboard", "seed = int(input('seed: '))"),
    (
        "reads-a-file",
        "only-script",
        "with open('data.csv') as file:\n    rows = file.read().splitlines()",
    ),
    ("reads-its-arguments", "no-arguments", "import sys\n\nrate = float(sys.argv[1])"),
    ("asks-for-a-package", "not-installed", "import seaborn_like as sns"),
    ("asks-for-a-gpu", "no-gpu", "torch.zeros(1).cuda()"),
):
    RUN.add(_name, _due, partial(_at_the_top, text=_text), also=("undefined-name",))


# --- without end ------------------------------------------------------------------------------


def _first_line(tree: ast.Module) -> Spot | None:
    return next(
        (
            spot
            for spot in spots(tree)
            if spot.straight
            and "mini_training_loop" in ast.unparse(spot.statement)
            and isinstance(spot.statement, ast.Expr)
        ),
        None,
    )


def _before_the_loop(tree: ast.Module, text: str) -> bool:
    spot = _first_line(tree)
    if spot is None or ("TORCH" in text and not torch_name(tree)):
        return False
    spot.put_before(*statements(text.replace("TORCH", torch_name(tree))))
    return True


for _name, _text in {
    "waits-for-ever": "import time\nwhile True:\n    time.sleep(1)",
    "counts-down-past-zero": "left = 5\nwhile left != 0:\n    left -= 2",
    "waits-for-a-number": "value = 1.0\nwhile value > 0:\n    value = abs(value - 0.3) + 0.1",
}.items():
    RUN.add(_name, "endless-loop", partial(_before_the_loop, text=_text))
for _name, _text in {
    "prints-without-end": "while True:\n    print('training')",
    "counts-without-end": "n = 0\nwhile n >= 0:\n    n += 1\n    print('step', n)",
    "prints-a-long-line": "print('-' * 20000000)",
    "prints-for-a-long-time": "for number in range(10 ** 9):\n    print(number)",
}.items():
    RUN.add(_name, "output-flood", partial(_before_the_loop, text=_text), also=("endless-loop",))
for _name, _text in {
    "large-tensor": "history = TORCH.zeros(100000, 100000)",
    "growing-list": "history = []\nwhile True:\n    history.append(TORCH.ones(10000000))",
}.items():
    RUN.add(_name, "out-of-memory", partial(_before_the_loop, text=_text))
RUN.add("sample-repeated", "out-of-memory", partial(after_x, template="X = X.repeat(10 ** 9, 1)"))


@RUN.of("out-of-memory")
def _layer_too_wide(tree: ast.Module) -> bool:
    """A model as wide as no machine's memory."""
    done = False
    for call in calls(tree, "Sequential"):
        match call.args:
            case [ast.Call(func=ast.Attribute(attr="Linear", value=nn)), last]:
                wide = filled("[GIVEN.Linear(2, 10 ** 9), GIVEN.Linear(10 ** 9, 1)]", nn)
                assert isinstance(wide, ast.List)
                call.args = [*wide.elts, last]
                done = True
    return done
