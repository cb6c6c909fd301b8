"""Command record: make the before/after record of an output or of a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.authoring.recorded import record_run
from verifier.checks.check import Status
from verifier.cli.labs import chosen_lesson
from verifier.cli.options import (
    DEFAULT_EXERCISE,
    GivenPath,
    chosen_runner,
    given_file,
    lab_options,
    refuse_without_walls,
    runner_option,
)
from verifier.cli.progress import working
from verifier.errors import ExitCode, UsageError
from verifier.golden.record import build_record, record_to_json, record_to_text
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.printable import printable
from verifier.schema import strict_json, validate

if TYPE_CHECKING:
    from verifier.cli.options import RunnerRequest
    from verifier.golden.record import Record
    from verifier.lab.spec import Exercise


@click.command(short_help="Turn output into the before/after record.")
@click.argument(
    "file",
    type=GivenPath(path_type=Path, allow_dash=True, readable=False),
    metavar="OUTPUT|SCRIPT",
)
@lab_options
@click.option(
    "--run",
    "is_script",
    is_flag=True,
    help="Run SCRIPT first, behind walls: then the record also holds what each number was before "
    "it was rounded.",
)
@runner_option
@click.option(
    "--format",
    "format_name",
    type=click.Choice(("json", "text")),
    default="json",
    show_default=True,
    help="json: the whole record; text: the lesson's five lines of evidence.",
)
def record(
    file: Path,
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    request: RunnerRequest,
    format_name: str,
    *,
    is_script: bool,
) -> int:
    """Turn what a script printed into the before/after record.

    OUTPUT is a file, or - for standard input: the script's output, or the five lines kept from it.
    With --run it is the SCRIPT itself; exits 1 if that does not run to its end. An exercise without
    a step of its own to look at, such as lr-sweep, has no such lines.
    """
    lab = chosen_lesson(root, lab_id)
    exercise = lab.exercise(exercise_id or DEFAULT_EXERCISE)
    if format_name == "text" and not (exercise.before_after or exercise.evidence):
        raise UsageError(
            f"exercise {exercise.id} has no evidence from before and after a step to keep",
            remedy="use --format json, which holds everything that was printed",
        )
    given = given_file(file, is_script=is_script)
    if not given.gradable:
        raise UsageError(
            f"{printable(given.path)}: {given.refusals[0].message}",
            remedy="hand in a file of at most 1 MiB that you may read",
        )
    if not is_script:
        match = match_output(read_stdout(given.source), exercise)
        _echo_record(build_record(match, exercise), exercise, format_name)
        return ExitCode.PASSED
    refuse_without_walls(
        [str(file)], lab=lab, runner_name=request.runner_name, remedy="use --runner container"
    )
    with (
        chosen_runner(request, lab=lab, needs_walls=True) as runner,
        working(given.path),
    ):
        made, ending = record_run(given, lab=lab, exercise=exercise, runner=runner)
    _echo_record(made, exercise, format_name)
    if ending.status is Status.PASSED:
        return ExitCode.PASSED
    click.echo(f"labcheck: {ending.message}", err=True)
    return ExitCode.FAILED


def _echo_record(made: Record, exercise: Exercise, format_name: str) -> None:
    if format_name == "text":
        click.echo(record_to_text(made, exercise), nl=False)
        return
    document = record_to_json(made)
    validate("record", document)
    click.echo(strict_json(document, indent=2))
