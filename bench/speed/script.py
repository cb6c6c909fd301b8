"""A submission's text, written from a plan: its style, and what it gets wrong."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

Layout = Literal["flat", "main", "functions", "trainer"]
Network = Literal["sequential", "class", "functional"]
Numbers = Literal["round", "fstring", "percent", "format", "digits", "full"]
Gradients = Literal["tensor", "tolist", "rounded", "detach"]
Update = Literal["optimizer", "manual", "manual_sub", "data"]
NAMES = (
    {"x": "x", "y": "y", "model": "model", "loss": "loss", "pred": "pred"},
    {"x": "inputs", "y": "targets", "model": "net", "loss": "error", "pred": "output"},
    {"x": "X", "y": "Y", "model": "m", "loss": "L", "pred": "p"},
    {"x": "features", "y": "label", "model": "classifier", "loss": "bce", "pred": "probability"},
    {"x": "x_train", "y": "y_train", "model": "neuron", "loss": "loss_value", "pred": "y_hat"},
)


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
    return f"{NAMES[plan.names]['model']}.parameters()"


def _forward(plan: Plan) -> str:
    names = NAMES[plan.names]
    call = f"{names['model']}({names['x']})"
    return f"torch.sigmoid({call})" if plan.network == "functional" and plan.sigmoid else call


def _loss(plan: Plan, prediction: str) -> str:
    target = NAMES[plan.names]["y"]
    if plan.layout == "functions":
        return f"compute_loss({prediction}, {target})"
    if plan.layout == "trainer":
        return f"trainer.loss({prediction}, {target})"
    return f"loss_fn({prediction}, {target})"


def _backward(plan: Plan, *, clear: bool) -> list[str]:
    loss = NAMES[plan.names]["loss"]
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
    names = NAMES[plan.names]
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
        NAMES[plan.names]["model"]
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
    names = NAMES[plan.names]
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
    names = NAMES[plan.names]
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
