"""Command golden: show, compare or update golden records; `mistakes` has its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from verifier.authoring import fresh
from verifier.authoring.looked import fresh_reference
from verifier.cli.labs import chosen_lab
from verifier.cli.mistakes import mistakes
from verifier.cli.options import chosen_runner, lab_options, runner_option
from verifier.cli.page import reference_of
from verifier.errors import BadDataError, ExitCode, UsageError
from verifier.golden.golden import (
    OTHER_SEEDS,
    golden_answers,
    golden_changes,
    golden_text,
    load_golden,
    unrounded_changes,
)
from verifier.golden.reference import load_reference
from verifier.golden.write import refuse_in_ci, write_golden_file, write_reference
from verifier.printable import counted
from verifier.submission import read_reference
from verifier.trace.milestone import in_words
from verifier.trace.unrounded import rounding_margin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from verifier.cli.options import RunnerRequest
    from verifier.golden.golden import Change, Golden
    from verifier.golden.reference import Reference
    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise, Lab
    from verifier.output.transcript import Reading


@click.group(short_help="Show, compare or update the golden records.")
def golden() -> None:
    """Show the golden records, compare them with a fresh run, or update them."""


golden.add_command(mistakes)


@golden.command()
@lab_options
def show(root: Path | None, lab_id: str | None, exercise_id: str | None) -> int:
    """Print every golden value with its tolerance, and where the record came from.

    Where it is known, also what the value was before it was rounded, and how far it may move,
    in units in the last place and in units of the last printed digit, until it prints otherwise.
    """
    lab = chosen_lab(root, lab_id)
    for exercise in _exercises(lab, exercise_id):
        kept = load_golden(lab=lab.id, exercise=exercise)
        click.echo(f"{lab.id}/{exercise.id}")
        for field, reading in golden_answers(kept, exercise).items():
            click.echo(
                f"  {field.stage.value:<9}{field.name:<28}{reading.text:<22} "
                f"{field.tolerance:<10}{_unrounded(field, reading)}".rstrip()
            )
        came_from = kept.provenance
        click.echo(f"  made {came_from.date} with torch {came_from.torch}: {came_from.reason}")
        click.echo(f"  runtime image {came_from.runtime_image}, pins {came_from.pins_sha256}")
        did = load_reference(exercise, kept)
        click.echo(f"  {in_words(() if did is None else did.milestones)}")
    return ExitCode.PASSED


@golden.command()
@lab_options
@runner_option
def diff(
    root: Path | None, lab_id: str | None, exercise_id: str | None, request: RunnerRequest
) -> int:
    """Run the references and print old → new for each value that changed; write nothing.

    Exits 1 if anything printed changed. Unrounded values are counted only: other CPUs give others.
    """
    lab = chosen_lab(root, lab_id)
    found = [
        change
        for exercise, made, _ in _fresh(lab, exercise_id, request, reason="diff", pinned=False)
        for change in _echo_changes(lab, exercise, made)
    ]
    return ExitCode.FAILED if found else ExitCode.PASSED


@golden.command()
@lab_options
@runner_option
@click.option("--reason", required=True, help="Why the golden values change; kept in the file.")
def update(
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    request: RunnerRequest,
    reason: str,
) -> int:
    """Run the references and write what they print as the golden records.

    Prints each value as old → new. Refused where CI is set: accepting values is a person's step.
    """
    refuse_in_ci(
        "golden records are not updated",
        remedy="run this on your own machine and commit the result",
    )
    if not reason.strip():
        raise UsageError("the reason is empty", remedy="say why the values change")
    lab = chosen_lab(root, lab_id)
    # Without an engine nothing is written unless --runner local is asked for by name: a golden
    # names the environment that everybody is judged by.
    fresh_goldens = _fresh(lab, exercise_id, request, reason=reason.strip(), pinned=True)
    for exercise, made, did in fresh_goldens:
        _echo_changes(lab, exercise, made)
        write_golden_file(exercise.golden, golden_text(made))
        write_reference(exercise, did)
        reference = reference_of(exercise)
        if reference is not None:
            write_golden_file(exercise.script, reference.source.decode())
        click.echo(f"wrote {exercise.golden}")
    return ExitCode.PASSED


def _unrounded(field: Field, reading: Reading) -> str:
    if reading.exact is None:
        return ""
    values = ", ".join(f"{value:.10g}" for value in reading.exact)
    margin = rounding_margin(reading.exact, reading.text, decimals=field.decimals)
    if margin is None:
        return f"exact {values}"
    return f"exact {values}, {margin.ulps} ULP or {margin.units:.3f} units from flipping"


def _exercises(lab: Lab, exercise_id: str | None) -> list[Exercise]:
    return list(lab.exercises.values()) if exercise_id is None else [lab.exercise(exercise_id)]


def _fresh(
    lab: Lab,
    exercise_id: str | None,
    request: RunnerRequest,
    *,
    reason: str,
    pinned: bool,
) -> Sequence[tuple[Exercise, Golden, Reference | None]]:
    found = []
    with chosen_runner(request, lab=lab, needs_walls=pinned) as runner:
        for exercise in _exercises(lab, exercise_id):
            script = reference_of(exercise) or read_reference(exercise.script)
            made = fresh.fresh_golden(lab, exercise, runner=runner, reason=reason, reference=script)
            did = fresh_reference(lab, exercise, script, runner=runner) if pinned else None
            found.append((exercise, made, did))
    return found


def _echo_changes(lab: Lab, exercise: Exercise, fresh: Golden) -> tuple[Change, ...]:
    try:
        old = load_golden(lab=lab.id, exercise=exercise)
    except BadDataError as error:
        click.echo(f"{error.problem}: every value is new", err=True)
        old = None
    changes = golden_changes(old, fresh)
    printed = [change for change in changes if OTHER_SEEDS not in change.name]
    under_others = len(changes) - len(printed)
    also = f", and {under_others} under other seeds" if under_others else ""
    click.echo(
        f"{lab.id}/{exercise.id}: {len(printed)} of {counted(len(fresh.record.readings), 'value')} "
        f"{'changes' if len(printed) == 1 else 'change'}{also}"
    )
    for change in changes:
        click.echo(f"  {change.name}: {change.old or '(none)'} → {change.new or '(none)'}")
    moved = () if old is None else unrounded_changes(old, fresh)
    if moved:
        click.echo(
            f"  behind the printed ones, "
            f"{counted(len(moved), 'unrounded value is', 'unrounded values are')} others or new"
        )
    return changes
