"""Observing an environment: every script is run in it, from several starts of the server."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.drift.observation import Observation, Script, ScriptRun, Shown
from verifier.errors import EnvironmentFailure, TorchMissingError
from verifier.output.match import match_output
from verifier.printable import printable
from verifier.run.interface import Examination, Exited, in_words
from verifier.run.script_error import last_words
from verifier.submission import read_reference
from verifier.trace.unrounded import traced_transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from verifier.drift.torch_environment import TorchEnvironment
    from verifier.lab.spec import Exercise, Lab
    from verifier.run.interface import Environment, RunResult

STARTS = 2
"""Forks of one parent share its memory's layout and random state; another start does not."""

_WARNING = re.compile(r"\b([A-Z][A-Za-z]{0,60}Warning): ", re.ASCII)
_MAX_WARNINGS = 100
_MAX_WORDS_CHARACTERS = 400
"""An invisible character is shown as up to ten others."""
_NAME_CHARACTERS = 400
_READY = b"print('ready')\n"
_TRACED = Examination(trace=True)


def run_count(labs: Sequence[Lab], *, repeat: int) -> int:
    """Say how many runs an observation takes."""
    return STARTS * repeat * sum(len(lab.exercises) for lab in labs)


def observe(
    where: TorchEnvironment, *, labs: Sequence[Lab], repeat: int, ran: Callable[[], None]
) -> Observation:
    """Run every script of some labs, ``repeat`` times from each of `STARTS` starts.

    Args:
        where: The environment.
        labs: Whose scripts; one at least.
        repeat: How often from each start.
        ran: Called after every run.
    Raises:
        EnvironmentFailure: There is no torch there, or its server fails: no drift can be told.
        BadDataError: A script cannot be run at all.
    """
    scripts = [
        (lab, exercise, read_reference(exercise.script).source)
        for lab in labs
        for exercise in lab.exercises.values()
    ]
    starts = [_start(where, scripts, repeat=repeat, ran=ran) for _ in range(STARTS)]
    return Observation(
        name=str(where),
        environment=starts[0].environment,
        settings=where.settings,
        wheel_sha256=where.wheel_sha256,
        start_s=tuple(start.took_s for start in starts),
        scripts=tuple(
            Script(
                lab=lab.id,
                exercise=exercise.id,
                runs=tuple(run for start in starts for run in start.runs[place]),
            )
            for place, (lab, exercise, _) in enumerate(scripts)
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What one start of the server showed."""

    environment: Environment
    took_s: float
    runs: list[list[ScriptRun]]
    """Of each script."""


def _start(
    where: TorchEnvironment,
    scripts: Sequence[tuple[Lab, Exercise, bytes]],
    *,
    repeat: int,
    ran: Callable[[], None],
) -> _Start:
    def run(lab: Lab, exercise: Exercise, source: bytes) -> ScriptRun:
        found = _script_run(runner.run(source, limits=lab.limits, examination=_TRACED), exercise)
        ran()
        return found

    hide = tuple({lab.root for lab, _, _ in scripts})
    began = time.monotonic()
    with _named(where), where.runner(hide=hide) as runner:
        ready = runner.run(_READY, limits=scripts[0][0].limits)
        took_s = time.monotonic() - began
        runs = [[run(*script) for _ in range(repeat)] for script in scripts]
    return _Start(environment=ready.environment, took_s=took_s, runs=runs)


@contextlib.contextmanager
def _named(where: TorchEnvironment) -> Iterator[None]:
    """Say which environment failed: of two, a reader must know."""
    try:
        yield
    except EnvironmentFailure as error:
        remedy = error.remedy
        if isinstance(error, TorchMissingError):
            remedy = "install torch there, or name another environment"
        raise EnvironmentFailure(
            f"{printable(str(where), limit=_NAME_CHARACTERS)}: {error.problem}", remedy=remedy
        ) from error


def _script_run(run: RunResult, exercise: Exercise) -> ScriptRun:
    stderr = run.stderr.decode(errors="replace")
    return ScriptRun(
        ended=in_words(run.outcome),
        last_words=""
        if run.outcome == Exited(code=0)
        else last_words(run.stderr, limit=200)[:_MAX_WORDS_CHARACTERS],
        shown=_shown(run, exercise),
        warnings=tuple(_WARNING.findall(stderr)[:_MAX_WARNINGS]),
        wall_s=run.wall_s,
        peak_bytes=run.peak_bytes,
    )


def _shown(run: RunResult, exercise: Exercise) -> dict[str, Shown]:
    transcript = traced_transcript(run.stdout, run.trace)
    return {
        field.name: Shown(text=reading.text, exact=reading.exact)
        for field, reading in match_output(transcript, exercise).judged.items()
    }
