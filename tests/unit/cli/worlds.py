"""Interpreters that print what a test says; none is started."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.exercises import results_of_references
from tests.fakes import ENVIRONMENT, PUBLISHED, FakeRunner, run_result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOVED = PUBLISHED.replace(b"loss_before= 0.1927", b"loss_before= 0.1928")


class World:
    """Interpreters whose torch prints what a test says.

    Which it is stands in the variable ``WHAT``, or else is the interpreter's file name.
    """

    def __init__(self) -> None:
        self.prints: dict[str, bytes | BaseException] = {"moved": MOVED}
        """What the lesson's first script prints; that which is published where nothing is said."""
        self.torch: dict[str, str] = {}
        """Its version; the pinned one where nothing is said."""

    def __call__(self, *, python: Path, settings: Mapping[str, str], **_how: object) -> FakeRunner:
        """Start one."""
        what = settings.get("WHAT", python.name)
        printed = self.prints.get(what, PUBLISHED)
        if isinstance(printed, BaseException):
            return FakeRunner(printed)
        result = replace(
            run_result(printed),
            environment=replace(
                ENVIRONMENT,
                cpu_capability=settings.get("ATEN_CPU_CAPABILITY", "AVX2"),
                torch=self.torch.get(what, ENVIRONMENT.torch),
            ),
        )
        others = {
            source: replace(each, environment=result.environment)
            for source, each in results_of_references().items()
        }
        return FakeRunner(result, results=others)
