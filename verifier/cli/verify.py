"""Command verify: is the published output still what the reference prints?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from verifier import pipeline
from verifier.cli.labs import chosen_lesson, every_lesson
from verifier.cli.options import chosen_runner, lab_options, walls_options
from verifier.cli.output import output_options, tell_reports
from verifier.cli.page import see_that_page_is_kept
from verifier.cli.progress import working
from verifier.errors import BadDataError, ExitCode, UsageError
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from verifier.cli.options import RunnerRequest
    from verifier.cli.output import Outputs
    from verifier.lab.spec import Lab
    from verifier.report.report import Report
    from verifier.run.interface import Runner


@click.command(short_help="Compare what the reference prints with its golden, exactly.")
@lab_options
@walls_options
@output_options
@click.option("--all", "every", is_flag=True, help="Every lesson there is, one after the other.")
def verify(
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    request: RunnerRequest,
    out: Outputs,
    *,
    every: bool,
) -> int:
    """Check that the reference still prints what the golden record holds, to the character.

    All exercises of the lab are run, one after the other, unless --exercise names one.
    """
    if every and (lab_id or exercise_id):
        raise UsageError("--all is every lab", remedy="leave --lab and --exercise out, or --all")
    broken: list[BadDataError] = []
    if every:
        lessons, broken = every_lesson(root)
    else:
        lessons = [chosen_lesson(root, lab_id, for_author=True)]
    reports: list[Report] = []
    with chosen_runner(request, lab=lessons[0], needs_walls=False) as runner:
        for lab in lessons:
            for name in lab.exercises if exercise_id is None else [exercise_id]:
                try:
                    reports.append(_verified(lab, name, runner))
                except BadDataError as error:
                    if not every:
                        raise
                    broken.append(error)
    return max(_told(reports, out), *(_tell(error) for error in broken), ExitCode.PASSED)


def _verified(lab: Lab, name: str, runner: Runner) -> Report:
    task = load_task(lab, name)
    see_that_page_is_kept(task.exercise)
    with working(f"{lab.id}/{name}"):
        return pipeline.verify(task, runner=runner)


def _told(reports: Sequence[Report], out: Outputs) -> int:
    code = tell_reports(reports, out) if reports else ExitCode.PASSED
    if code == ExitCode.FAILED:
        click.echo(
            "labcheck: `labcheck golden diff` shows every value that changed; "
            "`labcheck golden update --reason …` accepts them",
            err=True,
        )
    return code


def _tell(error: BadDataError) -> int:
    """Tell of a lab that could not be verified; the others were."""
    click.echo(f"labcheck: {error}", err=True)
    return ExitCode.BAD_DATA
