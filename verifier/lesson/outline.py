"""What a page says about itself: its title, and what it gives its readers to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.lesson.block import Code, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.lesson.block import Item

_TASKS = re.compile(
    r"\b(?:tasks?|instructions|what to do|your turn|assignments?)\b|作业|任务|課題", re.IGNORECASE
)
_EXERCISES = re.compile(
    r"\b(?:exercises?|try (?:it|this)|practi[cs]e|going further)\b|练习|演習|練習", re.IGNORECASE
)
_EVIDENCE = re.compile(r"\bevidence\b|\bkeep this\b|证据|証拠", re.IGNORECASE)
_KEPT = re.compile(
    r"^\s*(?:[-*]\s+)?`?([^:\uff1a`\n]{1,100}?)`?\s*[:\uff1a]\s*(\S[^\n]{0,300}?)\s*$", re.MULTILINE
)
_EMPHASIS = re.compile(r"\*\*|__")
_BULLET = re.compile(r"^\s*(?:[-*+•]|[0-9]{1,3}[.)])\s+")
_SHORTEST = 10
_LONGEST = 400
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Title, tasks and exercises of a page; empty where it has none."""

    title: str
    tasks: tuple[str, ...]
    """What whoever writes the page's script is to do."""
    exercises: tuple[str, ...]
    """What to try beyond it: each takes another script."""
    evidence: tuple[tuple[str, str], ...]
    """The closing lines that a reader keeps: label and rest."""


def outline(items: Iterable[Item]) -> Outline:
    """Find the first heading, and what stands under those such as "Tasks" and "Exercises"."""
    title, tasks, exercises = "", list[str](), list[str]()
    under: list[str] | None = None
    evidence: dict[str, str] = {}
    is_evidence = False
    for item in items:
        if isinstance(item, Code) and is_evidence:
            evidence |= dict(_KEPT.findall(item.text))
        if not isinstance(item, Words):
            continue
        if item.is_heading:
            is_evidence = _EVIDENCE.search(item.text) is not None
            title = title or item.text.strip()
            is_exercises = _EXERCISES.search(item.text) is not None
            is_tasks = _TASKS.search(item.text) is not None
            under = exercises if is_exercises else tasks if is_tasks else None
        elif under is not None:
            under += _sentences(item.text)
    return Outline(
        title=title[:_LONGEST],
        tasks=tuple(tasks[:_MOST]),
        exercises=tuple(exercises[:_MOST]),
        evidence=tuple(evidence.items())[:_MOST],
    )


def _sentences(text: str) -> Iterable[str]:
    """Give the points of a list, or a paragraph as one."""
    points: list[str] = []
    for line in _EMPHASIS.sub("", text).split("\n"):
        if _BULLET.match(line) or not points:
            points.append(_BULLET.sub("", line).strip())
        else:
            points[-1] += " " + line.strip()
    return [point[:_LONGEST] for point in points if len(point) >= _SHORTEST]
