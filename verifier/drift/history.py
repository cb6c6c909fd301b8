"""The history of torch: a line for each step between releases, with the scripts that moved."""

from __future__ import annotations

import json
from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cattrs import Converter

from verifier.drift.drift import Status  # noqa: TC001 - cattrs reads the annotations
from verifier.drift.release import place_of, release_of, version_of
from verifier.errors import BadDataError
from verifier.printable import printable
from verifier.report.markdown import table
from verifier.schema import SCHEMA_VERSION, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from verifier.drift.drift import Drift

_JSON = Converter(unstruct_collection_overrides={tuple: list})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one release to the next."""

    before: str
    after: str
    date: str
    """ISO, of the comparison."""
    platform: str
    cpu_capability: str
    wheels_sha256: tuple[str | None, str | None]
    """Of both; None where nobody noted it."""
    scripts: int
    moved: Mapping[str, Status]
    """Scripts that did, by name."""


def step_of(drift: Drift, *, date: str) -> Step:
    """Put a drift into one line.

    Raises:
        BadDataError: It is none from one torch to another, on equal terms; or numbers differ from
            run to run, of which nobody can say whether they moved.
    """
    if any(change.is_of_the_machine for change in drift.changes):
        raise BadDataError(
            "the two were not observed on equal terms, so the step is not the version's",
            remedy="observe both on one machine, with the same variables",
        )
    before, after = drift.baseline.environment, drift.candidate.environment
    releases = [_release(torch) for torch in (before.torch, after.torch)]
    if releases[0] == releases[1]:
        raise BadDataError(
            f"both are torch {releases[0]}, so there is no step between them",
            remedy="observe another release",
        )
    noisy = [script.name for script in drift.scripts if script.noisy]
    if noisy:
        raise BadDataError(
            f"{noisy[0]} is not deterministic, so nobody can say whether it moved",
            remedy="seed all that it draws, and observe again",
        )
    return Step(
        before=releases[0],
        after=releases[1],
        date=date,
        platform=before.platform or "unknown",
        cpu_capability=before.cpu_capability or "unknown",
        wheels_sha256=(drift.baseline.wheel_sha256, drift.candidate.wheel_sha256),
        scripts=len(drift.scripts),
        moved={script.name: script.status for script in drift.scripts if script.moved},
    )


def _release(torch: str | None) -> str:
    found = release_of(torch or "unknown")
    if version_of(found) is None:
        raise BadDataError(
            f"torch {printable(found)} is no release", remedy="observe one, as 2.14.1"
        )
    return found


def load_history(path: Path) -> tuple[Step, ...]:
    """Read every line; none where there is no file.

    Raises:
        BadDataError: A line breaks its schema.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise BadDataError(
            f"{printable(str(path))}: {error}", remedy="see that it can be read"
        ) from error
    steps = []
    for number, line in enumerate(lines, 1):
        try:
            document = json.loads(line)
            validate("history", document)
        except (ValueError, RecursionError, BadDataError) as error:
            problem = error.problem if isinstance(error, BadDataError) else str(error)
            raise BadDataError(
                f"{printable(str(path))}, line {number}: {problem}",
                remedy="mend or remove the line",
            ) from error
        steps.append(_JSON.structure(document, Step))
    return tuple(steps)


def with_step(history: Sequence[Step], step: Step) -> tuple[Step, ...]:
    """Add a step, in the place of an earlier one between the same releases."""
    kept = [each for each in history if (each.before, each.after) != (step.before, step.after)]
    return tuple(
        sorted([*kept, step], key=lambda each: (place_of(each.before), place_of(each.after)))
    )


def history_text(history: Sequence[Step]) -> str:
    """Give the file's content, a line a step."""
    return "".join(strict_json(_to_json(step)) + "\n" for step in history)


def history_table(history: Sequence[Step]) -> str:
    """Give it as a table in Markdown, a row a step."""
    return "\n".join(table(("step", "identical", "moved"), map(_row, history))) + "\n"


def _row(step: Step) -> str:
    moved = ", ".join(f"{name} ({status.value})" for name, status in step.moved.items())
    still = step.scripts - len(step.moved)
    return f"| {step.before} → {step.after} | {still} of {step.scripts} | {moved or 'nothing'} |"


def _to_json(step: Step) -> dict[str, Any]:
    document = {"schema_version": SCHEMA_VERSION, **_JSON.unstructure(step)}
    validate("history", document)
    return document
