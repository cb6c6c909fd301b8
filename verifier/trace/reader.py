"""The reader of a trace: a stranger's bytes → the events of a training, never raising.

One JSON object a line, written in the learner's process by ``sandbox/trace``. It is evidence and
never authority: a script can write what it likes into it. Pure: any bytes give a `Trace`, in
linear time; a line that is no event of this module is counted and left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from verifier.sandbox.trace.format import MAX_BYTES, MAX_EVENTS, MAX_LISTED, MAX_NAME, MAX_WHOLE
from verifier.trace.event import (
    Backward,
    Calculated,
    Clear,
    End,
    Event,
    Forward,
    Group,
    Item,
    Loss,
    Model,
    Moved,
    Optimizer,
    Parameter,
    Seed,
    Tensor,
    Trace,
    Update,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable


def read_trace(raw: bytes, *, only: Literal["item"] | None = None) -> Trace:
    """Read the events of a trace; never raises.

    Args:
        raw: Any bytes.
        only: The one kind of event that is wanted; lines that do not name it are passed over,
            which takes a tenth of the time.
    Returns:
        The valid events in their order, and how many lines were not one.
    """
    events: list[Event] = []
    wanted = b"" if only is None else f'"{only}"'.encode()
    unreadable = 1 if len(raw) > MAX_BYTES else 0
    # A line cut by the bound is no JSON; it is the one counted above.
    whole = raw if len(raw) <= MAX_BYTES else raw[: raw.rfind(b"\n", 0, MAX_BYTES) + 1]
    for line in whole.split(b"\n"):
        if not line.strip() or wanted not in line:
            continue
        event = _event(line)
        if event is None:
            unreadable += 1
        elif len(events) == MAX_EVENTS:
            unreadable += 1
            break
        else:
            events.append(event)
    return Trace(events=tuple(events), unreadable=unreadable)


def _event(line: bytes) -> Event | None:
    try:
        document = _JSON.decode(line.decode("utf-8", "surrogatepass"))
        return _READERS[document["e"]](document)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


_JSON = json.JSONDecoder(parse_constant=_refuse)
"""Made once: making one takes as long as reading a line."""


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_WHOLE:
        raise TypeError
    return value


def _line(document: dict[str, Any]) -> int | None:
    line = document["line"]
    return None if line is None else max(1, _whole(line))


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[:MAX_NAME]


def _name_or_none(value: object) -> str | None:
    return None if value is None else _name(value)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_LISTED:
        raise TypeError
    return value


def _wholes(value: object) -> tuple[int, ...]:
    return tuple(_whole(each) for each in _list(value))


def _number(value: object) -> float:
    if not isinstance(value, str):
        raise TypeError
    return float.fromhex(value)


def _number_or_none(value: object) -> float | None:
    return None if value is None else _number(value)


def _numbers(value: object) -> tuple[float, ...]:
    return tuple(_number(each) for each in _list(value))


def _numbers_or_none(value: object) -> tuple[float, ...] | None:
    return None if value is None else _numbers(value)


def _tensor(document: Any) -> Tensor:  # noqa: ANN401 - a stranger's JSON
    return Tensor(
        shape=_wholes(document["shape"]),
        dtype=_name(document["dtype"]),
        grad=_flag(document["grad"]),
        fn=_name_or_none(document.get("fn")),
        values=_numbers(document["v"]),
    )


def _tensor_or_none(document: object) -> Tensor | None:
    return None if document is None else _tensor(document)


def _moved(document: dict[str, Any]) -> Moved:
    return Moved(
        id=_whole(document["id"]),
        before=_numbers_or_none(document["before"]),
        after=_numbers_or_none(document["after"]),
        grad=_numbers_or_none(document.get("grad")),
    )


def _moves(document: dict[str, Any]) -> tuple[Moved, ...]:
    return tuple(_moved(each) for each in _list(document["params"]))


def _seed(document: dict[str, Any]) -> Seed:
    return Seed(
        line=_line(document), seed=_whole(document["seed"]), params=_whole(document["params"])
    )


def _model(document: dict[str, Any]) -> Model:
    return Model(
        line=_line(document),
        id=_whole(document["id"]),
        kind=_name(document["class"]),
        params=tuple(
            Parameter(
                id=_whole(each["id"]), name=_name_or_none(each.get("name")), tensor=_tensor(each)
            )
            for each in _list(document["params"])
        ),
    )


def _group(document: dict[str, Any]) -> Group:
    return Group(
        lr=_number_or_none(document.get("lr")),
        momentum=_number_or_none(document.get("momentum")),
        weight_decay=_number_or_none(document.get("weight_decay")),
        params=_wholes(document["params"]),
    )


def _optimizer(document: dict[str, Any]) -> Optimizer:
    return Optimizer(
        line=_line(document),
        id=_whole(document["id"]),
        kind=_name(document["class"]),
        groups=tuple(_group(each) for each in _list(document["groups"])),
    )


def _forward(document: dict[str, Any]) -> Forward:
    return Forward(
        line=_line(document),
        id=_whole(document["id"]),
        kind=_name(document["class"]),
        depth=_whole(document["depth"]),
        grad=_flag(document["grad"]),
        inputs=tuple(_tensor(each) for each in _list(document["in"])),
        out=_tensor_or_none(document["out"]),
    )


def _loss(document: dict[str, Any]) -> Loss:
    return Loss(
        line=_line(document),
        fn=_name(document["fn"]),
        input=_tensor(document["input"]),
        target=_tensor(document["target"]),
        out=_tensor_or_none(document["out"]),
        reduction=_name_or_none(document.get("reduction")),
    )


def _zero_grad(document: dict[str, Any]) -> Clear:
    of: Literal["optimizer", "module"] = "optimizer" if document["of"] == "optimizer" else "module"
    return Clear(line=_line(document), of=of, ids=(_whole(document["id"]),))


def _clear(document: dict[str, Any]) -> Clear:
    return Clear(line=_line(document), of="hand", ids=_wholes(document["params"]))


def _backward(document: dict[str, Any]) -> Backward:
    return Backward(
        line=_line(document),
        root=_tensor(document["root"]),
        params=_moves(document),
        reached=_wholes(document["reached"]),
        apart=_flag(document.get("apart", False)),
    )


def _step(document: dict[str, Any]) -> Update:
    return Update(
        line=_line(document),
        kind=_name(document["class"]),
        id=_whole(document["id"]),
        params=_moves(document),
    )


def _change(document: dict[str, Any]) -> Update:
    return Update(line=_line(document), kind=None, id=None, params=_moves(document))


def _item(document: dict[str, Any]) -> Item:
    return Item(line=_line(document), value=_number(document["v"]))


def _calculated(document: dict[str, Any]) -> Calculated:
    return Calculated(results=_numbers(document["results"]), used=_numbers(document["used"]))


def _end(document: dict[str, Any]) -> End:
    return End(events=_whole(document["events"]), dropped=_whole(document["dropped"]))


_READERS: dict[str, Callable[[dict[str, Any]], Event]] = {
    "seed": _seed,
    "model": _model,
    "optimizer": _optimizer,
    "forward": _forward,
    "loss": _loss,
    "zero_grad": _zero_grad,
    "clear": _clear,
    "backward": _backward,
    "step": _step,
    "change": _change,
    "item": _item,
    "calculated": _calculated,
    "end": _end,
}
