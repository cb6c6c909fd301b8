"""Scripts that stand on a lab's page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from verifier.errors import BadDataError
from verifier.files import read_regular
from verifier.lesson.chain import gone_on_from
from verifier.lesson.folder import Place, read_page
from verifier.printable import counted, printable
from verifier.schema import MAX_BYTES
from verifier.submission import read_stream
from verifier.toml import line_of, lines_of_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.lab.manifest import Source
    from verifier.lab.spec import Exercise
    from verifier.lesson.page import Script
    from verifier.submission import Submission


def script_of(source: Source) -> Submission:
    """Read a script of a page, with those that it goes on from.

    Raises:
        BadDataError: The page has no such script, or it cannot be run.
    """
    name = printable(f"{source.page.name}#{source.number}")
    page = read_page(Place(base=source.page))
    if len(page.scripts) < source.number:
        noted = f"; {page.notes[0].message}" if page.notes else ""
        has = f"{name}: the page has {counted(len(page.scripts), 'script')}{noted}"
        raise BadDataError(
            f"{_where_it_is_said(source)}: {has}",
            remedy="name one of them: page.md#2 is the second"
            if page.scripts
            else "a script is a fence of python",
        )
    blocks = _chain(page.scripts[: source.number])
    text = "\n".join(each.text.rstrip("\n") for each in blocks)
    script = read_stream(io.BytesIO(f"{text}\n".encode()), name=name)
    if not script.gradable:
        raise BadDataError(
            f"{name} cannot be run: {script.refusals[0].message}", remedy="mend the page"
        )
    return script


def _chain(scripts: Sequence[Script]) -> tuple[Script, ...]:
    """Give the last of several scripts, behind those that it goes on from."""
    *above, block = scripts
    return (*(gone_on_from(block, above) if block.continues else ()), block)


def blocks_above(source: Source) -> int:
    """Count the blocks that a page's script, which is there, goes on from."""
    page = read_page(Place(base=source.page))
    return len(_chain(page.scripts[: source.number])) - 1


def _where_it_is_said(source: Source) -> str:
    manifest = read_regular(source.manifest, limit_bytes=MAX_BYTES).decode(errors="replace")
    line = line_of(source.said_at, lines_of_keys(manifest))
    return f"{printable(str(source.manifest))}: line {line}"


def reference_of(exercise: Exercise) -> Submission | None:
    """Read an exercise's script from its page; None where it has a file of its own."""
    return None if exercise.source is None else script_of(exercise.source)


def see_that_page_has_it(exercise: Exercise) -> None:
    """See that the page, if it is there, has the script that the manifest names.

    Raises:
        BadDataError: It has fewer.
    """
    if exercise.source is not None and exercise.source.page.exists():
        script_of(exercise.source)


def see_that_page_is_kept(exercise: Exercise) -> None:
    """See that the page still shows the script that the golden was made from.

    Raises:
        BadDataError: It shows another, or none was kept.
    """
    if exercise.source is None or not exercise.source.page.exists():
        return
    try:
        kept = read_regular(exercise.script, limit_bytes=MAX_BYTES)
    except FileNotFoundError:
        return  # whoever reads it says so
    if kept != script_of(exercise.source).source:
        raise BadDataError(
            f"{printable(str(exercise.source.page))} shows another script than the one that the "
            "golden was made from",
            remedy="run `labcheck golden update --reason …`",
        )
