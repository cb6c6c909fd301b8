"""Rules of stage gradient: the graph that backward walks, which is to be of its own round.

It may hold what was computed in a round before, be walked twice, or be changed before it is walked.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import LOSSES, mean_loss
from verifier.diagnosis.diagnosis import Suspicion, suspect
from verifier.diagnosis.subject import at
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.diagnosis.training import Round
    from verifier.run.script_error import ScriptError

_CHANGED = "modified by an inplace operation"
_VERSIONS = re.compile(
    r"\[[\w.]{1,60} (\[[0-9, ]{0,60}\])\](?:, which is output [0-9]{1,9} of (\w{1,60}),)? "
    r"is at version ([0-9]{1,9}); expected version ([0-9]{1,9})"
)
_LEAF = re.compile(
    r"leaf Variable that requires grad is being used in an in-place operation"
    r"|leaf variable has been moved into the graph interior"
)
_AGAIN = "backward through the graph a second time"
_EXACTLY = 1e-5


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what is wrong with the graph of a backward pass."""
    if subject.error is not None and subject.is_last:
        yield from _of_change(subject, subject.error)
    gathered = list(_of_rounds_before(subject))
    yield from gathered or _of_twice(subject)


def _of_change(subject: Subject, error: ScriptError) -> Iterator[Suspicion]:
    fact = f"Python's error{at(error.line)}: {error.shown}"
    if _LEAF.search(error.message):
        yield suspect("leaf-changed-in-place", fact, line=error.line)
    if _CHANGED not in error.message:
        return
    found = _VERSIONS.search(error.message)
    observed = error.shown
    if found is not None:
        shape, node, version, expected = found.groups()
        made = (
            "a tensor" if node is None else f"the output of {re.sub('Backward[0-9]*$', '', node)}"
        )
        observed = f"{made}, of shape {shape}, is at version {version}, not {expected}"
    words = {"observed": observed + _guess(subject, error)}
    yield suspect("in-place-change", fact, line=error.line, words=words)


def _guess(subject: Subject, error: ScriptError) -> str:
    """Name the one change in place that stands between forward and backward, where it is one."""
    first = next((e.line for e in reversed(subject.training.forwards) if e.depth == 0), None)
    if first is None or error.line is None:
        return ""
    found = [e for e in subject.facts.tensors.changed if first <= e.line < error.line]
    return f", perhaps by {printable(found[0].text)}{at(found[0].line)}" if len(found) == 1 else ""


def _of_rounds_before(subject: Subject) -> Iterator[Suspicion]:
    """Find a backward pass that starts from more than the loss of its own round."""
    message = "" if subject.error is None or not subject.is_last else subject.error.message
    again = _AGAIN in message
    problem = ""
    if again:
        problem = (
            ", so that the graph of what came before is walked a second time, which is refused"
        )
    for place, what in _gathered(subject):
        # What Python refused is what the last round walked.
        if not again or place == len(subject.training.rounds) - 1:
            line = subject.training.rounds[place].line_of("B")
            yield _accumulated(what, line, problem)
            return
    passes = subject.training.backwards[-2:]
    if again and len(passes) > 1 and _is_new(subject):
        yield _accumulated("what was in part computed before this round", passes[1].line, problem)


def _is_new(subject: Subject) -> bool:
    """Whether what the last backward pass started from is not what the one before did."""
    last = subject.training.rounds[-1]
    before, now = subject.training.backwards[-2:]
    anew = len(last.backwards) == 1 and bool(last.forwards and last.losses)
    return anew or not _same(before.root.values, now.root.values)


def _accumulated(what: str, line: int | None, problem: str) -> Suspicion:
    fact = f"backward{at(line)} starts from {what}"
    return suspect("loss-accumulated", fact, line=line, words={"what": what, "problem": problem})


def _gathered(subject: Subject) -> Iterator[tuple[int, str]]:
    """Compare what backward starts from with the losses of its round and of those before."""
    losses: list[float] = []
    for place, each in enumerate(subject.training.rounds):
        own = _own_loss(subject, each)
        if own is None or not each.backwards:
            continue
        root = each.backwards[0].root.values
        several = _several(subject, each)
        if several and not _same(root, (own,)) and _same(root, (sum(several),)):
            yield place, f"the sum of {len(several)} losses"
        for first in range(len(losses)):
            total = sum(losses[first:]) + own
            for kind, value in (("sum", total), ("mean", total / (len(losses) - first + 1))):
                if _same(root, (value,)) and not _same(root, (own,)):
                    yield place, f"the {kind} of this round's loss and those of rounds before"
        if not losses and not _same(root, (own,)):
            return  # it is made otherwise from the beginning on
        losses.append(own)


def _several(subject: Subject, each: Round) -> list[float]:
    """Give the losses of a round that has several, each of all samples."""
    found = [loss for loss in each.losses if len(loss.target.values) >= len(subject.unit.y)]
    values = [e.out.values[0] for e in found if e.out is not None and len(e.out.values) == 1]
    return values if len(values) > 1 else []


def _own_loss(subject: Subject, each: Round) -> float | None:
    """Give the loss of a round; where it is written by hand, that of its prediction."""
    value: float | None = None
    if each.losses:
        out = each.losses[-1].out
        value = out.values[0] if out is not None and len(out.values) == 1 else None
    elif each.forwards and each.forwards[-1].out is not None and subject.unit.loss in LOSSES:
        value = mean_loss(subject.unit.loss, each.forwards[-1].out.values, subject.unit.y)
    return value if value is not None and math.isfinite(value) else None


def _same(seen: tuple[float, ...], wanted: tuple[float, ...]) -> bool:
    return len(seen) == len(wanted) and all(
        math.isclose(a, b, rel_tol=_EXACTLY, abs_tol=1e-7)
        for a, b in zip(seen, wanted, strict=True)
    )


def _of_twice(subject: Subject) -> Iterator[Suspicion]:
    """Two backward passes of one loss; with an update between them the loop lacks its forward."""
    previous: tuple[float, ...] = ()
    for place, each in enumerate(subject.training.rounds):
        letters = "".join(letter for letter in each.letters if letter in "BS")
        stale = bool(each.backwards) and each.backwards[0].root.values == previous
        previous = each.backwards[-1].root.values if each.backwards else previous
        if "BSB" in letters or (stale and _went_on(subject, place)):
            line = each.backwards[-1].line
            fact = f"backward{at(line)} ran again with no new loss since the update"
            name = "loop-forward-missing"
            if "BSB" in letters and _is_in_one_body(subject, each):
                name = "backward-twice"
        elif "BB" in letters:
            line = each.backwards[1].line
            fact = f"backward{at(line)} ran {letters.count('B')} times for one forward pass"
            name = "backward-twice"
        else:
            continue
        yield subject.seen_in_steps(name, fact, line)
        return


def _is_in_one_body(subject: Subject, each: Round) -> bool:
    """Whether two lines run backward, the second in the loop or function of the forward pass."""
    first, *_, last = (backward.line or 0 for backward in each.backwards)
    began = each.line_of("L") or each.line_of("F") or first
    facts = subject.facts
    return (
        bool(facts.calls)
        and first != last
        and (
            (facts.loop_of(began), facts.scope_of(began))
            == (facts.loop_of(last), facts.scope_of(last))
        )
    )


def _went_on(subject: Subject, place: int) -> bool:
    """Whether the parameters did change in the round before, so that the loss had to.

    One that is as good as zero may stay the same, and so do the predictions then.
    """
    before, now = subject.training.rounds[place - 1], subject.training.rounds[place]
    moved = any(each.before != each.after for u in before.updates for each in u.params)
    outputs = [[f.out.values for f in each.forwards[-1:] if f.out] for each in (before, now)]
    saturated = bool(outputs[1]) and outputs[0] == outputs[1]
    return place > 0 and moved and not now.losses and not saturated
