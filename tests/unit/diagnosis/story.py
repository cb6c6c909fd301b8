"""A training told as a story: what a recorder would write of it, and what it would print.

The lesson's arithmetic in plain Python, with a switch for each thing that can go wrong, so that
a test of a rule needs no torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from verifier.diagnosis.arithmetic import ACTIVATIONS, LOSSES, sigmoid

W, B = (0.54061037, 0.58690041), -0.16565565
"""What Linear(2, 1) draws from seed 42, rounded."""


@dataclass(kw_only=True)
class Story:
    """One script's training."""

    seeds: tuple[tuple[int, int], ...] = ((42, 0),)
    """Seed, and how many parameters there were."""
    weights: tuple[float, ...] = W
    bias: float = B
    exercise: str = "baseline"
    """Whose lines are printed."""
    base: int = 0
    """The first number of its model, optimizer and parameters."""
    introduced: bool = True
    """Whether the model is called for the first time."""
    x: tuple[float, ...] = (1.0, 2.0)
    x_shape: tuple[int, ...] = (1, 2)
    y: float | tuple[float, ...] = 1.0
    y_shape: tuple[int, ...] = (1, 1)
    y_dtype: str = "float32"
    dtype: str = "float32"
    activation: str = "sigmoid"
    loss: str = "binary_cross_entropy"
    own_loss: bool = False
    """Written by hand: no event tells of it."""
    plain: bool = False
    """Without a module: no event tells of the forward pass."""
    reduction: str = "mean"
    first: str = "FLZBS"
    """What happens in the first step.

    R sets the parameters anew, I is a value taken, G gives gradients apart.
    """
    loop: str = "FLZBS"
    rounds: int = 5
    lr: float = 0.5
    loop_lr: float | None = None
    told_lr: float | None = None
    kind: str | None = "SGD"
    """The optimizer's class; None for an update by hand."""
    momentum: float = 0.0
    decay: float = 0.0
    told: bool = True
    """Whether the optimizer's event tells momentum and decay."""
    held: tuple[int, ...] = (0, 1)
    reached: tuple[int, ...] = (0, 1)
    loop_reached: tuple[int, ...] | None = None
    frozen: tuple[int, ...] = ()
    scale: float = 1.0
    """Of what backward starts from."""
    slope_scale: float = 1.0
    """Of the gradient behind it."""
    clip: float = 1.0
    """Of the gradient that the step uses."""
    extra_layer: str | None = None
    late: bool = False
    """Whether the loop's rows are printed with values from behind the update."""
    swapped: bool = False
    """Whether the loss was given its arguments the wrong way round."""
    dropped: int = 0
    """Events that the recorder left out."""
    crash: str = ""
    """Standard error, where the script ended with an error."""
    stop_after: int = 10_000
    """Events written before the script ended."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    printed: dict[str, str] = field(default_factory=dict)

    def tell(self) -> None:
        """Run it."""
        self.w, self.b = list(self.weights), self.bias
        self.grads: list[float] | None = None
        self.velocity = [0.0] * 3
        self.rows: list[str] = []
        for seed, params in self.seeds:
            self._event("seed", line=3, seed=seed, params=params)
        if self.kind is not None:
            lr = self.lr if self.told_lr is None else self.told_lr
            group = {
                "lr": lr.hex(),
                "momentum": (self.momentum if self.told else 0.0).hex(),
                "weight_decay": (self.decay if self.told else 0.0).hex(),
                "params": self._named(self.held),
            }
            self._event("optimizer", line=9, id=self.base, **{"class": self.kind}, groups=[group])
        if not self.plain and self.introduced:
            self._model()
        self._print_prediction("before")
        loss_before = f"{self.measure():.4f}"
        self._round(self.first, 20, self.reached)
        for name, text in (("loss_before", loss_before), ("weight_grad", "None")):
            self.printed.setdefault(name, text)
        self.printed.setdefault("bias_grad", "None")
        self._print_prediction("after")
        self.printed["loss_after"] = f"{self.measure():.4f}"
        for step in range(1, self.rounds + 1):
            lr = self.lr
            self.lr = self.loop_lr or lr
            before = self._shown(), self.measure()
            reached = self.reached if self.loop_reached is None else self.loop_reached
            self._round(self.loop, 40, reached, step=step)
            self.lr = lr
            p, loss = (self._shown(), self.measure()) if self.late else before
            named = f" {'logit' if self.exercise == 'logits' else 'pred'}={p}"
            if self.exercise == "no-zero-grad":
                named = "".join(f" {name}={self.printed[name]}" for name in SIGNALS)
            self.rows.append(f"step={step} loss={loss:.4f}{named}")
        self._event("end", events=len(self.lines), dropped=self.dropped)

    def predict(self) -> float:
        """Give the first prediction of the parameters as they are."""
        return self.predictions()[0]

    def predictions(self) -> tuple[float, ...]:
        """Give one for each sample."""
        return tuple(map(ACTIVATIONS[self.activation], self.scores()))

    def scores(self) -> tuple[float, ...]:
        """Give what the linear layer gives."""
        return tuple(
            sum(a * b for a, b in zip(self.w, row, strict=True)) + self.b for row in self.samples()
        )

    def samples(self) -> list[tuple[float, ...]]:
        """Give the rows of x."""
        width = len(self.weights)
        return [self.x[at : at + width] for at in range(0, len(self.x), width)]

    def targets(self) -> tuple[float, ...]:
        """Give one for each sample."""
        return self.y if isinstance(self.y, tuple) else (self.y,)

    def measure(self) -> float:
        """Give the loss of those predictions."""
        apply = LOSSES.get(self.loss, LOSSES["mse_loss"])
        losses = [apply(p, y) for p, y in zip(self.predictions(), self.targets(), strict=False)]
        return sum(losses) / (1 if self.reduction == "sum" else len(losses))

    def _shown(self) -> str:
        if self.exercise == "logits":
            return f"{self.predict():.4f}"
        if len(self.predictions()) > 1:
            return str([[round(p, 3)] for p in self.predictions()])
        return f"{self.predict():.3f}"

    def _print_prediction(self, when: str) -> None:
        self.printed[f"prediction_{when}"] = self.printed[f"logit_{when}"] = self._shown()
        self.printed[f"probability_{when}"] = f"{sigmoid(self.scores()[0]):.3f}"
        self.printed.setdefault(f"weight_{when}", f"[[{self.w[0]:.4f}, {self.w[1]:.4f}]]")
        self.printed.setdefault(f"bias_{when}", f"[{self.b:.4f}]")

    def _named(self, numbers: tuple[int, ...]) -> list[int]:
        return [self.base + number for number in numbers]

    def _event(self, name: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        if len(self.lines) < self.stop_after:
            self.lines.append({"e": name, **fields})

    def _tensor(
        self,
        values: tuple[float, ...],
        shape: tuple[int, ...],
        fn: str | None = None,
        **more: object,
    ) -> dict[str, Any]:
        return {
            "shape": list(shape),
            "dtype": self.dtype,
            "grad": fn is not None,
            "fn": fn,
            "v": [float(value).hex() for value in values],
        } | more

    def _parameters(self) -> list[tuple[int, list[float]]]:
        return [(0, list(self.w)), (1, [self.b])]

    def _model(self) -> None:
        params = [
            {
                "id": self.base + i,
                "name": f"0.{n}",
                **self._tensor(tuple(v), s),
                "grad": i not in self.frozen,
            }
            for (i, v), n, s in zip(
                self._parameters(), ("weight", "bias"), ((1, len(self.w)), (1,)), strict=True
            )
        ]
        self._event("model", line=21, id=self.base, **{"class": "Sequential"}, params=params)

    def _round(self, order: str, line: int, reached: tuple[int, ...], *, step: int = 0) -> None:
        for place, letter in enumerate(order):
            at = line + place
            match letter:
                case "F" | "f":
                    self._forward(at, grad=letter == "F")
                case "L":
                    self._loss(at)
                    if not step:
                        self.printed["loss_before"] = f"{self.measure():.4f}"
                case "B":
                    self._backward(at, reached)
                case "S":
                    self._update(at)
                case _:
                    self._beside(letter, at)

    def _beside(self, letter: str, at: int) -> None:
        match letter:
            case "Z":
                self.grads = None
                self._event("zero_grad", line=at, of="optimizer", id=self.base)
            case "z":
                self.grads = None
                self._event("clear", line=at, params=self._named((0, 1)))
            case "G":
                self._gradients_apart(at)
            case "R":
                before = self._parameters()
                self.w, self.b = list(self.weights), self.bias
                self._change(at, before)
            case _:
                self._event("item", line=at, v=self.predict().hex())

    def _forward(self, line: int, *, grad: bool) -> None:
        if self.plain:
            return
        x = self._tensor(self.x, self.x_shape)
        common = {"grad": grad, "training": True, "line": line}
        out = (len(self.samples()), 1)
        z = self._tensor(self.scores(), out, "AddmmBackward0" if grad else None)
        p = self._tensor(self.predictions(), out, "SigmoidBackward0" if grad else None)
        if self.activation != "sigmoid":
            p["fn"] = "OtherBackward0"
        if self.extra_layer:
            self._event(
                "forward",
                id=self.base + 7,
                depth=1,
                **{"class": self.extra_layer, "in": [x]},
                out=x,
                **common,
            )
        inner, outer = self.base + 1, self.base
        self._event("forward", id=inner, depth=1, **{"class": "Linear", "in": [x]}, out=z, **common)
        outermost = {"class": "Sequential", "in": [x]}
        self._event("forward", id=outer, depth=0, **outermost, out=p, **common)

    def _loss(self, line: int) -> None:
        if self.own_loss:
            return
        fn = "SigmoidBackward0" if self.activation == "sigmoid" else "OtherBackward0"
        count = min(len(self.targets()), len(self.predictions()))
        given = self._tensor(self.predictions()[:count], (count, 1), fn)
        target = self._tensor(self.targets(), self.y_shape, dtype=self.y_dtype)
        if self.swapped:
            given, target = target, given
        out = self._tensor((self.measure(),), (), "LossBackward0")
        self._event(
            "loss", line=line, fn=self.loss, input=given, target=target, out=out,
            reduction=self.reduction,
        )  # fmt: skip

    def _slopes(self) -> list[float]:
        pairs = list(zip(self.predictions(), self.targets(), strict=False))
        if self.loss == "binary_cross_entropy" and self.activation == "sigmoid":
            slopes = [p - y for p, y in pairs]
        elif self.loss.endswith("with_logits") and self.activation == "nothing":
            slopes = [sigmoid(score) - y for score, y in pairs]
        else:
            slopes = [2 * (p - y) * 0.2 for p, y in pairs]
        size = 1 if self.reduction == "sum" else len(pairs)
        slopes = [slope * self.scale * self.slope_scale / size for slope in slopes]
        columns = zip(*(self.samples()), strict=True)
        weights = (sum(s * x for s, x in zip(slopes, each, strict=False)) for each in columns)
        return [*weights, sum(slopes)]

    def _gradients_apart(self, line: int) -> None:
        slopes = self._slopes()
        params = [
            {"id": self.base + i, "before": None, "after": [g.hex() for g in slopes[part]]}
            for i, part in ((0, slice(0, 2)), (1, slice(2, None)))
        ]
        root = self._tensor((self.measure(),), (), "MeanBackward0")
        reached = self._named(self.reached)
        self._event("backward", line=line, root=root, params=params, reached=reached, apart=True)
        self._print_gradients("signal", slopes)

    def _print_gradients(self, name: str, values: list[float]) -> None:
        self.printed[f"weight_{name}"] = f"[[{values[0]:.4f}, {values[1]:.4f}]]"
        self.printed[f"bias_{name}"] = f"[{values[2]:.4f}]"

    def _backward(self, line: int, reached: tuple[int, ...]) -> None:
        before = self.grads
        new = self._slopes()
        self.grads = [a + b for a, b in zip(before or [0.0] * 3, new, strict=True)]
        for missed, part in ((0, slice(0, 2)), (1, slice(2, 3))):
            if missed not in reached:
                self.grads[part] = before[part] if before else [0.0] * len(self.grads[part])
        if not reached:
            self.grads = before
        width = len(self.weights)
        names = {0: slice(0, width), 1: slice(width, None)}
        params = [
            {
                "id": self.base + i,
                "before": None if before is None else [g.hex() for g in before[part]],
                "after": None
                if self.grads is None or (i not in reached and before is None)
                else [g.hex() for g in self.grads[part]],
            }
            for i, part in names.items()
        ]
        root = self._tensor((self.measure() * self.scale,), (), "MeanBackward0")
        self._event("backward", line=line, root=root, params=params, reached=self._named(reached))
        if "weight_grad" not in self.printed or self.exercise == "no-zero-grad":
            self._print_gradients("grad", self.grads or [0.0] * 3)

    def _update(self, line: int) -> None:
        before = self._parameters()
        grads = self.grads
        if grads is not None:
            used = [g * self.clip for g in grads]
            values = [*self.w, self.b]
            used = [g + self.decay * v for g, v in zip(used, values, strict=True)]
            self.velocity = [
                self.momentum * v + g for v, g in zip(self.velocity, used, strict=True)
            ]
            for i in range(3):
                if (0 if i < 2 else 1) in self.held:
                    values[i] -= self.lr * self.velocity[i]
            self.w, self.b = values[:2], values[2]
        if self.kind is None:
            self._change(line, before)
            return
        clipped = None if grads is None else [(g * self.clip).hex() for g in grads]
        parts = {0: slice(0, 2), 1: slice(2, 3)}
        after = dict(self._parameters())
        params = [
            {
                "id": self.base + i,
                "before": [n.hex() for n in v],
                "after": [n.hex() for n in after[i]],
                "grad": None if clipped is None else clipped[parts[i]],
            }
            for i, v in before
            if i in self.held
        ]
        self._event("step", line=line, id=self.base, **{"class": self.kind}, params=params)

    def _change(self, line: int, before: list[tuple[int, list[float]]]) -> None:
        after = dict(self._parameters())
        params = [
            {
                "id": self.base + i,
                "before": [n.hex() for n in v],
                "after": [n.hex() for n in after[i]],
            }
            for i, v in before
            if v != after[i]
        ]
        if params:
            self._event("change", line=line, params=params)

    @property
    def trace(self) -> bytes:
        """Give what the recorder would have written."""
        return "".join(json.dumps(line) + "\n" for line in self.lines).encode()

    @property
    def stdout(self) -> bytes:
        """Give what the script would have printed."""
        if self.exercise == "no-zero-grad":
            return "\n".join(["without_zero_grad", *self.rows, ""]).encode()
        names = LINES.get(self.exercise, LINES["baseline"])
        first = [f"{name}= {self.printed[name]}" for name in names if name in self.printed]
        loop = [] if self.exercise == "weights" else ["mini_training_loop", *self.rows]
        return "\n".join([*self._shapes(), "one_training_step", *first, *loop, ""]).encode()

    def _shapes(self) -> list[str]:
        if self.exercise != "two-samples":
            return []
        compared = [min(len(self.targets()), len(self.samples())), 1]
        shapes = {
            "x_shape": list(self.x_shape),
            "y_shape": list(self.y_shape),
            "pred_shape": [len(self.samples()), 1],
            "loss_input_shape": compared,
        }
        return ["shapes", *(f"{name}= {shape}" for name, shape in shapes.items())]


SIGNALS = ("weight_signal", "bias_signal", "weight_grad", "bias_grad")
LINES = {
    "baseline": (
        "prediction_before", "loss_before", "weight_grad", "bias_grad", "prediction_after",
        "loss_after",
    ),
    "logits": (
        "logit_before", "probability_before", "loss_before", "weight_grad", "bias_grad",
        "logit_after", "probability_after", "loss_after",
    ),
    "weights": (
        "prediction_before", "loss_before", "weight_grad", "bias_grad", "weight_before",
        "bias_before", "weight_after", "bias_after", "prediction_after", "loss_after",
    ),
}  # fmt: skip
"""Names printed of the first step, by exercise."""
