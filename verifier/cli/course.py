"""The pages of a course, checked: in one warm runner, and what differs under other settings too."""

from __future__ import annotations

import contextlib
import platform
import sys
from dataclasses import replace
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Self

from verifier import __version__
from verifier.cli.options import chosen_image, page_runner, resolved_runner
from verifier.cli.progress import progress
from verifier.drift.portability import CPU_SETTINGS
from verifier.errors import EnvironmentFailure
from verifier.lesson.cache import Cache, cache_folder
from verifier.lesson.report import checked_page
from verifier.lesson.verdict import LIMITS, NO_CACHE, judge, judge_under
from verifier.resources import pins_sha256
from verifier.run.interface import PLAIN
from verifier.sandbox import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from verifier.cli.options import RunnerChoice
    from verifier.lesson.page import Page
    from verifier.lesson.report import Checked
    from verifier.lesson.verdict import Verdict
    from verifier.run.interface import Examination, Limits, Runner, RunResult

_MOST_UNDER_SETTINGS = 20
"""Blocks that are run again under other settings of the CPU."""


def checked_pages(
    found: Sequence[tuple[str, Page]], runner_name: RunnerChoice, *, is_cached: bool
) -> list[Checked]:
    """Run and compare all blocks of the pages.

    Args:
        found: Each page, with its name.
        runner_name: Where they run.
        is_cached: Whether what held of late counts, and what holds now is noted.
    Raises:
        EnvironmentFailure: The machine is at fault.
    """
    total = sum(len(page.scripts) for _, page in found)
    cache = Cache(cache_folder(), where=where_pages_run(runner_name)) if is_cached else NO_CACHE
    pages: list[Checked] = []
    with (
        _FirstUse(lambda: page_runner(runner_name)) as runner,
        progress(doing="checking", noun="script") as watcher,
    ):
        watcher.begin(total=total, before=0)
        for path, page in found:
            verdicts = []
            for script in page.scripts:
                verdicts.append(judge(script, page, runner=runner, cache=cache))
                watcher.graded()
            pages.append(checked_page(path, page, verdicts))
    cache.prune()
    return _under_settings(pages, [page for _, page in found], runner_name)


def _under_settings(
    checked: list[Checked], pages: Sequence[Page], runner_name: RunnerChoice
) -> list[Checked]:
    """Run what only differs in digits under the other settings, one after the other."""
    verdicts = [list(each.verdicts) for each in checked]
    for settings in CPU_SETTINGS[1:]:
        doubtful = [
            (number, place)
            for number, told in enumerate(verdicts)
            for place, verdict in enumerate(told)
            if verdict.may_be_setting
        ][:_MOST_UNDER_SETTINGS]
        if not doubtful:
            break
        # A machine that has no such setting can say nothing of it, and the block is judged already.
        with (
            contextlib.suppress(EnvironmentFailure),
            page_runner(runner_name, settings=settings) as runner,
        ):
            for number, place in doubtful:
                verdicts[number][place] = _told_again(
                    verdicts[number][place], pages[number], runner, settings
                )
    return [
        replace(each, verdicts=tuple(told)) for each, told in zip(checked, verdicts, strict=True)
    ]


def _told_again(
    verdict: Verdict, page: Page, runner: Runner, settings: Mapping[str, str]
) -> Verdict:
    setting = " ".join(f"{name}={value}" for name, value in settings.items())
    return judge_under(verdict, page, runner=runner, setting=setting)


class _FirstUse:
    """A runner that starts when it is first asked to run: where all is cached, it never does."""

    def __init__(self, make: Callable[[], Runner]) -> None:
        self._make = make
        self._runner: Runner | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._runner is not None:
            self._runner.__exit__(*error)

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run it there."""
        if self._runner is None:
            self._runner = self._make().__enter__()
        return self._runner.run(source, limits=limits, examination=examination)


def where_pages_run(runner_name: RunnerChoice) -> tuple[str, ...]:
    """Name all that what a script prints depends on, beside the script.

    Raises:
        EnvironmentFailure: It cannot be had on this machine.
    """
    resolved = resolved_runner(runner_name, needs_walls=True)
    image = chosen_image(resolved)
    packages = "" if image else " ".join(sorted(f"{d.name}=={d.version}" for d in distributions()))
    return (
        resolved, image or sys.version, pins_sha256() or "", __version__, packages, repr(LIMITS),
        repr(sorted(variables.of_run("").items())), _processor(),
    )  # fmt: skip


def _processor() -> str:
    """Tell this machine's CPU from others, as far as it says."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
    except (OSError, UnicodeDecodeError):
        return platform.processor()
    told = [each for each in first.split("\n") if each.startswith(("model name", "flags"))]
    return "\n".join(told)
