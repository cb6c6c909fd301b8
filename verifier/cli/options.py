"""Options that several commands share, and what they mean."""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import click

from verifier.errors import EngineUnavailableError, UsageError
from verifier.printable import printable
from verifier.resources import PACKAGE, lab_root, pins_sha256
from verifier.run.container import IMAGE, ContainerRunner
from verifier.run.engine import engine_trouble
from verifier.run.interface import NO_SETTINGS, WALLS
from verifier.run.local import LocalRunner
from verifier.run.required_walls import WalledRunner
from verifier.run.sandbox import STAMP_VARIABLE, SandboxRunner, read_stamp
from verifier.submission import read_stream, read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from verifier.lab.spec import Lab
    from verifier.run.interface import Runner, RunnerName
    from verifier.submission import Submission

RunnerChoice = Literal["auto", "container", "sandbox", "local"]
Isolation = Literal["warm", "fresh-container"]

_Command = TypeVar("_Command", bound="Callable[..., object]")

IN_IMAGE_VARIABLE = "LABCHECK_IN_IMAGE"
"""Set inside the image `labcheck`, where there is no engine to talk to."""

IMAGE_VARIABLE = "LABCHECK_IMAGE"
"""Names the runtime image of another variant, or of another tree."""


DEFAULT_EXERCISE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerRequest:
    """Where a command's scripts are to run, and behind which walls."""

    runner_name: RunnerChoice
    isolation: Isolation = "warm"
    """Whether runs share a container, one after the other."""
    required: frozenset[str] = frozenset()
    """Walls without which a run gives no result."""


class GivenPath(click.Path):
    """A path on the command line, which names something: an empty one would be this folder."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - as click has it
        """Take it as click does.

        Raises:
            UsageError: It is empty, or no name that a file can have.
        """
        text = os.fsdecode(value)
        if not text or "\0" in text:
            what = "holds a NUL" if text else "is empty"
            raise UsageError(f"a path {what}", remedy="name a file or a folder; . is this one")
        return super().convert(value, param, ctx)


def bundled(command: _Command, *, into: type[Any], name: str) -> _Command:
    """Hand a command the options of a dataclass as one argument of that name."""
    parts = [field.name for field in fields(into)]

    @functools.wraps(command)
    def with_bundle(**given: Any) -> object:  # noqa: ANN401 - whatever click parsed
        chosen = into(**{part: given.pop(part) for part in parts if part in given})
        return command(**given, **{name: chosen})

    return with_bundle  # type: ignore[return-value] # the same but for the options bundled


def root_option(command: _Command) -> _Command:
    """Add ``--lab-root``."""
    return click.option(
        "--lab-root",
        "root",
        type=GivenPath(path_type=Path),
        metavar="FOLDER",
        help="The folder of labs.  [default: $LABCHECK_LAB, else labcheck's own]",
    )(command)


def lab_option(command: _Command) -> _Command:
    """Add ``--lab-root`` and ``--lab``."""
    lab = click.option(
        "--lab",
        "lab_id",
        metavar="ID",
        help="Which lab.  [default: the only lesson, or the one that is marked so]",
    )
    return root_option(lab(command))


def lab_options(command: _Command) -> _Command:
    """Add ``--lab-root``, ``--lab`` and ``--exercise``."""
    exercise = click.option(
        "--exercise",
        "exercise_id",
        metavar="ID",
        help="Which exercise.  [default: baseline, or all]",
    )
    return lab_option(exercise(command))


def runner_option(command: _Command) -> _Command:
    """Add ``--runner``, as a `RunnerRequest`."""
    return _plain_runner_option(bundled(command, into=RunnerRequest, name="request"))


def _plain_runner_option(command: _Command) -> _Command:
    return click.option(
        "--runner",
        "runner_name",
        type=click.Choice(get_args(RunnerChoice)),
        default="auto",
        show_default=True,
        help="Where the script runs: in the pinned container, in a walled child process, or in "
        "this Python with no walls. auto: the container where an engine answers, inside the "
        "image sandbox, and without an engine local, for the lab's own scripts only.",
    )(command)


def walls_options(command: _Command) -> _Command:
    """Add ``--runner``, ``--isolation`` and ``--require-tier``, as a `RunnerRequest`."""
    command = bundled(command, into=RunnerRequest, name="request")
    for option in (
        click.option(
            "--require-tier",
            "required",
            default="",
            metavar="WALL[,WALL…]|full",
            callback=_parse_tier,
            help="Give no verdict from a run that one of these walls did not surround; exit 4. "
            f"The walls: {', '.join(WALLS)}.",
        ),
        click.option(
            "--isolation",
            type=click.Choice(get_args(Isolation)),
            default="warm",
            show_default=True,
            help="warm: one container serves many runs, each in its own process and cleaned up "
            "after; fresh-container: each run gets a container of its own, for seconds more.",
        ),
        _plain_runner_option,
    ):
        command = option(command)
    return command


def _parse_tier(_context: click.Context, _parameter: click.Parameter, given: str) -> frozenset[str]:
    if given == "full":
        return frozenset(WALLS)
    named = frozenset(filter(None, (word.strip() for word in given.split(","))))
    if not named.issubset(WALLS) or (given and not named):
        raise UsageError(
            f"--require-tier {given!r} names no walls",
            remedy=f"name some of {', '.join(WALLS)}, with commas between, or full",
        )
    return named


def given_file(file: Path, *, is_script: bool) -> Submission:
    """Read the file that a command names; ``-`` is standard input."""
    if str(file) == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed", remedy="pass the file by name")
        return read_stream(sys.stdin.buffer, name="-", is_script=is_script)
    return read_submission(file, is_script=is_script)


def refuse_without_walls(
    files: Sequence[str], *, lab: Lab, runner_name: RunnerChoice, remedy: str
) -> None:
    """Let the local runner, which has no walls, run the lab's own scripts only.

    Raises:
        UsageError: It would run another file.
    """
    folder = lab.folder.resolve()
    are_own = all(file != "-" and Path(file).resolve().is_relative_to(folder) for file in files)
    if runner_name == "local" and not are_own:
        raise UsageError(
            "the local runner has no walls, and this file is not the lab's own", remedy=remedy
        )


def chosen_runner(request: RunnerRequest, *, lab: Lab, needs_walls: bool) -> Runner:
    """Make the runner asked for.

    Args:
        request: Which, and behind which walls.
        lab: What it will run for; its folder is hidden from the script.
        needs_walls: Whether the script may be a stranger's: then auto never means local.
    Raises:
        EnvironmentFailure: It cannot be had on this machine.
        UsageError: It has no containers, and fresh ones were asked for.
    """
    name = resolved_runner(request.runner_name, needs_walls=needs_walls)
    if name == "local" and request.runner_name == "auto":
        where = printable(str(lab.folder))
        click.echo(f"labcheck: no engine answers: {where} runs here, without walls", err=True)
    runner = _plain_runner(name, lab=lab, isolation=request.isolation)
    return WalledRunner(runner, required=request.required) if request.required else runner


def _plain_runner(name: RunnerName, *, lab: Lab, isolation: Isolation) -> Runner:
    if isolation == "fresh-container" and name != "container":
        raise UsageError(
            f"the runner {name} starts no containers",
            remedy="use --runner container, or leave --isolation out",
        )
    match name:
        case "container":
            return ContainerRunner(
                image=runtime_image(),
                pins_sha256=pins_sha256(),
                fresh=isolation == "fresh-container",
            )
        case "sandbox":
            return SandboxRunner(hide=_solutions(lab))
        case "local":
            return LocalRunner()


def page_runner(name: RunnerChoice, *, settings: Mapping[str, str] = NO_SETTINGS) -> Runner:
    """Make the runner for the scripts of a course's pages, which are a stranger's: with walls.

    Args:
        name: Which.
        settings: Variables of the environment that torch is loaded in.
    Raises:
        EnvironmentFailure: It cannot be had on this machine.
    """
    if resolved_runner(name, needs_walls=True) == "sandbox":
        return SandboxRunner(hide=(lab_root(None), PACKAGE), settings=settings)
    return ContainerRunner(image=runtime_image(), pins_sha256=pins_sha256(), settings=settings)


def runtime_image() -> str:
    """Name the image whose containers scripts run in."""
    return os.environ.get(IMAGE_VARIABLE) or IMAGE


def resolved_runner(name: RunnerChoice, *, needs_walls: bool) -> RunnerName:
    """Say which runner ``auto`` means here; any other name means itself.

    Raises:
        EngineUnavailableError: It would be the container, and no engine answers.
    """
    return _automatic(needs_walls=needs_walls) if name == "auto" else name


def chosen_image(name: RunnerName) -> str | None:
    """Find the id of the image that a runner's runs will take place in; None for no image.

    Raises:
        EnvironmentFailure: There is none, or not the right one.
    """
    match name:
        case "container":
            with ContainerRunner(image=runtime_image(), pins_sha256=pins_sha256()) as runner:
                return runner.image
        case "sandbox":
            stamp = os.environ.get(STAMP_VARIABLE)
            return read_stamp(Path(stamp))[0] if stamp else None
        case "local":
            return None


def _automatic(*, needs_walls: bool) -> RunnerName:
    if IN_IMAGE_VARIABLE in os.environ:
        return "sandbox"
    trouble = engine_trouble()
    if trouble is None:
        return "container"
    if needs_walls:
        raise EngineUnavailableError(reason=trouble)
    return "local"


def _solutions(lab: Lab) -> tuple[Path, ...]:
    """Folders that no submission may read: the labs, and the checker that may hold a copy."""
    return (lab.root, PACKAGE)
