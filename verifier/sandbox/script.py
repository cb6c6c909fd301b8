"""A script run as ``__main__`` in this very process, as the interpreter would.

For the child of a fork server: nothing is imported anew, so nothing is paid for again.
What a script can tell apart from ``python submission.py`` is small and meant: torch is
in memory already, and two flags of the interpreter (isolated, safe path) differ.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import io
import os
import sys
import threading
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LONG = 1 << 63
"""The first number that is no C ``long``."""

_FLUSH_FAILED = 120
"""What the interpreter exits with when the last flush of standard output fails."""


def compiled(source: bytes, path: str) -> types.CodeType:
    """Compile a script as the interpreter would."""
    return compile(source, path, "exec", dont_inherit=True)


def run_as_main(
    source: bytes,
    *,
    path: str,
    compiler: Callable[[bytes, str], types.CodeType] = compiled,
    stdout: type[io.FileIO] = io.FileIO,
) -> int:
    """Run ``source`` to its end, exit handlers included.

    Args:
        source: As in a file: a coding cookie and a byte order mark count.
        path: Where it lies; stands in tracebacks.
        compiler: Makes code of it.
        stdout: What standard output is written by.
    Returns:
        The exit status that the interpreter would give, but where a stream of the script's own
        has no flush: that is no failure; and where one whose flush raises comes after an error
        or a status of the script's: those are what counts.
    """
    _open_streams(stdout)
    atexit._clear()  # noqa: SLF001 - those of the fork server are not the script's
    main: Any = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    sys.argv = [os.path.basename(path)]  # noqa: PTH119 - no pathlib between fork and script
    sys.path.insert(0, os.path.dirname(path))  # noqa: PTH120 - the same
    status = _executed(source, path=path, namespace=vars(main), compiler=compiler)
    return _ended(status)


def _open_streams(stdout: type[io.FileIO]) -> None:
    """Make the standard streams anew, unbuffered and in UTF-8, as the environment asks."""
    for number, name, mode, errors in (
        (0, "stdin", "r", "surrogateescape"),
        (1, "stdout", "w", "surrogateescape"),
        (2, "stderr", "w", "backslashreplace"),
    ):
        kind = stdout if name == "stdout" else io.FileIO
        raw = kind(number, mode, closefd=False)
        binary = io.BufferedReader(raw) if mode == "r" else raw
        stream = io.TextIOWrapper(
            binary,
            encoding="utf-8",
            errors=errors,
            newline="\n" if mode == "w" else None,
            write_through=mode == "w",
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _executed(
    source: bytes,
    *,
    path: str,
    namespace: dict[str, Any],
    compiler: Callable[[bytes, str], types.CodeType],
) -> int:
    is_compiled = False
    try:
        code = compiler(source, path)
        is_compiled = True
        exec(code, namespace)  # noqa: S102 - what this process is for, behind its walls
    except SystemExit as error:
        return _exit_status(error)
    except BaseException as error:  # noqa: BLE001 - shown as the interpreter shows it
        # Without the frame of this function, as if nothing stood around the script.
        trace = error.__traceback__
        trace = trace.tb_next if is_compiled and trace is not None else None
        return _shown(error.with_traceback(trace))
    return 0


def _shown(error: BaseException) -> int:
    """Show an exception as the script wants it, or else as the interpreter does."""
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as other:
        return _exit_status(other)
    except BaseException:  # noqa: BLE001 - the hook is lost or broken: the script's own matter
        sys.__excepthook__(type(error), error, error.__traceback__)
    return 1


def _exit_status(error: SystemExit) -> int:
    """Give the status that the interpreter makes of what was raised, and say its text."""
    try:
        code: object = error.code  # once: a script's own class may answer otherwise each time
    except BaseException:  # noqa: BLE001 - the interpreter says the exception itself then
        code = error
    if code is None:
        return 0
    if isinstance(code, int):
        # As C does it, whatever a script's own class makes of these: what is no `long` is -1.
        fits = int.__ge__(code, -_LONG) and int.__lt__(code, _LONG)
        return int.__and__(code, 0xFF) if fits else 0xFF
    _say(code)
    return 1


def _say(code: object) -> None:
    """Write a text of the script's to standard error; if it cannot be had, it is left out."""
    # The interpreter has a stream that no script can take from it, for a line end if need be.
    own = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False), "utf-8", "backslashreplace", write_through=True
    )
    stream = getattr(sys, "stderr", None)
    stream = own if stream is None else stream
    with contextlib.suppress(BaseException):
        stream.write(str(code))
    try:
        stream.write("\n")
    except BaseException:  # noqa: BLE001 - whatever a stream of the script's own raises
        own.write("\n")


def _ended(status: int) -> int:
    """Wait for threads, call exit handlers, flush: what the interpreter does before it ends."""
    # The two that Python's own finalisation calls; there is no public name for them.
    threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name, None)
        try:
            # Closed, or of a class of the script's own that has no flush: it holds nothing back.
            if not _is_closed(stream) and hasattr(stream, "flush"):
                stream.flush()
        except BaseException as error:  # noqa: BLE001 - whatever a stream of the script's own raises
            status = status or _FLUSH_FAILED
            if name == "stdout":
                _ignored(error, stream)
    return status


def _is_closed(stream: object) -> bool:
    """Whether a stream says that it is closed; one that cannot say is not."""
    with contextlib.suppress(BaseException):
        return bool(getattr(stream, "closed", False))
    return False


def _ignored(error: BaseException, stream: object) -> None:
    """Show what the last flush raised, without the frame that called it."""
    trace = error.__traceback__ and error.__traceback__.tb_next
    shown = "<object repr() failed>"
    with contextlib.suppress(BaseException):
        shown = repr(stream)
    with contextlib.suppress(BaseException):
        sys.stderr.write(f"Exception ignored in: {shown}\n")
        sys.__excepthook__(type(error), error.with_traceback(trace), trace)
