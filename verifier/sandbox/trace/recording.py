"""A recording sees what a script does with torch while it runs, and changes nothing of it.

A profile function sees every call; those of a few functions of torch become events. It
replaces nothing in torch and adds no frame to any stack, so numbers, tracebacks and warnings
stay as they are without it. What is written comes from the script's own process: evidence,
never authority.

What a script can tell apart, in Python 3.11: `sys.getprofile` gives something; objects lie at
other addresses; within a function, the dictionary of `locals()` follows its variables at every
call, and holds them. A limit on recursion below a fifth of the usual one is reached sooner.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

from verifier.sandbox.trace.hooks import Hooks
from verifier.sandbox.trace.profile import Session

if TYPE_CHECKING:
    import io
    from collections.abc import Callable
    from types import CodeType

    from verifier.sandbox.trace.look import Look

_REHEARSAL = b"""\
import torch
from torch import nn
torch.manual_seed(7919)
inputs, targets = torch.linspace(-1.0, 1.0, 21).reshape(7, 3), torch.ones(7, 1)
model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())
losses = nn.BCELoss(), nn.BCEWithLogitsLoss(), nn.MSELoss()
for optimizer_of in torch.optim.SGD, torch.optim.Adam:
    optimizer = optimizer_of(model.parameters(), lr=0.01)
    for loss_of in losses:
        loss = loss_of(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item(), f"{loss:.3f}", model[0].bias.grad.tolist()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.01 * parameter.grad
            parameter.grad = None
    model.zero_grad()
    torch.autograd.grad(loss_of(model(inputs), targets), list(model.parameters()))
"""


_hooks: Hooks | None = None
_next: Session | None = None
"""Made beforehand: what a fork makes itself, it makes in memory that it must copy first."""
_session: Session | Look | None = None


def prepare() -> None:
    """Look up and make what the next recording needs; in the parent of all runs."""
    global _hooks, _next  # noqa: PLW0603 - shared by all forks
    import torch  # noqa: PLC0415 - heavy: imported by the fork server alone

    if _hooks is None:
        _hooks = Hooks(torch)
        importlib.import_module("verifier.sandbox.trace.look")  # after a fork it would be copied
    if _next is None:
        _next = Session(_hooks)


def start(writer: int, *, script_path: str, key: bytes = b"") -> None:
    """Begin to record what this thread does.

    Args:
        writer: Descriptor of a file, written to at its position.
        script_path: What the script is compiled as; lines are of this file.
        key: What its lines are sealed with.
    Raises:
        OSError: The descriptor is none of a file.
    """
    global _next, _session
    stop()
    if _next is None:
        prepare()
    if _next is not None:
        _session, _next = _next, None
        _session.begin(writer, script_path, key)


def look(writer: int, *, script_path: str, key: bytes = b"") -> None:
    """Begin a second look at what this thread does; its milestones are what is recorded.

    Args and errors are those of `start`.
    """
    global _session  # noqa: PLW0603 - shared by all forks
    from verifier.sandbox.trace.look import Look  # noqa: PLC0415 - it imports torch

    stop()
    _session = Look()
    _session.begin(writer, script_path, key)


def counted_output() -> type[io.FileIO]:
    """Give what standard output is to be written by during a second look."""
    from verifier.sandbox.trace.look import CountedOutput  # noqa: PLC0415 - it imports torch

    return CountedOutput


def compiler() -> Callable[[bytes, str], CodeType] | None:
    """Give what compiles a script so that its arithmetic is recorded too; None where nothing is."""
    return _session.note_arithmetic().compiled if isinstance(_session, Session) else None


def stop() -> None:
    """Record no more, and write the last line; nothing where there is no recording."""
    global _session
    session, _session = _session, None
    if session is not None:
        session.end()


def rehearse() -> None:
    """Record one neutral training into nowhere, so that a run need not wait for first times.

    Leaves no random state behind, and no script's number: its data is no lesson's.
    """
    import torch  # noqa: PLC0415 - loaded already

    prepare()
    state = torch.get_rng_state()
    path = "<rehearsal>"
    code = compile(_REHEARSAL, path, "exec", dont_inherit=True)
    writer = os.memfd_create("rehearsal")
    try:
        for _ in range(2):
            start(writer, script_path=path)
            try:
                exec(code, {"__name__": path})  # noqa: S102 - the text above
            finally:
                stop()
    finally:
        os.close(writer)
        torch.set_rng_state(state)
    prepare()
