"""Milestones of a training: where data meets parameters, losses, gradients, updates, and between.

For a second look at a script that printed something wrong, and for the reference. Every operation
of torch is seen, so that it does not matter in which style a training is written; what is noted of
a tensor are sums over it, so that shape and order do not matter either. All of it is evidence.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace import parameters
from verifier.sandbox.trace.calls import line_of
from verifier.sandbox.trace.digest import NONE, Digester, added, as_json
from verifier.sandbox.trace.format import MAX_LISTED, MAX_WHOLE
from verifier.sandbox.trace.operations import Done, Operations
from verifier.sandbox.trace.tensor import several, text
from verifier.sandbox.trace.trained import Trained, difference, listed
from verifier.sandbox.trace.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from verifier.sandbox.trace.digest import Sums
    from verifier.sandbox.trace.journal import Journal
    from verifier.sandbox.trace.tensor import Reader

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_SETTINGS = (
    *("lr", "momentum", "weight_decay", "nesterov", "betas", "eps", "alpha", "dampening"),
    "maximize",
)
_SCALAR = "_local_scalar_dense"
"""By it a number leaves torch."""
_getframe = sys._getframe  # noqa: SLF001 - there is no other way to a frame


class Milestones:
    """Takes operations and calls of torch's functions, and has milestones written."""

    def __init__(
        self,
        journal: Journal,
        *,
        reader: Reader,
        torch: Any,  # noqa: ANN401 - the module
        lines: Callable[[], int],
    ) -> None:
        self._reader = reader
        self._digester = Digester(reader, torch)
        self._writer = Writer(journal, lines=lines)
        self._trained = Trained(reader, self._digester)
        self._operations = Operations(
            self._writer,
            self._trained,
            reader=reader,
            digester=self._digester,
            torch=torch,
            settle=self._settle_update,
        )
        self._operations.replaced = self._replaced
        self._optimizer = torch.optim.Optimizer
        self._made: dict[int, str] = {}
        """Lines where optimizers were made, by identity."""
        self._backward_id = torch._C._current_graph_task_id  # noqa: SLF001 - cannot be replaced
        self._path = ""
        self._before: dict[int, Sums] | None = None
        """Gradients before the backward pass that is open."""
        self._backward_line = "null"
        self._in_backward = False
        self._step: tuple[str, str] | None = None
        """Class and settings of the optimizer whose step is open."""
        self._step_line = self._step_made = "null"
        self._at_step: dict[int, Sums] = {}
        """Gradients that the update which is open has found."""
        self._is_changed = False
        """Whether a parameter was written to since the last update."""

    def begin(self, script_path: str) -> None:
        """Take the name under which the script is compiled."""
        self._path = script_path
        self._operations.begin(script_path)

    def finish(self) -> None:
        """Write what is pending, and the last line."""
        self._settle_update()
        self._operations.end_pass()
        self._writer.flush()
        self._writer.journal.end()

    # What the script calls.

    def seed_called(self, frame: FrameType) -> None:
        """Note a seed."""
        seed: Any = frame.f_locals.get("seed")
        if issubclass(type(seed), (int, float)) and abs(seed) < MAX_WHOLE:
            self._writer.event("seed", self._line(frame), f'"seed":{int(seed)}')

    def module_called(self, frame: FrameType) -> None:
        """Note in which mode the script calls a model, and what its parameters are called."""
        module = frame.f_locals["self"]
        for name, tensor in parameters.of_module(module)[:MAX_LISTED]:
            self._operations.names.setdefault(id(tensor), name)
        caller = frame.f_back
        while caller is not None and caller.f_code.co_name == "_wrapped_call_impl":
            caller = caller.f_back
        if caller is None or caller.f_code.co_filename != self._path:
            return
        training = "false" if module.__dict__.get("training") is False else "true"
        self._operations.training = training
        kind, line = text(type(module).__name__), self._line(frame)
        if self._writer.is_new("call", line, kind, training):
            count = len(parameters.of_module(module))
            members = f'"class":{kind},"training":{training},"count":{count}'
            self._writer.event("call", line, members)

    def optimizer_made(self, frame: FrameType, _out: object) -> None:
        """Note an optimizer with its settings."""
        optimizer = frame.f_locals["self"]
        kind, settings = self._described(optimizer)
        count = len(parameters.of_optimizer(optimizer))
        members = f'"class":{kind},"settings":{settings},"count":{count}'
        self._made.setdefault(id(optimizer), self._line(frame))
        self._writer.event("optimizer", self._line(frame), members)

    def module_made(self, frame: FrameType) -> None:
        """Keep where a module is made."""
        self._operations.made[id(frame.f_locals["self"])] = self._line(frame)

    def generator_seeded(self, frame: FrameType) -> None:
        """Note that a generator of the script's own is seeded."""
        self._writer.event("seed", self._line(frame), '"own":true')

    def zero_grad_called(self, frame: FrameType) -> None:
        """Note that gradients are cleared."""
        self._settle_update()
        self._writer.milestone("zero_grad", self._line(frame), "")

    def backward_called(self, frame: FrameType) -> None:
        """Note the root of a backward pass."""
        self._settle_update()
        self._operations.end_pass()
        there = frame.f_locals
        line = self._line(frame)
        roots = several(there.get("tensors", there.get("outputs")))
        for root in [each for each in roots if self._reader.is_plain(each)][:1]:
            members = f'"of":{self._operations.nodes(root)},{self._operations.shown(root)}'
            self._writer.milestone("loss", line, members)
        self._before = self._trained.gradients()
        self._backward_line = line

    def backward_returned(self, _frame: FrameType, _out: object) -> None:
        """Note the gradients after it."""
        self._in_backward = self._before is not None
        self._settle()

    def grad_returned(self, frame: FrameType, out: object) -> None:
        """Note the gradients that were given apart."""
        self._before, self._in_backward = None, False
        given = [each for each in several(out) if self._reader.is_plain(each)]
        if given:
            sums = added(map(self._digester.sums, given))
            members = f'"before":{as_json(NONE)},"d":{as_json(sums)},"each":[]'
            number = self._writer.milestone("grad", self._line(frame), members)
            for each in given:
                self._operations.comes_from(each, number)

    def step_called(self, frame: FrameType) -> None:
        """Note whose step it is."""
        optimizer = self._stepping(frame)
        if optimizer is not None and self._step is None:
            self._settle_update()
            self._step = self._described(optimizer)
            self._step_made = self._made.get(id(optimizer), "null")
            self._at_step = self._trained.gradients()
            self._step_line = self._line(frame)

    def step_returned(self, frame: FrameType, _out: object) -> None:
        """Note the parameters after it, also where it changed none."""
        if self._step is not None and self._stepping(frame) is not None:
            self._update()
            self._step = None

    def shown(self, frame: FrameType) -> None:
        """Note that a tensor is written out."""
        self._read(frame.f_locals.get("self"), self._line(frame))

    def listed(self, frame: FrameType, tensor: Any) -> None:  # noqa: ANN401 - of torch
        """Note that the numbers of a tensor are taken out of torch."""
        self._read(tensor, self._line(frame))

    # What torch is told to do.

    def before(self) -> None:
        """See what the last operation left, before the next."""
        if self._backward_id() != -1:
            self._in_backward = True
        else:
            self._settle()

    def operation(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:  # noqa: ANN401
        """Note an operation that has been done."""
        if self._in_backward:
            return
        done = Done(func, args, kwargs, out, self._reader)
        if done.name == _SCALAR:
            self._take_scalar(done)
        elif any(self._is_trained(each) for each in done.writes):
            if self._step is None and not self._is_changed:
                self._at_step = self._trained.gradients()
                self._step_line = self._line(_getframe(1))
            self._is_changed = True
        elif self._step is None:
            self._operations.note(done)

    def _is_trained(self, tensor: Any) -> bool:  # noqa: ANN401 - of torch
        known = self._trained.of(tensor)
        return known is not None and known.met

    def _take_scalar(self, done: Done) -> None:
        frame: FrameType | None = _getframe(2)
        while frame is not None and frame.f_globals.get("__package__") == __package__:
            frame = frame.f_back
        # What torch itself takes out, to print a tensor or to step, is not the script's.
        if frame is not None and frame.f_code.co_filename == self._path and done.given:
            self._read(done.given[0], self._line(frame))

    def _settle(self) -> None:
        """Note what a backward pass, or writes to parameters, have left."""
        if self._in_backward:
            self._in_backward = False
            before, self._before = self._before or {}, None
            members = difference(before, self._trained.gradients())
            number = self._writer.milestone("grad", self._backward_line, members)
            for grad in self._trained.all_gradients():
                self._operations.comes_from(grad, number)

    def _replaced(self, line: str) -> None:
        """Take note that a new tensor has taken a parameter's place."""
        self._is_changed, self._step_line = True, line

    def _settle_update(self) -> None:
        """Note what writes to parameters have left, once whatever follows is no part of them."""
        self._settle()
        if self._is_changed and self._step is None:
            self._update()

    def _update(self) -> None:
        self._operations.end_pass()
        self._is_changed = False
        kind, settings = self._step or ('""', "{}")
        made = self._step_made if self._step else "null"
        changes, values = self._trained.moved()
        found = added(self._at_step[key] for key in changes if key in self._at_step)
        self._writer.milestone(
            "update",
            self._step_line,
            f'"class":{kind},"settings":{settings},"made":{made},"grads":{as_json(found)},'
            f'"d":{as_json(values)},"delta":{as_json(added(changes.values()))},'
            f'"each":{listed(changes.items())}',
        )

    def _read(self, tensor: Any, line: str) -> None:  # noqa: ANN401 - of torch
        if self._reader.is_plain(tensor):
            self._settle_update()
            self._operations.end_pass()
            nodes = self._operations.nodes(tensor)
            self._writer.read(line, f'"of":{nodes},{self._operations.shown(tensor)}')

    def _stepping(self, frame: FrameType) -> Any:  # noqa: ANN401 - of torch
        args = frame.f_locals.get("args") or ()
        return args[0] if args and issubclass(type(args[0]), self._optimizer) else None

    def _described(self, optimizer: Any) -> tuple[str, str]:  # noqa: ANN401 - of torch
        groups: Any = optimizer.__dict__.get("param_groups") or ({},)
        settings = []
        for name in _SETTINGS:
            numbers = [
                self._reader.number(each)
                for each in several(groups[0].get(name))
                if issubclass(type(each), (int, float))
            ]
            if numbers:
                settings.append(f'"{name}":[{",".join(numbers)}]')
        return text(type(optimizer).__name__), f"{{{','.join(settings)}}}"

    def _line(self, frame: FrameType) -> str:
        return line_of(frame, self._path)
