"""Rules of stage gradient: was backward called, are parameters reached, old gradients cleared?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import all_near, near, ratio, squashed
from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect
from verifier.diagnosis.rules import graph
from verifier.diagnosis.subject import at
from verifier.diagnosis.training import gradients_for, has_any
from verifier.trace.event import Backward, Clear, Update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.measured import Measured
    from verifier.diagnosis.subject import Subject
    from verifier.diagnosis.training import Round, Training
    from verifier.trace.event import Loss

_PLAIN, _LOGITS = "binary_cross_entropy", "binary_cross_entropy_with_logits"
_LOOKS = 2
"""The most losses after the last update that are only there to be printed."""
_BREAKERS = ("detach", "detach_", "item", "data", "numpy", "tolist", "no_grad", "inference_mode")


def suspicions(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    """Name what is wrong with backward and with clearing."""
    yield from _of_missing(subject)
    yield from _of_reach(subject)
    yield from graph.suspicions(subject)
    if subject.unit.clears:
        yield from _of_growth(subject)
        yield from _of_late_clear(subject)
    else:
        yield from _of_kept_clearing(subject)
    yield from _of_scale(subject, measured)


def _trained(subject: Subject) -> tuple[Round, ...]:
    """Rounds that can be judged: a crash leaves the last one unfinished."""
    rounds = subject.training.rounds
    unsure = subject.may_still("backward", "grad") and not _lacks_gradient(subject)
    return rounds[:-1] if unsure else rounds


def _lacks_gradient(subject: Subject) -> bool:
    """Whether the script ended because a gradient was None."""
    return subject.error is not None and "NoneType" in subject.error.message


def _comes_later(subject: Subject) -> bool:
    """Whether the text calls backward further down than where the script ended."""
    return any(map(subject.stands_after, subject.facts.called("backward")))


def _of_missing(subject: Subject) -> Iterator[Suspicion]:
    unfinished = _lacks_gradient(subject)
    rounds = [
        each
        for each in _trained(subject)
        if "S" in each.letters or each.losses or (unfinished and each.forwards)
    ]
    if not rounds or (not subject.training.backwards and _moved_anyway(subject)):
        return
    lacking = [place for place, each in enumerate(rounds) if "B" not in each.letters]
    # A last forward pass, for printing, is no round of training; a loop of them would be.
    looks = len(rounds[-1].losses) <= _LOOKS and "S" not in rounds[-1].letters
    idle = looks and not unfinished and len(rounds) > 1
    lacking = [place for place in lacking if not (idle and place == len(rounds) - 1)]
    if not lacking:
        return
    line = rounds[lacking[0]].line_of("L") or rounds[lacking[0]].line_of("F")
    first = 0 in lacking
    if first and _comes_later(subject):
        yield _too_early(subject, rounds[0])
        return
    fact = f"no backward pass follows the loss{at(line)}"
    if not first and not subject.training.backwards[1:]:
        fact = f"the first step has a backward pass, the loop has none{at(line)}"
    name = "backward-missing" if first else "loop-backward-missing"
    yield subject.seen_in_steps(name, fact, line)


def _too_early(subject: Subject, each: Round) -> Suspicion:
    """The script ended on a gradient that its own backward pass would have filled further down."""
    calls = subject.facts.called("backward")
    later = next(call.line for call in calls if subject.stands_after(call))
    line = each.line_of("S")
    if line is not None:
        fact = f"the update{at(line)} stands before the backward pass{at(later)}"
        return suspect("step-before-backward", fact, line=line)
    ended = None if subject.error is None else subject.error.line
    return suspect(
        "printed-wrong-moment",
        f"a gradient is used{at(ended)} before the backward pass{at(later)}",
        sure=LIKELY,
        line=ended,
        words={"field": "A gradient", "observed": "None", "moment": "after the backward pass"},
    )


def _moved_anyway(subject: Subject) -> bool:
    """Whether gradients came in a way that the trace does not know."""
    if any("autograd" in each.path for each in subject.facts.called("backward", "grad")):
        return True
    moves = (each for update in subject.training.updates for each in update.params)
    return any(each.before != each.after for each in moves)


def _of_reach(subject: Subject) -> Iterator[Suspicion]:
    training = subject.training
    flags = {p.id: p.tensor.grad for model in training.models for p in model.params}
    before: set[int] = set()
    for each in training.backwards:
        used = set(each.reached)
        own = _own(training, each) or before
        missed = own - used
        if missed and not (used and training.anew):
            frozen = bool(own & used) or not any(flags.get(name, True) for name in missed)
            yield _unreached(subject, each, frozen=frozen, count=len(missed), whole=len(own))
            return
        before = used
    if subject.error is not None and "does not require grad" in subject.error.message:
        frozen = bool(flags) and not any(flags.values())
        if frozen:
            yield suspect(
                "parameters-frozen",
                f"no parameter of the model requires a gradient{at(training.models[0].line)}",
                line=subject.facts.line_of("requires_grad", "requires_grad_"),
                words={"observed": "none of the model's does"},
            )


def _own(training: Training, backward: Backward) -> set[int]:
    """Parameters of the model that was used before a backward pass."""
    for model in training.models:
        ids = {each.id for each in model.params}
        if ids & set(backward.reached):
            return ids
    return {each.id for each in training.models[0].params} if training.models else set()


def _unreached(
    subject: Subject, backward: Backward, *, frozen: bool, count: int, whole: int
) -> Suspicion:
    facts = subject.facts
    missed = "any" if count == whole else str(count)
    fact = f"backward{at(backward.line)} did not reach {missed} of the model's parameters"
    line = facts.line_of("requires_grad", "requires_grad_") if frozen else _cut(subject, backward)
    name = "parameters-frozen" if frozen else "graph-cut"
    observed = f"{count} of them got no gradient"
    return suspect(name, fact, line=line or backward.line, words={"observed": observed})


def _cut(subject: Subject, backward: Backward) -> int | None:
    """Find the line that may have cut the graph: after the last forward pass, or around it."""
    passed = [each.line for each in subject.training.forwards if each.line is not None]
    if backward.line is None or not passed:
        return None
    first = max((each for each in passed if each <= backward.line), default=backward.line) - 1
    calls = subject.facts.called(*_BREAKERS)
    return max((c.line for c in calls if first <= c.line <= backward.line), default=None)


def _of_growth(subject: Subject) -> Iterator[Suspicion]:
    """Gradients of an earlier step that were there when backward added to them."""
    began = cleared = False
    own = subject.training.trainable
    for each in subject.training.rounds:
        for _, event in each.happened:
            if isinstance(event, Clear):
                cleared = True
            elif isinstance(event, Update):
                began = True
            elif isinstance(event, Backward) and began and _adds(event, own):
                yield _grown(subject, event, cleared=cleared)
                return
        began = began or bool(each.backwards)


def _of_kept_clearing(subject: Subject) -> Iterator[Suspicion]:
    """Gradients that are asked to add up, and were removed before another backward pass."""
    gathered: set[int] = set()
    clear: Clear | None = None
    for event in (event for each in subject.training.rounds for _, event in each.happened):
        if isinstance(event, Clear):
            clear = event if gathered else None
        elif isinstance(event, Backward):
            there = {each.id for each in event.params if has_any(each.before)}
            lost = gathered & frozenset(event.reached) - there
            if clear is not None and lost:
                yield _kept(subject, event, clear)
                return
            gathered |= {each.id for each in event.params if has_any(each.after)}


def _kept(subject: Subject, backward: Backward, clear: Clear) -> Suspicion:
    fact = (
        f"the gradients were cleared{at(clear.line)} before the backward pass{at(backward.line)} "
        "could add to them"
    )
    return subject.seen_in_steps("zero-grad-kept", fact, clear.line)


def _adds(backward: Backward, own: frozenset[int]) -> bool:
    reached = own & frozenset(backward.reached)
    return any(has_any(each.before) and each.id in reached for each in backward.params)


def _grown(subject: Subject, backward: Backward, *, cleared: bool) -> Suspicion:
    # What clears the first step by hand finds nothing to clear, and so leaves no event.
    somewhere = cleared or bool(subject.facts.clears)
    fact = f"backward{at(backward.line)} found gradients of an earlier step and added to them"
    name = "loop-zero-grad-missing" if somewhere else "zero-grad-missing"
    return subject.seen_in_steps(name, fact, backward.line)


def _of_late_clear(subject: Subject) -> Iterator[Suspicion]:
    for each in subject.training.rounds:
        order = each.order
        update = next((u for u in each.updates if u.kind is not None), None)
        late = "BZ" in order and (
            update is None or ("BZS" in order and not any(has_any(p.grad) for p in update.params))
        )
        if late and (update is not None or _lacks_gradient(subject)):
            line = each.line_of("Z", after="B")
            passed = at(each.line_of("B"))
            fact = f"the gradients were cleared{at(line)} behind the backward pass{passed}"
            yield subject.seen_in_steps("zero-grad-late", fact, line)
            return


def _of_scale(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    for each in subject.training.rounds:
        backward = next(iter(each.backwards), None)
        if backward is None:
            continue
        # The mean of several losses is none of them.
        own = each.losses[-1].out if each.losses and not _has_parts(subject, each) else None
        factor = None if own is None else ratio(backward.root.values, own.values)
        if factor is not None and not near(factor, 1.0):
            yield _scaled(factor, backward.line, "the loss that backward started from")
            return
        factor = _clipped(each, backward)
        if factor is not None and not near(factor, 1.0):
            yield _scaled(factor, backward.line, "the gradient that the update used")
            return
    yield from _of_slope(subject, measured)


def _has_parts(subject: Subject, each: Round) -> bool:
    """Whether the losses of a round are of a part of the samples each."""
    return any(len(loss.target.values) < len(subject.unit.y) for loss in each.losses)


def _of_slope(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    """Compare the gradient with the one that the loss has: prediction minus target, times input."""
    loss, gradient = measured.loss, measured.gradient
    slopes = None if loss is None else _slopes(loss, measured)
    if loss is None or gradient is None or slopes is None or not gradient[-1]:
        return
    if len(slopes) == 1:
        # The gradient's own ratios are the input's: a wrong input is no scaled gradient.
        wanted = tuple(slopes[0] * each / gradient[-1] for each in gradient)
    elif loss.reduction == "none":
        return  # whatever was made of them stands in the script's own words
    else:
        wanted = _gathered(slopes, measured.x or (), subject.unit.features)
        wanted = (
            tuple(each / len(slopes) for each in wanted) if loss.reduction == "mean" else wanted
        )
    first = subject.training.backwards[0]
    factor = ratio(gradient, wanted)
    if factor is not None and not near(factor, 1.0):
        yield _scaled(factor, first.line, "the gradient that backward computed")


def _slopes(loss: Loss, measured: Measured) -> tuple[float, ...] | None:
    """Give the slope of a cross entropy along every score; None where it is no such loss."""
    given, targets = measured.predictions, loss.target.values
    takes_scores = loss.fn == _LOGITS
    if given is None or len(given) != len(targets) or loss.fn not in {_PLAIN, _LOGITS}:
        return None
    if measured.scores is not None:
        wanted = measured.scores if takes_scores else squashed(measured.scores)
        if not all_near(given, wanted):
            return None  # what was squashed once more has another slope
    probabilities = squashed(given) if takes_scores else given
    return tuple(p - y for p, y in zip(probabilities, targets, strict=True))


def _gathered(slopes: tuple[float, ...], x: tuple[float, ...], features: int) -> tuple[float, ...]:
    """Add up the gradients of all samples, of weights and bias; empty where x does not fit."""
    if len(x) != len(slopes) * features:
        return ()
    rows = [(*x[place * features : (place + 1) * features], 1.0) for place in range(len(slopes))]
    columns = zip(*rows, strict=True)
    return tuple(
        sum(s * each for s, each in zip(slopes, column, strict=True)) for column in columns
    )


def _scaled(factor: float, line: int | None, what: str) -> Suspicion:
    return suspect(
        "gradient-scaled",
        f"{what} is {factor:.4g} times that of the loss{at(line)}",
        sure=LIKELY,
        line=line,
        words={"factor": f"{factor:.4g}"},
    )


def _clipped(each: Round, backward: Backward) -> float | None:
    """Give the factor by which gradients were changed between backward and an optimizer's step."""
    update = next((u for u in each.updates if u.kind is not None), None)
    if update is None or any(pair in each.order for pair in ("BB", "BZ", "SB")):
        return None
    used = gradients_for(update, backward)
    after = {m.id: m.after for m in backward.params if m.after is not None and m.id in used}
    seen = [value for name in after for value in used[name]]
    wanted = [value for name in after for value in after[name] or ()]
    return ratio(seen, wanted)
