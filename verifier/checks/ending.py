"""The check of stage `run`: how the script ended."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, assert_never

from verifier.checks.check import Check, failed, passed
from verifier.finding import Finding
from verifier.lab.stage import Stage
from verifier.printable import plain, printable
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut
from verifier.run.script_error import last_words, script_line

if TYPE_CHECKING:
    from verifier.lab.spec import Exercise
    from verifier.output.match import Match
    from verifier.run.interface import Limits, RunResult

_NAME = "script_ran"
EXIT_STATUS = "exit_status"
"""The check that fails where all was printed, and the status says that something went wrong."""
_TRACEBACK_CHARACTERS = 4000
_MESSAGE_CHARACTERS = 300
_IDLE = 10
"""Who computed for less than this part of the time limit has waited."""
_PROCESS = re.compile(
    rb"""^[ ]+File[ ]".{0,999}/(multiprocessing/\w+|subprocess)\.py",[ ]line[ ]
    |^RuntimeError:[ ]can't[ ]start[ ]new[ ]thread
    |^BlockingIOError:[ ]""",
    re.MULTILINE | re.VERBOSE,
)
"""Where a new process or thread is refused: in the library's frames, or by its own error."""

_PYTHON_ERROR = re.compile(
    rb"^[ +|]{0,40}(?:Exception Group )?Traceback \(most recent call last\)|^ +File \""
    rb"|^[A-Za-z_][\w.]{0,80}(?:Error|Exception)\b",
    re.MULTILINE,
)


_FOREIGN_FRAMES = re.compile(
    r'(?:^ {2}File "(?!submission\.py")[^\n]*\n(?:^ {3,}[^\n]*(?:\n|\Z))*)+', re.MULTILINE
)
_LEFT_OUT = "  … inside Python and its libraries …\n"


def ending_checks(
    run: RunResult, *, limits: Limits, match: Match, exercise: Exercise
) -> tuple[Check, ...]:
    """Judge how the run ended; an exit status alone costs no more than the last stage.

    Who printed every line that is asked for, and then ended the script with a status or a text,
    has run it to its end.
    """
    if not (ended_itself(run) and _is_complete(match)) or _is_cut(run, limits):
        return (check_ending(run, limits=limits),)
    last = max(exercise.stages, key=lambda stage: stage.place)
    return (
        passed(Stage.RUN, _NAME, "the script ran to its end"),
        failed(last, EXIT_STATUS, f"everything was printed, and then {_status_problem(run)}"),
    )


def ended_itself(run: RunResult) -> bool:
    """Whether a script ended with a status of its own, and not with an error of Python's."""
    if not isinstance(run.outcome, Exited) or run.outcome.code == 0:
        return False
    return _PYTHON_ERROR.search(run.stderr) is None


def came_to_its_end(run: RunResult) -> bool:
    """Whether a script ran to its end, were it with a status of its own."""
    return run.outcome == Exited(code=0) or ended_itself(run)


def _is_cut(run: RunResult, limits: Limits) -> bool:
    """Whether the head of standard error may be lost, and with it the sign of an error."""
    return len(run.stderr) >= limits.stderr_limit_bytes


def _is_complete(match: Match) -> bool:
    return all(section.present and all(section.fields.values()) for section in match.sections)


def _status_problem(run: RunResult) -> str:
    code = run.outcome.code if isinstance(run.outcome, Exited) else 0
    said = last_words(run.stderr, limit=_MESSAGE_CHARACTERS)
    last = run.stderr.rstrip().rpartition(b"\n")[2]
    if code == 1 and said and not last.startswith(b" "):
        return (
            "the script ended itself with exit status 1, and the last that it said on standard "
            f"error is ({said}): if that text was given to exit(), print it instead"
        )
    return (
        f"the script ended with exit status {code}, which says that something went wrong: "
        "let it end without one"
    )


def check_ending(run: RunResult, *, limits: Limits) -> Check:
    """Judge how the run ended; only an exit with status 0 passes."""
    problem = _problem(run, limits=limits)
    if problem is None:
        return passed(Stage.RUN, _NAME, "the script ran to its end")
    return failed(Stage.RUN, _NAME, problem)


def _problem(run: RunResult, *, limits: Limits) -> str | None:
    match run.outcome:
        case Exited(code=0):
            return None
        case Exited(code=code):
            return _code_problem(run, code, limits=limits)
        case Killed(signal=number):
            return _signal_problem(number)
        case TimedOut():
            return (
                f"the script was still running after {limits.time_limit_s:g} s and was stopped; "
                + _time_spent(run, limits=limits)
            )
        case OutputFlood(stream=stream):
            return (
                f"the script printed without end on {stream} and was stopped; "
                "look for a print in a loop"
            )
        case _:
            assert_never(run.outcome)


def _code_problem(run: RunResult, code: int, *, limits: Limits) -> str:
    if ended_itself(run) and _is_cut(run, limits):
        return _exit_problem(code, stderr=b"")
    if code == 1 and ended_itself(run) and not _PROCESS.search(run.stderr):
        return _status_problem(run)
    return _exit_problem(code, stderr=run.stderr) + _place(run.stderr)


def _time_spent(run: RunResult, *, limits: Limits) -> str:
    if run.cpu_s is None or run.cpu_s > limits.time_limit_s / 2:
        return "look for a loop that never ends"
    if run.cpu_s > limits.time_limit_s / _IDLE:
        return (
            f"it computed for {run.cpu_s:.1f} s of that: look for a loop that never ends, "
            "or hand it in again if the machine was busy"
        )
    return (
        f"it computed for {run.cpu_s:.1f} s only: look for a sleep or a wait, "
        "or hand it in again if the machine was busy"
    )


def _exit_problem(code: int, *, stderr: bytes) -> str:
    said = last_words(stderr, limit=_MESSAGE_CHARACTERS)
    if _PROCESS.search(stderr):
        return (
            f"the script tried to start a process or thread beside itself ({said}); a run has "
            "one process alone: do the work in the script itself, and give a DataLoader "
            "num_workers=0"
        )
    if said.startswith(("SyntaxError", "IndentationError", "TabError")):
        return f"Python could not read the script: {said}"
    if "MemoryError" in said or "can't allocate memory" in said:
        return f"the script asked for more memory than a run may use: {said}"
    if code == 1 and said:
        return f"the script stopped with an error: {said}"
    return f"the script ended with exit status {code}, which says that something went wrong"


def _signal_problem(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGKILL:
        return "the script was killed (SIGKILL), most likely because it ran out of memory"
    return f"the script was killed by {name}"


def _place(stderr: bytes) -> str:
    """Name the script's innermost line in a traceback; frames of torch mean little to a learner."""
    line = script_line(stderr)
    return "" if line is None else f" (line {line} of the script)"


def traceback_findings(run: RunResult) -> tuple[Finding, ...]:
    """Keep the end of standard error of a script that failed: the traceback is there.

    Without the lines of frames that lie in no file of the script's.
    """
    if isinstance(run.outcome, Exited) and run.outcome.code == 0:
        return ()
    text = plain(run.stderr.decode("utf-8", errors="replace")).strip()
    if not text:
        return ()
    text = _FOREIGN_FRAMES.sub(_LEFT_OUT, text)
    tail = printable(text[-_TRACEBACK_CHARACTERS:], limit=_TRACEBACK_CHARACTERS, keep="\n")
    return (Finding(kind="stderr", line=None, message=tail),)
