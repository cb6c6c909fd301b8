"""Command explain: what the lesson says about a diagnosis or a stage; a script's own steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
from verifier.golden.golden import load_golden
from verifier.golden.reference import load_reference
from verifier.printable import printable
from verifier.run.interface import in_words
from verifier.run.second import LOOK
from verifier.schema import validate
from verifier.trace.milestone import read_milestones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.cli.options import RunnerRequest
    from verifier.lab.spec import Lab


@click.command(short_help="Explain a diagnosis or a stage, with the lesson's step and picture.")
@click.argument("name", metavar="[DIAGNOSIS|STAGE]", required=False)
@lab_options
@click.option(
    "--run",
    "script",
    type=GivenPath(path_type=Path, readable=False),
    metavar="FILE",
    help="Run FILE behind walls, and show its steps beside those that the lesson asks for.",
)
@runner_option
@click.option(
    "--report",
    "report",
    type=GivenPath(path_type=Path),
    metavar="FILE",
    help="A report that `labcheck grade --format json` wrote: shows the learner's own steps too.",
)
def explain(
    name: str | None,
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    script: Path | None,
    request: RunnerRequest,
    report: Path | None,
) -> int:
    """Print the lesson's step, its row in the table of symptoms, and the order of a step.

    A report names its diagnoses under "diagnoses", and the stage to start with as "start_here".
    With --run the steps of a script stand beside the lesson's, without its numbers: what it makes,
    feeds in, computes, clears and updates, in order, with a mark where the two differ.
    """
    from verifier.diagnosis.explain import explain as explained  # noqa: PLC0415 - used only here
    from verifier.lab.catalogue import load_catalogue  # noqa: PLC0415 - used only here

    if name is None and script is None:
        raise UsageError(
            "there is nothing to explain",
            remedy="name a diagnosis or a stage, or a script with --run",
        )
    evidence = () if report is None else tuple(_evidence(_read(report)))
    lab = chosen_lesson(root, lab_id)
    if script is not None:
        for line in _walked(script, lab, exercise_id or DEFAULT_EXERCISE, request):
            click.echo(line)
    if name is not None:
        told = explained(name, load_catalogue(lab), stages=lab.stages, evidence=evidence)
        click.echo(told, nl=False)
    return ExitCode.PASSED


def _walked(script: Path, lab: Lab, exercise_id: str, request: RunnerRequest) -> list[str]:
    """Run a script for its steps, and write them beside the reference's.

    Raises:
        UsageError: It cannot be run, or nothing is kept of what the reference did.
        EnvironmentFailure: The runner could not do its work.
    """
    from verifier.diagnosis.walk import side_by_side  # noqa: PLC0415 - used only here

    exercise = lab.exercise(exercise_id)
    did = load_reference(exercise, load_golden(lab=lab.id, exercise=exercise))
    given = given_file(script, is_script=True)
    if not given.gradable:
        raise UsageError(
            f"{printable(given.path)}: {given.refusals[0].message}",
            remedy="name a file of at most 1 MiB that you may read",
        )
    if did is None or not did.milestones:
        raise UsageError(
            f"nothing is kept of what the reference of {lab.id}/{exercise.id} did: it uses no "
            "torch, or its golden is older",
            remedy=f"an author runs `labcheck golden update --lab {lab.id} --reason …`",
        )
    refuse_without_walls(
        [str(script)], lab=lab, runner_name=request.runner_name, remedy="use --runner container"
    )
    with chosen_runner(request, lab=lab, needs_walls=True) as runner, working(given.path):
        run = runner.run(given.source, limits=lab.limits, examination=LOOK)
    seen = read_milestones(run.trace)
    if not seen:
        return [f"{printable(given.path)} {in_words(run.outcome)}, and did nothing with torch"]
    return side_by_side(did.milestones, seen)


def _read(path: Path) -> dict[str, Any]:
    """Read the first report of a file.

    Raises:
        UsageError: It cannot be read, or is no report.
    """
    remedy = "name a file that `labcheck grade --format json` wrote"
    try:
        text = path.read_text(encoding="utf-8").lstrip()
        document: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as a report: {error}", remedy=remedy) from error
    validate("report", document)
    return document


def _evidence(document: dict[str, Any]) -> Iterator[str]:
    for diagnosis in document["diagnoses"]:
        yield from diagnosis["evidence"]
