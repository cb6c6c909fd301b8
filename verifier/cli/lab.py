"""Command lab: list the labs, or show what one asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from verifier.cli.options import author_labs, chosen_lab, lab_options, root_option
from verifier.errors import ExitCode
from verifier.printable import counted

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.field import Field, SectionSpec
    from verifier.lab.spec import Exercise, Lab


@click.group()
def lab() -> None:
    """List the labs, or show what one asks for."""


@lab.command("list")
@root_option
def list_labs(root: Path | None) -> int:
    """Name every lab with its exercises, the lessons first.

    A canary is no exercise for learners: its numbers tell what changed in another torch.
    """
    for each in sorted(author_labs(root).values(), key=lambda lab: lab.kind != "lesson"):
        click.echo(f"{each.id}  ({_kind(each)}) {each.title}")
        for exercise in each.exercises.values():
            click.echo(f"  {exercise.id:<16}{exercise.title}")
    return ExitCode.PASSED


@lab.command()
@lab_options
def show(root: Path | None, lab_id: str | None, exercise_id: str | None) -> int:
    """Print what a lab asks a learner to do and to print, and how it is judged.

    Of each exercise: the instructions, the lines to print, and every value and relation with its
    stage and tolerance.
    """
    chosen = chosen_lab(root, lab_id)
    limits = chosen.limits
    click.echo(f"{chosen.id}: {chosen.title} ({_kind(chosen)})")
    if chosen.canary is not None:
        click.echo(f"if its numbers change: {chosen.canary.says} ({chosen.canary.cause.value})")
    click.echo(
        f"limits: {limits.time_limit_s:g} s, {limits.memory_limit_bytes // 2**20} MiB beside torch"
    )
    if chosen.canary is None:
        points = (f"{stage} {points}" for stage, points in chosen.points.items())
        click.echo("points: " + ", ".join(points))
    names = list(chosen.exercises) if exercise_id is None else [exercise_id]
    for name in names:
        exercise = chosen.exercise(name)
        click.echo(f"\n{name}: {exercise.title} ({exercise.script.name})")
        _echo_task(exercise)
        for section in exercise.sections:
            _echo_section(section)
        for relation in exercise.relations:
            allowed = f"  ± {relation.atol}" if relation.why else ""
            click.echo(f"  {relation.name:<30}{relation.stage.value:<10}{relation.kind}{allowed}")
            click.echo(f"    {relation.claim}")
            if relation.why:
                click.echo(f"    {relation.why}")
    return ExitCode.PASSED


def _kind(chosen: Lab) -> str:
    return (
        f"lesson {chosen.lesson}" if chosen.canary is None else f"canary: {chosen.canary.mechanism}"
    )


def _echo_task(exercise: Exercise) -> None:
    for number, instruction in enumerate(exercise.instructions, start=1):
        click.echo(f"  {number}. {instruction}")
    click.echo("  what to print, with as many decimals as there are #:")
    for section in exercise.sections:
        for line in printed_lines(section):
            click.echo(f"    | {line}")


def printed_lines(section: SectionSpec) -> list[str]:
    """Show how the lines of a section look, with ``#`` for digits."""
    if not section.rows:
        return [section.name, *(f"{field.key}= {_digits(field)}" for field in section.fields)]
    lines = [
        " ".join(
            [f"{section.row_key}={row}"]
            + [f"{field.key}={_digits(field)}" for field in section.fields if field.row == row]
        )
        for row in section.rows
    ]
    return [section.name, *lines]


def _digits(field: Field) -> str:
    text = "#." + "#" * field.decimals if field.decimals else "#"
    for length in reversed(field.shape):
        text = "[" + ", ".join([text] * length) + "]"
    return text


def _echo_section(section: SectionSpec) -> None:
    click.echo(f"  {section.name}")
    for field in section.fields:
        name = replace(field, names_section=False).name
        place = f"{name:<26}{field.stage.value:<10}"
        click.echo(f"    {place}{counted(field.decimals, 'decimal')}  {field.tolerance}")
        click.echo(f"      {field.why}")
