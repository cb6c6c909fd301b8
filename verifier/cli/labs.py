"""Which labs there are, and which one is meant."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from verifier.errors import BadDataError, UsageError
from verifier.lab.load import load_meant, load_sound_labs
from verifier.printable import printable
from verifier.resources import lab_root, passed_over

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from verifier.lab.spec import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class Labs:
    """The labs of a folder; one that is broken harms no other."""

    sound: Mapping[str, Lab]
    """By id."""
    broken: Mapping[str, BadDataError]
    """What is wrong with the others, by the id that is due to their folder."""


def labs_of(root: Path | None) -> Labs:
    """Load every lab.

    Raises:
        BadDataError: There is none at all.
    """
    sound, broken = load_sound_labs(lab_root(root))
    return Labs(sound=sound, broken=broken)


def author_labs(root: Path | None) -> dict[str, Lab]:
    """Load every lab for an author who needs them all.

    Raises:
        BadDataError: There is none, or one is not what its schema says.
    """
    labs = offered_labs(root)
    for error in labs.broken.values():
        raise error
    return dict(labs.sound)


def offered_labs(root: Path | None, *, tells_broken: bool = False) -> Labs:
    """Load every lab for an author, who is told of labs at hand that are not used.

    Args:
        root: As it was given.
        tells_broken: Whether those that are broken are told as well.
    Raises:
        BadDataError: There is none at all.
    """
    _tell_if_passed_over(root)
    labs = labs_of(root)
    for error in labs.broken.values() if tells_broken else ():
        click.echo(f"labcheck: a lab is left out: {error.problem}", err=True)
    return labs


def _tell_if_passed_over(root: Path | None) -> None:
    used = lab_root(root)
    other = passed_over(root, root=used)
    if other is not None:
        shown = printable(str(other))
        click.echo(
            f"labcheck: {shown} is not used, because nobody named it: the labs are those in "
            f"{printable(str(used))}\n  → use --lab-root {shown}, or set LABCHECK_LAB",
            err=True,
        )


def chosen_lab(root: Path | None, lab_id: str | None) -> Lab:
    """Pick, for an author, the lab named, or the only lesson there is.

    Raises:
        UsageError: There is none of that name, or there are several to choose from.
    """
    _tell_if_passed_over(root)
    return _meant(root, lab_id)


def _meant(root: Path | None, lab_id: str | None) -> Lab:
    """Load the lab that is meant; the others only where it takes them to say which that is."""
    return load_meant(lab_root(root), lab_id) or _picked(labs_of(root), lab_id)


def _picked(labs: Labs, lab_id: str | None) -> Lab:
    if lab_id is not None:
        if lab_id in labs.sound:
            return labs.sound[lab_id]
        if lab_id in labs.broken:
            raise labs.broken[lab_id]
        known = ", ".join(labs.sound)
        near = get_close_matches(lab_id, labs.sound, n=1)
        meant = f"; is {near[0]} meant?" if near else ""
        raise UsageError(
            f"there is no lab {lab_id!r}{meant}", remedy=f"choose one with --lab: {known}"
        )
    lessons = [lab for lab in labs.sound.values() if lab.canary is None]
    chosen = [lab for lab in lessons if lab.is_default]
    for error in () if chosen else labs.broken.values():  # it may be the one that is meant
        raise error
    chosen = chosen or lessons
    if len(chosen) == 1:
        return chosen[0]
    known = ", ".join(lab.id for lab in lessons or labs.sound.values())
    raise UsageError(f"there are {len(lessons)} lessons", remedy=f"choose one with --lab: {known}")


def chosen_lesson(root: Path | None, lab_id: str | None, *, for_author: bool = False) -> Lab:
    """Pick the lesson named, or the only one there is.

    Raises:
        UsageError: As `chosen_lab`, or it is a canary: nobody hands anything in for it, and its
            output stands on no page.
    """
    lab = chosen_lab(root, lab_id) if for_author else _meant(root, lab_id)
    if lab.canary is not None:
        raise UsageError(
            f"{lab.id} is a canary, not a lesson: it only shows what changes in torch",
            remedy="name a lesson with --lab; for a canary there is `labcheck golden diff`",
        )
    return lab


def every_lesson(root: Path | None) -> tuple[list[Lab], list[BadDataError]]:
    """Load all lessons, for an author; and say what is wrong with labs that are broken.

    Raises:
        BadDataError: There is no sound lesson.
    """
    labs = offered_labs(root)
    lessons = [lab for lab in labs.sound.values() if lab.canary is None]
    if not lessons:
        for error in labs.broken.values():
            raise error
        raise BadDataError("there is no lesson, only canaries", remedy="name a folder of labs")
    return lessons, [*labs.broken.values()]
