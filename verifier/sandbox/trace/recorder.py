"""The recorder turns calls of torch into events of a trace, in the order in which they end."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace import parameters
from verifier.sandbox.trace.calls import Call, Calls, line_of
from verifier.sandbox.trace.format import MAX_LISTED, MAX_VALUES, MAX_WHOLE
from verifier.sandbox.trace.parameters import Leaves, Register
from verifier.sandbox.trace.tensor import flat, hexes, several, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from verifier.sandbox.trace.journal import Journal
    from verifier.sandbox.trace.parameters import Known, Leaf
    from verifier.sandbox.trace.tensor import Reader

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_MAX_INPUTS = 4
_FLAGS = {False: "false", True: "true"}


class Recorder:
    """Takes calls and returns of torch's functions, each with its frame, and writes events.

    ``…_called`` takes the frame of a call that begins; ``…_returned`` takes the frame of one that
    ends and its result: None, too, where it raised.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        reader: Reader,
        torch: Any,  # noqa: ANN401 - the module, imported by the caller
    ) -> None:
        self._journal = journal
        self.reader = reader
        self._path = ""
        self._loss = torch.nn.modules.loss._Loss  # noqa: SLF001 - of all its losses
        self._optimizer = torch.optim.Optimizer
        self._is_grad_enabled = torch._C.is_grad_enabled  # noqa: SLF001 - cannot be replaced
        self.leaves = Leaves(reader, accumulate=torch._C._functions.AccumulateGrad)  # noqa: SLF001
        """What it knows of parameters."""
        self._calls = Calls()
        self._modules = Register()
        self._optimizers = Register()
        self._registered = 0

    def begin(self, script_path: str) -> None:
        """Take the name under which the script is compiled."""
        self._path = script_path

    def parameter_called(self, frame: FrameType, _: object) -> None:
        """Count a parameter that a module is given."""
        self._registered += frame.f_locals["param"] is not None

    def import_called(self, frame: FrameType, _: object) -> None:
        """Take note that a module is loaded: nothing of that is a step of the script's."""

    def seed_called(self, frame: FrameType, _: object) -> None:
        """Record a seed."""
        seed = frame.f_locals["seed"]
        if issubclass(type(seed), (int, float)) and abs(seed) < MAX_WHOLE:
            params = max(self._registered, self.leaves.seen)
            self._add("seed", line_of(frame, self._path), f'"seed":{int(seed)},"params":{params}')

    def optimizer_returned(self, frame: FrameType, _: object) -> None:
        """Record an optimizer that has just been made."""
        optimizer = frame.f_locals["self"]
        groups = optimizer.__dict__.get("param_groups", ())[:MAX_LISTED]
        if groups:  # none where it raised
            known = self._optimizers.find(optimizer)
            texts = [
                parameters.group(each, self._found(each["params"]), self.reader) for each in groups
            ]
            self._add(
                "optimizer",
                line_of(frame, self._path),
                f'"id":{known.id},"class":{known.kind},"groups":[{",".join(texts)}]',
            )

    def forward_called(self, frame: FrameType, _: object) -> None:
        """Note what a module is called with; torch's losses have events of their own."""
        there = frame.f_locals
        module = there["self"]
        if issubclass(type(module), self._loss):
            return
        line = line_of(frame, self._path)
        known = self._modules.find(module)
        depth = self._calls.forwards
        if depth == 0:
            self._look(line)
            self._introduce(known, module, line)
        given = [*there["args"], *there["kwargs"].values()]
        inputs = [self.reader.described(each) for each in given if self.reader.is_tensor(each)]
        self._calls.begin(
            Call(
                frame,
                "forward",
                line=line,
                text=f'"id":{known.id},"class":{known.kind},"depth":{depth},'
                f'"grad":{_FLAGS[self._is_grad_enabled()]},'
                f'"training":{_FLAGS[module.__dict__.get("training") is not False]},'
                f'"in":[{",".join(inputs[:_MAX_INPUTS])}]',
            )
        )

    def forward_returned(self, frame: FrameType, out: object) -> None:
        """Record what a module gave."""
        call = self._calls.end(frame)
        if call is not None:
            tensors = [each for each in several(out) if self.reader.is_tensor(each)]
            given = self.reader.described(tensors[0]) if tensors else "null"
            self._add("forward", call.line, f'{call.text},"out":{given}')

    def loss_returned(self, frame: FrameType, out: object) -> None:
        """Record a loss; without its result where it raised."""
        line = line_of(frame, self._path)
        self._look(line)
        there = frame.f_locals
        described = self.reader.described
        reduction = there.get("reduction")
        self._add(
            "loss",
            line,
            f'"fn":"{frame.f_code.co_name}","input":{described(there["input"])},'
            f'"target":{described(there["target"])},'
            f'"out":{"null" if out is None else described(out)},'
            f'"reduction":{text(reduction) if type(reduction) is str else "null"}',
        )

    def zero_grad_called(self, frame: FrameType, _: object) -> None:
        """Look at what was done by hand before."""
        self._look(line_of(frame, self._path))

    def optimizer_zero_grad_returned(self, frame: FrameType, _: object) -> None:
        """Record that an optimizer cleared gradients."""
        self._clear(frame, "optimizer", self._optimizers.find(frame.f_locals["self"]))

    def module_zero_grad_returned(self, frame: FrameType, _: object) -> None:
        """Record that a module cleared gradients."""
        self._clear(frame, "module", self._modules.find(frame.f_locals["self"]))

    def backward_called(self, frame: FrameType, _: object) -> None:
        """Note the gradients before a backward pass, and which it will reach."""
        self._descend(frame, frame.f_locals["tensors"])

    def backward_returned(self, frame: FrameType, _: object) -> None:
        """Record the gradients after it."""
        call = self._calls.end(frame)
        if call is not None:
            self.leaves.look_at_gradients()
            self._add_backward(call, {})

    def grad_called(self, frame: FrameType, _: object) -> None:
        """Note the same for `torch.autograd.grad`."""
        self._descend(frame, frame.f_locals["outputs"])

    def grad_returned(self, frame: FrameType, out: object) -> None:
        """Record the gradients that it gave apart, as if their leaves had had none before."""
        call = self._calls.end(frame)
        if call is not None:
            given: dict[int, str] = {}
            for tensor, grad in zip(several(frame.f_locals["inputs"]), several(out), strict=False):
                if self.reader.is_plain(tensor) and self.reader.is_plain(grad):
                    given[id(tensor)] = hexes(self.reader.values(grad))
            call.text += ',"apart":true'
            self._add_backward(call, given)

    def step_called(self, frame: FrameType, _: object) -> None:
        """Note the parameters before a step; the outermost of an optimizer counts."""
        args = frame.f_locals["args"]
        if not args or not issubclass(type(args[0]), self._optimizer):
            return
        known = self._optimizers.find(args[0])
        call = Call(
            frame,
            "step",
            line=line_of(frame, self._path),
            text=f'"id":{known.id},"class":{known.kind}',
        )
        if not self._calls.holds("step", text=call.text):
            self._look(call.line)
            leaves = self._found(parameters.of_optimizer(args[0]))
            call.leaves = [(leaf, leaf.text(), leaf.grad_text()) for leaf in leaves]
            call.gathers = len(args) > 1 or bool(frame.f_locals["kwargs"])
            self._calls.begin(call)

    def step_returned(self, frame: FrameType, _: object) -> None:
        """Record the parameters after it."""
        call = self._calls.end(frame)
        if call is not None:
            self.leaves.look()
            texts = [
                parameters.stepped(leaf, before, leaf.grad_text() if call.gathers else grad)
                for leaf, before, grad in call.leaves[:MAX_LISTED]
            ]
            self._add("step", call.line, f'{call.text},"params":[{",".join(texts)}]')

    def format_called(self, frame: FrameType, _: object) -> None:
        """Record a number that the script formats without taking it out of its tensor."""
        tensor = frame.f_locals["self"]
        if self.reader.is_plain(tensor) and self.reader.dim(tensor) == 0:
            self._take_items(frame.f_back, tensor)

    def item_called(self, frame: FrameType, method: Any) -> None:  # noqa: ANN401 - bound
        """Record the number that the script takes out of a tensor."""
        tensor = method.__self__
        if self.reader.is_plain(tensor) and self.reader.numel(tensor) == 1:
            self._take_items(frame, tensor)

    def list_called(self, frame: FrameType, method: Any) -> None:  # noqa: ANN401 - bound
        """Record the numbers that the script takes out of a tensor."""
        if self.reader.is_plain(method.__self__):
            self._take_items(frame, method.__self__)

    def finish(self) -> None:
        """Look for the last time, and write the last line."""
        self._look("null")
        self._journal.end()

    def _take_items(self, frame: FrameType | None, tensor: object) -> None:
        # What torch itself takes out, to print a tensor or to step, is not the script's.
        if frame is None or frame.f_code.co_filename != self._path:
            return
        for value in flat(self.reader.values(tensor))[:MAX_VALUES]:
            line, number = line_of(frame, self._path), self.reader.number(value)
            self._journal.add_item(f'{{"e":"item","line":{line},"v":{number}}}')

    def _descend(self, frame: FrameType, roots: object) -> None:
        tensors = [each for each in several(roots) if self.reader.is_plain(each)]
        if not tensors:
            return
        line = line_of(frame, self._path)
        self._look(line)
        described = self.reader.described(tensors[0])
        call = Call(frame, "backward", line=line, text=f'"root":{described}')
        call.reached = self.leaves.reached(tensors)
        call.leaves = [(leaf, leaf.text(), leaf.grad_text()) for leaf in self.leaves.all()]
        self._calls.begin(call)

    def _add_backward(self, call: Call, given: dict[int, str]) -> None:
        texts = [
            parameters.moved(leaf, "null", given[leaf.key])
            if leaf.key in given
            else parameters.moved(leaf, grad, leaf.grad_text())
            for leaf, _, grad in call.leaves[:MAX_LISTED]
        ]
        reached = parameters.numbered(call.reached)
        self._add(
            "backward", call.line, f'{call.text},"params":[{",".join(texts)}],"reached":{reached}'
        )

    def _introduce(self, known: Known, module: object, line: str) -> None:
        """Record a model that is called for the first time."""
        if known.called:
            return
        known.called = True
        texts = []
        for name, tensor in parameters.of_module(module)[:MAX_LISTED]:
            if self.reader.is_plain(tensor):
                leaf = self.leaves.find(tensor)
                leaf.name = leaf.name or name
                texts.append(parameters.parameter(leaf, tensor, self.reader))
        described = f'"id":{known.id},"class":{known.kind},"params":[{",".join(texts)}]'
        self._add("model", line, described)

    def _clear(self, frame: FrameType, of: str, known: Known) -> None:
        self.leaves.look_at_gradients()
        self._add("zero_grad", line_of(frame, self._path), f'"of":"{of}","id":{known.id}')

    def _look(self, line: str) -> None:
        """Record what was done to parameters by hand since the last event."""
        changed, cleared = self.leaves.look()
        if changed and not self._calls.steps:
            texts = [
                parameters.moved(leaf, before, leaf.text()) for leaf, before in changed[:MAX_LISTED]
            ]
            self._add("change", line, f'"params":[{",".join(texts)}]')
        if cleared:
            self._add("clear", line, f'"params":{parameters.numbered(cleared)}')

    def _found(self, tensors: Iterable[Any]) -> list[Leaf]:
        return [self.leaves.find(each) for each in tensors if self.reader.is_plain(each)]

    def _add(self, event: str, line: str, members: str) -> None:
        self._journal.add(f'{{"e":"{event}","line":{line},{members}}}')
