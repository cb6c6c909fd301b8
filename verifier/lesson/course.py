"""A whole course as one web page: which lessons hold, which drifted, and since when.

The page is self-contained, without a script, and carries its own history: in a comment it names
each block, its state, and the day on which a page in its place first showed it so. What changed
before that, or while no page was written, is not known, and the page says no more than it knows.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from verifier.files import open_alone, opened_folder
from verifier.lesson.verdict import UNTRUE
from verifier.printable import counted, printable
from verifier.report.html import page_template, style_and_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from verifier.lesson.report import Checked
    from verifier.lesson.verdict import Verdict

State = Literal["holds", "drifted", "not compared"]
History = dict[str, tuple[State, str]]
"""By the name of a block: its state, and since which day."""

_HISTORY = re.compile(r"<!-- labcheck-history (\{[^<>]{0,16000000}\}) -->")
_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_STATES: tuple[State, ...] = ("holds", "drifted", "not compared")
_ORDER: tuple[State, ...] = ("drifted", "holds", "not compared")
_MAX_FORMER_BYTES = 32 * 1024 * 1024
_MOST_DRIFTED = 500
"""Blocks that are shown with their differences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    page: str
    line: int
    status: str
    since: str
    why: str
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    page: str
    state: State
    since: str
    holding: int
    drifted: int
    others: int
    notes: int


def read_history(path: Path) -> History:
    """Read what an earlier page in this place says of its blocks; nothing where there is none.

    A link, a pipe, another file or a record that is none counts for nothing.
    """
    try:
        with opened_folder(path.parent) as folder:
            descriptor = open_alone(path.name, os.O_RDONLY, folder=folder)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(_MAX_FORMER_BYTES).decode("utf-8", "replace")
        found = _HISTORY.search(content)
        record: object = json.loads(found[1]) if found else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return dict(_entries(record)) if isinstance(record, dict) else {}


def _entries(record: Mapping[str, object]) -> Iterator[tuple[str, tuple[State, str]]]:
    for name, told in record.items():
        if not (_NAME.fullmatch(name) and isinstance(told, list) and len(told) == 2):  # noqa: PLR2004 - a state and a day
            continue
        state = next((each for each in _STATES if each == told[0]), None)
        if state is not None and isinstance(told[1], str) and _DAY.fullmatch(told[1]):
            yield name, (state, told[1])


def course_page(pages: Sequence[Checked], *, former: History, today: str) -> str:
    """Write the page.

    Args:
        pages: All that were checked.
        former: As `read_history` gives it.
        today: As ``2026-01-31``.
    """
    history = _history_of(pages, former=former, today=today)
    lessons = [_lesson(page, history) for page in pages]
    drifted = [
        _block(page, verdict, history[_name(page, verdict)][1])
        for page in pages
        for verdict in page.verdicts
        if verdict.status in UNTRUE
    ]
    style, policy = style_and_policy()
    return page_template("course.html").render(
        policy=policy,
        style=style,
        title=_headline(lessons),
        today=today,
        lessons=sorted(lessons, key=lambda each: _ORDER.index(each.state)),
        drifted=drifted[:_MOST_DRIFTED],
        left_out=max(0, len(drifted) - _MOST_DRIFTED),
        classes={"holds": "v-passed", "drifted": "v-failed", "not compared": "soft"},
        history=json.dumps(history, sort_keys=True),
    )


def _headline(lessons: Sequence[_Lesson]) -> str:
    held = sum(each.state == "holds" for each in lessons)
    drifted = sum(each.state == "drifted" for each in lessons)
    silent = len(lessons) - held - drifted
    beside = f"; {silent} with nothing to compare" if silent else ""
    return f"{counted(len(lessons), 'page')}: {held} hold, {drifted} drifted{beside}"


def _history_of(pages: Sequence[Checked], *, former: History, today: str) -> History:
    """Say of each block, and of each page, since when it is as it is."""
    history: History = {}
    for page in pages:
        states = {_name(page, each): _state(each) for each in page.verdicts}
        for name, state in {**states, _name(page): _whole(list(states.values()))}.items():
            earlier = former.get(name)
            since = earlier[1] if earlier and earlier[0] == state and earlier[1] <= today else today
            history[name] = (state, since)
    return history


def _name(page: Checked, verdict: Verdict | None = None) -> str:
    """Name a page, or a block by its script: a script that was changed is another."""
    told = json.dumps([page.path, None if verdict is None else verdict.script.text])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _state(verdict: Verdict) -> State:
    if verdict.status in UNTRUE:
        return "drifted"
    return "holds" if verdict.status in ("same", "within_tolerance") else "not compared"


def _whole(states: Sequence[State]) -> State:
    return next((each for each in ("drifted", "holds") if each in states), "not compared")


def _lesson(page: Checked, history: History) -> _Lesson:
    states = [_state(verdict) for verdict in page.verdicts]
    state, since = history[_name(page)]
    return _Lesson(
        page=printable(page.path, limit=300),
        state=state,
        since=since,
        holding=states.count("holds"),
        drifted=states.count("drifted"),
        others=states.count("not compared"),
        notes=len(page.notes),
    )


def _block(page: Checked, verdict: Verdict, since: str) -> _Block:
    return _Block(
        page=printable(page.path, limit=300),
        line=verdict.script.line,
        status=verdict.status,
        since=since,
        why=printable(verdict.why, limit=400),
        diff="\n".join(verdict.diff),
    )
