"""What a page says about itself: its title, and what it gives its readers to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.lesson.block import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.lesson.block import Item

_TASKS = re.compile(
    r"\b(?:exercises?|tasks?|try (?:it|this)|your turn|what to do|practi[cs]e|assignments?)\b|"
    r"练习|作业|任务|演習|課題|練習",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*+•]|[0-9]{1,3}[.)])\s+")
_SHORTEST = 10
_LONGEST = 400
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Title and tasks of a page; empty where it has none."""

    title: str
    tasks: tuple[str, ...]


def outline(items: Iterable[Item]) -> Outline:
    """Find the first heading, and what stands under headings such as "Exercises"."""
    title, tasks, is_task = "", list[str](), False
    for item in items:
        if not isinstance(item, Words):
            continue
        if item.is_heading:
            title = title or item.text.strip()
            is_task = _TASKS.search(item.text) is not None
        elif is_task:
            tasks += _sentences(item.text)
    return Outline(title=title[:_LONGEST], tasks=tuple(tasks[:_MOST]))


def _sentences(text: str) -> Iterable[str]:
    """Give the points of a list, or a paragraph as one."""
    points: list[str] = []
    for line in text.split("\n"):
        if _BULLET.match(line) or not points:
            points.append(_BULLET.sub("", line).strip())
        else:
            points[-1] += " " + line.strip()
    return [point[:_LONGEST] for point in points if len(point) >= _SHORTEST]
