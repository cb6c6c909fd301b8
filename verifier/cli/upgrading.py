"""Commands upgrade and history: from one release of torch to another."""

from __future__ import annotations

import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.drifting import (
    STATUS_OF,
    FailOn,
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
from verifier.cli.options import root_option
from verifier.cli.output import write_text
from verifier.drift.drift import Status, release
from verifier.drift.history import history_table, history_text, load_history, step_of, with_step
from verifier.drift.observation import load_observation, observation_text
from verifier.drift.proposal import propose
from verifier.drift.torch_environment import parse_environment
from verifier.drift.venv import cache_folder, environment_of
from verifier.errors import ExitCode, UsageError
from verifier.lab_spec import load_labs
from verifier.printable import printable
from verifier.resources import history_file, lab_root, pins_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.drift.drift import Drift
    from verifier.drift.torch_environment import TorchEnvironment
    from verifier.lab_spec import Lab

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
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where environments are kept.  [default: ~/.cache/labcheck/torch]",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
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
    fail_on: FailOn,
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
    labs = load_labs(lab_root(root))
    chosen = chosen_labs(labs, lab_ids)
    if from_env is None:
        from_version = from_version or _pinned()
    before = _environment(from_version, from_env, cache, option="--from")
    after = _environment(to_version, to_env, cache, option="--to")
    folder = results or Path(f"upgrade-{from_version or 'env'}-{to_version or 'env'}")
    baseline, candidate = observed((before, after), labs=chosen, repeat=repeat)
    found = compared(baseline, candidate, labs=labs)
    _write(found, folder, labs=labs, fail_on=fail_on)
    _propose(found, after, labs=labs, folder=folder / "golden")
    click.echo(rendered(found, "text", labs=labs, fail_on=fail_on), nl=False)
    click.echo(f"\nresults: {printable(str(folder))}")
    return ExitCode.FAILED if found.fails(Status(STATUS_OF[fail_on])) else ExitCode.PASSED


def _pinned() -> str:
    pins = tomllib.loads(pins_file().read_text(encoding="utf-8"))
    return release(pins["wheels"]["torch"])


def _environment(
    version: str | None, named: str | None, cache: Path | None, *, option: str
) -> TorchEnvironment:
    if (version is None) == (named is None):
        raise UsageError(
            f"one of {option} and {option}-env is needed",
            remedy=f"write {option} VERSION, or {option}-env python:PATH",
        )
    if named is not None:
        return parse_environment(named)

    def say(message: str) -> None:
        click.echo(message, err=True)

    return environment_of(version or "", cache=cache or cache_folder(), say=say)


def _write(drift: Drift, folder: Path, *, labs: dict[str, Lab], fail_on: FailOn) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}", remedy="name another with --results"
        ) from error
    write_text(observation_text(drift.baseline), folder / "baseline.json")
    write_text(observation_text(drift.candidate), folder / "candidate.json")
    for format_name, name in _FILES.items():
        write_text(rendered(drift, format_name, labs=labs, fail_on=fail_on), folder / name)


def _propose(drift: Drift, where: TorchEnvironment, *, labs: dict[str, Lab], folder: Path) -> None:
    """Write the golden records that the candidate would give; none where nothing moved in print."""
    if folder.exists():
        shutil.rmtree(folder)  # of an earlier comparison
    told = []
    for proposal in propose(drift, where, labs=labs, goldens=goldens_of(labs)):
        path = folder / proposal.lab / f"{proposal.exercise}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(proposal.text, path)
        told += [f"## {proposal.lab}/{proposal.exercise}", ""]
        told += [
            f"- {change.name}: {_cell(change.old)} → {_cell(change.new)}"
            for change in proposal.changes
        ]
        told.append("")
    if told:
        causes = [f"- {cause}" for cause in drift.causes]
        write_text("\n".join(["# Proposed", "", *causes, "", *told]), folder / "CHANGES.md")


def _cell(text: str | None) -> str:
    return "(none)" if text is None else f"`{printable(text)}`"


@click.command(short_help="What moved from one release of torch to the next, a line a step.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The history.  [default: docker/torch-history.jsonl]",
)
@click.option(
    "--add",
    "added",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="A.json B.json",
    help="Compare two kept observations, and keep the step between them.",
)
@click.option(
    "--format", "format_name", type=click.Choice(["markdown", "json"]), default="markdown"
)
@root_option
def history(
    path: Path | None, added: tuple[Path, Path] | None, format_name: str, root: Path | None
) -> int:
    """Print the steps between releases of torch, or keep another one.

    The observations are those of `labcheck drift observe`, or of a folder that `labcheck upgrade`
    wrote; both must be of one machine, with the same variables.
    """
    path = path or history_file()
    steps = load_history(path)
    if added is not None:
        labs = load_labs(lab_root(root))
        found = compared(*map(load_observation, added), labs=labs)
        step = step_of(found, date=datetime.now(tz=UTC).date().isoformat())
        steps = with_step(steps, step)
        write_text(history_text(steps), path)
        steps = (step,)
    click.echo(history_text(steps) if format_name == "json" else history_table(steps), nl=False)
    return ExitCode.PASSED
