"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from verifier.errors import EngineUnavailableError, UsageError
from verifier.lab_spec import load_labs
from verifier.resources import PACKAGE, lab_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.lab_spec import Lab
    from verifier.report.report import Report
    from verifier.run.interface import Runner

_Command = TypeVar("_Command", bound=Callable[..., object])

FORMATS = ("text", "json", "junit")
RUNTIME_IMAGE = "labcheck-runtime"
IN_IMAGE_VARIABLE = "LABCHECK_IN_IMAGE"
"""Set inside the image `labcheck`, where there is no engine to talk to."""


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
        click.option(
            "--lab-root",
            "root",
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="The folder of labs.  "
            "[default: $LABCHECK_LAB, else lab/ here or above, else built in]",
        ),
    ):
        command = option(command)
    return command


def output_options(command: _Command) -> _Command:
    """Add ``--format`` and ``-o``."""
    for option in (
        click.option(
            "-o",
            "--output",
            "outputs",
            multiple=True,
            metavar="FORMAT=PATH",
            help="Also write a report to a file; may be given again.",
        ),
        click.option(
            "--format",
            "format_name",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="What standard output gets; json is one object a report.",
        ),
    ):
        command = option(command)
    return command


def runner_option(command: _Command) -> _Command:
    """Add ``--runner``."""
    return click.option(
        "--runner",
        "runner_name",
        type=click.Choice(("auto", "container", "sandbox", "local")),
        default="auto",
        show_default=True,
        help="Where the script runs: in the pinned container, in a walled child process, or in "
        "this Python with no walls. auto: the container where an engine answers; inside the "
        "image, sandbox.",
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
    elif lab_id in labs:
        return labs[lab_id]
    problem = "there are several labs" if lab_id is None else f"there is no lab {lab_id!r}"
    raise UsageError(problem, remedy=f"choose one with --lab: {', '.join(labs)}")


def chosen_runner(name: str, *, lab: Lab, needs_walls: bool) -> Runner:
    """Make the runner asked for.

    Args:
        name: A runner's name, or ``auto``.
        lab: What it will run for; its folder is hidden from the script.
        needs_walls: Whether the script may be a stranger's: then auto never means local.
    Raises:
        EnvironmentFailure: It cannot be had on this machine.
    """
    # Imported here: the adapters pull in the Docker SDK and jsonschema.
    from verifier.run.container import ContainerRunner  # noqa: PLC0415
    from verifier.run.local import LocalRunner  # noqa: PLC0415
    from verifier.run.sandbox import SandboxRunner  # noqa: PLC0415

    if name == "auto":
        name = _automatic(needs_walls=needs_walls)
    match name:
        case "container":
            return ContainerRunner(image=RUNTIME_IMAGE)
        case "sandbox":
            return SandboxRunner(hide=_solutions(lab))
        case _:
            return LocalRunner()


def _automatic(*, needs_walls: bool) -> str:
    from verifier.run.engine import engine_trouble  # noqa: PLC0415 - pulls in the Docker SDK

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


def write_reports(reports: Sequence[Report], *, format_name: str, outputs: Sequence[str]) -> None:
    """Write reports to standard output and to the files named.

    Raises:
        UsageError: A file cannot be written.
    """
    for destination in outputs:
        named, path = split_output(destination)
        try:
            Path(path).write_text(click.unstyle(_render(reports, named)), encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}", remedy="name another path after -o"
            ) from error
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(_render(reports, format_name), nl=False, color=colour)


def split_output(destination: str) -> tuple[str, str]:
    """Split ``FORMAT=PATH``.

    Raises:
        UsageError: It is not of that form.
    """
    named, separator, path = destination.partition("=")
    if named not in FORMATS or not separator or not path:
        raise UsageError(
            f"-o {destination!r} is not FORMAT=PATH",
            remedy=f"FORMAT is one of {', '.join(FORMATS)}",
        )
    return named, path


def _render(reports: Sequence[Report], format_name: str) -> str:
    match format_name:
        case "json":
            from verifier.report.json import json_reports  # noqa: PLC0415 - only where asked for

            return json_reports(reports)
        case "junit":
            from verifier.report.junit import junit_reports  # noqa: PLC0415 - only where asked for

            return junit_reports(reports)
        case _:
            from verifier.report.text import text_reports  # noqa: PLC0415 - only where asked for

            return text_reports(reports)
