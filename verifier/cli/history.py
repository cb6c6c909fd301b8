"""Command history: what moved from one release of torch to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from verifier.cli.drift import compared
from verifier.cli.labs import author_labs
from verifier.cli.options import GivenPath, root_option
from verifier.cli.output import write_text
from verifier.drift.history import history_table, history_text, load_history, step_of, with_step
from verifier.drift.observation import load_observation
from verifier.errors import ExitCode
from verifier.resources import history_file


@click.command(short_help="What moved from one release of torch to the next, a line a step.")
@click.option(
    "--file",
    "path",
    type=GivenPath(path_type=Path),
    metavar="FILE",
    help="The history.  [default: docker/torch-history.jsonl]",
)
@click.option(
    "--add",
    "added",
    nargs=2,
    type=GivenPath(path_type=Path),
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
        labs = author_labs(root)
        found = compared(*map(load_observation, added), labs=labs)
        step = step_of(found, date=datetime.now(tz=UTC).date().isoformat())
        steps = with_step(steps, step)
        write_text(history_text(steps), path)
        steps = (step,)
    click.echo(history_text(steps) if format_name == "json" else history_table(steps), nl=False)
    return ExitCode.PASSED
