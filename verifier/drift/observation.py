"""What the labs print in one environment, run by run: kept as JSON, and compared later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.printable import printable
from verifier.run.interface import Environment
from verifier.schema import SCHEMA_VERSION, read_document, strict_json, validate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Exact = tuple[float, ...]
"""The unrounded numbers of a printed value, in the order in which they stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One printed value."""

    text: str
    exact: Exact | None
    """None where they are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRun:
    """One run of one script."""

    ended: str
    """``exited 0``, or how else."""
    last_words: str
    """The last line of its standard error where it did not end so; else empty."""
    shown: Mapping[str, Shown]
    """By the field's name."""
    warnings: tuple[str, ...]
    """Categories of Python's warnings, as ``UserWarning``, each as often as it was given."""
    wall_s: float
    peak_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A lab's script, with its runs in the order of the starts they belong to."""

    lab: str
    exercise: str
    runs: tuple[ScriptRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """All that one environment showed."""

    name: str
    """As a person named it."""
    environment: Environment
    settings: Mapping[str, str]
    wheel_sha256: str | None
    """Of the torch that was installed; None where nobody noted it."""
    start_s: tuple[float, ...]
    """What each start took: the interpreter, torch, its first calls."""
    scripts: tuple[Script, ...]


def observation_text(observation: Observation) -> str:
    """Give the file's content.

    Raises:
        BadDataError: It would break its own schema.
    """
    document = _to_json(observation)
    validate("observation", document)
    return strict_json(document, indent=1) + "\n"


def load_observation(path: Path) -> Observation:
    """Read what was kept.

    Raises:
        BadDataError: It cannot be read, or breaks its schema.
    """
    remedy = "make it again: labcheck drift observe ENV --output FILE"
    try:
        return _from_json(read_document(path, schema="observation", remedy=remedy))
    except BadDataError as error:
        raise BadDataError(error.problem, remedy=remedy) from error
    except (ValueError, OverflowError) as error:
        raise BadDataError(f"{printable(str(path))}: {error}", remedy=remedy) from error


def _to_json(observation: Observation) -> dict[str, Any]:
    where = observation.environment
    return {
        "schema_version": SCHEMA_VERSION,
        "name": observation.name,
        "environment": {name: getattr(where, name) for name in Environment.__slots__},
        "settings": dict(observation.settings),
        "wheel_sha256": observation.wheel_sha256,
        "start_s": list(observation.start_s),
        "scripts": [
            {
                "lab": script.lab,
                "exercise": script.exercise,
                "runs": [_run_to_json(run) for run in script.runs],
            }
            for script in observation.scripts
        ],
    }


def _run_to_json(run: ScriptRun) -> dict[str, Any]:
    return {
        "ended": run.ended,
        "last_words": run.last_words,
        "shown": {
            name: {"text": shown.text, "exact": hexes(shown.exact)}
            for name, shown in run.shown.items()
        },
        "warnings": list(run.warnings),
        "wall_s": run.wall_s,
        "peak_bytes": run.peak_bytes,
    }


def hexes(exact: Exact | None) -> list[str] | None:
    """Give unrounded numbers as texts that `float.fromhex` reads."""
    return None if exact is None else [value.hex() for value in exact]


def _from_json(document: dict[str, Any]) -> Observation:
    return Observation(
        name=document["name"],
        environment=Environment(**document["environment"]),
        settings=document["settings"],
        wheel_sha256=document["wheel_sha256"],
        start_s=tuple(document["start_s"]),
        scripts=tuple(
            Script(
                lab=script["lab"],
                exercise=script["exercise"],
                runs=tuple(map(_run_from_json, script["runs"])),
            )
            for script in document["scripts"]
        ),
    )


def _run_from_json(document: dict[str, Any]) -> ScriptRun:
    return ScriptRun(
        ended=document["ended"],
        last_words=document["last_words"],
        shown={
            name: Shown(
                text=shown["text"],
                exact=None if shown["exact"] is None else tuple(map(float.fromhex, shown["exact"])),
            )
            for name, shown in document["shown"].items()
        },
        warnings=tuple(document["warnings"]),
        wall_s=document["wall_s"],
        peak_bytes=document["peak_bytes"],
    )
