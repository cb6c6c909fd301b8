"""Rules of stage run: the limit, signal or Python error that ended the script."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from verifier.diagnosis import dialect
from verifier.diagnosis.diagnosis import GUESSED, LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.rules import absent, own
from verifier.printable import printable
from verifier.run.interface import Killed, OutputFlood, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.run.script_error import ScriptError

_KILL = 9
_MODULES = frozenset(
    {"torch", "nn", "F", "optim", "np", "numpy", "math", "random", "os", "sys", "time", "copy"}
)
_TORCH_NAMES = frozenset(
    {
        "Adam", "BCELoss", "BCEWithLogitsLoss", "Linear", "MSELoss", "Module", "SGD", "Sequential",
        "Sigmoid", "Tensor", "manual_seed", "no_grad", "sigmoid", "tensor",
    }
)  # fmt: skip
_MEMORY = re.compile(r"can't allocate memory|out of memory|Cannot allocate memory")
_CALL = re.compile(
    r"argument|positional|optimizer can only optimize|must be Tensor|got an unexpected|"
    r"received an invalid combination"
)
_LEVEL = re.compile(r"outside (function|loop)")
_CHARACTER = ("invalid character", "invalid non-printable character")
_NOT_FOUND = re.compile(r"has no attribute '([^']{1,80})'")


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what ended the script; the innermost cause is told by the rules after this one."""
    match subject.run.outcome:
        case TimedOut():
            yield suspect("endless-loop", "it ran until the time limit")
        case OutputFlood(stream=stream):
            yield suspect("output-flood", f"{stream} grew beyond its cap")
        case Killed(signal=number) if number == _KILL:
            yield suspect("out-of-memory", "the run was killed (SIGKILL)", sure=LIKELY)
        case _:
            if subject.crashed:
                yield from _of_end(subject)


def _of_end(subject: Subject) -> Iterator[Suspicion]:
    """Name the error: as what is not here, as what is wrong with the script's own, or by kind."""
    error = subject.error
    lacking = list(absent.suspicions(subject))
    if lacking or error is None:
        yield from lacking
        return
    rule = _RULES.get(error.kind, _other)
    yield own.suspicion(subject, error) or rule(subject, error)


def _suspicion(
    mistake: str, error: ScriptError, *, confidence: float = SEEN, **words: str
) -> Suspicion:
    return suspect(
        mistake,
        f"Python's error{_at(error)}: {error.shown}",
        sure=confidence,
        line=error.line,
        words={"problem": error.shown, "guess": "", **words},
    )


def _at(error: ScriptError) -> str:
    return "" if error.line is None else f" at line {error.line}"


def _syntax(subject: Subject, error: ScriptError) -> Suspicion:
    if _LEVEL.search(error.message):
        return _suspicion("indentation-lost", error)
    if error.message.startswith(_CHARACTER):
        return _suspicion("character-other", error)
    version = dialect.newer(subject.source)
    if version is not None:
        return _suspicion("python-newer", error, version=version, python=_python(subject))
    if dialect.is_older(error.message, error.statement):
        return _suspicion("python-older", error, python=_python(subject))
    return _suspicion("syntax-error", error)


def _python(subject: Subject) -> str:
    """Name the Python that ran the script, as ``Python 3.11``."""
    version = subject.run.environment.python
    return "Python " + ".".join(version.split(".")[:2]) if version else "Python 3"


def _indentation(_subject: Subject, error: ScriptError) -> Suspicion:
    return _suspicion("indentation-lost", error)


def _name(subject: Subject, error: ScriptError) -> Suspicion:
    name = error.quoted()
    facts = subject.facts
    if dialect.is_older_name(name) and name not in facts.assigned:
        return _suspicion("python-older", error, python=_python(subject))
    alike = difflib.get_close_matches(name, sorted(facts.assigned), n=1, cutoff=0.75)
    guess = error.guess or (alike[0] if alike and alike[0] != name else None)
    if name in subject.definitions.kept and name not in facts.assigned:
        guess = f"self.{name}"
    elif name not in facts.assigned and name not in facts.imported:
        if name in _MODULES or (name in _TORCH_NAMES and not alike):
            return _suspicion("import-missing", error, name=name)
        if not guess and name[:1].isupper():
            return _suspicion("import-missing", error, confidence=GUESSED, name=name)
    shown = f"; is {printable(guess)} meant?" if guess else ""
    return _suspicion("undefined-name", error, name=name, guess=shown)


def _import(subject: Subject, error: ScriptError) -> Suspicion:
    """A name that is not found; a package that lacks another one says so in words of its own."""
    if not error.message.startswith("cannot import"):
        return _other(subject, error)
    return _suspicion("import-missing", error, name=error.quoted() or "a module")


def _nothing(subject: Subject, error: ScriptError) -> Suspicion:
    """None where a tensor should be: the trace tells why, or the text does."""
    for call in subject.facts.called("Linear"):
        if call.keywords.get("bias") == 0.0:
            words = {"observed": "there is no bias", "expected": "Weight and bias"}
            return _suspicion("model-other", error, confidence=LIKELY, **words)
    # Whatever could have filled a gradient stands nowhere in the text.
    if "grad" in subject.facts.mentioned and not subject.facts.called("backward", "grad"):
        return _suspicion("backward-missing", error, confidence=LIKELY)
    return _suspicion("script-error", error, confidence=GUESSED)


def _attribute(subject: Subject, error: ScriptError) -> Suspicion:
    found = _NOT_FOUND.search(error.message)
    name = printable(found[1]) if found else "of that name"
    owner = error.quoted()
    if name == "backward" and owner in {"float", "int", "numpy.ndarray", "float64", "float32"}:
        return _suspicion("graph-cut", error)
    if owner == "NoneType":
        return _nothing(subject, error)
    shown = f"; is {printable(error.guess)} meant?" if error.guess else ""
    if found and owner not in {"", name}:
        name += f" on {owner}"
    return _suspicion("attribute-typo", error, name=name, guess=shown)


def _type(subject: Subject, error: ScriptError) -> Suspicion:
    if "__format__" in error.message or "doesn't define __round__" in error.message:
        return _suspicion("printed-as-tensor", error, field="A value")
    if "NoneType" in error.message:
        return _nothing(subject, error)
    return _suspicion("wrong-argument" if _CALL.search(error.message) else "script-error", error)


def _memory(_subject: Subject, error: ScriptError) -> Suspicion:
    return _suspicion("out-of-memory", error)


_TORCH_SAYS: tuple[tuple[str, str], ...] = (
    (r"can't optimize a non-leaf", "optimizer-non-leaf"),
    (r"does not require grad and does not have a grad_fn", "graph-cut"),
    (r"backward through the graph a second time", "backward-twice"),
    (r"Using a target size|size of tensor a|must match the size", "shape-mismatch"),
    (r"elements of target should be between", "target-wrong"),
    (r"elements of input should be between", "sigmoid-missing"),
    (r"[Ff]ound dtype \w+ but expected|result type \w+ can't be cast", "target-dtype"),
    (r"must have the same dtype|expected scalar type|expected m1 and m2", "dtype-other"),
    (r"shapes cannot be multiplied|size mismatch", "input-wrong"),
    (r"Expected more than 1 value per channel", "model-other"),
)


def _other(_subject: Subject, error: ScriptError) -> Suspicion:
    if _MEMORY.search(error.message):
        return _suspicion("out-of-memory", error)
    # A guess only where the trace has not said it better: the rules of its stage see more.
    for pattern, name in _TORCH_SAYS:
        if re.search(pattern, error.message):
            return _suspicion(name, error, confidence=LIKELY)
    return _suspicion("script-error", error, confidence=LIKELY)


_RULES: dict[str, Callable[[Subject, ScriptError], Suspicion]] = {
    "SyntaxError": _syntax,
    "IndentationError": _indentation,
    "TabError": _indentation,
    "NameError": _name,
    "UnboundLocalError": _name,
    "ImportError": _import,
    "ModuleNotFoundError": _import,
    "AttributeError": _attribute,
    "TypeError": _type,
    "MemoryError": _memory,
}
