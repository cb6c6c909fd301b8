"""What learners hand in, made up: the same 200 clean submissions each time, and a mixture.

`clean` are right and wrong answers to exercise ``baseline`` that run to their end: different
layouts, names, ways to round, ways to update, comments; and the mistakes that the lesson names.
`mixture` has crashes, syntax errors, floods, sleepers and endless loops among them. Each carries
what must become of it, which ``tests/integration/test_bench_submissions.py`` holds it to.
"""

from __future__ import annotations

import random
import textwrap
from dataclasses import dataclass, replace
from typing import Literal

COUNT = 200
RIGHT_OF_TEN = 6
"""How many of ten clean submissions are right."""

SHORT_TIME_LIMIT_S = 1.0
"""The wall limit that the mixture runs under."""

Expected = Literal["passed", "failed", "crashed", "timed_out", "flooded"]
Layout = Literal["flat", "main", "functions", "trainer"]
Network = Literal["sequential", "class", "functional"]
Numbers = Literal["round", "fstring", "percent", "format", "digits", "full"]
Gradients = Literal["tensor", "tolist", "rounded", "detach"]
Update = Literal["optimizer", "manual", "manual_sub", "data"]

_LAYOUTS: tuple[Layout, ...] = ("flat", "main", "functions", "trainer")
_NETWORKS: tuple[Network, ...] = ("sequential", "class", "functional")
_NUMBERS: tuple[Numbers, ...] = ("round", "fstring", "percent", "format", "digits", "full")
_GRADIENTS: tuple[Gradients, ...] = ("tensor", "tolist", "rounded", "detach")
_UPDATES: tuple[Update, ...] = ("optimizer", "optimizer", "manual", "manual_sub", "data")
_NAMES = (
    {"x": "x", "y": "y", "model": "model", "loss": "loss", "pred": "pred"},
    {"x": "inputs", "y": "targets", "model": "net", "loss": "error", "pred": "output"},
    {"x": "X", "y": "Y", "model": "m", "loss": "L", "pred": "p"},
    {"x": "features", "y": "label", "model": "classifier", "loss": "bce", "pred": "probability"},
    {"x": "x_train", "y": "y_train", "model": "neuron", "loss": "loss_value", "pred": "y_hat"},
)
_REMARKS = (
    "# Lab 6.1.4",
    "# lab 6.1.4, forward and backward propagation",
    '"""My training step."""',
    "# forward -> loss -> clear -> backward -> update",
    "# second try, the first one forgot zero_grad",
    "# checked against the expected output on the page",
    "# TODO: tidy up",
    "# I worked on this with my study group.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One file that was handed in, and what must become of it."""

    name: str
    source: bytes
    expected: Expected
    """``crashed``, ``timed_out`` and ``flooded`` are ways to fail."""
    kind: str
    """Its layout if it is right; else what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a script is written: first its style, then what it gets wrong, if anything."""

    layout: Layout
    network: Network
    numbers: Numbers
    gradients: Gradients
    update: Update
    names: int
    remark: str
    separator: str
    """Between a label and its number."""
    comments: bool
    seed: int | None = 42
    x: str = "[[1.0, 2.0]]"
    y: str = "[[1.0]]"
    lr: str = "0.5"
    loss: str = "bce"
    optimizer: str = "SGD"
    steps: int = 5
    sigmoid: bool = True
    updates_first: int = 1
    """How often the first step updates."""
    loop_update: bool = True
    zero_in_loop: bool = True
    backward_in_loop: bool = True
    shown_late: bool = False
    """The loop prints what it computed after its update."""
    stale_after: bool = False
    """What is printed as *after* was computed before."""
    after_first: bool = False
    """*After* is computed before the update."""
    decimals: tuple[int, int] = (3, 4)
    missing: str = ""
    """A label whose line is left out."""
    swapped: bool = False
    """The two values before are printed under each other's label."""


MISTAKES: dict[str, dict[str, object]] = {
    "no update": {"updates_first": 0},
    "no update in the loop": {"loop_update": False},
    "updated twice": {"updates_first": 2},
    "lr too small": {"lr": "0.05"},
    "lr too large": {"lr": "1.0"},
    "lr of the framework's habit": {"lr": "1e-2"},
    "wrong seed": {"seed": 0},
    "seed of another lesson": {"seed": 1234},
    "no seed": {"seed": None},
    "no sigmoid": {"sigmoid": False, "loss": "logits"},
    "squashed twice": {"loss": "logits"},
    "mean squared error": {"loss": "mse"},
    "Adam": {"optimizer": "Adam", "update": "optimizer"},
    "momentum": {"optimizer": "momentum", "update": "optimizer"},
    "target zero": {"y": "[[0.0]]"},
    "inputs swapped": {"x": "[[2.0, 1.0]]"},
    "gradients pile up": {"zero_in_loop": False},
    "no backward in the loop": {"backward_in_loop": False},
    "loop prints after its update": {"shown_late": True},
    "stale values after": {"stale_after": True},
    "after printed too early": {"after_first": True},
    "four steps": {"steps": 4},
    "six steps": {"steps": 6},
    "rounded too much": {"decimals": (1, 1), "numbers": "fstring"},
    "no gradient printed": {"missing": "weight_grad"},
    "no loss after": {"missing": "loss_after"},
    "prediction and loss swapped": {"swapped": True},
}
"""What is wrong with a clean wrong submission, and the fields of `Plan` that make it so."""

_CRASHES = {
    "syntax error": "print('one_training_step'\n",
    "bad indentation": "  x = 1\nimport torch\n",
    "name error": "import torch\nprint(modle)\n",
    "missing module": "import torchvision_extras\n",
    "shape mismatch": (
        "import torch\nfrom torch import nn\n"
        "print(nn.BCELoss()(torch.sigmoid(torch.ones(1, 1)), torch.ones(1)))\n"
    ),
    "loss without sigmoid": (
        "import torch\nfrom torch import nn\n"
        "print(nn.BCELoss()(torch.tensor([[1.55]]), torch.tensor([[1.0]])))\n"
    ),
    "gradient is none": (
        "import torch\nmodel = torch.nn.Linear(2, 1)\nprint(model.weight.grad.tolist())\n"
    ),
    "exit code": "import sys\nimport torch\nprint('one_training_step')\nsys.exit(3)\n",
}
_SLEEPERS = {
    "endless loop": "import torch\nwhile True:\n    pass\n",
    "endless training": (
        "import torch\nw = torch.ones(1, requires_grad=True)\n"
        "while w.item() > 0:\n    (w * w).sum().backward()\n"
    ),
    "sleeps for ever": "import time\nprint('one_training_step')\ntime.sleep(3600)\n",
}
_FLOODS = {
    "flood of lines": "while True:\n    print('loss= 0.1927 ' * 200)\n",
    "flood on one line": "print('9' * 50_000_000)\n",
}
_SLOW = "import time\n\ntime.sleep({pause_s})\n"


def clean(count: int = COUNT) -> list[Submission]:
    """Make submissions that run to their end; the same ones for the same count.

    All texts differ; `RIGHT_OF_TEN` of each ten are right.
    """
    draw = random.Random(614)
    mistakes = list(MISTAKES)
    made: list[Submission] = []
    seen: set[bytes] = set()
    wrong = 0
    while len(made) < count:
        number = len(made)
        is_right = number * RIGHT_OF_TEN % 10 < RIGHT_OF_TEN
        kind = "right" if is_right else mistakes[wrong % len(mistakes)]
        plan = _plan(draw, layout=_LAYOUTS[number % len(_LAYOUTS)])
        plan = plan if is_right else replace(plan, **MISTAKES[kind])  # type: ignore[arg-type]
        source = script(plan).encode()
        if source in seen:
            continue
        seen.add(source)
        wrong += not is_right
        made.append(
            Submission(
                name=f"{number:03d}_{'right' if is_right else 'wrong'}.py",
                source=source,
                expected="passed" if is_right else "failed",
                kind=plan.layout if is_right else kind,
            )
        )
    return made


def mixture(count: int = COUNT) -> list[Submission]:
    """Make submissions of which, of twenty each, three crash, one is slow and one does worse.

    The slow one sleeps for a moment; what does worse is in turn an endless loop or sleep (under
    `SHORT_TIME_LIMIT_S`) and a flood of output.
    """
    worse = [
        submission
        for pair in zip(_all(_SLEEPERS, "timed_out"), 2 * _all(_FLOODS, "flooded"), strict=False)
        for submission in pair
    ]
    crashes = _all(_CRASHES, "crashed")
    made = []
    for number, submission in enumerate(clean(count)):
        block, place = divmod(number, 20)
        chosen = submission
        if place in (4, 9, 14):
            chosen = crashes[(3 * block + place // 5) % len(crashes)]
        elif place == 17:
            chosen = worse[block % len(worse)]
        elif place == 19:
            pause = _SLOW.format(pause_s=0.1 + block % 3 / 10).encode()
            chosen = replace(submission, source=pause + submission.source, kind="slow")
        suffix = f"# {number}\n".encode()
        made.append(
            replace(
                chosen,
                name=f"{number:03d}_{chosen.kind.replace(' ', '_')}.py",
                source=chosen.source + suffix,
            )
        )
    return made


def _all(sources: dict[str, str], expected: Expected) -> list[Submission]:
    return [
        Submission(name=kind, source=text.encode(), expected=expected, kind=kind)
        for kind, text in sources.items()
    ]


def _plan(draw: random.Random, *, layout: Layout) -> Plan:
    return Plan(
        layout=layout,
        network=draw.choice(_NETWORKS),
        numbers=draw.choice(_NUMBERS),
        gradients=draw.choice(_GRADIENTS),
        update=draw.choice(_UPDATES),
        names=draw.randrange(len(_NAMES)),
        remark=draw.choice(_REMARKS),
        separator=draw.choice(("= ", "=", " = ", ": ")),
        comments=draw.random() < 0.5,
    )


def script(plan: Plan) -> str:
    """Write the script that a plan describes."""
    head = [plan.remark, "", "import torch", "from torch import nn", ""]
    body = [*_setup(plan), "", *_first_step(plan), "", *_loop(plan)]
    network = _network_class(plan)
    if plan.layout == "main":
        inner = textwrap.indent("\n".join(body), "    ")
        rest = ["def main():", inner, "", "", 'if __name__ == "__main__":', "    main()"]
    else:
        rest = body
    helpers = _helpers(plan)
    return "\n".join([*head, *network, *helpers, *rest]) + "\n"


def _network_class(plan: Plan) -> list[str]:
    if plan.network != "class":
        return []
    squash = "torch.sigmoid(self.linear(x))" if plan.sigmoid else "self.linear(x)"
    return [
        "",
        "class Net(nn.Module):",
        *(['    """One linear layer with a squashing function."""', ""] if plan.comments else []),
        "    def __init__(self):",
        "        super().__init__()",
        "        self.linear = nn.Linear(2, 1)",
        "",
        "    def forward(self, x):",
        f"        return {squash}",
        "",
        "",
    ]


def _helpers(plan: Plan) -> list[str]:
    """Write the functions or the class that the layout asks for; the body calls them."""
    if plan.layout == "functions":
        return [
            "",
            "def compute_loss(prediction, target):",
            f"    return {_loss_of(plan, 'prediction', 'target')}",
            "",
            "",
            "def backward(loss, parameters, clear=True):",
            *(['    """Clear old gradients, then compute new ones."""'] if plan.comments else []),
            "    if clear:",
            "        for parameter in parameters:",
            "            parameter.grad = None",
            "    loss.backward()",
            "",
            "",
        ]
    if plan.layout == "trainer":
        return [
            "",
            "class Trainer:",
            "    def __init__(self, parameters):",
            "        self.parameters = list(parameters)",
            f"        self.optimizer = {_optimizer(plan, 'self.parameters')}",
            "",
            "    def loss(self, prediction, target):",
            f"        return {_loss_of(plan, 'prediction', 'target')}",
            "",
            "    def clear(self):",
            "        self.optimizer.zero_grad()",
            "",
            "    def update(self):",
            *_indented(_update_lines(plan, "self.optimizer", "self.parameters"), by=8),
            "",
            "",
        ]
    return []


def _loss_of(plan: Plan, prediction: str, target: str) -> str:
    name = {"bce": "BCELoss", "logits": "BCEWithLogitsLoss", "mse": "MSELoss"}[plan.loss]
    return f"nn.{name}()({prediction}, {target})"


def _optimizer(plan: Plan, parameters: str) -> str:
    extra = ", momentum=0.9" if plan.optimizer == "momentum" else ""
    name = "SGD" if plan.optimizer == "momentum" else plan.optimizer
    return f"torch.optim.{name}({parameters}, lr={plan.lr}{extra})"


def _update_lines(plan: Plan, optimizer: str, parameters: str) -> list[str]:
    if plan.update == "optimizer":
        return [f"{optimizer}.step()"]
    loop = f"for parameter in {parameters}:"
    if plan.update == "data":
        return [loop, f"    parameter.data -= {plan.lr} * parameter.grad"]
    change = (
        f"parameter -= {plan.lr} * parameter.grad"
        if plan.update == "manual"
        else f"parameter.sub_(parameter.grad, alpha={plan.lr})"
    )
    return ["with torch.no_grad():", f"    {loop}", f"        {change}"]


def _indented(lines: list[str], *, by: int) -> list[str]:
    return [" " * by + line for line in lines]


def _parameters(plan: Plan) -> str:
    return f"{_NAMES[plan.names]['model']}.parameters()"


def _forward(plan: Plan) -> str:
    names = _NAMES[plan.names]
    call = f"{names['model']}({names['x']})"
    return f"torch.sigmoid({call})" if plan.network == "functional" and plan.sigmoid else call


def _loss(plan: Plan, prediction: str) -> str:
    target = _NAMES[plan.names]["y"]
    if plan.layout == "functions":
        return f"compute_loss({prediction}, {target})"
    if plan.layout == "trainer":
        return f"trainer.loss({prediction}, {target})"
    return f"loss_fn({prediction}, {target})"


def _backward(plan: Plan, *, clear: bool) -> list[str]:
    loss = _NAMES[plan.names]["loss"]
    if plan.layout == "functions":
        return [f"backward({loss}, {_parameters(plan)}{'' if clear else ', clear=False'})"]
    owner = "trainer.clear()" if plan.layout == "trainer" else "optimizer.zero_grad()"
    note = "  # old gradients would add up" if plan.comments else ""
    return [*([f"{owner}{note}"] if clear else []), f"{loss}.backward()"]


def _update(plan: Plan) -> list[str]:
    if plan.layout == "trainer":
        return ["trainer.update()"]
    return _update_lines(plan, "optimizer", _parameters(plan))


def _setup(plan: Plan) -> list[str]:
    names = _NAMES[plan.names]
    layer = "nn.Linear(2, 1)"
    if plan.network == "class":
        layer = "Net()"
    elif plan.network == "sequential":
        layer = (
            f"nn.Sequential({layer}, nn.Sigmoid())" if plan.sigmoid else f"nn.Sequential({layer})"
        )
    lines = [] if plan.seed is None else [f"torch.manual_seed({plan.seed})"]
    lines += [f"{names['x']} = torch.tensor({plan.x})", f"{names['y']} = torch.tensor({plan.y})"]
    lines += [f"{names['model']} = {layer}"]
    if plan.layout == "trainer":
        lines += [f"trainer = Trainer({_parameters(plan)})"]
    else:
        lines += [f"optimizer = {_optimizer(plan, _parameters(plan))}"]
        if plan.layout != "functions":
            lines += [f"loss_fn = {_loss_of(plan, '', '').removesuffix('(, )')}"]
    return lines


def _number(plan: Plan, value: str, decimals: int) -> str:
    """Write the expression or text that shows a number, to stand behind its label."""
    return {
        "round": f"round({value}.item(), {decimals})",
        "fstring": f'f"{{{value}.item():.{decimals}f}}"',
        "percent": f'"%.{decimals}f" % {value}.item()',
        "format": f'"{{:.{decimals}f}}".format({value}.item())',
        "digits": f'f"{{{value}.item():.{decimals + 3}f}}"',
        "full": f"{value}.item()",
    }[plan.numbers]


def _show(plan: Plan, label: str, shown: str) -> list[str]:
    if label == plan.missing:
        return []
    if plan.separator == "=":
        return [f'print("{label}=", {shown}, sep="")']
    return [f'print("{label}{plan.separator.rstrip()}", {shown})']


def _gradient(plan: Plan, which: str) -> str:
    layer = (
        _NAMES[plan.names]["model"]
        + {
            "sequential": "[0]",
            "class": ".linear",
            "functional": "",
        }[plan.network]
    )
    grad = f"{layer}.{which}.grad"
    rounded = (
        f"[[round(v, 4) for v in row] for row in {grad}.tolist()]"
        if which == "weight"
        else f"[round(v, 4) for v in {grad}.tolist()]"
    )
    return {
        "tensor": grad,
        "tolist": f"{grad}.tolist()",
        "rounded": rounded,
        "detach": f"{grad}.detach().clone()",
    }[plan.gradients]


def _first_step(plan: Plan) -> list[str]:
    names = _NAMES[plan.names]
    pred, loss = names["pred"], names["loss"]
    few, many = plan.decimals
    labels = ("prediction_before", "loss_before")
    if plan.swapped:
        labels = ("loss_before", "prediction_before")
    after = [
        "with torch.no_grad():",
        f"    after = {_forward(plan)}",
        f"    after_loss = {_loss(plan, 'after')}",
    ]
    update = plan.updates_first * _update(plan)
    if plan.stale_after:
        after = [f"after = {pred}", f"after_loss = {loss}"]
    return [
        'print("one_training_step")',
        *(["# prediction before any update, without a graph"] if plan.comments else []),
        "with torch.no_grad():",
        f"    before = {_forward(plan)}",
        *_show(plan, labels[0], _number(plan, "before", few)),
        f"{pred} = {_forward(plan)}",
        f"{loss} = {_loss(plan, pred)}",
        *_backward(plan, clear=True),
        *_show(plan, labels[1], _number(plan, loss, many)),
        *_show(plan, "weight_grad", _gradient(plan, "weight")),
        *_show(plan, "bias_grad", _gradient(plan, "bias")),
        *(after + update if plan.after_first else update + after),
        *_show(plan, "prediction_after", _number(plan, "after", few)),
        *_show(plan, "loss_after", _number(plan, "after_loss", many)),
    ]


def _loop(plan: Plan) -> list[str]:
    names = _NAMES[plan.names]
    pred, loss = names["pred"], names["loss"]
    few, many = plan.decimals
    compute = [f"{pred} = {_forward(plan)}", f"{loss} = {_loss(plan, pred)}"]
    show = (
        f'print(f"step={{step}}", "loss=" + str({_number(plan, loss, many)}), '
        f'"pred=" + str({_number(plan, pred, few)}))'
    )
    if plan.numbers in ("fstring", "digits"):
        more = 3 if plan.numbers == "digits" else 0
        show = (
            f'print(f"step={{step}} loss={{{loss}.item():.{many + more}f}} '
            f'pred={{{pred}.item():.{few + more}f}}")'
        )
    learn = [
        *(_backward(plan, clear=plan.zero_in_loop) if plan.backward_in_loop else []),
        *(_update(plan) if plan.loop_update else []),
    ]
    steps = [*compute, *learn, *compute, show] if plan.shown_late else [*compute, *learn, show]
    return [
        'print("mini_training_loop")',
        f"for step in range(1, {plan.steps + 1}):",
        *_indented(steps, by=4),
    ]
