"""One line for every step from a release of torch to the next: what moved, and how far."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.drift.drift import Status, release
from verifier.errors import BadDataError
from verifier.schema import SCHEMA_VERSION, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from verifier.drift.drift import Drift


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
        BadDataError: It is none from one torch to another, on equal terms.
    """
    before, after = drift.baseline.environment, drift.candidate.environment
    same = all(
        getattr(before, name) == getattr(after, name)
        for name in ("platform", "cpu_capability", "threads")
    )
    if not same or drift.baseline.settings != drift.candidate.settings:
        raise BadDataError(
            "the two were not observed on equal terms, so the step is not the version's",
            remedy="observe both on one machine, with the same variables",
        )
    return Step(
        before=release(before.torch or "unknown"),
        after=release(after.torch or "unknown"),
        date=date,
        platform=before.platform or "unknown",
        cpu_capability=before.cpu_capability or "unknown",
        wheels_sha256=(drift.baseline.wheel_sha256, drift.candidate.wheel_sha256),
        scripts=len(drift.scripts),
        moved={
            script.name: script.status
            for script in drift.scripts
            if script.status is not Status.IDENTICAL
        },
    )


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
        raise BadDataError(f"{path}: {error}", remedy="see that it can be read") from error
    steps = []
    for number, line in enumerate(lines, 1):
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadDataError(
                f"{path}, line {number}: {error}", remedy="mend or remove the line"
            ) from error
        validate("history", document)
        steps.append(_from_json(document))
    return tuple(steps)


def with_step(history: Sequence[Step], step: Step) -> tuple[Step, ...]:
    """Add a step, in the place of an earlier one between the same releases."""
    kept = [each for each in history if (each.before, each.after) != (step.before, step.after)]
    return tuple(sorted([*kept, step], key=lambda each: (_order(each.before), _order(each.after))))


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def history_text(history: Sequence[Step]) -> str:
    """Give the file's content, a line a step."""
    return "".join(strict_json(_to_json(step)) + "\n" for step in history)


def history_table(history: Sequence[Step]) -> str:
    """Give it as a table in Markdown, a row a step."""
    rows = ["| step | identical | moved |", "|---|---|---|"]
    for step in history:
        moved = ", ".join(f"{name} ({status.value})" for name, status in step.moved.items())
        still = step.scripts - len(step.moved)
        rows.append(
            f"| {step.before} → {step.after} | {still} of {step.scripts} | {moved or 'nothing'} |"
        )
    return "\n".join(rows) + "\n"


def _to_json(step: Step) -> dict[str, Any]:
    document = {
        "schema_version": SCHEMA_VERSION,
        "before": step.before,
        "after": step.after,
        "date": step.date,
        "platform": step.platform,
        "cpu_capability": step.cpu_capability,
        "wheels_sha256": list(step.wheels_sha256),
        "scripts": step.scripts,
        "moved": {name: status.value for name, status in step.moved.items()},
    }
    validate("history", document)
    return document


def _from_json(document: dict[str, Any]) -> Step:
    before, after = document["wheels_sha256"]
    return Step(
        before=document["before"],
        after=document["after"],
        date=document["date"],
        platform=document["platform"],
        cpu_capability=document["cpu_capability"],
        wheels_sha256=(before, after),
        scripts=document["scripts"],
        moved={name: Status(status) for name, status in document["moved"].items()},
    )
