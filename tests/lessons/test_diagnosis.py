"""What is told of wrong scripts of the six lessons, with no line of diagnosis written for them."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from tests.lessons.test_labs import LABS, SCRIPTS, TASKS
from verifier import pipeline
from verifier.checks.check import Status
from verifier.checks.grade import grade_output
from verifier.diagnosis.diagnose import diagnose
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.run.interface import Examination, Exited
from verifier.run.second import LOOK
from verifier.submission import read_submission
from verifier.trace.milestone import read_look
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

LEAST = {
    "linear-regression": 19, "mini-batches": 20, "convolution": 20, "attention": 20,
    "autograd": 18, "logistic-numpy": 9,
}  # fmt: skip
"""Of the known mistakes of each lesson, so many are told what they are about, first of all."""
SURE = {
    "linear-regression/sgd-for-both": "optimizer-differs",
    "linear-regression/adam-at-the-rate-of-sgd": "setting-differs",
    "linear-regression/no-zero-grad": "gradients-kept",
    "linear-regression/target-without-its-column": "loss-shapes",
    "mini-batches/no-eval": "evaluated-in-training-mode",
    "mini-batches/not-switched-back": "trained-in-evaluation-mode",
    "mini-batches/softmax-before-the-loss": "squashed-twice",
    "mini-batches/shuffled-without-generator": "generator-differs",
    "convolution/labels-the-wrong-way-round": "data-reordered",
    "convolution/no-zero-grad": "gradients-kept",
    "autograd/mean-for-sum": "loss-scaled",
    "autograd/not-cleared": "gradients-kept",
}
"""What is told first of some."""


@cache
def _tables(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "mistakes.toml").read_text(encoding="utf-8"))


def _told(sandbox: SandboxRunner, script: Path) -> tuple[Diagnosis, ...]:
    task = TASKS[script.parts[-3]]
    graded = pipeline.grade(read_submission(script), task=task, runner=sandbox)
    assert graded.fault is None
    return graded.report.diagnoses


@pytest.mark.parametrize("name", sorted(LABS))
def test_known_mistakes_are_told_what_they_are_about(sandbox: SandboxRunner, name: str) -> None:
    """And every one is told something."""
    right = 0
    for script in sorted((SCRIPTS / name / "wrong").glob("*.py")):
        due = _tables(script.parent)[script.stem]
        told = _told(sandbox, script)
        assert told, script
        right += told[0].concept in {due["concept"], *due.get("also", ())}
    assert right >= LEAST[name]


@pytest.mark.parametrize(("name", "due"), SURE.items(), ids=list(SURE))
def test_a_mistake_is_told_by_its_own_id(sandbox: SandboxRunner, name: str, due: str) -> None:
    """Those that a rule is made for."""
    lab, stem = name.split("/")
    assert _told(sandbox, SCRIPTS / lab / "wrong" / f"{stem}.py")[0].id == due


@pytest.mark.parametrize("name", sorted(LABS))
def test_a_right_style_is_not_accused_where_one_value_is_taken_for_wrong(
    sandbox: SandboxRunner, name: str
) -> None:
    """Of no step of its computing: its numbers are the reference's."""
    task, chance = TASKS[name], random.Random(name)
    accused = []
    for script in sorted((SCRIPTS / name / "styles").glob("*.py")):
        source = script.read_bytes()
        run = sandbox.run(source, limits=task.lab.limits, examination=Examination(trace=True))
        look = sandbox.run(source, limits=task.lab.limits, examination=LOOK)
        match = match_output(read_stdout(run.stdout), task.exercise)
        checks = grade_output(match, answers=task.answers)
        for field in chance.sample(list(task.answers), 3):
            wrong = tuple(
                replace(each, status=Status.FAILED)
                if (each.stage, each.name) == (field.stage, field.name)
                else each
                for each in checks
            )
            told = diagnose(
                source=source,
                run=run,
                match=match,
                checks=wrong,
                task=task,
                trace=read_trace(run.trace),
                look=read_look(look.trace, look.stdout == run.stdout),
            )
            if told and told[0].id != "first-difference" and told[0].concept != "output":
                accused.append((script.stem, field.name, told[0].message))
    assert len(accused) <= 1, accused  # of some 33; 2 in 100 are allowed


@pytest.mark.parametrize("name", sorted(set(LABS) - {"logistic-numpy"}))
def test_a_second_look_changes_nothing_that_is_printed(sandbox: SandboxRunner, name: str) -> None:
    """In any style, and whatever is drawn after it."""
    task = TASKS[name]
    for script in sorted((SCRIPTS / name / "styles").glob("*.py")):
        source = script.read_bytes() + b"\nimport torch\nprint(torch.rand(3).tolist())\n"
        plain = sandbox.run(source, limits=task.lab.limits)
        look = sandbox.run(source, limits=task.lab.limits, examination=LOOK)
        assert (look.outcome, look.stdout, look.stderr) == (
            plain.outcome, plain.stdout, plain.stderr,
        ), script.stem  # fmt: skip
        assert plain.outcome == Exited(code=0)


CHANGES = {
    "label misspelt": ("attention", '"row_sums:"', '"row_sum:"', "line-missing", "row_sums"),
    "two decimals": (
        "autograd", "loss={loss.item():.4f}", "loss={loss.item():.2f}", "printed-too-coarse", "loss",
    ),
    "another product": (
        "attention", ", attn_mask=~mask", "", "forward-differs", "A matrix product gets the shapes",
    ),
    "layer before the data": (
        "attention", "Q, K, V =", "nn.Linear(3, 2)\nQ, K, V =", "start-differs", "random numbers",
    ),
    "another start, not drawn": (
        "autograd", "tensor(3.0", "tensor(2.0", "parameter-differs", "A parameter does not start",
    ),
    "noise of another seed": (
        "convolution", "manual_seed(6)", "manual_seed(7)", "start-differs", "random numbers",
    ),
    "training too short": ("convolution", "range(41)", "range(31)", "rounds-fewer", "31 updates"),
    "two steps a round": (
        "convolution", "    optimizer.step()\n", "    optimizer.step()\n    optimizer.step()\n",
        "rounds-before-print", "22 updates",
    ),
    "optimizer of one layer": (
        "convolution", "SGD(net.parameters", "SGD(net[4].parameters", "update-partial", "some",
    ),
    "target stretched": (
        "linear-regression", "noise)\nloss_fn", "noise)[:, 0]\nloss_fn", "loss-shapes", "is computed from",
    ),
    "an epoch too few": (
        "mini-batches", "range(1, 4)", "range(1, 3)", "rounds-fewer", "6 updates",
    ),
    "more dropout": (
        "mini-batches", "Dropout(0.25)", "Dropout(0.5)", "forward-differs", "share of 0.5",
    ),
    "drawn once more": (
        "mini-batches", "optimizer = ", "torch.randn(3)\noptimizer = ", "start-differs", "random",
    ),
    "one batch an epoch": (
        "mini-batches", "        optimizer.step()\n", "        optimizer.step()\n        break\n",
        "rounds-before-print", "1 update;",
    ),
}  # fmt: skip
"""Of references with one change: what is put in place of what, and what is true of it."""


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_told_is_true_of_the_script(
    sandbox: SandboxRunner, tmp_path: Path, name: str
) -> None:
    """Nothing else is told of it than what was changed."""
    lab, old, new, due, said = CHANGES[name]
    task = TASKS[lab]
    text = (LAB_ROOT / lab / "golden" / "baseline.py").read_text(encoding="utf-8")
    script = tmp_path / "changed.py"
    script.write_text(text.replace(old, new), encoding="utf-8")
    report = pipeline.grade(read_submission(script), task=task, runner=sandbox).report
    told = [each for each in report.diagnoses if each.id not in {"line-missing", "lines-prefixed"}]
    told = list(report.diagnoses) if due == "line-missing" else told
    assert [each.id for each in told] == [due]
    assert said in told[0].message


LIES = {
    "prints otherwise": b"import sys\nif sys.getprofile() is None: print('x')\nelse: print('score_mean= 12.741')",
    "never ends": b"import sys\nprint('x')\nwhile sys.getprofile() is not None and 'seen' in globals(): pass",
    "ends at once": b"import os\nprint('x', flush=True)\nos._exit(0)",
    "closes what it finds": b"import os\nprint('x', flush=True)\n[os.close(n) for n in range(3, 9) if os.path.exists(f'/proc/self/fd/{n}')]",
    "writes what it finds": b"import os\nprint('x', flush=True)\nfor n in range(3, 9):\n    try: os.write(n, b'{\"e\":\"loss\",\"at\":0,\"d\":[1,1,1,1,1,0]}\\n' * 900)\n    except OSError: pass",
    "breaks torch": b"import torch\nprint('x')\ntorch.Tensor.detach = torch.Tensor.untyped_storage = None\ntorch.ones(2, requires_grad=True).sum().backward()",
    "is of NaN": b"import torch\nw = torch.full((3,), float('nan'), requires_grad=True)\n(w * 2).sum().backward()\nprint(w.grad)",
    "is large": b"import torch\nw = torch.ones(3000, 2000, requires_grad=True)\n(w * w).sum().backward()\nprint(w.grad.sum().item())",
    "is long": b"import torch\nw = torch.ones(2, requires_grad=True)\nfor _ in range(4000): (w * w).sum().backward()\nprint(w.grad.sum().item())",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_script_that_sees_the_second_look_changes_no_verdict(
    sandbox: SandboxRunner, lie: str
) -> None:
    """It was judged before; and the next one is graded as ever."""
    task = TASKS["linear-regression"]
    submission = read_submission(SCRIPTS / "linear-regression" / "styles" / "functional.py")
    lying = replace(submission, source=LIES[lie])
    graded = pipeline.grade(lying, task=task, runner=sandbox)

    assert (graded.report.verdict, graded.fault) == ("failed", None)
    again = pipeline.grade(submission, task=task, runner=sandbox)
    assert (again.report.verdict, len(again.runs)) == ("passed", 1)
