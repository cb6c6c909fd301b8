"""Labs, loaded from their manifests: of schema 1, where all is written down, or of schema 2."""

from __future__ import annotations

import contextlib
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.files import read_regular
from verifier.lab.feedback import Feedback
from verifier.lab.manifest import (
    OF_EXERCISE,
    before_after_of,
    evidence_of,
    exercise_tables,
    place_in,
    planned,
    points_of,
    sections_with,
    stages_of,
    unearned,
)
from verifier.lab.spec import Exercise, Lab, id_of, limits_of, with_relations, written_lab
from verifier.printable import counted, printable
from verifier.resources import lab_manifests
from verifier.sandbox.request import GENERATORS
from verifier.schema import MAX_BYTES, read_document
from verifier.toml import line_of, lines_of_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from verifier.lab.field import Field, SectionSpec
    from verifier.lab.manifest import Planned, Problems

_OF_LAB_TOO = frozenset({"title", "before_after"})
"""Keys of an exercise that say something of a lab with several."""
DERIVED = 2
"""Schema of a manifest whose fields follow from the reference's run."""
_MARK = re.compile(rb"""default["']?\s*=""")
"""Stands in the manifest of a lesson that is meant by default."""
_LIMITS = {
    "time_limit_s": 10, "memory_limit_mib": 1024, "stdout_limit_kib": 1024,
    "stderr_limit_kib": 64, "file_limit_mib": 16,
}  # fmt: skip


def load_labs(root: Path) -> dict[str, Lab]:
    """Load every lab under a root, by id.

    Raises:
        BadDataError: One of them is not what its schema says.
    """
    labs, broken = load_sound_labs(root)
    for error in broken.values():
        raise error
    return labs


def load_sound_labs(root: Path) -> tuple[dict[str, Lab], dict[str, BadDataError]]:
    """Load every lab under a root, by id; and tell what is wrong with the others, by the id due."""
    labs: dict[str, Lab] = {}
    broken: dict[str, BadDataError] = {}
    for manifest in sorted(lab_manifests(root)):
        try:
            lab = load_lab(manifest)
        except BadDataError as error:
            broken[id_of(manifest.parent)] = error
        else:
            labs[lab.id] = lab
    return dict(sorted(labs.items())), broken


def load_meant(root: Path, lab_id: str | None) -> Lab | None:
    """Load the lab named, or the lesson that is marked as the one meant by default, alone.

    Returns:
        None where that takes a look at all labs: there is not just one such.
    Raises:
        BadDataError: The one named is not what its schema says.
    """
    if lab_id is not None:
        named = [load_lab(each) for each in lab_manifests(root) if id_of(each.parent) == lab_id]
        return named[0] if len(named) == 1 and named[0].id == lab_id else None
    marked = [lab for each in lab_manifests(root) if (lab := _marked(each)) is not None]
    return marked[0] if len(marked) == 1 else None


def _marked(manifest: Path) -> Lab | None:
    """Load a lesson if it is marked; one that is broken is not."""
    with contextlib.suppress(OSError, BadDataError):
        if _MARK.search(read_regular(manifest, limit_bytes=MAX_BYTES)):
            lab = load_lab(manifest)
            return lab if lab.is_default and lab.canary is None else None
    return None


def load_lab(manifest: Path) -> Lab:
    """Load one ``lab.toml``.

    Raises:
        BadDataError: It cannot be read, breaks its schema, or contradicts its folder.
    """
    document = read_document(manifest, schema=_schema, remedy="mend the file")
    is_derived = document["schema_version"] == DERIVED
    return (_derived_lab if is_derived else written_lab)(document, manifest)


def _schema(document: dict[str, Any]) -> str:
    return "manifest" if document.get("schema_version") == DERIVED else "lab"


def _derived_lab(document: dict[str, Any], manifest: Path) -> Lab:
    """Make a lab of a manifest of schema 2, or tell everything that is wrong with it."""
    folder: Path = manifest.parent
    problems: Problems = []
    if document["id"] != folder.name:
        told = f"id {document['id']!r} is not the name of its folder, {folder.name!r}"
        problems.append((("id",), told))
    tables = exercise_tables(document)
    of_lab = document.get("before_after", {})
    plans = _plans(document, folder, problems=problems)
    stages = stages_of(document, list(plans.values()), problems=problems)
    sections = {
        name: sections_with(name, plan, stages=stages, problems=problems)
        for name, plan in plans.items()
    }
    points = points_of(document, stages, problems=problems)
    exercises = {
        name: _derived_exercise(
            name,
            plan,
            sections[name],
            evidence=evidence_of(plan, sections[name], problems=problems),
            before_after=before_after_of(plan, of_lab, sections[name], problems=problems),
        )
        for name, plan in plans.items()
    }
    known = {name: each for name, each in exercises.items() if each.derived is not None}
    note = partial(_note_relation, plans, problems)
    waiting = exercises.keys() - known.keys()
    exercises |= with_relations(known, tables, stages=stages, tell=note, waiting=waiting)
    unearned(document, exercises, problems=problems)
    if problems:
        raise BadDataError(_told(problems, manifest), remedy="mend the file")
    return Lab(
        id=document["id"],
        lesson=document.get("lesson"),
        title=document.get("title", document["id"]),
        folder=folder,
        root=folder.parent,
        limits=limits_of(_LIMITS | document.get("limits", {})),
        points=points,
        exercises=exercises,
        seeds=tuple(each for each in GENERATORS if each in document.get("seeds", GENERATORS)),
        computed_required=document.get("computed", "required") == "required",
        feedback=Feedback(document["feedback"]) if "feedback" in document else None,
        stages=stages,
        is_default=document.get("default", False),
    )


def _note_relation(
    plans: Mapping[str, Planned], problems: Problems, exercise: str, number: int, message: str
) -> None:
    problems.append(((*plans[exercise].place, "relations", number), f"{exercise}: {message}"))


def _plans(document: dict[str, Any], folder: Path, *, problems: Problems) -> dict[str, Planned]:
    plans = {}
    if "exercises" in document:
        problems += [
            ((key,), f"{key} says nothing beside [exercises]: write it into the table of one")
            for key in OF_EXERCISE
            if key in document and key not in _OF_LAB_TOO
        ]
    for name, table in exercise_tables(document).items():
        place = place_in(document, name)
        plan = planned(name, table, place=place, folder=folder, problems=problems)
        if plan is not None:
            plans[name] = plan
    return plans


def _told(problems: Problems, manifest: Path) -> str:
    lines = lines_of_keys(read_regular(manifest, limit_bytes=MAX_BYTES).decode())
    found = sorted((line_of(place, lines), message) for place, message in problems)
    head = f"{printable(str(manifest))}: {counted(len(found), 'mistake')}"
    return "\n  ".join([head, *(f"line {line}: {message}" for line, message in found)])


def _derived_exercise(
    name: str,
    plan: Planned,
    sections: tuple[SectionSpec, ...],
    *,
    evidence: tuple[tuple[str, Field | str], ...],
    before_after: dict[str, tuple[str, str]],
) -> Exercise:
    table = plan.table
    return Exercise(
        id=name,
        title=table.get("title", name),
        script=plan.script,
        golden=plan.golden,
        before_after=before_after,
        sections=sections,
        instructions=tuple(table.get("instructions", ())),
        published=table.get("published", plan.source is not None),
        evidence=evidence,
        source=plan.source,
        derived=plan.derived,
        is_derived=True,
    )
