"""Command lab: list the labs, or show what one asks for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from verifier.cli.labs import chosen_lab, offered_labs
from verifier.cli.new import new
from verifier.cli.options import lab_options, root_option
from verifier.cli.page import see_that_page_has_it
from verifier.errors import ExitCode
from verifier.lab.field import sections_of
from verifier.lab.stage import Stage
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.output.value import NUMBER
from verifier.printable import counted, printable
from verifier.sandbox.request import GENERATORS

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from verifier.lab.field import Field, SectionSpec
    from verifier.lab.spec import Exercise, Lab


_WORD_OR_NUMBER = re.compile(rf"(?P<word>[^\W\d]\w*+(?::[0-9]++)?)|{NUMBER}")


@click.group()
def lab() -> None:
    """List the labs, or show what one asks for."""


@lab.command("list")
@root_option
def list_labs(root: Path | None) -> int:
    """Name every lab with its exercises, the lessons first, and of these the one meant by default.

    A canary is no exercise for learners: its numbers tell what changed in another torch.
    """
    for each in sorted(
        offered_labs(root, tells_broken=True).sound.values(),
        key=lambda lab: (lab.kind != "lesson", not lab.is_default),
    ):
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
    if chosen.canary is None and chosen.seeds != GENERATORS:
        click.echo(f"seeds raised for a second run: {', '.join(chosen.seeds) or 'none'}")
    if chosen.canary is None:
        points = (f"{stage} {points}" for stage, points in chosen.points.items())
        click.echo("points: " + ", ".join(points))
    names = list(chosen.exercises) if exercise_id is None else [exercise_id]
    for name in names:
        see_that_page_has_it(chosen.exercise(name))
    for name in names:
        exercise = chosen.exercise(name)
        click.echo(f"\n{name}: {exercise.title} ({exercise.script.name})")
        _echo_task(exercise)
        for section in exercise.sections:
            _echo_section(section, _as_derived(exercise))
        for relation in exercise.relations:
            allowed = f"  ± {relation.atol}" if relation.why else ""
            click.echo(f"  {relation.name:<30}{relation.stage.value:<10}{relation.kind}{allowed}")
            click.echo(f"    {relation.claim}")
            if relation.why:
                click.echo(f"    {relation.why}")
    return ExitCode.PASSED


lab.add_command(new)


def _kind(chosen: Lab) -> str:
    if chosen.canary is not None:
        return f"canary: {chosen.canary.mechanism}"
    return f"lesson {chosen.lesson}" if chosen.lesson else "lesson"


def _echo_task(exercise: Exercise) -> None:
    for number, instruction in enumerate(exercise.instructions, start=1):
        click.echo(f"  {number}. {instruction}")
    click.echo("  what to print, with as many decimals as there are #:")
    for line in derived_lines(exercise) if exercise.is_derived else written_lines(exercise):
        click.echo(f"    | {line}")


def written_lines(exercise: Exercise) -> list[str]:
    """Show how the lines of an exercise look that a manifest writes down."""
    return [line for section in exercise.sections for line in printed_lines(section)]


def derived_lines(exercise: Exercise) -> list[str]:
    """Show the reference's own lines, with ``#`` for the digits that are judged, and no sign."""
    if exercise.derived is None:
        return ["(not known before `labcheck golden update --reason …`)"]
    output = exercise.derived.output
    if exercise.is_whole:
        number = output.rstrip("\n").count("\n") + 1
        return [f"({counted(number, 'line')}, compared as a whole)"]
    lines = [printable(line) for line in output.rstrip("\n").split("\n")]
    ends = [len(line) for line in lines]
    judged = match_output(read_stdout(output.encode()), exercise).judged
    # From the right, for a text may stand twice on a line; fields are in printed order.
    for field, reading in reversed([*judged.items()]):
        for number, part in enumerate(reading.text.split("\n"), start=reading.line - 1):
            shown = printable(part)
            place = lines[number].rfind(shown, 0, ends[number])
            if place >= 0:
                ends[number] = place
                behind = lines[number][place + len(shown) :]
                lines[number] = lines[number][:place] + _masked(shown, field) + behind
    return lines


def _masked(text: str, field: Field) -> str:
    if field.kind not in {"number", "list"}:
        return "…"
    digits = "#." + "#" * field.decimals if field.decimals else "#"
    return _WORD_OR_NUMBER.sub(lambda found: found["word"] or digits, text)


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


def _as_derived(exercise: Exercise) -> frozenset[Field]:
    """Find the fields that are as the run gave them; the stage aside, which follows from both."""
    given = () if exercise.derived is None else exercise.derived.fields
    plain = {
        replace(field, names_section=False, stage=Stage.OUTPUT): field for field in exercise.fields
    }
    own = (
        field for section in sections_of(each.field for each in given) for field in section.fields
    )
    return frozenset(
        plain[key] for each in own if (key := replace(each, names_section=False)) in plain
    )


def _digits(field: Field) -> str:
    text = "#." + "#" * field.decimals if field.decimals else "#"
    for length in reversed(field.shape):
        text = "[" + ", ".join([text] * length) + "]"
    return text


def _echo_section(section: SectionSpec, derived: AbstractSet[Field] = frozenset()) -> None:
    click.echo(f"  {section.name or '(before the first section)'}")
    for field in section.fields:
        name = replace(field, names_section=False).name
        place = f"{name:<25} {field.stage.value:<9} "
        digits = counted(field.decimals, "decimal") if field.kind in {"number", "list"} else ""
        said = f"{digits or field.kind}  {field.tolerance if digits else 'exact'}"
        click.echo(f"    {place}{said}{'  derived' if field in derived else ''}")
        click.echo(f"      {field.why}")
