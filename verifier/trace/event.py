r"""The events of a trace: one value for each thing that happened while a script trained.

>>> from verifier.trace.reader import read_trace
>>> read_trace(b'{"e":"item","line":50,"v":"0x1.8p-3"}\n{"e":"no such event"}\n')
Trace(events=(Item(line=50, value=0.1875),), unreadable=1)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """A tensor as it was at one moment."""

    shape: tuple[int, ...]
    dtype: str
    """Without ``torch.``, as ``float32``."""
    grad: bool
    """Whether it required a gradient."""
    fn: str | None
    """Name of its ``grad_fn``, as ``SigmoidBackward0``; None for a leaf."""
    values: tuple[float, ...]
    """Its first elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a model, as it was when the model was first called."""

    id: int
    name: str | None
    tensor: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Numbers before and after something happened; None where there was no tensor."""

    id: int
    """Of the parameter."""
    before: tuple[float, ...] | None
    after: tuple[float, ...] | None
    grad: tuple[float, ...] | None = None
    """The gradient that an optimizer's step found; None elsewhere, or where there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A parameter group of an optimizer."""

    lr: float | None
    momentum: float | None
    weight_decay: float | None
    params: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """``torch.manual_seed``."""

    line: int | None
    seed: int
    params: int
    """Parameters there were by then; 0 before any model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model was called for the first time."""

    line: int | None
    id: int
    kind: str
    """The class."""
    params: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """An optimizer was made."""

    line: int | None
    id: int
    kind: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A module was called."""

    line: int | None
    id: int
    kind: str
    depth: int
    """0 where the script itself called it."""
    grad: bool
    """Whether gradients were being recorded."""
    inputs: tuple[Tensor, ...]
    out: Tensor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss function of ``torch.nn.functional`` was called."""

    line: int | None
    fn: str
    input: Tensor
    target: Tensor
    out: Tensor | None
    reduction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Gradients were cleared, by ``zero_grad`` or by hand."""

    line: int | None
    of: Literal["optimizer", "module", "hand"]
    ids: tuple[int, ...]
    """The optimizer or module; by hand the parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backward:
    """``backward()``: the gradients of every known parameter, before and after.

    Those that were given apart stand there as if there had been none before.
    """

    line: int | None
    root: Tensor
    params: tuple[Moved, ...]
    reached: tuple[int, ...]
    """Parameters that the graph led to."""
    apart: bool = False
    """Whether it was `torch.autograd.grad`, which gives gradients and leaves none behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Parameters were changed, by an optimizer's ``step`` or by hand."""

    line: int | None
    kind: str | None
    """The optimizer's class; None by hand."""
    id: int | None
    """Of the optimizer; None by hand."""
    params: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A number left torch, by ``item()``, ``tolist()``, ``float()`` or a format."""

    line: int | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """Numbers of the script's own arithmetic, each once."""

    results: tuple[float, ...]
    used: tuple[float, ...]
    """What it was done with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The recorder was stopped in order."""

    events: int
    dropped: int
    """Events that were not written because of the bounds."""


Event = (
    Seed | Model | Optimizer | Forward | Loss | Clear | Backward | Update | Item | Calculated | End
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything read, in order."""

    events: tuple[Event, ...]
    unreadable: int
    """Lines that are no event, those beyond the bounds included as one."""


NO_TRACE = Trace(events=(), unreadable=0)
"""Of a run that was not recorded."""
