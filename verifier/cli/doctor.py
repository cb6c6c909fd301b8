"""Command doctor: what this machine has, and what to do about what it lacks."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from dataclasses import dataclass

import click

from verifier.cli.options import IN_IMAGE_VARIABLE, runtime_image
from verifier.errors import ExitCode, LabcheckError, how_to_make
from verifier.lab.load import load_labs
from verifier.resources import lab_root, pins_sha256
from verifier.run import engine
from verifier.sandbox.walls import landlock

_ABI_TCP = 4
_ABI_SCOPES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing looked at."""

    name: str
    well: bool
    seen: str
    remedy: str
    vital: bool
    """Whether labcheck is of no use without it."""


@click.command(short_help="Look at what this machine has and lacks.")
def doctor() -> int:
    """Look at the engine, images, torch and walls of this machine; name a remedy for each trouble.

    Exits 4 if neither the container nor the local runner can work.
    """
    outside = [] if IN_IMAGE_VARIABLE in os.environ else [_engine(), *_images(), _pins()]
    symptoms = [_python(), *outside, _torch(), _landlock(), _labs()]
    for symptom in symptoms:
        mark = "✓" if symptom.well else "✗"
        click.echo(f"{mark} {symptom.name:<22}{symptom.seen}")
        if not symptom.well:
            click.echo(f"  → {symptom.remedy}")
    state = {symptom.name: symptom.well for symptom in symptoms}
    can_run = (state.get("engine") and state.get("runtime image")) or state["torch"]
    usable = can_run and all(symptom.well for symptom in symptoms if symptom.vital)
    click.echo(
        "labcheck can run the lab" if usable else "labcheck cannot run the lab on this machine yet"
    )
    return ExitCode.PASSED if usable else ExitCode.ENVIRONMENT


def _python() -> Symptom:
    return Symptom(
        name="Python",
        well=sys.version_info >= (3, 11),
        seen=platform.python_version(),
        remedy="install Python 3.11 or newer",
        vital=True,
    )


def _engine() -> Symptom:
    trouble = engine.engine_trouble()
    return Symptom(
        name="engine",
        well=trouble is None,
        seen=trouble or "a Docker engine answers",
        remedy="run `make engine`, or install Docker",
        vital=False,
    )


def _images() -> list[Symptom]:
    symptoms = []
    for name, tag in (("runtime image", runtime_image()), ("learner image", "labcheck")):
        found = engine.image_id(tag)
        symptoms.append(
            Symptom(
                name=name,
                well=found is not None,
                seen=found or f"no image {tag}",
                remedy=how_to_make(tag),
                vital=False,
            )
        )
    return symptoms


def _pins() -> Symptom:
    try:
        ours = pins_sha256()
    except LabcheckError as error:
        return Symptom(
            name="pins", well=False, seen=error.problem, remedy=error.remedy, vital=False
        )
    theirs = engine.image_pins(runtime_image())
    return Symptom(
        name="pins",
        well=theirs in (None, ours),
        seen=ours if theirs in (None, ours) else f"the image was built from other pins ({theirs})",
        remedy=how_to_make(runtime_image()),
        vital=False,
    )


def _torch() -> Symptom:
    try:
        found: str | None = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        found = None
    return Symptom(
        name="torch",
        well=found is not None,
        seen=found or "not in this Python (only the local runner needs it)",
        remedy="run `make setup`",
        vital=False,
    )


def _landlock() -> Symptom:
    abi = landlock.abi()
    return Symptom(
        name="landlock",
        well=abi > 0,
        seen=_landlock_reach(abi),
        remedy="use a kernel 5.13 or newer with landlock enabled (lsm=landlock,…)",
        vital=False,
    )


def _landlock_reach(abi: int) -> str:
    """Say what the kernel's Landlock keeps a script from; a newer ABI keeps it from more."""
    if abi <= 0:
        return "this kernel has none: runs are in a lower tier"
    reach = [
        "files",
        *(["TCP"] if abi >= _ABI_TCP else []),
        *(["signals"] if abi >= _ABI_SCOPES else []),
    ]
    return f"ABI {abi}: {', '.join(reach)}"


def _labs() -> Symptom:
    try:
        root = lab_root(None)
        labs = load_labs(root)
    except LabcheckError as error:
        return Symptom(name="labs", well=False, seen=error.problem, remedy=error.remedy, vital=True)
    return Symptom(
        name="labs", well=True, seen=f"{', '.join(labs)} in {root}", remedy="", vital=True
    )
