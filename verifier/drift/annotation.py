"""A drift as annotations of a GitHub job, each next to the script that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.drift.drift import Status
from verifier.drift.text import headline, moved_values, troubles_of, worst_value
from verifier.report.github import Annotation, workflow_commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from verifier.drift.drift import Drift, ScriptDrift
    from verifier.report.github import Level


def github_drift(drift: Drift, *, fail_on: Status, files: Mapping[str, str]) -> str:
    """Write the annotations of a drift; the worst first.

    Args:
        drift: Two environments, compared.
        fail_on: The least that is an error; drift below it is a warning, other bits a notice.
        files: The script of each name, for the annotation to stand next to it.
    """
    scripts = sorted(drift.scripts, key=lambda each: -each.status.rank)
    return workflow_commands(
        annotation
        for script in scripts
        for annotation in _annotations(script, drift, fail_on=fail_on, file=files.get(script.name))
    )


def _annotations(
    script: ScriptDrift, drift: Drift, *, fail_on: Status, file: str | None
) -> Iterator[Annotation]:
    if script.moved:
        yield _moved(script, drift, fail_on=fail_on, file=file)
    for trouble in troubles_of(script):
        is_error = script.stale or script.noise.rank >= fail_on.rank
        yield Annotation(
            level="error" if is_error else "warning",
            title=f"{script.name}: not drift",
            message=trouble,
            file=file,
        )


def _moved(script: ScriptDrift, drift: Drift, *, fail_on: Status, file: str | None) -> Annotation:
    shown = [f"{moved_values(script)}: {worst_value(script)}".removesuffix(": "), headline(drift)]
    mild: Level = "notice" if script.status is Status.BITS_DIFFER else "warning"
    return Annotation(
        level="error" if script.status.rank >= fail_on.rank else mild,
        title=f"{script.name}: {script.status.value.replace('_', ' ')}",
        message="\n".join([*shown, *(f"- {cause}" for cause in drift.causes)]),
        file=file,
    )
