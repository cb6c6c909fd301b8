"""Rules of stage forward: seed, weights, input, layers and activation of the first forward pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import (
    activation_between,
    all_alike,
    all_near,
    is_made_by_hand,
    loss_between,
    near,
    ratio,
    squashed,
)
from verifier.diagnosis.diagnosis import FITTING, GUESSED, LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.subject import at, listed
from verifier.lab.stage import Stage
from verifier.printable import counted, printable
from verifier.sandbox.trace.format import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.diagnosis.measured import Measured
    from verifier.diagnosis.subject import Subject

_LAYERS = ("Dropout", "BatchNorm", "LayerNorm", "Conv", "RNN", "LSTM", "GRU", "Embedding")
_ACTIVATIONS = (
    "Hardsigmoid", "LogSigmoid", "Softmax", "LogSoftmax", "Softmin", "Tanh", "ReLU", "LeakyReLU",
    "ELU", "SELU", "GELU", "SiLU", "Softplus", "Hardtanh", "Softsign", "ReLU6", "Hardswish",
)  # fmt: skip
_IDLE = frozenset({"ELU", "Hardtanh", "LeakyReLU", "ReLU", "ReLU6"})
"""Behind a sigmoid they change nothing."""
_GRADIENT_NAMES = {
    "TanhBackward0": "Tanh", "ReluBackward0": "ReLU", "SoftmaxBackward0": "Softmax",
    "HardsigmoidBackward0": "Hardsigmoid", "LogSigmoidBackward0": "LogSigmoid",
    "SoftplusBackward0": "Softplus", "LeakyReluBackward0": "LeakyReLU", "GeluBackward0": "GELU",
    "SiluBackward0": "SiLU", "EluBackward0": "ELU",
}  # fmt: skip
_SETTERS = (
    "fill_", "copy_", "zero_", "uniform_", "normal_", "constant_", "ones_", "zeros_",
    "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "load_state_dict",
)  # fmt: skip
_SHOWN = 60
_SAME_PREDICTION = 1e-3
_SAME_LOSS = 2.5e-3
"""The least by which a loss tells other weights than the lab's: so a prediction of 0.002."""
_SAME_UNSEEDED = 1e-4
"""The same where the lab's seed was not set: coming near a number of few digits is then chance."""
_PLAIN, _LOGITS = "binary_cross_entropy", "binary_cross_entropy_with_logits"


def suspicions(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    """Name what is wrong up to the prediction."""
    found = list(_of_input(subject, measured))
    yield from found
    yield from _of_type(subject)
    yield from _of_layers(subject)
    yield from _of_activation(subject, measured)
    yield from _of_weights(subject, measured)


_OF_NUMBERS = frozenset(
    {"input-scaled", "input-wrong", "loss-nan", "target-wrong", "weights-by-hand"}
)


def of_memory(subject: Subject, found: Sequence[Suspicion]) -> Iterator[Suspicion]:
    """Name memory that nothing was written to, where numbers were found that nobody meant.

    What such memory holds differs from run to run, and says nothing.
    """
    memory = next(iter(subject.facts.tensors.unwritten), None)
    odd = any(
        each.id in _OF_NUMBERS or (each.id == "seed-after-model" and each.confidence < SEEN)
        for each in found
    )
    early = any(field.stage == Stage.FORWARD for field in subject.wrong)
    if memory is not None and (odd or (early and not subject.training.models)):
        call = printable(memory.text, limit=_SHOWN)
        fact = f"{call}{at(memory.line)} gives memory, and nothing is written to it"
        yield suspect("memory-uninitialised", fact, line=memory.line, words={"call": call})


def _of_input(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    unit, seen = subject.unit, measured.x
    shape = next((e.inputs[0].shape for e in subject.training.forwards if e.inputs), None)
    if seen is None or (all_near(seen, unit.x) and _fits(shape, subject)):
        return
    words = {"observed": _shaped(seen, shape), "expected": _shaped(unit.x, unit.x_shape)}
    fact = f"the model was given {words['observed']}{at(measured.x_line)}"
    factor = ratio(seen, unit.x)
    if not all(map(math.isfinite, seen)):
        yield suspect(
            "loss-nan",
            fact,
            line=measured.x_line,
            words={"cause": "the input already holds what is no number", **words},
        )
    elif factor is not None and not near(factor, 1.0) and factor:
        yield suspect(
            "input-scaled", fact, line=measured.x_line, words={"factor": f"{factor:.6g}", **words}
        )
    else:
        yield suspect("input-wrong", fact, line=measured.x_line, words=words)


def _fits(shape: tuple[int, ...] | None, subject: Subject) -> bool:
    """Whether the shape is harmless: a vector in place of a batch of one is told by the loss."""
    return shape is None or shape[-1:] == subject.unit.x_shape[-1:]


def _shaped(values: tuple[float, ...], shape: tuple[int, ...] | None) -> str:
    return listed(values) + ("" if shape is None else f" of shape {listed(shape)}")


def _of_type(subject: Subject) -> Iterator[Suspicion]:
    wanted = subject.unit.dtype
    training = subject.training
    tensors = [
        (each.tensor.dtype, model.line) for model in training.models[:1] for each in model.params
    ]
    tensors += [(e.dtype, each.line) for each in training.forwards[:1] for e in each.inputs[:1]]
    tensors += [(each.input.dtype, each.line) for each in training.losses[:1]]
    tensors = [(dtype, line) for dtype, line in tensors if dtype not in {wanted, UNKNOWN}]
    if tensors and not (tensors[0][0] == "float64" and not _speaks_of_types(subject)):
        dtype, line = tensors[0]
        yield suspect(
            "dtype-other",
            f"a tensor of type {printable(dtype)} takes part{at(line)}",
            line=line,
            words={"dtype": printable(dtype)},
        )


def _speaks_of_types(subject: Subject) -> bool:
    """Whether the script ended over types: more digits alone print the same numbers."""
    return subject.error is not None and "dtype" in subject.error.message


def _of_layers(subject: Subject) -> Iterator[Suspicion]:
    training, unit = subject.training, subject.unit
    extra = next((e for e in training.forwards if e.kind.startswith(_LAYERS)), None)
    sizes = next((tuple(math.prod(p.tensor.shape) for p in m.params) for m in training.models), ())
    shapes = [p.tensor.shape for model in training.models[:1] for p in model.params]
    whole = sum(len(model.params) for model in training.models) or len(unit.parameters)
    line = training.models[0].line if training.models else None
    if extra is None and (
        not sizes
        or tuple(sorted(sizes)) == unit.parameters
        # Weight and bias may be modules of their own.
        or (whole > len(sizes) and len(sizes) < len(unit.parameters))
    ):
        return
    seen = ", ".join(listed(shape) for shape in shapes[:6])
    if extra is not None:
        seen += f" and a layer {printable(extra.kind)}"
    yield suspect(
        "model-other",
        f"the model's parameters have the shapes {seen}{at(line)}",
        line=line,
        words={"observed": seen, "expected": "Parameters with " + _numbers(unit.parameters)},
    )


def _numbers(sizes: tuple[int, ...]) -> str:
    return " and ".join(counted(size, "number") for size in reversed(sizes))


def _of_activation(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    name, line = _activation(subject, measured)
    if not subject.unfinished and name in {None, "sigmoid"}:
        name, line = _printed_activation(subject, measured), None
    if name is None or not _is_wrong(subject, measured, name):
        return
    shown = measured.shown
    evidence = (f"behind the linear layer stands {name}; the prediction is {shown}{at(line)}",)
    kind = {"nothing": "sigmoid-missing", "sigmoid twice": "sigmoid-doubled"}
    yield suspect(
        kind.get(name, "activation-other"),
        *evidence,
        line=subject.facts.line_of(name, *(["Sigmoid"] if name == "sigmoid twice" else ())) or line,
        words={"observed": shown, "activation": name},
    )


def _is_wrong(subject: Subject, measured: Measured, name: str) -> bool:
    """Whether an activation is a mistake of this stage.

    Where scores are asked for, what squashes them is a matter of the loss they are given to.
    """
    if not subject.unit.takes_scores:
        return name != "sigmoid"
    if name == "nothing":
        return measured.loss is not None and measured.loss.fn == _PLAIN
    return not name.startswith("sigmoid")


def _activation(subject: Subject, measured: Measured) -> tuple[str | None, int | None]:
    training = subject.training
    squashed = measured.is_squashed and not subject.unit.takes_scores
    module = next((e for e in training.forwards if e.kind in _ACTIVATIONS), None)
    if module is not None and not (squashed and module.kind in _IDLE):
        return module.kind, module.line
    if squashed:
        return "sigmoid", measured.prediction_line
    loss, line = measured.loss, measured.prediction_line
    if loss is not None and loss.input.fn in _GRADIENT_NAMES:
        return _GRADIENT_NAMES[loss.input.fn], line
    # A script that ended early may not have come to its activation yet.
    unfinished = subject.unfinished and loss is None and not training.backwards
    if measured.scores is None or measured.predictions is None or unfinished:
        return None, line
    name = activation_between(measured.scores, measured.predictions)
    if name == "nothing" and _takes_scores(subject, measured):
        return None, line
    return name, line


def _takes_scores(subject: Subject, measured: Measured) -> bool:
    """Whether the loss squashes by itself, so that a score is what it should be given."""
    if measured.loss is not None:
        return measured.loss.fn.endswith("with_logits")
    scores, value = measured.scores or (), measured.loss_value
    name = None if value is None else loss_between(scores, subject.unit.y, value)
    return name == _LOGITS


def _printed_activation(subject: Subject, measured: Measured) -> str | None:
    """Name what stands between the score and the prediction that was printed before any step."""
    printed, scores = subject.printed_predictions, measured.scores
    if subject.unit.takes_scores or printed is None or scores is None:
        return None
    if len(printed) != len(scores) or all_alike(printed, squashed(scores)):
        return None
    return activation_between(scores, printed, within=_SAME_PREDICTION)


def _of_weights(subject: Subject, measured: Measured) -> Iterator[Suspicion]:
    wanted = subject.golden_loss
    due = measured.due_loss(subject.unit)
    if wanted is None or due is None or _is_same(subject, due, wanted):
        return
    weights, bias = measured.weights or (), measured.bias or 0.0
    drawn = f"the first weights are {listed(weights)}, the bias {bias:.6g}"
    reused = subject.trained_before & _reached(subject)
    if reused:
        fact = "they are those that the training before this one had left"
        line = next((each.line for each in subject.training.optimizers), None)
        yield suspect("model-reused", drawn, fact, line=line)
    elif is_made_by_hand(weights) or is_made_by_hand((bias,)):
        line = subject.facts.line_of(*_SETTERS, "init", "data", "Parameter")
        yield suspect("weights-by-hand", drawn, line=line)
    else:
        yield _seeding(subject, drawn)


def _is_same(subject: Subject, due: float, wanted: float) -> bool:
    if any(each.seed == subject.unit.seed for each in subject.training.early_seeds):
        return near(due, wanted, within=_SAME_LOSS)
    return abs(due - wanted) <= _SAME_UNSEEDED


def _reached(subject: Subject) -> frozenset[int]:
    return frozenset(name for each in subject.training.backwards for name in each.reached)


def _is_double(subject: Subject) -> bool:
    return any(p.tensor.dtype == "float64" for m in subject.training.models for p in m.params)


_WHEN = {False: "before them", True: "between the training before and this one"}


def _seeding(subject: Subject, drawn: str) -> Suspicion:
    unit, seeds = subject.unit, subject.training.seeds
    again = bool(subject.trained_before)
    if not seeds:
        return suspect(
            "seed-missing", drawn, f"torch's random numbers were not seeded {_WHEN[again]}"
        )
    before = subject.training.early_seeds
    last = before[-1] if before else seeds[0]
    words = {"seed": str(last.seed)}
    fact = f"seed {last.seed} was set{at(last.line)}"
    setter = subject.facts.line_of(*_SETTERS)
    if not before and last.seed == unit.seed:
        name, line, sure = "seed-after-model", last.line, SEEN
        fact += ", when there were parameters already"
    elif last.seed != unit.seed:
        name, line, sure = "seed-wrong", last.line, SEEN
    elif setter is not None:
        name, line, sure = "weights-by-hand", setter, LIKELY
        fact += f"; the weights are set{at(setter)}"
    elif _is_double(subject):
        name, line, sure = "dtype-other", subject.facts.line_of("float64", "double"), SEEN
        words |= {"dtype": "float64"}
    else:
        # Where no backward pass was seen, the weights that were seen may not be the first ones.
        sure = GUESSED if subject.training.backwards else FITTING
        name, line = "seed-after-model", last.line
    return suspect(name, drawn, fact, sure=sure, line=line, words=words)
