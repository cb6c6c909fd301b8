"""Rules of stage run for what is not there where a script runs.

A GPU, a keyboard, a network, a package, a file, arguments, a compiler. What is installed is not
known from a list: Python itself said that it found nothing.
"""

from __future__ import annotations

import difflib
import re
import sys
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import SEEN, Suspicion, suspect
from verifier.printable import plain, printable
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.run.script_error import ScriptError

_WRONG_ARGUMENTS = 2
_USAGE = re.compile(r"^usage: ", re.MULTILINE | re.IGNORECASE)
_ASKED = re.compile(r"^[^\n]{1,80}: error: ([^\n]{1,300})$", re.MULTILINE)
_DEVICE = re.compile(
    r"not compiled with \w+ enabled|linked with support for mps|NVIDIA|MPS (backend|framework)|"
    r"\bCUDA (device|generator|support|GPUs?|driver|error)\b|is_available\(\) is False|"
    r"accelerator device|_(cuda|xpu|mps|accelerator)_\w+'|torch\.cuda\.\w+ not available"
)
_ASSERTED = re.compile(r"\b(cuda|mps|xpu|accelerator)\b.*is_available|device_count")
_NETWORK = frozenset(
    {
        "URLError", "HTTPError", "gaierror", "herror", "ConnectionError", "ConnectionRefusedError",
        "ConnectTimeout", "NewConnectionError", "MaxRetryError", "ProxyError", "RemoteDisconnected",
        "ConnectError", "ClientConnectorError", "IncompleteRead",
    }
)  # fmt: skip
_SOCKET = re.compile(r"[/\\](socket|ssl|ftplib|smtplib|http[/\\]client|urllib[/\\]\w+)\.py$")
_UNREACHABLE = re.compile(r"no internet connection|Network is unreachable|name resolution")
_STARTS = re.compile(r"[/\\](subprocess|threading|multiprocessing[/\\]\w+|concurrent[/\\].*)\.py$")
_COMPILER = re.compile(r"[/\\]torch[/\\]_(dynamo|inductor)[/\\]")
_NO_MODULE = re.compile(r"No module named '([^']{1,120})'")
_NO_NAME = re.compile(r"cannot import name '([^']{1,80})' from '([^']{1,80})'")
_ERRNO = re.compile(r"\[Errno [0-9]+\] [^:\n]+: ")
_MODULES = sorted({"torch", "numpy", *sys.stdlib_module_names})
_ALIKE = 0.75


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what was missing around the script; at most one thing is."""
    error = subject.error
    if error is None:
        yield from _of_usage(subject)
        return
    for rule in _RULES:
        found = rule(subject, error)
        if found is not None:
            yield found
            return


def named(mistake: str, error: ScriptError, *, sure: float = SEEN, **words: str) -> Suspicion:
    """Suspect what Python's own error shows."""
    return suspect(
        mistake,
        f"Python's error{at_line(error)}: {error.shown}",
        sure=sure,
        line=error.line,
        words={"problem": error.shown, "guess": "", **words},
    )


def at_line(error: ScriptError) -> str:
    """Name the line of an error: `` at line 12``."""
    return "" if error.line is None else f" at line {error.line}"


def _of_usage(subject: Subject) -> Iterator[Suspicion]:
    """A script that looked at its arguments and ended itself."""
    if not isinstance(subject.run.outcome, Exited) or not subject.crashed:
        return
    said = plain(subject.run.stderr.decode("utf-8", errors="replace"))
    asked = _ASKED.search(said)
    if _USAGE.search(said) is None:
        return
    if subject.run.outcome.code == _WRONG_ARGUMENTS and asked is not None:
        problem = printable(asked[1], limit=200)
    else:
        problem = printable(said.strip().splitlines()[-1].strip(), limit=200)
    line = subject.facts.line_of("parse_args", "argv")
    yield suspect("no-arguments", f"it said: {problem}", line=line, words={"problem": problem})


def _gpu(_subject: Subject, error: ScriptError) -> Suspicion | None:
    asserted = error.kind == "AssertionError" and _ASSERTED.search(error.statement)
    if error.kind in {"NameError", "SyntaxError", "ModuleNotFoundError"}:
        return None
    return named("no-gpu", error) if asserted or _DEVICE.search(error.message) else None


def _keyboard(subject: Subject, error: ScriptError) -> Suspicion | None:
    read = error.kind == "ValueError" and error.message.endswith(": ''")
    waits = "stdin" in subject.facts.mentioned and "stdin" in f"{error.statement} "
    asked = error.kind in {"EOFError", "BdbQuit"} and not error.message.startswith("Ran out")
    if asked or (read and waits):
        return named("no-keyboard", error)
    return None


def _network(_subject: Subject, error: ScriptError) -> Suspicion | None:
    beyond = error.kind.endswith("Error") and any(map(_SOCKET.search, error.files))
    if any("multiprocessing" in file or "asyncio" in file for file in error.files):
        return None
    by_socket = beyond and error.kind in {"PermissionError", "OSError", "TimeoutError"}
    if error.kind in _NETWORK or by_socket or _UNREACHABLE.search(error.message):
        return named("no-network", error)
    return None


def _arguments(_subject: Subject, error: ScriptError) -> Suspicion | None:
    says = error.kind in {"IndexError", "ValueError", "KeyError"}
    if not says or not re.search(r"\bargv?s?\b|\benviron\b", error.statement):
        return None
    if error.kind == "KeyError" and "environ" not in error.statement:
        return None
    if error.kind == "ValueError" and "unpack" not in error.message:
        return None
    return named("no-arguments", error)


def _processes(_subject: Subject, error: ScriptError) -> Suspicion | None:
    """A thread or a process that was to be started."""
    by = any(map(_STARTS.search, error.files))
    refused = error.kind in {"BlockingIOError", "PermissionError", "OSError"} and by
    if refused or "can't start new thread" in error.message:
        return named("no-processes", error)
    return None


def _compiler(_subject: Subject, error: ScriptError) -> Suspicion | None:
    return named("no-compiler", error) if any(map(_COMPILER.search, error.files)) else None


def _module(_subject: Subject, error: ScriptError) -> Suspicion | None:
    if error.kind not in {"ImportError", "ModuleNotFoundError"}:
        return None
    missing = _NO_MODULE.search(error.message)
    if missing is not None:
        return _missing(missing[1], error)
    if "relative import" in error.message:
        return named("only-script", error, name="What a relative import names")
    lacking = _NO_NAME.search(error.message)
    if lacking is None:
        return None
    return named("attribute-typo", error, name=printable(f"{lacking[1]} in {lacking[2]}"))


def _missing(module: str, error: ScriptError) -> Suspicion:
    name, _, rest = module.partition(".")
    alike = difflib.get_close_matches(name, _MODULES, n=1, cutoff=_ALIKE)
    if rest:  # what stands before the dot was found, or Python would have named that alone
        return named("module-misspelt", error, name=printable(module))
    if alike and name not in _MODULES:
        return named(
            "module-misspelt", error, name=printable(name), guess=f"; is {alike[0]} meant?"
        )
    return named("not-installed", error, name=printable(name))


def _file(_subject: Subject, error: ScriptError) -> Suspicion | None:
    if error.kind not in {"FileNotFoundError", "NotADirectoryError"}:
        return None
    if any("subprocess" in file for file in error.files):
        return None
    name = error.quoted() or printable(_ERRNO.sub("", error.message).partition(" not found")[0])
    return named("only-script", error, name=name or "A file")


_RULES: tuple[Callable[[Subject, ScriptError], Suspicion | None], ...] = (
    _gpu, _keyboard, _network, _arguments, _compiler, _processes, _module, _file,
)  # fmt: skip
