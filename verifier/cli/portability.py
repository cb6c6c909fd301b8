"""Command portability: which printed numbers are safe to publish, and with how many decimals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from verifier.cli.drift import chosen_labs, lab_choice, observed, output_option
from verifier.cli.labs import author_labs
from verifier.cli.options import root_option
from verifier.cli.output import write_text
from verifier.drift.portability import CPU_SETTINGS, profile
from verifier.drift.torch_environment import parse_environment
from verifier.errors import ExitCode
from verifier.printable import counted, printable
from verifier.schema import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from verifier.drift.portability import Portable, ScriptPortability


@click.command(short_help="Which printed numbers are safe to publish, with how many decimals?")
@click.option(
    "--environment",
    metavar="ENV",
    help="image:NAME or python:PATH.  [default: the Python that labcheck runs in]",
)
@click.option(
    "--repeat", type=click.IntRange(1, 100), default=1, show_default=True, help="Runs a start."
)
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text")
@lab_choice
@output_option
@root_option
def portability(
    *,
    environment: str | None,
    repeat: int,
    format_name: Literal["text", "json"],
    lab_ids: Sequence[str],
    output: Path | None,
    root: Path | None,
) -> int:
    """Run the labs under several settings of the CPU, and say which digits are the same in all.

    A value that prints otherwise under one of them, that shows more digits than float32 carries
    there, or that lies on a rounding tie is named with the decimals it could safely show. Exits 1
    where a lesson has one, or does not run under one of the settings. A canary is there to move:
    its values are listed where it alone is asked for with --lab, and in JSON.
    """
    labs = author_labs(root)
    place = parse_environment(environment or f"python:{sys.executable}")
    places = [place.under(settings) for settings in CPU_SETTINGS]
    found = profile(observed(places, labs=chosen_labs(labs, lab_ids), repeat=repeat), labs=labs)
    if format_name == "json":
        text = strict_json([_document(script) for script in found]) + "\n"
    else:
        text = "\n".join([*_lines(found), ""])
    write_text(text, output)
    unsafe = any(not each.safe for each in found if not each.is_canary)
    return ExitCode.FAILED if unsafe else ExitCode.PASSED


def _lines(found: Sequence[ScriptPortability]) -> Iterator[str]:
    names = [" ".join(f"{k}={v}" for k, v in each.items()) or "as it is" for each in CPU_SETTINGS]
    yield f"settings: {'; '.join(names)}"
    for script in found:
        unsafe = [value for value in script.values if not value.safe]
        yield f"{script.name}: {len(script.values) - len(unsafe)} of {len(script.values)} safe"
        for name in script.failures:
            yield f"  did not run to its end: {printable(name)}"
        for value in () if script.is_canary and len(found) > 1 else unsafe:
            yield f"  {value.name}: {_advice(value)} ({'; '.join(value.reasons)})"


def _advice(value: Portable) -> str:
    if value.safe_decimals is None:
        return "not safe with any number of decimals"
    if value.safe_decimals == 0:
        return f"safe without decimals, not with {value.decimals}"
    return f"safe with {value.safe_decimals} of its {counted(value.decimals, 'decimal')}"


def _document(script: ScriptPortability) -> dict[str, Any]:
    return {
        "lab": script.lab,
        "exercise": script.exercise,
        "canary": script.is_canary,
        "safe": script.safe,
        "failures": list(script.failures),
        "values": [
            {
                "name": value.name,
                "texts": list(value.texts),
                "decimals": value.decimals,
                "safe_decimals": value.safe_decimals,
                "safe": value.safe,
                "reasons": list(value.reasons),
            }
            for value in script.values
        ],
    }
