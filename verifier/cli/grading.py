"""Commands that judge: verify, grade, check, record."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import pipeline
from verifier.batch.intake import names_one_file
from verifier.checks.check import Status
from verifier.cli.batches import DEFAULT_RESULTS, BatchChoices, batch_options, grade_files
from verifier.cli.options import (
    chosen_lesson,
    chosen_runner,
    lab_options,
    runner_option,
    walls_options,
)
from verifier.cli.output import output_options, write_reports
from verifier.errors import ExitCode, UsageError
from verifier.golden.record import build_record, record_to_json, record_to_text
from verifier.output.transcript import read_stdout
from verifier.printable import printable
from verifier.report.report import Verdict
from verifier.schema import strict_json, validate
from verifier.submission import read_stream, read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from verifier.cli.batches import FailOn
    from verifier.cli.options import Isolation, RunnerChoice
    from verifier.cli.output import Format
    from verifier.golden.record import Record
    from verifier.lab.spec import Exercise, Lab
    from verifier.pipeline import Task
    from verifier.report.report import Report
    from verifier.run.interface import Runner
    from verifier.submission import Submission

_DEFAULT_EXERCISE = "baseline"
_NO_WALLS = "the local runner has no walls, and this file is not the lab's own"
_EXIT_CODES = {
    Verdict.PASSED: ExitCode.PASSED,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.NOT_GRADABLE: ExitCode.NOT_GRADABLE,
}


@click.command(short_help="Compare what the reference prints with its golden, exactly.")
@lab_options
@runner_option
@walls_options
@output_options
def verify(
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    runner_name: RunnerChoice,
    isolation: Isolation,
    required: frozenset[str],
    format_name: Format,
    outputs: Sequence[tuple[Format, Path]],
) -> int:
    """Check that the reference still prints what the golden record holds, to the character.

    All exercises of the lab are run, one after the other, unless --exercise names one.
    """
    lab = chosen_lesson(root, lab_id)
    names = list(lab.exercises) if exercise_id is None else [exercise_id]
    tasks = [pipeline.load_task(lab, name) for name in names]
    reports: list[Report] = []
    make_runner = partial(chosen_runner, runner_name, lab=lab, needs_walls=False)
    with make_runner(isolation=isolation, required=required) as runner:
        for task in tasks:
            with _working(f"{lab.id}/{task.exercise.id}"):
                reports.append(pipeline.verify(task, runner=runner))
    write_reports(reports, format_name=format_name, outputs=outputs)
    code = _exit_code(reports)
    if code == ExitCode.FAILED:
        click.echo(
            "labcheck: `labcheck golden diff` shows every value that changed; "
            "`labcheck golden update --reason …` accepts them",
            err=True,
        )
    return code


@click.command(short_help="Run learners' scripts, one or a whole class, and judge their output.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(readable=False, allow_dash=True),
    metavar="FILE|FOLDER|ZIP…",
)
@lab_options
@runner_option
@walls_options
@batch_options
@output_options
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
    runner_name: RunnerChoice,
    isolation: Isolation,
    required: frozenset[str],
    jobs: int,
    results: Path | None,
    fail_on: FailOn,
    format_name: Format,
    outputs: Sequence[tuple[Format, Path]],
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
    task = pipeline.load_task(lab, exercise_id or _DEFAULT_EXERCISE)
    if runner_name == "local" and not without_walls and not _are_own(files, lab):
        raise UsageError(
            _NO_WALLS,
            remedy="use --runner container, "
            "or accept the danger with --dangerously-run-without-walls",
        )
    make_runner = partial(
        chosen_runner, lab=lab, needs_walls=True, isolation=isolation, required=required
    )
    if results is None and len(files) == 1 and names_one_file(files[0]):
        report = _grade_one(
            Path(files[0]), task=task, make_runner=partial(make_runner, runner_name)
        )
        write_reports([report], format_name=format_name, outputs=outputs)
        return _exit_code([report])
    return grade_files(
        files,
        task=task,
        runner_name=runner_name,
        make_runner=make_runner,
        required=required,
        choices=BatchChoices(jobs=jobs, results=results or DEFAULT_RESULTS, fail_on=fail_on),
        format_name=format_name,
        outputs=outputs,
    )


def _grade_one(file: Path, *, task: Task, make_runner: Callable[[], Runner]) -> Report:
    submission = _read(file, is_script=True)
    if not submission.gradable:  # no runner is needed to say so
        return pipeline.refuse(submission, task=task)
    with make_runner() as runner, _working(submission.path):
        return pipeline.grade(submission, task=task, runner=runner).report


@click.command(short_help="Judge captured output; nothing is run.")
@click.argument("stdout", type=click.Path(path_type=Path, allow_dash=True, readable=False))
@lab_options
@output_options
def check(
    stdout: Path,
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    format_name: Format,
    outputs: Sequence[tuple[Format, Path]],
) -> int:
    """Judge captured output, within tolerance, without running anything.

    STDOUT is a file that holds what a script printed, or - for standard input.
    """
    lab = chosen_lesson(root, lab_id)
    task = pipeline.load_task(lab, exercise_id or _DEFAULT_EXERCISE)
    report = pipeline.check_captured(_read(stdout, is_script=False), task=task)
    write_reports([report], format_name=format_name, outputs=outputs)
    return _exit_code([report])


@click.command(short_help="Turn output into the before/after record.")
@click.argument(
    "file",
    type=click.Path(path_type=Path, allow_dash=True, readable=False),
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
    runner_name: RunnerChoice,
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
    exercise = lab.exercise(exercise_id or _DEFAULT_EXERCISE)
    if format_name == "text" and not exercise.before_after:
        raise UsageError(
            f"exercise {exercise.id} has no evidence from before and after a step to keep",
            remedy="use --format json, which holds everything that was printed",
        )
    given = _read(file, is_script=is_script)
    if not given.gradable:
        raise UsageError(
            f"{printable(given.path)}: {given.refusals[0].message}",
            remedy="hand in a file of at most 1 MiB that you may read",
        )
    if not is_script:
        _echo_record(build_record(read_stdout(given.source), exercise), exercise, format_name)
        return ExitCode.PASSED
    if runner_name == "local" and not _are_own([str(file)], lab):
        raise UsageError(_NO_WALLS, remedy="use --runner container")
    with chosen_runner(runner_name, lab=lab, needs_walls=True) as runner, _working(given.path):
        made, ending = pipeline.record_run(given, lab=lab, exercise=exercise, runner=runner)
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


def _read(file: Path, *, is_script: bool) -> Submission:
    if str(file) == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed", remedy="pass the file by name")
        return read_stream(sys.stdin.buffer, name="-", is_script=is_script)
    return read_submission(file, is_script=is_script)


def _are_own(files: Sequence[str], lab: Lab) -> bool:
    folder = lab.folder.resolve()
    return all(file != "-" and Path(file).resolve().is_relative_to(folder) for file in files)


@contextlib.contextmanager
def _working(message: str) -> Iterator[None]:
    """Show on a terminal that work goes on; elsewhere say nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only where it is seen
    from rich.text import Text  # noqa: PLC0415 - only where it is seen

    with Console(stderr=True).status(Text(f"running {printable(message)} …")):
        yield


def _exit_code(reports: Sequence[Report]) -> int:
    return max(_EXIT_CODES[report.verdict] for report in reports)
