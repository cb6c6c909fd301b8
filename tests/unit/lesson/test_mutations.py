"""Every page of ours, with one thing of it changed: what is found, and what nobody is told."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, FakeRunner, run_result
from verifier.lesson.folder import Place, find_pages, read_page
from verifier.lesson.repeats import repeated
from verifier.lesson.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from verifier.lesson.page import Page
    from verifier.run.interface import Examination, Limits, RunResult

PAGES = [
    place.path
    for place in find_pages([CHECKOUT / "tests" / "lesson" / "pages"])
    if place.path.suffix != ".ipynb"
] + sorted((CHECKOUT / "lab").glob("*/lesson.md"))
NOTEBOOK = CHECKOUT / "tests" / "lesson" / "pages" / "notebook.ipynb"

_RECORD = re.compile(r"\W*(\w[^:=`*]*?)\W*: *(-?[0-9][0-9.]*|[\[(]+[^\])]*[\])]+|True|False)")


class Recorded(FakeRunner):
    """Prints what the unchanged page shows, whichever script of it runs."""

    def __init__(self, page: Page) -> None:
        super().__init__(run_result(b""))
        self._outputs = {
            script.text: script.output.text for script in page.scripts if script.output
        }

    def run(
        self, source: bytes, *, limits: Limits, examination: Examination | None = None
    ) -> RunResult:
        """Pretend."""
        del limits, examination
        above, divider, own = source.decode().partition("\nprint('labcheck ")
        marked = ("labcheck " + own.partition("'")[0] + "\n") if divider else ""
        script = own.partition("\n")[2] if divider else above
        return run_result((marked + self._outputs.get(script, "")).encode())


def _found(page: Page, original: Page) -> list[str]:
    """Give what is said of a page whose scripts print what the original shows."""
    runner = Recorded(original)
    verdicts = [judge(script, page, runner=runner) for script in page.scripts]
    return [*_troubles(verdicts), *(note.message for note in repeated(page, verdicts))]


def _troubles(verdicts: list[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.status in ("within_tolerance", "differs", "needs_block_above"):
            yield verdict.status


def _output_lines(page: Page) -> Iterator[int]:
    """Give the lines that are compared, from 0."""
    for script in page.scripts:
        is_compared = not (script.skipped or script.needs or script.is_example or script.ignore)
        if script.output and is_compared:
            first = script.output.text_line - 1
            yield from range(first, first + script.output.text.rstrip("\n").count("\n") + 1)


def _repeated_lines(page: Page) -> Iterator[int]:
    """Give the lines of fences and lists that are printed lines, or records of printed keys."""
    printed = "\n".join(script.output.text for script in page.scripts if script.output)
    lines = {line.strip() for line in printed.split("\n") if re.search("[a-z]", line)}
    keys = set(re.findall(r"([A-Za-z_][\w.]*) ?[=:]|^(\w[^=:\n]*):", printed, re.MULTILINE))
    names = {name for each in keys for name in each}
    for passage in page.passages:
        is_elsewhere = re.search(r"exercise|symptom|mistake", passage.heading, re.IGNORECASE)
        for offset, line in enumerate(passage.text.split("\n")):
            record = _RECORD.match(line)
            is_record = record is not None and record[1] in names
            if not is_elsewhere and ((line.strip() in lines and passage.is_code) or is_record):
                yield passage.line - 1 + offset


def _with_other_digits(lines: list[str], number: int) -> Iterator[str]:
    record = _RECORD.match(lines[number])
    judged = lines[number][: record.end()] if record else lines[number]
    for digit in re.finditer(r"(?<![a-z_])[0-9]", judged):
        other = str((int(digit[0]) + 5) % 10)
        changed = lines[number][: digit.start()] + other + lines[number][digit.end() :]
        yield "\n".join([*lines[:number], changed, *lines[number + 1 :]])


def _read(path: Path, text: str) -> Page:
    path.write_text(text, encoding="utf-8")
    return read_page(Place(base=path))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.parent.name + "/" + path.name)
def test_a_changed_digit_is_found_and_a_changed_word_is_not(path: Path, tmp_path: Path) -> None:
    """In any output, excerpt and record; words that name no key may be anything."""
    original = read_page(Place(base=path))
    lines = path.read_text(encoding="utf-8").split("\n")
    copy = tmp_path / path.name

    assert _found(original, original) == []
    for number in [*_output_lines(original), *_repeated_lines(original)]:
        for text in _with_other_digits(lines, number):
            assert _found(_read(copy, text), original), (number + 1, text.split("\n")[number])
    for passage in original.passages:
        words = lines[passage.line - 1]
        if not passage.is_code and re.fullmatch(r"[A-Z][^`|_<>{}:=]*", words):
            other = [*lines[: passage.line - 1], "Indeed 12 " + words, *lines[passage.line :]]
            assert _found(_read(copy, "\n".join(other)), original) == []


def test_a_changed_digit_of_a_notebooks_output_is_found(tmp_path: Path) -> None:
    """Its outputs are blocks as those of other pages."""
    original = read_page(Place(base=NOTEBOOK))
    document = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    copy = tmp_path / "copy.ipynb"
    changed = 0
    for cell in document["cells"]:
        for output in cell.get("outputs", []):
            if output.get("name") == "stdout" and re.search("[0-9]", "".join(output["text"])):
                kept = output["text"]
                output["text"] = re.sub("[0-9]", "8", "".join(kept), count=1)
                assert _found(_read(copy, json.dumps(document)), original)
                output["text"] = kept
                changed += 1

    assert changed


def test_the_page_of_repeats_has_all_kinds_to_change() -> None:
    """The test above would pass on pages without any."""
    page = read_page(Place(base=CHECKOUT / "tests" / "lesson" / "pages" / "repeats.md"))

    assert len(list(_output_lines(page))) == 7
    assert len(set(_repeated_lines(page))) == 7
