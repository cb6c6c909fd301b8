"""``labcheck golden mistakes``: what the known mistakes print, written down for the diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from verifier import authoring
from verifier.authoring import Unsigned
from verifier.cli.options import chosen_lab, chosen_runner, lab_option, runner_option
from verifier.cli.progress import progress
from verifier.diagnosis.signature import signature_folder, signature_text
from verifier.errors import ExitCode
from verifier.golden.write import refuse_in_ci, remove_golden_file, write_golden_file
from verifier.lab.mistake import load_mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from verifier.cli.options import RunnerRequest
    from verifier.diagnosis.signature import Signature
    from verifier.lab.spec import Lab
    from verifier.run.interface import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One file that is not as it should be."""

    path: Path
    text: str | None
    """What it should hold; None for a file that should not be there."""
    word: str


@click.command(short_help="Write down what the known mistakes print.")
@lab_option
@runner_option
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
def mistakes(root: Path | None, lab_id: str | None, request: RunnerRequest, *, check: bool) -> int:
    """Run every mistake of a lab twice and write what it prints to golden/mistakes/.

    A submission that prints the same is told of that mistake. Left out, and named: mistakes that
    do not run to their end, print other values each time, or print too few. Files of mistakes that
    are left out or gone are removed. Refused where CI is set, unless with --check.
    """
    if not check:
        refuse_in_ci(
            "signatures of mistakes are not written",
            remedy="run this on your own machine and commit the result, or give --check",
        )
    lab = chosen_lab(root, lab_id)
    # As golden records: what everybody is judged by comes from the pinned environment, unless
    # another runner is asked for by name.
    with (
        chosen_runner(request, lab=lab, needs_walls=True) as runner,
        chosen_runner(request, lab=lab, needs_walls=True) as again,
    ):
        made = _signatures(lab, runner, again)
    for name, each in made.items():
        if isinstance(each, Unsigned):
            click.echo(f"left out: {name}: {each.reason}")
    changes = _changes(lab, made)
    for change in changes:
        click.echo(f"{change.word}: {change.path}")
    kept = sum(not isinstance(each, Unsigned) for each in made.values())
    click.echo(f"{lab.id}: {kept} of {len(made)} mistakes have a signature; {len(changes)} change")
    if check:
        return ExitCode.FAILED if changes else ExitCode.PASSED
    for change in changes:
        _apply(change)
    return ExitCode.PASSED


def _signatures(lab: Lab, runner: Runner, again: Runner) -> dict[str, Signature | Unsigned]:
    known = load_mistakes(lab)
    made = {}
    with progress(doing="running", noun="mistake") as watcher:
        watcher.begin(total=len(known), before=0)
        for mistake in known:
            made[mistake.id] = authoring.fresh_signature(
                mistake, limits=lab.limits, runner=runner, again=again
            )
            watcher.graded()
    return made


def _changes(lab: Lab, made: Mapping[str, Signature | Unsigned]) -> list[_Change]:
    folder = signature_folder(lab)
    wanted = {
        folder / f"{name}.json": signature_text(each, lab=lab.id)
        for name, each in made.items()
        if not isinstance(each, Unsigned)
    }
    found = {path: path.read_bytes() for path in sorted(folder.glob("*.json"))}
    stale = [_Change(path=path, text=None, word="stale") for path in found if path not in wanted]
    return stale + [
        _Change(path=path, text=text, word="changed" if path in found else "new")
        for path, text in wanted.items()
        if found.get(path) != text.encode()
    ]


def _apply(change: _Change) -> None:
    if change.text is None:
        remove_golden_file(change.path)
    else:
        write_golden_file(change.path, change.text)
