"""A session of recording: the profile function, which sees every call, and when it stops."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.arithmetic import Arithmetic
from verifier.sandbox.trace.journal import Journal
from verifier.sandbox.trace.recorder import Recorder

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from verifier.sandbox.trace.hooks import Hooks

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

MAX_CALLS = 100_000
"""Recording stops after so many calls of Python's functions, or of C's: two profile events each."""
MAX_DEPTH = 200
"""Recording stops so many frames deep: nearer to the recursion limit it would reach it first."""
_EVERY = 127
"""A mask: the depth is looked at once in so many calls and one."""
MAX_WORK = 200_000
"""Recording stops when so many tensors and nodes of graphs were looked at."""
MAX_FAILURES = 3
_ARITHMETIC_BYTES = 40_000
"""Kept free where arithmetic is recorded."""


_getprofile = sys.getprofile
_setprofile = sys.setprofile


class Session:
    """A recording: made, begun, ended."""

    __slots__ = (
        *("arithmetic", "failures", "journal", "most_calls", "profile", "recorder"),
        *("script_path", "unobserved"),
    )

    def __init__(self, hooks: Hooks) -> None:
        self.script_path = ""
        self.journal = Journal()
        self.recorder = Recorder(self.journal, reader=hooks.reader, torch=hooks.torch)
        self.failures = 0
        self.most_calls = MAX_CALLS
        self.arithmetic: Arithmetic | None = None
        self.unobserved = hooks.torch._C.DisableTorchFunction  # noqa: SLF001
        """In which no mode of the script sees what is done."""
        self.profile = _profile_function(self, hooks)

    def begin(self, writer: int, script_path: str, key: bytes) -> None:
        """Take every call from now on."""
        self.script_path = script_path
        self.journal.open(writer, key=key)
        self.recorder.begin(script_path)
        _setprofile(self.profile)

    def note_arithmetic(self) -> Arithmetic:
        """Take the results of the script's own arithmetic as well."""
        reader = self.recorder.reader
        self.arithmetic = Arithmetic(self.journal, reader=reader, unobserved=self.unobserved)
        self.journal.kept_free = _ARITHMETIC_BYTES
        self.most_calls = sys.maxsize  # a run of its own, in what is left of the time
        return self.arithmetic

    def pause(self, frame: types.FrameType) -> None:
        """Take no calls until a frame is gone."""
        frame.f_locals["labcheck"] = Pause(self)
        _setprofile(None)

    def resume(self) -> None:
        """Take them again."""
        if not self.journal.closed and _getprofile() is None:
            _setprofile(self.profile)

    def give_up(self) -> None:
        """End early, all but arithmetic: the script does too much for a trace."""
        self.journal.dropped += 1
        if self.arithmetic is None or self.journal.closed:
            self.end()
        elif _getprofile() is self.profile:
            _setprofile(None)

    def end(self) -> None:
        """Take no more calls, and write the last line."""
        if _getprofile() is self.profile:
            _setprofile(None)
        if not self.journal.closed:
            try:
                if self.arithmetic is not None:
                    self.arithmetic.write()
                with self.unobserved():
                    self.recorder.finish()
            except Exception:  # noqa: BLE001 - whatever the script has done to its tensors
                self.journal.dropped += 1
                self.journal.end()

    def fail(self, error: Exception) -> None:
        """Count an event that could not be made; raise what is the script's own.

        No code of the script is called to make one, but a signal's handler may run meanwhile.
        """
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.script_path:
                raise error
            trace = trace.tb_next
        self.journal.dropped += 1
        self.failures += 1
        if self.failures == MAX_FAILURES:
            self.end()


class Pause:
    """Lies among the variables of a function of torch; it ends with them, and so does the pause."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def __del__(self) -> None:
        self._session.resume()


def _profile_function(  # noqa: C901 - in one piece, because every call in it costs a run
    session: Session, hooks: Hooks
) -> Callable[[types.FrameType, str, Any], None]:
    """Give what the interpreter calls at every call and return; in most of them to no purpose."""
    torch, recorder, journal = hooks.torch, session.recorder, session.journal
    called = {code: getattr(recorder, method) for code, method in hooks.called.items()}
    returned = {code: getattr(recorder, method) for code, method in hooks.returned.items()}
    taken = {"item": recorder.item_called, "tolist": recorder.list_called}
    tensors = frozenset((torch.Tensor, torch.nn.Parameter))
    # To set a seed, torch notes the stack, half of a lesson's calls; to start backward from a
    # gradient of the script's own, it loads a library of 460,000.
    pausing = (recorder.seed_called, recorder.import_called)
    formatting = recorder.format_called  # of a number that leaves torch, as those in `taken`
    take = _taking_function(session, torch)
    calls = c_calls = 0

    def profile(frame: types.FrameType, event: str, arg: Any) -> None:  # noqa: ANN401, C901
        nonlocal calls, c_calls
        if event == "c_return":
            return
        if event == "c_call":
            c_calls += 1
            if c_calls > session.most_calls:
                session.give_up()
            elif type(arg.__self__) in tensors and frame.f_code.co_filename == session.script_path:
                handler = taken.get(arg.__name__)
                if handler is not None:
                    take(handler, frame, arg)
        elif event == "call":
            calls += 1
            if not calls & _EVERY and (calls > session.most_calls or _is_deep(frame)):
                session.give_up()
                return
            handler = called.get(id(frame.f_code))
            if handler is not None and (not journal.full or handler == formatting):
                take(handler, frame, arg)
                if handler in pausing:
                    session.pause(frame)
        elif event == "return":
            handler = returned.get(id(frame.f_code))
            if handler is not None and journal.full:
                journal.dropped += 1
            elif handler is not None:
                take(handler, frame, arg)

    return profile


def _taking_function(session: Session, torch: Any) -> Callable[..., None]:  # noqa: ANN401
    """Give what hands an event that is of interest to the recorder, and survives it."""
    unobserved, leaves, journal = session.unobserved, session.recorder.leaves, session.journal
    is_traced = torch._C._get_tracing_state  # noqa: SLF001 - by torch.jit, which warns of reading
    is_transformed = torch._C._functorch.peek_interpreter_stack  # noqa: SLF001 - by torch.func

    def take(handler: Callable[[types.FrameType, Any], None], *seen: Any) -> None:  # noqa: ANN401
        if is_traced() is not None or is_transformed() is not None:
            return
        try:
            with unobserved():
                handler(*seen)
        except Exception as error:  # noqa: BLE001 - must not reach the script
            session.fail(error)
        if leaves.work > MAX_WORK or journal.closed:
            session.give_up()

    return take


def _is_deep(frame: types.FrameType | None) -> bool:
    depth = 0
    while frame is not None:
        frame = frame.f_back
        depth += 1
    return depth > MAX_DEPTH
