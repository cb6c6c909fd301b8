"""Suspicions from the source text alone, for a run that left no trace.

A text shows what is written, not what ran: these suspicions are less sure than those of a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import near
from verifier.diagnosis.diagnosis import GUESSED, Suspicion, suspect
from verifier.diagnosis.subject import at
from verifier.lab.stage import STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.source import Call
    from verifier.diagnosis.subject import Subject

_LOSSES = {
    "MSELoss": "mse_loss", "mse_loss": "mse_loss", "L1Loss": "l1_loss", "l1_loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss", "smooth_l1_loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss", "huber_loss": "huber_loss", "NLLLoss": "nll_loss",
    "CrossEntropyLoss": "cross_entropy", "cross_entropy": "cross_entropy",
}  # fmt: skip
_LOGITS = ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits")
_SQUASHERS = ("Sigmoid", "sigmoid", "sigmoid_", "expit")
_OTHERS = ("Tanh", "tanh", "ReLU", "relu", "Softmax", "softmax", "Hardsigmoid", "hardsigmoid")
_OPTIMIZERS = ("Adam", "AdamW", "Adagrad", "RMSprop", "Adadelta", "NAdam", "RAdam", "Rprop")
_OPERATIONS = {
    "backward": "backward-missing",
    "zero_grad": "zero-grad-missing",
    "step": "step-missing",
}
_BREAKERS = ("detach", "detach_")


def suspicions(subject: Subject, start: Stage | None) -> Iterator[Suspicion]:
    """Name what the text shows, as far as it can explain the first check that failed."""
    if not subject.facts.calls or start is None:
        return
    reach = STAGES.index(start)
    for stage, rule in _RULES:
        if reach == 0 or STAGES.index(stage) <= reach:
            yield from rule(subject, start)


def _suspicion(mistake: str, fact: str, line: int | None, **words: str) -> Suspicion:
    return suspect(mistake, fact + at(line), sure=GUESSED, line=line, words=words)


def _of_seed(subject: Subject, start: Stage) -> Iterator[Suspicion]:
    if start != Stage.FORWARD:
        return
    unit, facts = subject.unit, subject.facts
    calls = [each for each in facts.called("manual_seed") if "cuda" not in each.path]
    layers = facts.called("Linear")
    if not calls:
        yield _suspicion("seed-missing", "torch.manual_seed is not called", None)
        return
    seeds = [seed for call in calls for seed in call.numbers[:1]]
    if seeds and not any(near(seed, unit.seed) for seed in seeds):
        shown = f"{seeds[0]:g}"
        yield _suspicion("seed-wrong", f"the seed is {shown}", calls[0].line, seed=shown)
    elif layers and layers[0].line < calls[0].line:
        yield _suspicion("seed-after-model", "the seed stands below the model", calls[0].line)


def _of_squashing(subject: Subject, _start: Stage) -> Iterator[Suspicion]:
    facts = subject.facts
    other = next(iter(facts.called(*_OTHERS)), None)
    squashes = facts.called(*_SQUASHERS)
    logits = next(iter(facts.called(*_LOGITS)), None)
    if other is not None:
        fact = f"{other.name} is called"
        yield _suspicion("activation-other", fact, other.line, activation=other.name)
    elif subject.unit.takes_scores:
        return
    elif not squashes and logits is None and "exp" not in facts.mentioned:
        yield _suspicion("sigmoid-missing", "there is no sigmoid in the script", None)
    elif squashes and logits is not None:
        yield _suspicion(
            "logits-loss-with-sigmoid", f"{logits.name} and a sigmoid are both used", logits.line
        )


def _of_loss(subject: Subject, _start: Stage) -> Iterator[Suspicion]:
    call = next(iter(subject.facts.called(*_LOSSES)), None)
    if call is not None:
        yield _suspicion(
            "loss-other",
            f"{call.name} is used",
            call.line,
            name=_LOSSES[call.name],
        )


def _of_cut(subject: Subject, _start: Stage) -> Iterator[Suspicion]:
    if subject.error is not None and "does not require grad" in subject.error.message:
        call = next(iter(subject.facts.called(*_BREAKERS, "requires_grad_")), None)
        frozen = "requires_grad" in subject.facts.mentioned and call is None
        name = "parameters-frozen" if frozen else "graph-cut"
        yield _suspicion(name, "nothing that requires a gradient reached the loss", None)


def _of_operations(subject: Subject, start: Stage) -> Iterator[Suspicion]:
    """Operations that are called nowhere, or in the first step only."""
    facts = subject.facts
    if not facts.called(subject.unit.optimizer) or start in {Stage.FORWARD, Stage.LOSS}:
        return
    if not facts.defined.isdisjoint(_OPERATIONS):
        return  # the script's own functions of these names may do anything
    trains = any(each.looped for each in facts.called("backward", "step", "zero_grad"))
    for name, mistake in _OPERATIONS.items():
        calls = facts.called(name)
        if name == "zero_grad" and not subject.unit.clears:
            kept = next((each for each in calls if each.looped), None)
            if kept is not None:
                yield _suspicion("zero-grad-kept", "zero_grad is called in the loop", kept.line)
        elif not calls and not (name == "zero_grad" and facts.clears):
            yield _suspicion(mistake, f"{name} is not called", facts.uncalled.get(name))
        elif calls and trains and not any(each.looped for each in calls):
            fact = f"{name} is not called in the loop"
            yield _suspicion(f"loop-{mistake}", fact, facts.uncalled.get(name))


def _of_optimizer(subject: Subject, _start: Stage) -> Iterator[Suspicion]:
    facts, unit = subject.facts, subject.unit
    other = next(iter(facts.called(*_OPTIMIZERS)), None)
    if other is not None and unit.optimizer != other.name:
        yield _suspicion(
            "optimizer-other",
            f"the optimizer is {other.name}",
            other.line,
            **{"class": other.name},
        )
    for call in facts.called(unit.optimizer):
        yield from _of_settings(subject, call)


def _of_settings(subject: Subject, call: Call) -> Iterator[Suspicion]:
    settings = call.keywords
    for name in ("momentum", "weight_decay"):
        value = settings.get(name)
        if value:
            shown = f"{value:g}"
            words = {name: shown}
            fact = f"the optimizer is made with {name}={shown}"
            yield _suspicion(f"{name.replace('_', '-')}-used", fact, call.line, **words)
    if settings.get("maximize"):
        yield _suspicion("update-sign", "the optimizer is told to maximise", call.line)
    rates = [settings["lr"]] if "lr" in settings else list(call.numbers[:1])
    for rate in rates:
        if rate is not None and not subject.expects_rate(rate):
            name = "lr-too-high" if rate > subject.unit.too_high else "lr-wrong"
            shown = f"{rate:g}"
            yield _suspicion(name, f"the optimizer's lr is {shown}", call.line, lr=shown)


_RULES = (
    (Stage.FORWARD, _of_seed),
    (Stage.FORWARD, _of_squashing),
    (Stage.LOSS, _of_loss),
    (Stage.GRADIENT, _of_cut),
    (Stage.GRADIENT, _of_operations),
    (Stage.UPDATE, _of_optimizer),
)
