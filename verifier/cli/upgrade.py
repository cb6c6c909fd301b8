"""Command upgrade: may the torch pin be raised?"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.drift import (
    Format,
    chosen_labs,
    compared,
    fail_option,
    goldens_of,
    lab_choice,
    observed,
    rendered,
    repeat_option,
)
from verifier.cli.labs import author_labs
from verifier.cli.options import GivenPath, root_option
from verifier.cli.output import write_text
from verifier.drift.observation import observation_text
from verifier.drift.proposal import Proposal, Unproposed, propose
from verifier.drift.release import release_of
from verifier.drift.torch_environment import parse_environment
from verifier.drift.venv import cache_folder, checked_version, environment_of
from verifier.errors import ExitCode, UsageError
from verifier.files import open_folder
from verifier.printable import printable
from verifier.report.markdown import escaped
from verifier.resources import lab_root, pins_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.drift.drift import Drift, Status
    from verifier.drift.torch_environment import TorchEnvironment
    from verifier.lab.spec import Lab

_GOLDEN = "golden"
_CHANGES = "CHANGES.md"
"""Stands in every folder of proposals."""
_FILES: dict[Format, str] = {
    "json": "drift.json",
    "text": "drift.txt",
    "markdown": "drift.md",
    "html": "drift.html",
    "github": "annotations.txt",
}


@click.command(short_help="May the torch pin be raised? Build both, compare, propose goldens.")
@click.option("--to", "to_version", metavar="VERSION", help="The release to go to, as 2.14.1.")
@click.option(
    "--from", "from_version", metavar="VERSION", help="The release in use.  [default: the pin]"
)
@click.option("--to-env", metavar="ENV", help="Take this environment instead of making one.")
@click.option("--from-env", metavar="ENV", help="The same for the release in use.")
@click.option(
    "--cache",
    type=GivenPath(path_type=Path),
    metavar="FOLDER",
    help="Where environments are kept.  [default: ~/.cache/labcheck/torch]",
)
@click.option(
    "--results",
    type=GivenPath(path_type=Path),
    metavar="FOLDER",
    help="Where everything is written.  [default: upgrade-FROM-TO here]",
)
@lab_choice
@repeat_option
@fail_option
@root_option
def upgrade(
    *,
    to_version: str | None,
    from_version: str | None,
    to_env: str | None,
    from_env: str | None,
    cache: Path | None,
    results: Path | None,
    lab_ids: Sequence[str],
    repeat: int,
    fail_on: Status,
    root: Path | None,
) -> int:
    """Compare the pinned torch with another release, and say whether the pin may be raised.

    Environments are made with pip once and kept. The folder of results gets what both printed
    (baseline.json, candidate.json), the drift (drift.json, .txt, .md, .html; annotations.txt for a
    job on GitHub), and under golden/ the records that the candidate would give, with old → new and
    the cause in golden/CHANGES.md. Nothing is put in place: to accept them, raise the pin, build
    the images and run `labcheck golden update`. Exits 0, 1 where something is at or above
    --fail-on, 4 where an environment cannot be made or run.
    """
    home = lab_root(root)
    labs = author_labs(root)
    chosen = chosen_labs(labs, lab_ids)
    if from_env is None:
        from_version = from_version or _pinned()
    old = _wanted(from_version, from_env, option="--from")
    new = _wanted(to_version, to_env, option="--to")
    folder = results or Path(f"upgrade-{from_version or 'env'}-{to_version or 'env'}")
    _prepare(folder, home=home)
    before, after = (_environment(each, cache or cache_folder()) for each in (old, new))
    baseline, candidate = observed((before, after), labs=chosen, repeat=repeat)
    found = compared(baseline, candidate, labs=labs)
    _write(found, folder, labs=labs, fail_on=fail_on)
    _propose(found, after, labs=labs, folder=folder / _GOLDEN)
    click.echo(rendered(found, "text", labs=labs, fail_on=fail_on), nl=False)
    click.echo(f"\nresults: {printable(str(folder))}")
    return ExitCode.FAILED if found.fails(fail_on) else ExitCode.PASSED


def _pinned() -> str:
    pins = tomllib.loads(pins_file().read_text(encoding="utf-8"))
    return release_of(pins["wheels"]["torch"])


def _wanted(version: str | None, named: str | None, *, option: str) -> TorchEnvironment | str:
    """Give the environment that was named, or the version to make one of; nothing is made yet."""
    if named is not None and version is None:
        return parse_environment(named)
    if version is not None and named is None:
        return checked_version(version)
    raise UsageError(
        f"one of {option} and {option}-env is needed",
        remedy=f"write {option} VERSION, or {option}-env python:PATH",
    )


def _environment(wanted: TorchEnvironment | str, cache: Path) -> TorchEnvironment:
    def say(message: str) -> None:
        click.echo(message, err=True)

    if isinstance(wanted, str):
        return environment_of(wanted, cache=cache, say=say)
    return wanted


def _prepare(folder: Path, *, home: Path) -> None:
    """Make the folder of results, before anything that takes long; nothing in it is lost.

    Raises:
        UsageError: It cannot be made, lies among the labs, or holds what is no proposal of ours.
    """
    if folder.resolve().is_relative_to(home.resolve()):
        raise UsageError(
            f"{printable(str(folder))} lies among the labs, whose goldens stay as they are",
            remedy="name another folder with --results",
        )
    proposed = folder / _GOLDEN
    try:
        os.close(open_folder(folder, make=True))
        strange = proposed.exists() and not (proposed / _CHANGES).exists()
        if strange and any(proposed.iterdir()):
            raise UsageError(
                f"{printable(str(proposed))} holds something else than an earlier proposal",
                remedy="name another folder with --results",
            )
    except OSError as error:
        raise UsageError(
            f"{printable(str(folder))} cannot be made: {error.strerror}",
            remedy="name another folder with --results",
        ) from error


def _write(drift: Drift, folder: Path, *, labs: dict[str, Lab], fail_on: Status) -> None:
    write_text(observation_text(drift.baseline), folder / "baseline.json")
    write_text(observation_text(drift.candidate), folder / "candidate.json")
    for format_name, name in _FILES.items():
        write_text(rendered(drift, format_name, labs=labs, fail_on=fail_on), folder / name)


def _propose(drift: Drift, where: TorchEnvironment, *, labs: dict[str, Lab], folder: Path) -> None:
    """Write the golden records that the candidate would give; none where nothing moved in print."""
    if folder.exists():
        shutil.rmtree(folder)  # of an earlier comparison, as `_prepare` saw
    told = ["# Proposed", "", *(f"- {escaped(cause)}" for cause in drift.causes), ""]
    for proposal in propose(drift, where, labs=labs, goldens=goldens_of(labs)):
        folder.mkdir(exist_ok=True)
        told += [f"## {proposal.lab}/{proposal.exercise}", "", *_told(proposal), ""]
        write_text("\n".join(told), folder / _CHANGES)
        if isinstance(proposal, Proposal):
            path = folder / proposal.lab / f"{proposal.exercise}.json"
            path.parent.mkdir(exist_ok=True)
            write_text(proposal.text, path)


def _told(proposal: Proposal | Unproposed) -> list[str]:
    if isinstance(proposal, Unproposed):
        return [f"- not proposed: {escaped(proposal.reason)}"]
    return [
        f"- {escaped(change.name)}: {_value(change.old)} → {_value(change.new)}"
        for change in proposal.changes
    ]


def _value(text: str | None) -> str:
    return "(none)" if text is None else escaped(text)
