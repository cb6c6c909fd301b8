"""A second look at a script: every operation of torch is seen while it runs, for its milestones.

A dispatch mode sees the operations, and a profile function the calls that no operation tells of.
Numbers, random state and warnings stay as they are; a script can notice it, and its tracebacks
name frames of it. So a verdict never rests on a run that was looked at so.
"""

from __future__ import annotations

import builtins
import inspect
import io
import sys
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import (
    TorchDispatchMode,
    _pop_mode,
    _push_mode,
)
from torch.utils._python_dispatch import (
    _get_current_dispatch_mode as _current_mode,
)

from verifier.sandbox.trace.format import MAX_LOOK_BYTES
from verifier.sandbox.trace.journal import Journal
from verifier.sandbox.trace.milestones import Milestones
from verifier.sandbox.trace.tensor import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_MAX_FAILURES = 3
_TAKEN = frozenset(("tolist", "numpy"))
"""Methods that take numbers out of torch without an operation."""
_setprofile = sys.setprofile
_getprofile = sys.getprofile


class CountedOutput(io.FileIO):
    """Standard output that counts the lines written to it."""

    lines = 0

    def write(self, data: Any) -> int:  # noqa: ANN401 - a buffer
        """Write, and count."""
        CountedOutput.lines += bytes(data).count(b"\n")
        return super().write(data)


class Look:
    """One second look: begun, ended."""

    def __init__(self) -> None:
        self._journal = Journal(most_bytes=MAX_LOOK_BYTES)
        self._milestones = Milestones(
            self._journal, reader=Reader(torch), torch=torch, lines=_lines_printed
        )
        self._mode = _mode_of(self)
        self._pauses: list[bool] = []
        """Of the calls that are open and see no mode, whether it was taken off for each."""
        self._unobserved = torch._C.DisableTorchFunction  # noqa: SLF001
        self._path = ""
        self._failures = 0
        self._busy = False
        self._profile = _profile_function(self, self._milestones)

    def begin(self, writer: int, script_path: str, key: bytes) -> None:
        """See everything from now on."""
        self._path = script_path
        self._journal.open(writer, key=key)
        self._milestones.begin(script_path)
        self._mode.__enter__()
        _setprofile(self._profile)

    def end(self) -> None:
        """See nothing more, and write the last line."""
        if _getprofile() is self._profile:
            _setprofile(None)
        self._busy = True
        if not self._journal.closed:
            try:
                with self._unobserved():
                    self._milestones.finish()
            except Exception:  # noqa: BLE001 - whatever the script has done to its tensors
                self._journal.dropped += 1
                self._journal.end()

    def pause(self, _frame: FrameType) -> None:
        """Take the mode off for a call in which torch itself writes down what it does."""
        is_ours = _current_mode() is self._mode
        if is_ours:
            _pop_mode()
        self._pauses.append(is_ours)

    def go_on(self, _frame: FrameType, _out: object) -> None:
        """Put it on again, after the call or its error."""
        if self._pauses and self._pauses.pop():
            _push_mode(self._mode)

    def is_script(self, frame: FrameType) -> bool:
        """Whether a frame is one of the script's own."""
        return frame.f_code.co_filename == self._path

    def take(self, handler: Callable[..., None], *seen: Any) -> None:  # noqa: ANN401
        """Hand on what was called, and survive it."""
        if self._busy or self._journal.closed:
            return
        self._busy = True
        try:
            with self._unobserved():
                handler(*seen)
        except Exception:  # noqa: BLE001 - must not reach the script
            self._fail()
        finally:
            self._busy = False

    def operate(self, func: Any, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - of torch
        """Run an operation, and hand it on."""
        if self._busy or self._journal.closed:
            return func(*args, **kwargs)
        self._busy = True
        try:
            self._guarded(self._milestones.before)
            out = func(*args, **kwargs)
            self._guarded(self._milestones.operation, func, args, kwargs, out)
            return out
        finally:
            self._busy = False

    def _guarded(self, handler: Callable[..., None], *seen: Any) -> None:  # noqa: ANN401
        try:
            handler(*seen)
        except Exception:  # noqa: BLE001 - must not reach the script
            self._fail()

    def _fail(self) -> None:
        self._journal.dropped += 1
        self._failures += 1
        if self._failures == _MAX_FAILURES:
            self._journal.end()


_STEP: Any = torch.optim.Optimizer.profile_hook_step(lambda: None)
"""Every step of every optimizer is wrapped in a function that has one code; kept alive here."""


def _lines_printed() -> int:
    return CountedOutput.lines


def _mode_of(look: Look) -> TorchDispatchMode:
    class Mode(TorchDispatchMode):  # type: ignore[misc] # torch is not typed here
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # else each operation pays for a wrapper

        def __torch_dispatch__(
            self,
            func: Any,  # noqa: ANN401 - of torch
            types: Any,  # noqa: ANN401 - the same
            args: Any = (),  # noqa: ANN401 - the same
            kwargs: Any = None,  # noqa: ANN401 - the same
        ) -> Any:  # noqa: ANN401 - the same
            return look.operate(func, args, kwargs or {})

    return Mode()


def _called(look: Look, milestones: Milestones) -> dict[int, Callable[..., None]]:
    """Give, by its code, what takes the call of a function."""
    return {
        _code(torch.nn.Module._call_impl): milestones.module_called,  # noqa: SLF001
        _code(torch.nn.Module.__init__): milestones.module_made,
        _code(torch.nn.Module.zero_grad): milestones.zero_grad_called,
        _code(torch.optim.Optimizer.zero_grad): milestones.zero_grad_called,
        _code(torch.autograd.backward): milestones.backward_called,
        _code(torch.autograd.grad): milestones.backward_called,
        _code(torch.manual_seed): milestones.seed_called,
        _code(torch.Tensor.__repr__): milestones.shown,
        id(_STEP.__code__): milestones.step_called,
        **dict.fromkeys(_recorded(), look.pause),
    }


def _returned(look: Look, milestones: Milestones) -> dict[int, Callable[..., None]]:
    """Give, by its code, what takes the return of a function."""
    return {
        _code(torch.optim.Optimizer.__init__): milestones.optimizer_made,
        _code(torch.autograd.backward): milestones.backward_returned,
        _code(torch.autograd.grad): milestones.grad_returned,
        id(_STEP.__code__): milestones.step_returned,
        **dict.fromkeys(_recorded(), look.go_on),
    }


def _recorded() -> list[int]:
    return [_code(each) for each in (torch.jit.trace, torch.jit.trace_module)]


def _profile_function(look: Look, milestones: Milestones) -> Callable[..., None]:
    """Give what the interpreter calls at every call and return."""
    called, returned = _called(look, milestones), _returned(look, milestones)
    tensors = frozenset((torch.Tensor, torch.nn.Parameter))
    generator = torch.Generator

    def seen(frame: FrameType, event: str, arg: Any) -> None:  # noqa: ANN401
        if event == "call":
            handler = called.get(id(frame.f_code))
            if handler is not None:
                look.take(handler, frame)
        elif event == "return":
            handler = returned.get(id(frame.f_code))
            if handler is not None:
                look.take(handler, frame, arg)
        elif (
            event == "c_call"
            and type(arg.__self__) in tensors
            and arg.__name__ in _TAKEN
            and look.is_script(frame)
        ):
            look.take(milestones.listed, frame, arg.__self__)
        elif (
            event == "c_call"
            and type(arg.__self__) is generator
            and arg.__name__ == "manual_seed"
            and look.is_script(frame)
        ):
            look.take(milestones.generator_seeded, frame)

    return seen


def _code(function: Any) -> int:  # noqa: ANN401 - of torch
    return id(inspect.unwrap(function).__code__)
