r"""The milestones of a run: where data met parameters, losses, gradients, updates, and between.

>>> raw = b'{"e":"loss","id":7,"line":9,"at":2,"of":[5],"d":[1,0.5,0.25,0.5,0.5,0]}\\n'
>>> [(each.kind, each.line, each.of, each.sums.total) for each in read_milestones(raw)]
[('loss', 9, (5,), 0.5)]

Written by ``sandbox/trace`` in the learner's process: evidence, never authority. Pure: any bytes
give milestones, in linear time; a line that is none is left out.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from verifier.printable import counted
from verifier.sandbox.trace.format import MAX_LISTED, MAX_LOOK_BYTES, MAX_NAME, MAX_WHOLE

Kind = Literal[
    "op", "param", "data", "out", "loss", "grad", "update", "zero_grad", "read",
    "seed", "call", "optimizer",
]  # fmt: skip
"""What happened: an operation; a parameter that met data for the first time, data that met one,
what a pass gave; the root of a backward pass, the gradients after it, an update; a tensor that was
written out; and what the script called by its name."""
_KINDS: frozenset[str] = frozenset(get_args(Kind))
MAX_MILESTONES = 1500
_SUMS = 6


@dataclass(frozen=True, slots=True)
class Sums:
    """What tells a tensor's numbers from others: sums over them, without units of their own."""

    count: float
    size: float
    """Of the absolute values."""
    square: float
    """Of the squares."""
    total: float
    placed: float
    """Each weighed by its place, from 1, over the count: this alone depends on their order."""
    strange: float
    """How many numbers are not finite: no sum holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One thing that happened. What does not belong to its kind is as by default."""

    kind: Kind
    id: int | None = None
    line: int | None = None
    """Of the script."""
    made: int | None = None
    """The line where the module that did an operation, or the optimizer of an update, was made."""
    after_lines: int = 0
    """How many lines had been printed."""
    of: tuple[int, ...] = ()
    """The nearest ones that its tensor was computed from."""
    sums: Sums | None = None
    """Of its tensor; of all gradients, or of all parameters after an update."""
    shape: tuple[int, ...] | None = None
    inputs: tuple[tuple[int, ...], ...] = ()
    """Shapes of the tensors that an operation was given."""
    dtype: str | None = None
    name: str = ""
    """Of the operation without its overload, the class, or the parameter."""
    arguments: tuple[float, ...] = ()
    """Plain numbers that an operation was given; truths are 0 and 1."""
    mode: bool | None = None
    """Whether gradients were being recorded."""
    training: bool | None = None
    """The mode of the model that the script called last."""
    meets: bool = False
    """Whether a parameter is among what an operation was given."""
    in_loss: bool = False
    """Whether one of torch's loss functions did it."""
    draw: bool = False
    """Whether random numbers were drawn."""
    own: bool = False
    """Whether they were drawn from a generator of the script's own."""
    before: Sums | None = None
    """Of the gradients before a backward pass."""
    grads: Sums | None = None
    """Of the gradients that an update found."""
    delta: Sums | None = None
    """Of the change that it made."""
    settings: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Of the optimizer."""
    place: int | None = None
    """Among all of its kind, from 1, those that were not kept included."""
    number: int | None = None
    """The seed; how many parameters an optimizer, or a model that is called, has."""
    seeded: bool = False
    """Of a reference: whether it is another under another seed."""

    def setting(self, name: str) -> tuple[float, ...] | None:
        """Give one setting of an optimizer; None where it has none of that name."""
        return next((values for key, values in self.settings if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a second look at a script has seen."""

    milestones: tuple[Milestone, ...] = ()
    is_steady: bool = True
    """Whether the script printed the same as in its first run."""


NO_LOOK = Look()


_KIND_WORDS: dict[Kind, tuple[str, str]] = {
    "op": ("operation", "operations"),
    "param": ("parameter", "parameters"),
    "data": ("batch of data", "batches of data"),
    "out": ("result of a pass", "results of passes"),
    "loss": ("loss", "losses"),
    "grad": ("backward pass", "backward passes"),
    "update": ("update", "updates"),
}


def in_words(milestones: tuple[Milestone, ...]) -> str:
    """Tell what a reference did, by how much of each kind is kept."""
    if not milestones:
        return "nothing is kept of what the reference did: wrong values are told by themselves"
    counts = Counter(each.kind for each in milestones)
    shown = [
        counted(counts[kind], one, more)
        for kind, (one, more) in _KIND_WORDS.items()
        if counts[kind]
    ]
    seeded = sum(each.seeded for each in milestones)
    return (
        f"kept of what the reference did: {', '.join(shown)}; "
        f"{counted(seeded, 'of these changes', 'of these change')} with the seed"
    )


def read_look(raw: bytes, is_steady: bool) -> Look:  # noqa: FBT001 - the only other thing
    """Read what a second look has seen; never raises."""
    return Look(milestones=read_milestones(raw), is_steady=is_steady)


def read_milestones(raw: bytes) -> tuple[Milestone, ...]:
    """Read the milestones of a run; never raises.

    Args:
        raw: Any bytes.
    Returns:
        Those that can be read, in their order.
    """
    found: list[Milestone] = []
    for line in raw[:MAX_LOOK_BYTES].split(b"\n"):
        if len(found) == MAX_MILESTONES:
            break
        if line:
            read = _line(line)
            if read is not None:
                found.append(read)
    return tuple(found)


def _line(line: bytes) -> Milestone | None:
    try:
        return milestone_of(json.loads(line.decode("ascii")))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def milestone_of(document: dict[str, Any]) -> Milestone:
    """Read one from JSON.

    Raises:
        ValueError, TypeError, KeyError: It is none.
    """
    kind = document["e"]
    if kind not in _KINDS:
        raise ValueError(kind)
    settings = document.get("settings") or {}
    return Milestone(
        kind=kind,
        id=_whole(document.get("id")),
        line=_whole(document.get("line")),
        made=_whole(document.get("made")),
        after_lines=_whole(document["at"]) or 0,
        of=tuple(_sure(_whole(each)) for each in _list(document.get("of", []))),
        sums=_sums(document.get("d")),
        shape=None
        if document.get("shape") is None
        else tuple(_sure(_whole(each)) for each in _list(document["shape"])),
        inputs=tuple(
            tuple(_sure(_whole(size)) for size in _list(each))
            for each in _list(document.get("in", []))
        ),
        dtype=_text(document.get("dtype")),
        name=_text(document.get("op") or document.get("class") or document.get("name")) or "",
        arguments=tuple(_number(each) for each in _list(document.get("args", []))),
        mode=_flag(document.get("mode")),
        training=_flag(document.get("training")),
        meets=bool(_flag(document.get("meets"))),
        in_loss=bool(_flag(document.get("in_loss"))),
        draw=bool(_flag(document.get("draw"))),
        own=bool(_flag(document.get("own"))),
        before=_sums(document.get("before")),
        grads=_sums(document.get("grads")),
        delta=_sums(document.get("delta")),
        settings=tuple(
            (_text(name) or "", tuple(float.fromhex(each) for each in _list(values)))
            for name, values in list(settings.items())[:MAX_LISTED]
        ),
        place=_whole(document.get("n")),
        number=_whole(document.get("seed", document.get("count"))),
        seeded=bool(_flag(document.get("seeded"))),
    )


def milestone_to_json(milestone: Milestone) -> dict[str, Any]:
    """Give it as JSON that `milestone_of` reads, without what is as by default."""
    document: dict[str, Any] = {"e": milestone.kind, "at": milestone.after_lines}
    for each in fields(milestone):
        name = _NAMES.get(each.name, each.name)
        value = getattr(milestone, each.name)
        if name is not None and not _is_default(each.name, value):
            document[name] = _value_to_json(each.name, value)
    return document


def _is_default(name: str, value: object) -> bool:
    if name in {"mode", "training", "shape"}:
        return value is None
    return value is None or value is False or value in ("", ())


def _value_to_json(name: str, value: Any) -> Any:  # noqa: ANN401 - of a field
    if isinstance(value, Sums):
        return [_shown(getattr(value, part.name)) for part in fields(value)]
    if name == "settings":
        return {key: [number.hex() for number in numbers] for key, numbers in value}
    if name == "inputs":
        return [list(shape) for shape in value]
    if name == "arguments":
        return [_shown(number) for number in value]
    return list(value) if isinstance(value, tuple) else value


_NAMES: dict[str, str | None] = {
    "kind": None, "after_lines": None, "sums": "d", "arguments": "args", "name": "op",
    "inputs": "in", "number": "count", "place": "n",
}  # fmt: skip


def _shown(value: float) -> float | str:
    if not math.isfinite(value):
        return str(value)
    return int(value) if value == int(value) and abs(value) < MAX_WHOLE else float(f"{value:.9g}")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_LISTED:
        raise TypeError
    return value


def _whole(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_WHOLE:
        raise TypeError
    return value


def _sure(value: int | None) -> int:
    if value is None:
        raise TypeError
    return value


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value if value is None else value[:MAX_NAME]


def _number(value: object) -> float:
    if not isinstance(value, (int, float, str)):
        raise TypeError
    return float(value)


def _sums(value: object) -> Sums | None:
    if value is None:
        return None
    numbers = [_number(each) for each in _list(value)]
    if len(numbers) != _SUMS:
        raise ValueError
    return Sums(*numbers)
