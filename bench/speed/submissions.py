"""What learners hand in, made up: the same 200 clean submissions each time, and a mixture.

`clean` are right and wrong answers to exercise ``baseline`` that run to their end: different
layouts, names, ways to round, ways to update, comments; and the mistakes that the lesson names.
`mixture` has crashes, syntax errors, floods, sleepers and endless loops among them. Each carries
what must become of it, which ``tests/integration/test_bench_submissions.py`` holds it to.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from bench.speed.script import NAMES, Plan, script

if TYPE_CHECKING:
    from bench.speed.script import Gradients, Layout, Network, Numbers, Update

COUNT = 200
RIGHT_OF_TEN = 6
"""How many of ten clean submissions are right."""
SHORT_TIME_LIMIT_S = 1.0
"""The wall limit that the mixture runs under."""
Expected = Literal["passed", "failed", "crashed", "timed_out", "flooded"]
_LAYOUTS: tuple[Layout, ...] = ("flat", "main", "functions", "trainer")
_NETWORKS: tuple[Network, ...] = ("sequential", "class", "functional")
_NUMBERS: tuple[Numbers, ...] = ("round", "fstring", "percent", "format", "digits", "full")
_GRADIENTS: tuple[Gradients, ...] = ("tensor", "tolist", "rounded", "detach")
_UPDATES: tuple[Update, ...] = ("optimizer", "optimizer", "manual", "manual_sub", "data")
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
        names=draw.randrange(len(NAMES)),
        remark=draw.choice(_REMARKS),
        separator=draw.choice(("= ", "=", " = ", ": ")),
        comments=draw.random() < 0.5,
    )
