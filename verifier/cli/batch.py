"""Command grade, for a class: options, results folder, summary, exit code."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import click

from verifier.batch.item import key_of
from verifier.cli.options import GivenPath, bundled, chosen_image, resolved_runner
from verifier.cli.output import write_text
from verifier.cli.progress import progress
from verifier.errors import ExitCode, UsageError
from verifier.lab.feedback import Feedback
from verifier.report.github import github_reports
from verifier.report.json import json_reports
from verifier.report.markdown import markdown_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from verifier.batch.batch import Configuration, Summary
    from verifier.batch.journal import Journal
    from verifier.cli.options import RunnerRequest
    from verifier.cli.output import Format, Outputs
    from verifier.run.interface import Runner
    from verifier.task import Task

FailOn = Literal["never", "failed"]
DEFAULT_RESULTS = Path("labcheck-results")

_Command = TypeVar("_Command", bound="Callable[..., object]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChoices:
    """What the command line says about a batch."""

    jobs: int
    results: Path | None
    """The folder named; None for `DEFAULT_RESULTS`, and none at all for a single file."""
    adopt: bool
    """Whether a folder that this user's labcheck did not make is taken over."""
    fail_on: FailOn


def batch_options(command: _Command) -> _Command:
    """Add ``--jobs``, ``--results``, ``--adopt`` and ``--fail-on``, as `BatchChoices`."""
    command = bundled(command, into=BatchChoices, name="batch")
    for option in (
        click.option(
            "--fail-on",
            type=click.Choice(get_args(FailOn)),
            default="never",
            show_default=True,
            help="When a complete batch exits 1: never, or if a submission did not pass.",
        ),
        click.option(
            "--adopt",
            is_flag=True,
            help="Take over a results folder that this user's labcheck did not make: from another "
            "machine, user or container, or an earlier version. Rows in it that fit are believed.",
        ),
        click.option(
            "--results",
            type=GivenPath(path_type=Path, file_okay=False),
            metavar="FOLDER",
            help=f"Where a batch's results go, and go on from.  [default: {DEFAULT_RESULTS}]",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(1, 256),
            default=lambda: len(os.sched_getaffinity(0)),
            metavar="N",
            help="How many submissions of a batch run at a time.  [default: one for each core]",
        ),
    ):
        command = option(command)
    return command


def grade_files(
    files: Sequence[str],
    *,
    task: Task,
    request: RunnerRequest,
    make_runner: Callable[[RunnerRequest], Runner],
    batch: BatchChoices,
    out: Outputs,
) -> int:
    """Grade a batch, print its summary, and give the exit code.

    Raises:
        UsageError: There is nothing to grade, or the results cannot be written.
        EnvironmentFailure: The machine ended the batch; what was finished is kept.
        KeyboardInterrupt: A person did, and the same holds.
    """
    from verifier.batch.batch import grade_batch  # noqa: PLC0415 - heavy, as is the next
    from verifier.batch.folder import ResultsFolder  # noqa: PLC0415
    from verifier.batch.intake import Intake, left_out_lines  # noqa: PLC0415
    from verifier.batch.journal import Journal  # noqa: PLC0415
    from verifier.cli.summary import summary_text  # noqa: PLC0415

    if "junit" in (out.format_name, *(named for named, _ in out.outputs)):
        raise _no_junit()
    results = batch.results or DEFAULT_RESULTS
    with Intake(files, apart_from=results) as intake:
        configuration = _configuration(task, request, make_runner=make_runner, jobs=batch.jobs)
        click.echo(f"labcheck: results go to {key_of(str(results))}/", err=True)
        if task.feedback is not Feedback.FULL:
            told = f"labcheck: feedback is {task.feedback}; --feedback full tells what was expected"
            click.echo(told, err=True)
        opened = ResultsFolder(results, adopt=batch.adopt)
        with opened as folder, Journal(folder) as journal:
            # By the folder's own secret, so that whoever is graded again is judged alike.
            task = replace(task, seeds=folder.seeds)
            configuration = replace(configuration, task=task)
            if folder.adopted:
                shown, what = key_of(str(results)), ", ".join(folder.adopted)
                click.echo(f"labcheck: takes over {shown}/: {what}", err=True)
            with progress() as watcher:
                summary = grade_batch(intake.items, configuration, journal=journal, watcher=watcher)
            said = summary_text(summary, left_out=left_out_lines(intake.left_out), results=results)
            for named, path in ((out.format_name, None), *out.outputs):
                write_text(_render(journal, named, said=said), path)
    if out.format_name != "text":
        click.echo(said, nl=False, err=True)
    return _exit_code(summary, batch.fail_on)


def _configuration(
    task: Task, request: RunnerRequest, *, make_runner: Callable[[RunnerRequest], Runner], jobs: int
) -> Configuration:
    from verifier.batch.batch import Configuration  # noqa: PLC0415 - as in `grade_files`

    name = resolved_runner(request.runner_name, needs_walls=True)
    return Configuration(
        task=task,
        image=chosen_image(name),
        required=request.required,
        jobs=jobs,
        make_runner=partial(make_runner, replace(request, runner_name=name)),
    )


def _render(journal: Journal, format_name: Format, *, said: str) -> str:
    reports = (row["report"] for row in journal.rows())
    match format_name:
        case "text":
            return said
        case "json":
            return json_reports(reports)
        case "github":
            return github_reports(reports)
        case "markdown":
            return markdown_reports(reports)
        case "junit":
            raise _no_junit()


def _no_junit() -> UsageError:
    return UsageError(
        "JUnit is for one submission", remedy="take json: a report for each, one a line"
    )


def _exit_code(summary: Summary, fail_on: FailOn) -> int:
    if summary.interrupted:
        raise KeyboardInterrupt
    if summary.error is not None:
        raise summary.error
    if not summary.complete:
        return ExitCode.ENVIRONMENT
    everybody = summary.tally.verdicts["passed"] == summary.tally.total
    return ExitCode.FAILED if fail_on == "failed" and not everybody else ExitCode.PASSED
