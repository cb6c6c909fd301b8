"""Output blocks that differ, rewritten in their page with what is printed now.

Only lines of these blocks change, and a fence that has to be longer; everything else of the page
stays to the byte. What would be read as another page than before is not written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.files import replace_file
from verifier.lesson.block import MAX_PAGE_BYTES
from verifier.lesson.comparison import compared, lines_of
from verifier.lesson.folder import page_bytes, parse_page
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.lesson.folder import Place
    from verifier.lesson.page import Output, Page, Script
    from verifier.lesson.verdict import Verdict

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_PREFIX = re.compile(r"[ \t>]*")
_FENCE = re.compile(r"(`{3,}|~{3,})")


def is_to_update(verdict: Verdict) -> bool:
    """Tell whether a block is rewritten: it differs, and two runs printed the same."""
    return verdict.status in ("differs", "within_tolerance") and bool(verdict.printed)


def update_page(place: Place, page: Page, verdicts: Sequence[Verdict]) -> None:
    """Rewrite the blocks of a page that are to be updated, all or none.

    Args:
        place: Where it lies.
        page: As it was read when its scripts were run.
        verdicts: Of its scripts.
    Raises:
        ValueError: It has changed since, or it cannot show what is printed; the text says why.
        OSError: It cannot be read or written, or is a link, or a link is on the way.
    """
    if page.is_notebook:
        raise ValueError("the cells of a notebook are not rewritten: run it, and save it")
    content = page_bytes(place)
    if parse_page(content, place.path.name) != page:
        raise ValueError("it has changed since its scripts were run: check it again")
    new = rewritten(content, page, verdicts, name=place.path.name)
    if page_bytes(place) != content:
        raise ValueError("it has changed since its scripts were run: check it again")
    replace_file(place.path, [new])


def rewritten(content: bytes, page: Page, verdicts: Sequence[Verdict], *, name: str) -> bytes:
    """Give a page with the blocks that are to be updated as they are printed.

    Args:
        content: Of the page.
        page: What was read of it.
        verdicts: Of its scripts.
        name: Of the page: how it ends says how it is read.
    Raises:
        ValueError: A block cannot show what is printed.
    """
    least = sum(len(verdict.printed) for verdict in verdicts if is_to_update(verdict))
    if least > MAX_PAGE_BYTES:
        raise ValueError(f"it would be longer than {MAX_PAGE_BYTES} bytes")
    lines = _LINE.findall(content.decode("utf-8"))  # the last one is empty
    for verdict in reversed(verdicts):
        output = verdict.script.output
        if output is not None and is_to_update(verdict):
            _rewrite(lines, output, verdict)
    new = "".join(text + end for text, end in lines).encode("utf-8")
    if len(new) > MAX_PAGE_BYTES:
        raise ValueError(f"it would be longer than {MAX_PAGE_BYTES} bytes")
    if not _is_as_meant(page, parse_page(new, name), verdicts):
        raise ValueError("with what is printed it would be read as another page")
    return new


def _rewrite(lines: list[tuple[str, str]], output: Output, verdict: Verdict) -> None:
    """Put what is printed in the place of the lines of a block; they are pairs of text and end."""
    where = f"block {verdict.script.index}"
    shown = output.text.removesuffix("\n").split("\n")
    printed = lines_of(verdict.printed)
    if not printed:
        raise ValueError(f"{where} prints nothing: take its output off the page")
    if any(not _is_showable(line) for line in printed):
        raise ValueError(f"{where} prints characters that cannot be shown on a page")
    begin = output.text_line - 1
    prefixes = [_prefix(text, own) for (text, _), own in zip(lines[begin:], shown, strict=False)]
    if len(prefixes) < len(shown) or None in prefixes:
        raise ValueError(f"the lines of {where} are not to be told from those of the page")
    filled = [number for number, own in enumerate(shown) if own.strip()]
    first, last = begin + filled[0], begin + filled[-1] + 1
    _lengthen_fence(lines, output.line - 1, begin + len(shown), printed)
    prefix, end = prefixes[filled[0]] or "", lines[output.line - 1][1]
    new = [(f"{prefix}{line}".rstrip(), end) for line in printed]
    kept = _merged(lines[first:last], new, verdict, shown[filled[0] : filled[-1] + 1])
    kept[-1] = (kept[-1][0], lines[last - 1][1])
    lines[first:last] = kept


def _prefix(line: str, own: str) -> str | None:
    """Give what stands before a block's own text in a line; None where that is not known."""
    prefix = line.removesuffix(own)
    is_known = line.endswith(own) and _PREFIX.fullmatch(prefix)
    return prefix if is_known else None


def _is_showable(line: str) -> bool:
    shown = printable(line, limit=len(line), keep="\t").replace("#\\x23", "##")
    return shown == line and "\ufffd" not in line


def _merged(
    old: list[tuple[str, str]], new: list[tuple[str, str]], verdict: Verdict, shown: list[str]
) -> list[tuple[str, str]]:
    """Keep the lines at both ends of a block that are printed, or where none is more or less, all.

    Where a line was the last of a page it has no end; what comes behind it gives it one.
    """
    ignore = verdict.script.ignore
    wanted = lines_of("\n".join(shown), ignore=ignore)
    seen = lines_of(verdict.printed, ignore=ignore)
    if len(wanted) == len(seen):
        pairs = zip(old, new, wanted, seen, strict=True)
        return [kept if one == other else put for kept, put, one, other in pairs]
    least = min(len(wanted), len(seen))
    head = next((n for n in range(least) if wanted[n] != seen[n]), least)
    tail = next((n for n in range(least - head) if wanted[-1 - n] != seen[-1 - n]), least - head)
    return [*old[:head], *new[head : len(new) - tail], *old[len(old) - tail :]]


def _lengthen_fence(
    lines: list[tuple[str, str]], opening: int, closing: int, printed: Sequence[str]
) -> None:
    """Make a fence longer than any that is printed."""
    text, end = lines[opening]
    found = _FENCE.search(text)
    if not found:
        return
    sign, length = found[0][0], len(found[0])
    runs = [each for line in printed for each in re.findall(rf"^\s*({sign}{{3,}})", line)]
    longest = max(map(len, runs), default=0)
    if longest < length:
        return
    fence = sign * (longest + 1)
    lines[opening] = (text[: found.start()] + fence + text[found.end() :], end)
    text, end = lines[closing]
    lines[closing] = (re.sub(rf"{sign}{{3,}}", fence, text, count=1), end)


def _is_as_meant(page: Page, new: Page, verdicts: Sequence[Verdict]) -> bool:
    """Tell whether a new page shows what is printed, and all else as the old one does."""
    printed = {each.script.index: each.printed for each in verdicts if is_to_update(each)}
    return list(_around(page)) == list(_around(new)) and all(
        _is_shown(old, now, printed.get(old.index))
        for old, now in zip(page.scripts, new.scripts, strict=True)
    )


def _is_shown(old: Script, now: Script, printed: str | None) -> bool:
    if old.output is None or now.output is None:
        return old.output is now.output
    meant = old.output.text if printed is None else printed
    return compared(now.output.text, meant, ignore=old.ignore).likeness == "same"


def _around(page: Page) -> Iterator[tuple[object, ...]]:
    """Give all of a page but outputs and lines."""
    yield len(page.scripts), len(page.notes)
    for script in page.scripts:
        yield script.text, script.continues, script.is_example, script.skipped, script.ignore
    for passage in page.passages:
        yield passage.text, passage.is_code
    for note in page.notes:
        yield (note.message,)
