"""What is said of a block, by what its runs print."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeRunner, run_result
from verifier.lesson import verdict
from verifier.lesson.markdown import read_markdown
from verifier.lesson.page import Output, Page, Script
from verifier.lesson.verdict import Verdict, judge
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.run.interface import Examination, Limits, Outcome, RunResult


class Runs(FakeRunner):
    """Gives one result after the other; the last one again and again."""

    def __init__(self, *results: RunResult) -> None:
        super().__init__(results[-1])
        self.given = list(results)

    def run(
        self, source: bytes, *, limits: Limits, examination: Examination | None = None
    ) -> RunResult:
        """Pretend."""
        del limits, examination
        self.sources.append(source)
        found = self.given.pop(0) if len(self.given) > 1 else self.given[0]
        # What a script prints between two others' output.
        marks = [line for line in source.decode().split("\n") if line.startswith("print('labcheck")]
        divider = marks[0].split("'")[1].encode() if marks else b""
        return replace(found, stdout=found.stdout.replace(b"DIVIDER", divider))


def _script(index: int = 1, *, shows: str | None = "a\n", continues: bool = False) -> Script:
    output = None if shows is None else Output(text=shows, line=5, text_line=6)
    return Script(
        index=index, line=1, text=f"script {index}", output=output, continues=continues
    )  # fmt: skip


def _judged(*results: RunResult, scripts: Sequence[Script] = ()) -> tuple[Verdict, list[bytes]]:
    found = tuple(scripts) or (_script(),)
    runner = Runs(*results)
    told = judge(found[-1], Page(scripts=found, notes=()), runner=runner)
    return told, runner.sources


_CRASH = run_result(b"", outcome=Exited(code=1), stderr=b"Traceback\nNameError: name 'x'\n")


def test_what_prints_as_the_page_shows_is_the_same() -> None:
    """One run is enough for a true block."""
    told, sources = _judged(run_result(b"a\n"))

    assert (told.status, told.why, told.diff) == ("same", "", ())
    assert sources == [b"script 1"]


def test_within_tolerance_says_which_digit() -> None:
    """An author sees how far off the page is."""
    told, _ = _judged(run_result(b"0.6\n"), scripts=[_script(shows="0.5")])

    assert (told.status, told.why) == (
        "within_tolerance", "line 1: 0.5 on the page, 0.6 printed",
    )  # fmt: skip
    assert told.diff == ("@@ line 6 @@", "-0.5", "+0.6")


@pytest.mark.parametrize(
    ("shows", "prints", "settled"),
    [
        ("a", ["a\n", "b\n"], "a\n"),
        ("0.5", ["0.6\n", "0.6\n"], "0.6\n"),
        ("0.5", ["0.6\n", "0.5\n"], ""),
        ("a", ["b\n", "b\n"], "b\n"),
        ("a", ["b\n", "c\n"], ""),
        ("a 1 s", ["b 2 s\n", "b 3 s\n"], "b 2 s\n"),
    ],
)
def test_what_two_runs_print_alike_is_kept(shows: str, prints: list[str], settled: str) -> None:
    """Where they do not, no page could show it; what is to be ignored may differ."""
    script = replace(_script(shows=shows), ignore=("[0-9] s",))
    told, _ = _judged(*[run_result(each.encode()) for each in prints], scripts=[script])

    assert told.printed == settled


def test_what_crashes_a_second_time_is_not_deterministic() -> None:
    """A run that ends is not yet a run that prints the same again."""
    told, _ = _judged(run_result(b"b\n"), _CRASH)

    assert (told.printed, "not deterministic" in told.why) == ("", True)


def test_a_stale_block_differs_with_a_diff() -> None:
    """Each run prints the same, and it is not what the page shows."""
    told, _ = _judged(run_result(b"b\n"), run_result(b"b\n"), run_result(b"b\nDIVIDER\nb\n"))

    assert told.status == "differs"
    assert told.why.startswith("the page is stale")
    assert told.diff == ("@@ line 6 @@", "-a", "+b")


def test_what_differs_from_run_to_run_is_not_deterministic() -> None:
    """Then the page cannot be mended by copying."""
    told, _ = _judged(run_result(b"b\n"), run_result(b"c\n"))

    assert told.status == "differs"
    assert "not deterministic" in told.why


def test_what_is_right_when_run_twice_is_said() -> None:
    """The page was made in a session that had run it before."""
    told, _ = _judged(run_result(b"b\n"), run_result(b"b\n"), run_result(b"b\nDIVIDER\na\n"))

    assert told.status == "differs"
    assert "run twice" in told.why


@pytest.mark.parametrize("stdout", [b"x\nDIVIDER\na\n", b"a\nDIVIDER\n"])
def test_what_is_right_after_the_block_above_needs_it(stdout: bytes) -> None:
    """It prints the output alone, or both print it together."""
    scripts = [_script(1, shows=None), _script(2)]
    told, sources = _judged(_CRASH, run_result(stdout), scripts=scripts)

    assert told.status == "needs_block_above"
    assert sources[1].startswith(b"script 1\n")
    assert sources[1].endswith(b"\nscript 2")


def test_where_all_above_crash_the_nearest_is_tried() -> None:
    """A page may hold a script that must fail."""
    scripts = [_script(1, shows=None), _script(2, shows=None), _script(3)]
    told, sources = _judged(_CRASH, _CRASH, run_result(b"DIVIDER\na\n"), scripts=scripts)

    assert told.status == "needs_block_above"
    assert sources[2].startswith(b"script 2\n")


def test_a_block_that_continues_runs_after_those_it_goes_on_from() -> None:
    """Only what it prints itself is compared, and blocks that are skipped are left out."""
    scripts = [
        _script(1, shows=None),
        _script(2, shows=None),
        replace(_script(3, shows=None, continues=True), skipped="its mark says skip"),
        _script(4, continues=True),
    ]
    told, sources = _judged(run_result(b"above\nDIVIDER\na\n"), scripts=scripts)

    assert told.status == "same"
    assert sources[0].startswith(b"script 2\nprint(")
    assert sources[0].endswith(b"\nscript 4")


def test_a_cell_runs_after_the_cells_above_it() -> None:
    """A fence that stands between them is none of the session."""
    scripts = [
        replace(_script(1, shows=None), is_cell=True),
        _script(2, shows=None),
        replace(_script(3, continues=True), is_cell=True),
    ]
    told, sources = _judged(run_result(b"DIVIDER\na\n"), scripts=scripts)

    assert told.status == "same"
    assert sources[0].startswith(b"script 1\nprint(")


def test_a_block_that_continues_and_is_stale_is_run_as_it_is() -> None:
    """Its reasons are looked for after the same blocks above."""
    scripts = [_script(1, shows=None), _script(2, continues=True)]
    told, sources = _judged(run_result(b"DIVIDER\nb\n"), scripts=scripts)

    assert told.why.startswith("the page is stale")
    assert all(source.startswith(b"script 1\n") for source in sources)


@pytest.mark.parametrize(
    ("outcome", "stderr", "why"),
    [
        (Exited(code=1), b"Traceback\nNameError: x\n", "it ends with status 1: NameError: x"),
        (Exited(code=3), b"", "it ends with status 3"),
        (Killed(signal=9), b"", "it was ended by signal 9"),
        (TimedOut(), b"", "it was still running after 30 s"),
        (OutputFlood(stream="stdout"), b"", "it prints more than 1048576 bytes"),
    ],
)
def test_a_run_that_fails_differs_and_says_how(outcome: Outcome, stderr: bytes, why: str) -> None:
    """Even where what it printed by then is what the page shows."""
    told, _ = _judged(run_result(b"a\n", outcome=outcome, stderr=stderr))

    assert (told.status, told.why) == ("differs", why)


def test_what_is_not_installed_is_named() -> None:
    """A missing package is no fault of the page."""
    stderr = b"Traceback\nModuleNotFoundError: No module named 'sklearn'\n"
    told, _ = _judged(run_result(b"", outcome=Exited(code=1), stderr=stderr))

    assert (told.status, told.why) == ("needs_package", "sklearn is not installed")


def test_part_of_a_package_that_is_there_is_misspelt_and_not_missing() -> None:
    """Python found the package itself, or it would have named that."""
    stderr = b"Traceback\nModuleNotFoundError: No module named 'matplotlib.pyplt'\n"
    told, _ = _judged(run_result(b"", outcome=Exited(code=1), stderr=stderr))

    assert (told.status, "not installed" in told.why) == ("differs", False)


def test_an_example_is_run_and_not_compared() -> None:
    """Its output differs from machine to machine."""
    told, _ = _judged(run_result(b"b\n"), scripts=[replace(_script(), is_example=True)])

    assert told.status == "machine_dependent"


def test_what_is_not_to_be_run_is_not() -> None:
    """Marks, blocks without output and pages with too much source cost no run."""
    runner = Runs(_CRASH)
    page = Page(scripts=(), notes=())
    long = Page(scripts=(), notes=(), source_bytes=verdict.MAX_SOURCE_BYTES + 1)
    statuses = [
        judge(replace(_script(), skipped="its mark says skip"), page, runner=runner).status,
        judge(replace(_script(), needs="scipy"), page, runner=runner).status,
        judge(_script(shows=None), page, runner=runner).status,
        judge(_script(), long, runner=runner).status,
    ]

    assert statuses == ["skipped", "needs_package", "no_output", "skipped"]
    assert runner.sources == []


def test_titles_and_captions_lead_to_an_output() -> None:
    """Reading of options is what the directive says."""
    text = "```{code-block} python\n---\nlinenos: true\n---\nx\n```\n"
    (code,) = read_markdown(text, is_mdx=False)

    assert getattr(code, "text", None) == "x\n"
    assert getattr(code, "text_line", None) == 5
