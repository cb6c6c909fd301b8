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
from verifier.errors import ExitCode, UsageError
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.cli.options import RunnerRequest
    from verifier.cli.output import Outputs
    from verifier.report.report import Report


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
    lessons = every_lesson(root) if every else [chosen_lesson(root, lab_id, for_author=True)]
    tasks = [
        load_task(lab, name)
        for lab in lessons
        for name in ([exercise_id] if exercise_id is not None else lab.exercises)
    ]
    reports: list[Report] = []
    with chosen_runner(request, lab=lessons[0], needs_walls=False) as runner:
        for task in tasks:
            see_that_page_is_kept(task.exercise)
            with working(f"{task.lab.id}/{task.exercise.id}"):
                reports.append(pipeline.verify(task, runner=runner))
    code = tell_reports(reports, out)
    if code == ExitCode.FAILED:
        click.echo(
            "labcheck: `labcheck golden diff` shows every value that changed; "
            "`labcheck golden update --reason …` accepts them",
            err=True,
        )
    return code
