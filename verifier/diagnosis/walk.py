r"""The walk through a training: its steps in words, beside those of the lesson, without numbers.

>>> from verifier.trace.milestone import Milestone
>>> steps = [Milestone(kind="loss", id=1, line=7), Milestone(kind="grad", id=2, line=8)]
>>> print("\n".join(side_by_side(steps[:1], steps)))
  the lesson                                this script
  loss                                      loss (line 7)
                                          > backward pass (line 8)
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from verifier.diagnosis.parting.parting import named
from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.trace.milestone import Milestone

_WIDTH = 40
_ROUNDS = 2
"""So many rounds are shown step by step."""
_MOST_OPERATIONS = 5
_MOST_ROWS = 120
_SAME = "  the steps are the same; the numbers in them may differ: `labcheck grade` tells"
_PASSED_OVER = frozenset(
    (
        *("select", "slice", "index", "stack", "cat", "unbind", "lift_fresh", "fill_", "uniform_"),
        *("copy_", "arange", "zeros", "ones", "scalar_tensor", "zeros_like", "ones_like", "gather"),
    )
)
"""Operations that make tensors, or pick numbers out of them: no step of a lesson's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, as people call it."""

    text: str
    line: int | None
    """Of the script."""


def walk(milestones: Sequence[Milestone]) -> list[Step]:
    """Tell the steps of a training: its beginning, two rounds, and what comes after the last one.

    Args:
        milestones: Of the reference, or of a script.
    """
    rounds = 0
    steps: list[Step] = []
    tail: list[Step] = []
    operations: list[Milestone] = []
    for each in milestones:
        into = steps if rounds < _ROUNDS else tail
        if each.kind == "op":
            operations.append(each)
            continue
        step = _step(each)
        if step is None:
            continue
        into += [*_of_operations(operations), step]
        operations = []
        if each.kind == "update":
            rounds = each.place or rounds + 1
            tail = []
    tail += _of_operations(operations)
    if rounds > _ROUNDS:
        steps.append(Step(f"… {counted(rounds, 'update')} in all", None))
    return [*_without_repeats(steps), *_without_repeats(tail)]


def _step(milestone: Milestone) -> Step | None:
    """Put one milestone into words; None where it is no step of its own."""
    match milestone.kind:
        case "seed":
            text = "seed of a generator" if milestone.own else "seed"
        case "param":
            text = f"parameter of shape {list(milestone.shape or ())}"
        case "data":
            text = f"data of shape {list(milestone.shape or ())} goes in"
        case "call" if milestone.training is False:
            text = f"{printable(milestone.name, limit=20)} called in evaluation mode"
        case "optimizer":
            text = f"optimizer {printable(milestone.name, limit=20)}"
        case "zero_grad":
            text = "gradients cleared"
        case "loss":
            text = "loss"
        case "grad":
            text = "backward pass"
        case "update":
            name = printable(milestone.name, limit=20)
            text = f"update by {name}" if name else "update"
        case _:
            return None
    return Step(text, milestone.line)


def _of_operations(operations: Sequence[Milestone]) -> list[Step]:
    shown = [each for each in operations if each.name not in _PASSED_OVER]
    if not shown:
        return []
    names = [printable(_short(each), limit=24) for each in shown]
    kept = list(dict.fromkeys(names))
    more = ", …" if len(kept) > _MOST_OPERATIONS else ""
    return [Step(", ".join(kept[:_MOST_OPERATIONS]) + more, shown[0].line)]


def _short(operation: Milestone) -> str:
    name = named(operation)
    return name.removeprefix("a ").removeprefix("an ").partition(" or ")[0]


def _without_repeats(steps: Sequence[Step]) -> Iterator[Step]:
    """Leave out a step that is the same as the one before."""
    before = None
    for each in steps:
        if each.text != before:
            yield each
        before = each.text


def side_by_side(reference: Sequence[Milestone], script: Sequence[Milestone]) -> list[str]:
    """Show the script's steps beside the lesson's, each mark a difference.

    Args:
        reference: What the lesson's script did.
        script: What this one did.
    Returns:
        Lines: a head, then a row for each step.
    """
    theirs, mine = walk(reference), walk(script)
    rows = [("", "the lesson", "this script")]
    matcher = SequenceMatcher(None, [each.text for each in theirs], [each.text for each in mine])
    for tag, start, end, first, last in matcher.get_opcodes():
        left, right = theirs[start:end], mine[first:last]
        mark = "" if tag == "equal" else ">"
        for place in range(max(len(left), len(right))):
            one = left[place].text if place < len(left) else ""
            other = _with_line(right[place]) if place < len(right) else ""
            rows.append((mark, one, other))
    lines = [f"  {_cut(left):<{_WIDTH}}{mark:1} {right}".rstrip() for mark, left, right in rows]
    left_out = len(lines) - _MOST_ROWS
    more = [f"  … and {counted(left_out, 'more row')}"] if left_out > 0 else []
    same = [] if any(mark for mark, _, _ in rows) else [_SAME]
    return lines[:_MOST_ROWS] + more + same


def _cut(text: str) -> str:
    return text if len(text) < _WIDTH else f"{text[: _WIDTH - 2]}…"


def _with_line(step: Step) -> str:
    return step.text if step.line is None else f"{step.text} (line {step.line})"
