"""Command grade: run learners' scripts, one or a whole class, and judge what they print."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import pipeline
from verifier.batch.intake import names_one_file
from verifier.cli.batch import batch_options, grade_files
from verifier.cli.labs import chosen_lesson
from verifier.cli.options import (
    DEFAULT_EXERCISE,
    GivenPath,
    chosen_runner,
    given_file,
    lab_options,
    refuse_without_walls,
    walls_options,
)
from verifier.cli.output import feedback_option, output_options, tell_fault, tell_reports
from verifier.cli.progress import working
from verifier.lab.feedback import Feedback, chosen_feedback
from verifier.state import user_secret
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from verifier.cli.batch import BatchChoices
    from verifier.cli.options import RunnerRequest
    from verifier.cli.output import Outputs
    from verifier.lab.spec import Lab
    from verifier.report.report import Report
    from verifier.run.interface import Runner
    from verifier.task import Task


_WITH_WALLS = "use --runner container, or accept the danger with --dangerously-run-without-walls"


@click.command(short_help="Run learners' scripts, one or a whole class, and judge their output.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=GivenPath(readable=False, allow_dash=True),
    metavar="FILE|FOLDER|ZIP…",
)
@lab_options
@walls_options
@batch_options
@output_options
@feedback_option
@click.option(
    "--dangerously-run-without-walls",
    "without_walls",
    is_flag=True,
    help="Let --runner local run a file that is not the lab's own: it can do whatever you can.",
)
def grade(
    files: Sequence[str],
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    request: RunnerRequest,
    batch: BatchChoices,
    out: Outputs,
    feedback: Feedback | None,
    *,
    without_walls: bool,
) -> int:
    """Run learners' scripts behind walls and judge what they print, within tolerance.

    One FILE, or - for standard input, gets its report on standard output, and the exit code of
    its verdict. The first wrong step in the order forward, loss, gradient, update, loop is named
    as the one to start with.

    A FOLDER (every *.py at any depth), a ZIP archive, a pattern, several files, or --results make
    a batch: several are graded at a time, and the results folder gets

    \b
    results.jsonl     a line for each finished submission, as soon as it is finished
    gradebook.csv     a line for each, for a spreadsheet
    report.html       plots, a table, and everybody's output and feedback; one file, no scripts

    A submission is known by its path below what you named, and its sha256. Give the same command
    again, after whatever ended it, and only what is new or changed is graded. Rows of submissions
    that are gone or changed, or of another lab or image, move to superseded.jsonl; so give each
    class a results folder of its own.

    A batch exits 0 once every submission has its row, whatever the verdicts (see --fail-on); 4 if
    the machine failed on one; 130 if interrupted. What is finished is kept in any case.
    """  # noqa: D301 - \b is click's mark for a block it must not wrap
    lab = chosen_lesson(root, lab_id)
    is_alone = batch.results is None and len(files) == 1 and names_one_file(files[0])
    task = _task(lab, exercise_id, asked=feedback, in_class=not is_alone)
    if not without_walls:
        runner_name = request.runner_name
        refuse_without_walls(files, lab=lab, runner_name=runner_name, remedy=_WITH_WALLS)
    make_runner = partial(chosen_runner, lab=lab, needs_walls=True)
    if is_alone:
        report = _grade_one(Path(files[0]), task, make_runner=partial(make_runner, request))
        return tell_reports([report], out)
    return grade_files(
        files, task=task, request=request, make_runner=make_runner, batch=batch, out=out
    )


def _task(lab: Lab, exercise_id: str | None, *, asked: Feedback | None, in_class: bool) -> Task:
    task = load_task(lab, exercise_id or DEFAULT_EXERCISE)
    feedback = chosen_feedback(asked, lab=lab, exercise=task.exercise, in_class=in_class)
    return replace(task, feedback=feedback, seeds=user_secret())


def _grade_one(file: Path, task: Task, *, make_runner: Callable[[], Runner]) -> Report:
    submission = given_file(file, is_script=True)
    if not submission.gradable:  # no runner is needed to say so
        return pipeline.refuse(submission, task=task)
    with make_runner() as runner, working(submission.path):
        graded = pipeline.grade(submission, task=task, runner=runner)
    tell_fault(graded.fault)
    return graded.report
