"""Command lesson: do the pages of a course still print what they show?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never, get_args

import click

from verifier.cli.course import checked_pages
from verifier.cli.options import GivenPath
from verifier.cli.output import parse_outputs, write_text
from verifier.errors import ExitCode
from verifier.golden.write import refuse_in_ci
from verifier.lesson.folder import find_pages, read_page
from verifier.lesson.report import pages_github, pages_json, pages_junit, pages_text
from verifier.lesson.update import is_to_update, update_page
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.cli.options import RunnerChoice
    from verifier.lesson.folder import Place
    from verifier.lesson.page import Page
    from verifier.lesson.report import Checked

Format = Literal["text", "json", "junit", "github"]
FileFormat = Literal[Format, "html"]
_FILE_FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)


@click.group(short_help="Do the pages of a course still print what they show?")
def lesson() -> None:
    """Check the pages of a course: Markdown, MDX, MyST and notebooks."""


@lesson.command()
@click.argument(
    "pages",
    nargs=-1,
    required=True,
    metavar="PAGE|FOLDER…",
    type=GivenPath(path_type=Path, readable=False),
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help="What is written; json: one line a page; github: the annotations of a job there.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=lambda _context, _parameter, given: parse_outputs(given, _FILE_FORMATS),
    help="Also write a file, in one of these formats or as html: a page of the whole course, with "
    "what drifted, and since when by the page that it replaces. May be given again.",
)
@click.option("--diff", is_flag=True, help="Show in the text, line by line, what differs.")
@click.option(
    "--update",
    is_flag=True,
    help="Show what differs, and write what two runs print alike into the pages; not in CI.",
)
@click.option(
    "--runner",
    "runner_name",
    type=click.Choice(["auto", "container", "sandbox"]),
    default="auto",
    show_default=True,
    help="Where the scripts run: in the pinned container, or in a walled child process.",
)
@click.option(
    "--no-cache",
    "is_cached",
    flag_value=False,
    default=True,
    type=bool,
    help="Run all scripts, also those that printed in the last seven days what the page shows.",
)
def check(
    pages: Sequence[Path],
    *,
    format_name: Format,
    diff: bool,
    update: bool,
    runner_name: RunnerChoice,
    is_cached: bool,
    outputs: Sequence[tuple[FileFormat, Path]],
) -> int:
    """Run each script of the pages, and compare what it prints with the output shown below it.

    \b
    An output block belongs to the script above it where the page says so, in words such as
    "Expected output", or where it follows at once. Whatever is left out is noted, with the reason.
    same               to the character
    within_tolerance   but for one unit of a number's last digit
    differs            --diff shows how; the reason is given where more runs tell it
    needs_block_above  right only after the blocks above it, and the page does not say so
    needs_package      it imports what is not in the image
    machine_dependent  the page calls its output an example
    no_output          none is shown: it is not run
    skipped            a mark says so, or only a part of the output is shown

    \b
    Marks are comments above a block, <!-- labcheck: skip --> or {/* labcheck: skip */}:
    skip, continues, example, ignore REGEX, needs PACKAGE

    A block that is the same is not run again for seven days, unless script, page or image change.

    Exits 1 where a block differs or needs the block above, and was not updated, else 0.
    """  # noqa: D301 - \b is click's mark for a block it must not wrap
    if update:
        refuse_in_ci("pages are not updated", remedy="do it on your own machine, and commit it")
    found = [(place, read_page(place)) for place in find_pages(pages)]
    named_pages = [(str(place.path), page) for place, page in found]
    checked = checked_pages(named_pages, runner_name, is_cached=is_cached)
    for named, path in ((format_name, None), *outputs):
        write_text(_written(named, checked, diff=diff, path=path), path)
    if update:
        checked = [_updated(*read, was) for read, was in zip(found, checked, strict=True)]
    return ExitCode.PASSED if all(page.is_true for page in checked) else ExitCode.FAILED


def _written(
    format_name: FileFormat, checked: Sequence[Checked], *, diff: bool, path: Path | None
) -> str:
    match format_name:
        case "text":
            return pages_text(checked, diff=diff)
        case "json":
            return pages_json(checked)
        case "junit":
            return pages_junit(checked)
        case "github":
            return pages_github(checked)
        case "html":
            from verifier.lesson.course import course_page, read_history  # noqa: PLC0415 - jinja

            today = datetime.now(tz=UTC).date().isoformat()
            former = read_history(path) if path else {}
            return course_page(checked, former=former, today=today)
        case _:
            assert_never(format_name)


def _updated(place: Place, page: Page, checked: Checked) -> Checked:
    """Rewrite what differs on a page, once it is shown; give what is left to mend."""
    stale = [verdict for verdict in checked.verdicts if is_to_update(verdict)]
    if not stale:
        return checked
    path = printable(checked.path, limit=1000)
    for verdict in stale:
        click.echo(f"{path}: block {verdict.script.index}", err=True)
        click.echo("".join(f"  {line}\n" for line in verdict.diff), err=True, nl=False)
    try:
        update_page(place, page, checked.verdicts)
    except ValueError as error:
        click.echo(f"{path}: not updated: {error}", err=True)
        return checked
    except OSError as error:
        click.echo(f"{path}: not updated: {printable(error.strerror or str(error))}", err=True)
        return checked
    click.echo(f"{path}: updated", err=True)
    left = tuple(verdict for verdict in checked.verdicts if not is_to_update(verdict))
    return replace(checked, verdicts=left)
