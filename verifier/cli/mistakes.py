"""Command golden mistakes: write down what the known mistakes print, for the diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from verifier.authoring import fresh
from verifier.authoring.fresh import Unsigned
from verifier.cli.labs import chosen_lab
from verifier.cli.options import chosen_runner, lab_option, runner_option
from verifier.cli.progress import progress
from verifier.errors import BadDataError, ExitCode
from verifier.golden.signature import (
    read_signatures,
    signatures_file,
    signatures_text,
    signatures_to_json,
)
from verifier.golden.write import refuse_in_ci, remove_golden_file, write_golden_file
from verifier.lab.mistake import load_mistakes
from verifier.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from verifier.cli.options import RunnerRequest
    from verifier.golden.signature import Signature
    from verifier.lab.mistake import Mistake
    from verifier.lab.spec import Lab
    from verifier.run.interface import Limits, Runner


@click.command(short_help="Write down what the known mistakes print.")
@lab_option
@runner_option
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a signature would change.")
def mistakes(root: Path | None, lab_id: str | None, request: RunnerRequest, *, check: bool) -> int:
    """Run every mistake of a lab twice and write what it prints to golden/mistakes.json.

    A submission that prints the same is told of that mistake. Left out, and named: mistakes that
    do not run to their end, print other values each time, or print too few. What stood there of
    mistakes that are left out or gone is removed. Refused where CI is set, unless with --check.
    """
    if not check:
        refuse_in_ci(
            "signatures of mistakes are not written",
            remedy="run this on your own machine and commit the result, or give --check",
        )
    lab = chosen_lab(root, lab_id)
    known = _known(lab)
    # As golden records: what everybody is judged by comes from the pinned environment, unless
    # another runner is asked for by name.
    with (
        chosen_runner(request, lab=lab, needs_walls=True) as runner,
        chosen_runner(request, lab=lab, needs_walls=True) as again,
    ):
        made = _signatures(known, lab.limits, runner, again)
    for name, each in made.items():
        if isinstance(each, Unsigned):
            click.echo(f"left out: {name}: {each.reason}")
    fresh = signatures_to_json(each for each in made.values() if not isinstance(each, Unsigned))
    changes = list(_changes(lab, fresh))
    for change in changes:
        click.echo(change)
    click.echo(
        f"{lab.id}: signatures of {len(fresh)} of {counted(len(made), 'mistake')}; "
        f"{counted(len(changes), 'changes', 'change')}"
    )
    if check:
        return ExitCode.FAILED if changes else ExitCode.PASSED
    if changes:
        _write(lab, fresh)
    return ExitCode.PASSED


def _known(lab: Lab) -> tuple[Mistake, ...]:
    known = load_mistakes(lab)
    if not known and signatures_file(lab).exists():
        raise BadDataError(
            f"the mistakes of lab {lab.id} are not here: an installation carries none",
            remedy="run this in a checkout, or name its folder lab with --lab-root",
        )
    return known


def _signatures(
    known: tuple[Mistake, ...], limits: Limits, runner: Runner, again: Runner
) -> dict[str, Signature | Unsigned]:
    made = {}
    with progress(doing="running", noun="mistake") as watcher:
        watcher.begin(total=len(known), before=0)
        for mistake in known:
            made[mistake.id] = fresh.fresh_signature(
                mistake, limits=limits, runner=runner, again=again
            )
            watcher.graded()
    return made


def _changes(lab: Lab, fresh: Mapping[str, object]) -> Iterator[str]:
    """Say what the file would gain and lose, and how it would differ."""
    try:
        kept = read_signatures(lab)
    except BadDataError:  # to make it again is the remedy
        yield f"stale: {signatures_file(lab)}"
        kept = {}
    for name in sorted(kept.keys() - fresh.keys()):
        yield f"stale: {name}"
    for name, each in fresh.items():
        if kept.get(name) != each:
            yield f"{'changed' if name in kept else 'new'}: {name}"


def _write(lab: Lab, fresh: Mapping[str, dict[str, Any]]) -> None:
    if fresh:
        write_golden_file(signatures_file(lab), signatures_text(fresh, lab=lab.id))
    else:
        remove_golden_file(signatures_file(lab))
