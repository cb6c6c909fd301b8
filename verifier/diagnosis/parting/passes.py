"""Passes through the model: what it gives in training and in evaluation, and the loss of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.parting.parting import as_factor, factor, named, shapes, with_line
from verifier.diagnosis.parting.steps import (
    compared,
    of_operation,
    reordered,
    turned_suspicion,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.parting.parting import Parting
    from verifier.trace.milestone import Milestone

_SQUASHES = frozenset(("_softmax", "_log_softmax", "sigmoid", "sigmoid_", "log_sigmoid_forward"))
_OF_MODE = frozenset(
    (
        *("bernoulli_", "native_dropout", "native_batch_norm", "_native_batch_norm_legit"),
        *("cudnn_batch_norm", "_batch_norm_impl_index", "_native_batch_norm_legit_functional"),
    )
)
"""Operations that a model does otherwise, or not at all, in evaluation mode."""
_OF_LOSSES = frozenset(
    (
        *("sum", "mean", "pow", "sub", "rsub", "mul", "neg", "log", "abs", "square", "div"),
        *("clamp", "log1p", "logsumexp", "index", "gather", "select", "add"),
    )
)
"""Operations that a loss written by hand is made of."""
_SQUASHING_LOSSES = frozenset(("_log_softmax", "binary_cross_entropy_with_logits"))


def of_output(parting: Parting) -> Iterator[Suspicion]:
    """What a pass gave is other than the reference's."""
    wanted = parting.wanted
    if wanted is None:
        return
    told = _of_mode(parting, wanted)
    if told is not None:
        yield told
        return
    if parting.operation is None and not parting.sides.crashed:
        return  # nothing that the script does itself is other than the reference's
    updates = parting.sides.reference.of("update")
    is_trained = any((each.id or 0) < (wanted.id or 0) for each in updates)
    is_judging = wanted.mode is False and is_trained
    yield from of_operation(parting, concept="evaluation" if is_judging else "forward")


def _of_mode(parting: Parting, wanted: Milestone) -> Suspicion | None:
    """Name the model's mode, where it is another one and something on the way goes by it."""
    found = parting.found
    if found is None or not _mode_matters(parting):
        return None
    modes = (wanted.training, found.training)
    is_training = parting.sides.script.is_trained_on(found)
    if modes == (False, True) and not is_training:
        fact = with_line("the model is in training mode", found)
        return suspect("evaluated-in-training-mode", fact, line=found.line)
    if modes == (True, False) and is_training:
        fact = with_line("the model is in evaluation mode", found)
        return suspect("trained-in-evaluation-mode", fact, line=found.line)
    return None


def _mode_matters(parting: Parting) -> bool:
    """Whether a step on either way behaves otherwise in another mode."""
    ways = (
        (parting.sides.reference, parting.wanted),
        (parting.sides.script, parting.found),
    )
    return any(
        each.name in _OF_MODE
        for side, end in ways
        if end is not None
        for each in side.leading_to(end)
    )


def of_loss(parting: Parting) -> Iterator[Suspicion]:
    """The loss is other than the reference's, and what it was computed from may be."""
    mine, found, wanted = parting.operation, parting.found, parting.wanted
    if found is None or wanted is None:
        yield suspect("backward-missing", sure=LIKELY)
        return
    squashed = _squashed_twice(parting)
    if squashed is not None:
        yield squashed
    elif mine is not None and mine.draw:
        yield from of_operation(parting, concept="forward")
    else:
        yield from list(_of_loss_inputs(parting)) or _of_loss_itself(parting, wanted, found)


def _of_loss_itself(parting: Parting, wanted: Milestone, found: Milestone) -> Iterator[Suspicion]:
    """How the loss is brought together, or else the first step that differs."""
    ratio = factor(found.sums, wanted.sums)
    first = parting.operation or parting.instead_of
    if ratio is not None and found.shape == wanted.shape and _is_plain(ratio):
        yield suspect(
            "loss-scaled",
            with_line(f"the loss is {as_factor(ratio)} the reference's", found),
            sure=SEEN,
            line=parting.line,
            words={"ratio": as_factor(ratio)},
        )
    elif found.shape != wanted.shape:
        yield suspect(
            "loss-shape",
            with_line(f"backward starts from the shape {list(found.shape or ())}", found),
            line=found.line,
            words={"mine": str(list(found.shape or ())), "theirs": str(list(wanted.shape or ()))},
        )
    elif first is not None and not first.in_loss and first.name not in _OF_LOSSES:
        yield from of_operation(parting, concept="forward")
    else:
        yield suspect(
            "loss-differs",
            *([with_line(f"the first step is {named(first)}", first)] if first else []),
            sure=LIKELY,
            line=parting.line,
            words={"detail": compared(parting)},
        )


def _is_plain(ratio: float) -> bool:
    """Whether a factor is one that sums and means differ by."""
    return any(
        abs(each - round(each)) < 1e-3 * abs(each) and round(each) not in {0, 1}
        for each in (ratio, 1 / ratio)
    )


def _squashed_twice(parting: Parting) -> Suspicion | None:
    mine = parting.operation
    if mine is None or mine.name not in _SQUASHES or mine.in_loss:
        return None
    follows = [
        each
        for each in parting.sides.script.of("op")
        if mine.id in each.of and each.in_loss and each.name in _SQUASHING_LOSSES
    ]
    if not follows:
        return None
    return suspect(
        "squashed-twice",
        with_line(f"{named(mine)} comes before the loss", mine),
        with_line(f"the loss applies {named(follows[0])} to it", follows[0]),
        line=mine.made or mine.line,
        words={"first": named(mine)},
    )


def _of_loss_inputs(parting: Parting) -> Iterator[Suspicion]:
    mine, theirs = parting.operation, parting.instead_of
    if mine is None or theirs is None:
        return
    if mine.in_loss and mine.name == theirs.name and mine.inputs[:2] != theirs.inputs[:2]:
        yield suspect(
            "loss-shapes",
            with_line(f"the loss gets the shapes {shapes(mine.inputs[:2])}", mine),
            line=mine.line,
            words={"mine": shapes(mine.inputs[:2]), "theirs": shapes(theirs.inputs[:2])},
        )
    turned = reordered(parting.sides, mine, theirs)
    if turned is not None:
        yield turned_suspicion(turned)
