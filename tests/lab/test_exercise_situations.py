"""The other exercises are told the same of their trainings, and of which one of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.corpus import LAB
from verifier import pipeline
from verifier.submission import read_submission
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.sandbox import SandboxRunner

_BACKWARD = "    loss.backward()\n"
_LOSS = "loss={loss.item():.4f}"
_TOTAL = ("for step in", "total = 0.0\nfor step in")
_TOTAL_INSIDE = ("    for step in", "    total = 0.0\n    for step in")
_ADDED = (_BACKWARD, "    loss.backward(); total += loss.item()\n")
_GATHERED = (_BACKWARD + "    ", "    total = total + loss\n    total.backward()\n    ")
_MEAN = (_LOSS, "loss={total / step:.4f}")
_SCHEDULER = "torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)"

Changes = tuple[tuple[str, str], ...]
SITUATIONS: dict[str, tuple[str, Changes, str, str]] = {
    "mean-under-each-rate": (
        "lr-sweep",
        (_TOTAL_INSIDE, _ADDED, _MEAN),
        "loop-mean-printed",
        "loss at step=2 under lr_0.05 shows the mean",
    ),
    "scheduler-under-each-rate": (
        "lr-sweep",
        (
            ("    print(f", f"    scheduler = {_SCHEDULER}\n    print(f"),
            ("        optimizer.step()\n", "        optimizer.step()\n        scheduler.step()\n"),
        ),
        "lr-changes",
        "changed by 0.05 times the gradient at first, then by 0.045",
    ),
    "sum-walked-in-the-last-training": (
        "lr-sweep",
        (
            _TOTAL_INSIDE,
            (
                "    " + _BACKWARD,
                "        total = total + loss if lr == 1.0 else loss\n        total.backward()\n",
            ),
        ),
        "loss-accumulated",
        "this is the training under lr_1.0",
    ),
    "change-in-place-in-the-second-training": (
        "lr-sweep",
        (
            (
                "    loss = loss",
                "    if lr == 0.5:\n            pred += 0\n        loss = loss",
            ),
        ),
        "in-place-change",
        "this is the training under lr_0.5",
    ),
    "sum-of-losses-of-scores": (
        "logits",
        (_TOTAL, _GATHERED),
        "loss-accumulated",
        "sum of this round's loss",
    ),
    "change-in-place-of-scores": (
        "logits",
        ((_BACKWARD + "    ", "    logit += 1\n" + _BACKWARD + "    "),),
        "in-place-change",
        "perhaps by the change of `logit`",
    ),
    "mean-of-two-samples": (
        "two-samples",
        (_TOTAL, _ADDED, _MEAN),
        "loop-mean-printed",
        "loss at step=2 shows the mean",
    ),
    "memory-of-two-samples": (
        "two-samples",
        (("y = torch.tensor([[1.0], [0.0]])", "y = torch.Tensor(2, 1) * 0"),),
        "memory-uninitialised",
        "torch.Tensor(2, 1)",
    ),
    "mean-where-gradients-add-up": (
        "no-zero-grad",
        (_TOTAL, _ADDED, _MEAN),
        "loop-mean-printed",
        "loss at step=2 shows the mean",
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", SITUATIONS)
def test_learner_is_told_what_is_true(sandbox: SandboxRunner, tmp_path: Path, name: str) -> None:
    """The first diagnosis names it, in words or evidence."""
    exercise, changes, diagnosis, says = SITUATIONS[name]
    task = load_task(LAB, exercise)
    source = task.exercise.script.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    script = tmp_path / "submission.py"
    script.write_text(source, encoding="utf-8")
    report = pipeline.grade(read_submission(script), task=task, runner=sandbox).report
    found = [(each.id, " ".join([each.message, *each.evidence])) for each in report.diagnoses]

    assert [each for each, _ in found][:1] == [diagnosis], found
    assert says in found[0][1]


@pytest.mark.torch
@pytest.mark.parametrize("asked", ["baseline", "logits", "lr-sweep"])
@pytest.mark.parametrize("answered", ["baseline", "logits", "two-samples", "no-zero-grad"])
def test_script_of_another_exercise_is_told_so(
    sandbox: SandboxRunner, asked: str, answered: str
) -> None:
    """Nobody is told to undo what another exercise asked for."""
    if asked == answered:
        return
    task = load_task(LAB, asked)
    script = read_submission(LAB.exercises[answered].script)
    report = pipeline.grade(script, task=task, runner=sandbox).report
    (found,) = report.diagnoses

    assert report.verdict == "failed"
    assert found.id == "exercise-other"
    assert f"right for the exercise {answered}. This is the exercise {asked}" in found.message


@pytest.mark.torch
def test_exercise_that_asks_for_more_lacks_lines(sandbox: SandboxRunner) -> None:
    """Who forgot the weights has not answered the lesson in place of the exercise."""
    task = load_task(LAB, "weights")
    script = read_submission(LAB.exercises["baseline"].script)
    found = pipeline.grade(script, task=task, runner=sandbox).report.diagnoses

    assert [each.id for each in found][:1] in (["exercise-other"], ["line-missing"])
