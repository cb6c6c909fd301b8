"""An observation: all that the labs print in one environment, run by run, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cattrs import Converter

from verifier.errors import BadDataError
from verifier.printable import printable
from verifier.run.interface import Environment
from verifier.schema import SCHEMA_VERSION, read_document, strict_json, validate

if TYPE_CHECKING:
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

    @property
    def is_whole(self) -> bool:
        """Whether it ran to its end."""
        return self.ended == "exited 0"


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
    document = {"schema_version": SCHEMA_VERSION, **_JSON.unstructure(observation)}
    validate("observation", document)
    return strict_json(document, indent=1) + "\n"


def load_observation(path: Path) -> Observation:
    """Read what was kept.

    Raises:
        BadDataError: It cannot be read, or breaks its schema.
    """
    remedy = "make it again: labcheck drift observe ENV --output FILE"
    try:
        return _JSON.structure(
            read_document(path, schema="observation", remedy=remedy), Observation
        )
    except BadDataError as error:
        raise BadDataError(error.problem, remedy=remedy) from error
    except (ValueError, OverflowError) as error:
        raise BadDataError(f"{printable(str(path))}: {error}", remedy=remedy) from error


def hexes(exact: Exact | None) -> list[str] | None:
    """Give unrounded numbers as texts that `float.fromhex` reads."""
    return None if exact is None else [value.hex() for value in exact]


def _shown_to_json(shown: Shown) -> dict[str, Any]:
    return {"text": shown.text, "exact": hexes(shown.exact)}


def _shown_from_json(found: dict[str, Any], _kind: object) -> Shown:
    exact = found["exact"]
    return Shown(
        text=found["text"], exact=None if exact is None else tuple(map(float.fromhex, exact))
    )


_JSON = Converter(detailed_validation=False)
"""As the schema has it; of what a schema cannot say, the first error alone is raised."""
_JSON.register_unstructure_hook(Shown, _shown_to_json)
_JSON.register_structure_hook(Shown, _shown_from_json)
# Any runner's name is read: the file may be of another version.
_JSON.register_structure_hook(Environment, lambda found, _kind: Environment(**found))
