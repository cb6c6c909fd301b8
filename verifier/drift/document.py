"""A drift as JSON: ``schemas/drift.schema.json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from verifier.drift.observation import hexes
from verifier.schema import SCHEMA_VERSION, strict_json, validate
from verifier.trace.unrounded import rounding_margin

if TYPE_CHECKING:
    from verifier.drift.drift import Drift, ReadingDrift, ScriptDrift, Status
    from verifier.drift.observation import Observation, Shown


def drift_document(drift: Drift, *, fail_on: Status) -> dict[str, Any]:
    """Give the whole of it.

    Raises:
        BadDataError: It would break its own schema.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "status": drift.status.value,
        "fail_on": fail_on.value,
        "fails": drift.fails(fail_on),
        "baseline": _environment(drift.baseline),
        "candidate": _environment(drift.candidate),
        "changes": [asdict(change) for change in drift.changes],
        "causes": list(drift.causes),
        "start_ratio": _rounded(drift.start_ratio),
        "scripts": [_script(script) for script in drift.scripts],
    }
    validate("drift", document)
    return document


def drift_json(drift: Drift, *, fail_on: Status) -> str:
    """Give it as one line of JSON."""
    return strict_json(drift_document(drift, fail_on=fail_on)) + "\n"


def _environment(observation: Observation) -> dict[str, Any]:
    return {
        "name": observation.name,
        "settings": dict(observation.settings),
        "wheel_sha256": observation.wheel_sha256,
        "environment": asdict(observation.environment),
    }


def _script(script: ScriptDrift) -> dict[str, Any]:
    return {
        "lab": script.lab,
        "exercise": script.exercise,
        "mechanism": script.mechanism,
        "status": script.status.value,
        "noise": script.noise.value,
        "stale_golden": script.stale,
        "failure": script.failure,
        "new_warnings": dict(script.new_warnings),
        "run_time_ratio": _rounded(script.run_time_ratio),
        "peak_memory_ratio": _rounded(script.peak_memory_ratio),
        "readings": [_reading(reading) for reading in script.readings],
    }


def _reading(reading: ReadingDrift) -> dict[str, Any]:
    return {
        "name": reading.name,
        "status": reading.status.value,
        "noise": reading.noise.value,
        "stale_golden": reading.stale,
        "golden": reading.golden,
        "golden_ulps": reading.golden_ulps,
        "baseline": _shown(reading.baseline),
        "candidate": _shown(reading.candidate),
        "ulps": reading.ulps,
        "difference": None if reading.difference is None else str(reading.difference),
        "allowed": None if reading.allowed is None else str(reading.allowed),
    }


def _shown(shown: Shown | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    margin = None if shown.exact is None else rounding_margin(shown.exact, shown.text)
    return {
        "text": shown.text,
        "exact": hexes(shown.exact),
        "margin_ulps": None if margin is None else _rounded(margin.ulps),
        "margin_units": None if margin is None else _rounded(margin.units),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
