"""Command drift: what differs between the numbers of two environments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from verifier.cli.labs import author_labs
from verifier.cli.options import GivenPath, root_option
from verifier.cli.output import write_text
from verifier.cli.progress import progress
from verifier.drift.drift import Status
from verifier.drift.torch_environment import parse_environment
from verifier.errors import BadDataError, ExitCode, UsageError
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.drift.drift import Drift
    from verifier.drift.observation import Observation
    from verifier.drift.torch_environment import TorchEnvironment
    from verifier.golden.golden import Golden
    from verifier.lab.spec import Lab

Format = Literal["text", "json", "markdown", "html", "github"]
_LEAST = {
    "bits": Status.BITS_DIFFER,
    "printed": Status.PRINTED_DIFFERS,
    "tolerance": Status.BEYOND_TOLERANCE,
}
"""By the word of ``--fail-on``."""

_ENVIRONMENT_HELP = (
    "image:NAME, a Docker image with the sandbox server in it, or python:PATH, an interpreter "
    "that has torch."
)

lab_choice = click.option(
    "--lab",
    "lab_ids",
    multiple=True,
    metavar="ID",
    help="Only this lab; may be given again.  [default: all of them, canaries included]",
)
repeat_option = click.option(
    "--repeat",
    type=click.IntRange(1, 100),
    default=2,
    show_default=True,
    help="Runs of each script from each of two starts; what differs among them is noise.",
)
format_option = click.option(
    "--format",
    "format_name",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help="What is written; github: the annotations of a job there.",
)
output_option = click.option(
    "-o", "--output", type=GivenPath(path_type=Path), metavar="FILE", help="Write it there."
)
fail_option = click.option(
    "--fail-on",
    type=click.Choice(list(_LEAST)),
    default="printed",
    show_default=True,
    callback=lambda _context, _parameter, word: _LEAST[word],
    help="The least that exits 1: other bits, other printed text, or text beyond a lab's "
    "tolerance.",
)


@click.group(
    invoke_without_command=True, short_help="What differs between the numbers of two environments?"
)
@click.option("--baseline", metavar="ENV", help=f"What is in use: {_ENVIRONMENT_HELP}")
@click.option("--candidate", metavar="ENV", help="What may take its place, likewise.")
@click.option(
    "--candidate-env",
    multiple=True,
    metavar="KEY=VALUE",
    help="A variable for the candidate, as ATEN_CPU_CAPABILITY=default; may be given again.",
)
@click.option(
    "--baseline-env", multiple=True, metavar="KEY=VALUE", help="The same for the baseline."
)
@lab_choice
@repeat_option
@format_option
@output_option
@fail_option
@root_option
@click.pass_context
def drift(
    context: click.Context,
    *,
    baseline: str | None,
    candidate: str | None,
    candidate_env: Sequence[str],
    baseline_env: Sequence[str],
    lab_ids: Sequence[str],
    repeat: int,
    format_name: Format,
    output: Path | None,
    fail_on: Status,
    root: Path | None,
) -> int:
    """Run all labs and canaries in two environments, and compare what they print.

    Each value is identical, has other bits (bits_differ), other printed text (printed_differs),
    or lies beyond_tolerance; where canaries moved, they say why. What differs between two runs of
    the same environment is noise, and what no longer fits its golden record is stale: neither is
    drift, and both are named. Exits 1 where something is at or above --fail-on, 4 where an
    environment cannot be run, else 0.

    \b
    labcheck drift --baseline python:old/bin/python --candidate python:new/bin/python
    labcheck drift --baseline image:labcheck-runtime --candidate image:labcheck-runtime \\
        --candidate-env ATEN_CPU_CAPABILITY=default
    """  # noqa: D301 - \b is click's mark for a block it must not wrap
    if context.invoked_subcommand is not None:
        return ExitCode.PASSED
    if baseline is None or candidate is None:
        raise UsageError(
            "two environments are compared", remedy="name them with --baseline and --candidate"
        )
    pair = (parse_environment(baseline, baseline_env), parse_environment(candidate, candidate_env))
    labs = author_labs(root)
    before, after = observed(pair, labs=chosen_labs(labs, lab_ids), repeat=repeat)
    found = compared(before, after, labs=labs)
    return tell(found, labs=labs, format_name=format_name, output=output, fail_on=fail_on)


@drift.command(short_help="Keep what the labs print in one environment, to be compared later.")
@click.argument("environment", metavar="ENV")
@click.option("--env", "settings", multiple=True, metavar="KEY=VALUE", help="A variable for it.")
@lab_choice
@repeat_option
@output_option
@root_option
def observe(
    environment: str,
    settings: Sequence[str],
    lab_ids: Sequence[str],
    repeat: int,
    output: Path | None,
    root: Path | None,
) -> int:
    """Run all labs and canaries in ENV and write what they print as JSON.

    ENV is image:NAME or python:PATH. `labcheck drift compare` compares two such files.
    """
    from verifier.drift.observation import observation_text  # noqa: PLC0415 - used only here

    labs = author_labs(root)
    place = parse_environment(environment, settings)
    (found,) = observed((place,), labs=chosen_labs(labs, lab_ids), repeat=repeat)
    write_text(observation_text(found), output)
    return ExitCode.PASSED


@drift.command(name="compare", short_help="Compare two kept observations.")
@click.argument("baseline", type=GivenPath(path_type=Path), metavar="A.json")
@click.argument("candidate", type=GivenPath(path_type=Path), metavar="B.json")
@format_option
@output_option
@fail_option
@root_option
def compare_files(
    *,
    baseline: Path,
    candidate: Path,
    format_name: Format,
    output: Path | None,
    fail_on: Status,
    root: Path | None,
) -> int:
    """Compare what `labcheck drift observe` kept of two environments; nothing is run."""
    from verifier.drift.observation import load_observation  # noqa: PLC0415 - used only here

    labs = author_labs(root)
    found = compared(load_observation(baseline), load_observation(candidate), labs=labs)
    return tell(found, labs=labs, format_name=format_name, output=output, fail_on=fail_on)


def chosen_labs(labs: dict[str, Lab], lab_ids: Sequence[str]) -> list[Lab]:
    """Pick the labs named, or all of them.

    Raises:
        UsageError: There is none of a name.
    """
    unknown = [lab_id for lab_id in lab_ids if lab_id not in labs]
    if unknown:
        raise UsageError(
            f"there is no lab {unknown[0]!r}", remedy=f"choose among {', '.join(labs)}"
        )
    return [lab for lab in labs.values() if not lab_ids or lab.id in lab_ids]


def observed(
    places: Sequence[TorchEnvironment], *, labs: Sequence[Lab], repeat: int
) -> list[Observation]:
    """Observe one environment after the other."""
    from verifier.drift import observe as observing  # noqa: PLC0415 - used only here

    with progress(doing="running", noun="run") as watcher:
        watcher.begin(total=len(places) * observing.run_count(labs, repeat=repeat), before=0)
        return [
            observing.observe(place, labs=labs, repeat=repeat, ran=watcher.graded)
            for place in places
        ]


def compared(before: Observation, after: Observation, *, labs: dict[str, Lab]) -> Drift:
    """Compare two observations.

    Raises:
        BadDataError: One is of a lab that is not here, or they have no script in common.
    """
    from verifier.drift.comparison import compare_observations  # noqa: PLC0415 - used only here

    for script in (*before.scripts, *after.scripts):
        if script.lab not in labs or script.exercise not in labs[script.lab].exercises:
            raise BadDataError(
                f"there is no {printable(f'{script.lab}/{script.exercise}')} here",
                remedy="name the folder of labs with --lab-root, or observe again",
            )
    found = compare_observations(before, after, labs=labs, goldens=goldens_of(labs))
    if not found.scripts:
        raise BadDataError(
            "no script was run in both, so nothing was compared",
            remedy="observe the same labs in both environments",
        )
    return found


def goldens_of(labs: dict[str, Lab]) -> dict[tuple[str, str], Golden]:
    """Read every golden record there is, by lab and exercise."""
    from verifier.golden.golden import load_golden  # noqa: PLC0415 - used only here

    return {
        (lab.id, exercise.id): load_golden(lab=lab.id, exercise=exercise)
        for lab in labs.values()
        for exercise in lab.exercises.values()
        if exercise.golden.exists()
    }


def tell(
    drift: Drift,
    *,
    labs: dict[str, Lab],
    format_name: Format,
    output: Path | None,
    fail_on: Status,
) -> int:
    """Write a drift, and give the exit code."""
    write_text(rendered(drift, format_name, labs=labs, fail_on=fail_on), output)
    return ExitCode.FAILED if drift.fails(fail_on) else ExitCode.PASSED


def rendered(drift: Drift, format_name: Format, *, labs: dict[str, Lab], fail_on: Status) -> str:
    """Write a drift in a format."""
    from verifier.drift.document import drift_json  # noqa: PLC0415 - used only here
    from verifier.drift.text import drift_markdown, drift_text  # noqa: PLC0415 - used only here

    match format_name:
        case "json":
            return drift_json(drift, fail_on=fail_on)
        case "markdown":
            return drift_markdown(drift)
        case "html":
            from verifier.drift.page import drift_page  # noqa: PLC0415 - used only here

            return drift_page((drift,))
        case "github":
            from verifier.drift.annotation import github_drift  # noqa: PLC0415 - used only here

            return github_drift(drift, fail_on=fail_on, files=_files(drift, labs))
        case "text":
            return drift_text(drift)


def _files(drift: Drift, labs: dict[str, Lab]) -> dict[str, str]:
    """Name the file of each script, from here where it lies below."""
    here = Path.cwd()
    found = {}
    for script in drift.scripts:
        path = labs[script.lab].exercise(script.exercise).script.resolve()
        found[script.name] = str(path.relative_to(here) if path.is_relative_to(here) else path)
    return found
