"""Command explain: what the lesson has to say about a diagnosis or a stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.labs import chosen_lesson
from verifier.cli.options import GivenPath, root_option
from verifier.errors import ExitCode, UsageError
from verifier.schema import validate

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command(short_help="Explain a diagnosis or a stage, with the lesson's step and picture.")
@click.argument("name", metavar="DIAGNOSIS|STAGE")
@root_option
@click.option("--lab", "lab_id", metavar="ID", help="Which lab.  [default: the only lesson]")
@click.option(
    "--report",
    "report",
    type=GivenPath(path_type=Path),
    metavar="FILE",
    help="A report that `labcheck grade --format json` wrote: shows the learner's own steps too.",
)
def explain(name: str, root: Path | None, lab_id: str | None, report: Path | None) -> int:
    """Print the lesson's step, its row in the table of symptoms, and the order of a step.

    A report names its diagnoses under "diagnoses", and the stage to start with as "start_here".
    """
    from verifier.diagnosis.explain import explain as explained  # noqa: PLC0415 - used only here
    from verifier.lab.catalogue import load_catalogue  # noqa: PLC0415 - used only here

    evidence = () if report is None else tuple(_evidence(_read(report)))
    lab = chosen_lesson(root, lab_id)
    click.echo(explained(name, load_catalogue(lab), evidence=evidence), nl=False)
    return ExitCode.PASSED


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
