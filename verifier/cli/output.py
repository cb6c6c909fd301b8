"""The output of a command: reports on standard output and in the files that were named."""

from __future__ import annotations

import errno
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import click

from verifier.cli.options import bundled
from verifier.errors import ExitCode, UsageError
from verifier.files import refuse_other_than_file, write_file
from verifier.lab.feedback import Feedback
from verifier.printable import printable
from verifier.report.github import github_reports
from verifier.report.json import json_reports
from verifier.report.markdown import markdown_reports
from verifier.report.report import Verdict, report_to_json
from verifier.report.text import text_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from verifier.report.fault import Fault
    from verifier.report.report import Report

Format = Literal["text", "json", "junit", "github", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)

_Named = TypeVar("_Named", bound=str)
_Command = TypeVar("_Command", bound="Callable[..., object]")

_STREAM = re.compile(r"/dev/(stdout|stderr|null|tty|fd/[0-9]+)", re.ASCII)
"""What a shell's user names on purpose, and no repository can bring."""

_EXIT_CODES = {
    Verdict.PASSED: ExitCode.PASSED,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.NOT_GRADABLE: ExitCode.NOT_GRADABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What a command's reports are written as, and where."""

    format_name: Format
    """Of standard output."""
    outputs: tuple[tuple[Format, Path], ...]
    """Files that get one too."""


def output_options(command: _Command) -> _Command:
    """Add ``--format`` and ``-o``, as `Outputs`."""
    command = bundled(command, into=Outputs, name="out")
    for option in (
        click.option(
            "-o",
            "--output",
            "outputs",
            multiple=True,
            metavar="FORMAT=PATH",
            callback=_parse_outputs,
            help="Also write a report to a file; may be given again.",
        ),
        click.option(
            "--format",
            "format_name",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="What standard output gets; json is one object a report, github the annotations "
            "of a job there, markdown its summary.",
        ),
    ):
        command = option(command)
    return command


def feedback_option(command: _Command) -> _Command:
    """Add ``--feedback``; None where it is not given, and the lab or the use decides."""
    return click.option(
        "--feedback",
        type=click.Choice([each.value for each in Feedback]),
        callback=lambda _context, _parameter, given: given and Feedback(given),
        help="What is told: everything; which checks passed and where to look, without golden "
        "numbers; or the verdict alone.  [default: the lab's; else full, but no-values for a "
        "class where no page publishes the numbers]",
    )(command)


def _parse_outputs(
    _context: click.Context, _parameter: click.Parameter, given: Sequence[str]
) -> tuple[tuple[Format, Path], ...]:
    return parse_outputs(given, FORMATS)


def parse_outputs(
    given: Sequence[str], formats: Sequence[_Named]
) -> tuple[tuple[_Named, Path], ...]:
    """Split every ``FORMAT=PATH``, before any work is done.

    Raises:
        UsageError: One is not of that form.
    """
    parsed: list[tuple[_Named, Path]] = []
    for destination in given:
        word, _, path = destination.partition("=")
        named = next((each for each in formats if each == word), None)
        if named is None or not path:
            raise UsageError(
                f"-o {destination!r} is not FORMAT=PATH",
                remedy=f"FORMAT is one of {', '.join(formats)}",
            )
        if "\0" in path:
            raise UsageError("a path holds a NUL", remedy="name another path after -o")
        parsed.append((named, Path(path)))
        _refuse_planted(parsed[-1][1])
    return tuple(parsed)


def _refuse_planted(path: Path) -> None:
    """Refuse a name that leads elsewhere before anything is graded.

    Raises:
        UsageError: A link, a pipe or a folder stands under that name.
    """
    try:
        if not _STREAM.fullmatch(str(path)):
            refuse_other_than_file(path)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unwritable(path, error) from error


def tell_fault(fault: Fault | None) -> None:
    """Say aloud, on standard error, that labcheck failed on the submission, and where."""
    if fault is None:
        return
    click.echo(fault.traceback, nl=False, err=True)
    click.echo(
        f"labcheck: this is a fault in labcheck, reference {fault.reference}: {fault.summary}\n"
        "  → please report the lines above; the submission is not to blame",
        err=True,
    )


def tell_reports(reports: Sequence[Report], out: Outputs) -> int:
    """Write reports to standard output, then to the files named; give the exit code.

    Raises:
        UsageError: A file cannot be written; standard output has the reports all the same.
    """
    write_text(_render(reports, out.format_name), None)
    for named, path in out.outputs:
        write_text(_render(reports, named), path)
    return max(_EXIT_CODES[report.verdict] for report in reports)


def write_text(text: str, path: Path | None) -> None:
    """Write a text to a file, or to standard output, where it may keep its colours.

    Raises:
        UsageError: The file cannot be written.
    """
    if path is None:
        colour = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        click.echo(text, nl=False, color=colour)
        return
    content = click.unstyle(text).encode("utf-8")
    try:
        if _STREAM.fullmatch(str(path)):
            path.write_bytes(content)
        else:
            write_file(path, content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    remedy = "name another path after -o"
    if error.errno == errno.ELOOP:
        remedy += ": links are not followed, and a pipe is given as /dev/fd/N or /dev/stdout"
    why = printable(error.strerror or str(error))
    return UsageError(f"{printable(str(path))} cannot be written: {why}", remedy=remedy)


def _render(reports: Sequence[Report], format_name: Format) -> str:
    match format_name:
        case "text":
            return text_reports(reports)
        case "json":
            return json_reports(map(report_to_json, reports))
        case "junit":
            from verifier.report.junit import junit_reports  # noqa: PLC0415 - a slow import

            return junit_reports(reports)
        case "github":
            return github_reports(map(report_to_json, reports))
        case "markdown":
            return markdown_reports(map(report_to_json, reports))
