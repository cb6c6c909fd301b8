"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import click

from verifier.errors import EngineUnavailableError, UsageError
from verifier.lab_spec import load_labs
from verifier.resources import PACKAGE, lab_root, pins_sha256
from verifier.run.container import IMAGE, ContainerRunner
from verifier.run.engine import engine_trouble
from verifier.run.local import LocalRunner
from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.lab_spec import Lab
    from verifier.run.interface import Runner, RunnerName

RunnerChoice = Literal["auto", "container", "sandbox", "local"]

_Command = TypeVar("_Command", bound="Callable[..., object]")

IN_IMAGE_VARIABLE = "LABCHECK_IN_IMAGE"
"""Set inside the image `labcheck`, where there is no engine to talk to."""


def root_option(command: _Command) -> _Command:
    """Add ``--lab-root``."""
    return click.option(
        "--lab-root",
        "root",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The folder of labs.  "
        "[default: $LABCHECK_LAB, else lab/ here or above, else built in]",
    )(command)


def lab_options(command: _Command) -> _Command:
    """Add ``--lab-root``, ``--lab`` and ``--exercise``."""
    for option in (
        click.option(
            "--exercise",
            "exercise_id",
            metavar="ID",
            help="Which exercise.  [default: baseline, or all]",
        ),
        click.option(
            "--lab", "lab_id", metavar="ID", help="Which lab.  [default: the only lesson]"
        ),
        root_option,
    ):
        command = option(command)
    return command


def runner_option(command: _Command) -> _Command:
    """Add ``--runner``."""
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


def chosen_lab(root: Path | None, lab_id: str | None) -> Lab:
    """Pick the lab named, or the only lesson there is.

    Raises:
        UsageError: There is none of that name, or there are several to choose from.
    """
    labs = load_labs(lab_root(root))
    if lab_id is None:
        lessons = [lab for lab in labs.values() if lab.kind == "lesson"]
        if len(lessons) == 1:
            return lessons[0]
        problem = f"there are {len(lessons)} lessons"
    elif lab_id in labs:
        return labs[lab_id]
    else:
        problem = f"there is no lab {lab_id!r}"
    raise UsageError(problem, remedy=f"choose one with --lab: {', '.join(labs)}")


def chosen_runner(name: RunnerChoice, *, lab: Lab, needs_walls: bool) -> Runner:
    """Make the runner asked for.

    Args:
        name: A runner's name, or ``auto``.
        lab: What it will run for; its folder is hidden from the script.
        needs_walls: Whether the script may be a stranger's: then auto never means local.
    Raises:
        EnvironmentFailure: It cannot be had on this machine.
    """
    if name == "auto":
        name = _automatic(needs_walls=needs_walls)
    match name:
        case "container":
            return ContainerRunner(image=IMAGE, pins_sha256=pins_sha256())
        case "sandbox":
            return SandboxRunner(hide=_solutions(lab))
        case "local":
            return LocalRunner()


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
    return (lab.folder.parent, PACKAGE)
