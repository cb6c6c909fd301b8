"""What GitHub's runner makes of a step's log: which lines it takes for commands to itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

COMMANDS = frozenset({
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
})  # fmt: skip
"""The names that a runner knows; with others, a line is only text."""

_PROPERTY_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}
_DATA_ESCAPES = {"%0D": "\r", "%0A": "\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One that was obeyed."""

    name: str
    data: str
    properties: dict[str, str] = field(default_factory=dict)


def commands_in(log: str) -> list[Command]:
    """Read a log as the runner does, stopped commands and their token included."""
    obeyed: list[Command] = []
    known = set(COMMANDS)
    token: str | None = None
    for line in re.split("\r\n|\r|\n", log):
        command = _parsed(line, known)
        if command is None:
            continue
        if token is not None:
            if command.name == token:
                known.discard(token)
                token = None
        elif command.name == "stop-commands":
            token = command.data.lower()
            known.add(token)
        else:
            obeyed.append(command)
    return obeyed


def _parsed(line: str, known: set[str]) -> Command | None:
    stripped = line.lstrip()
    head, found, data = stripped[2:].partition("::")
    if stripped.startswith("::") and found:
        command = _command(head, data, known, separator=",")
        if command is not None:
            return command
    _, found, rest = line.partition("##[")
    head, closed, data = rest.partition("]")
    return _command(head, data, known, separator=";") if found and closed else None


def _command(head: str, data: str, known: set[str], *, separator: str) -> Command | None:
    name, _, properties = head.partition(" ")
    if name.lower() not in known:
        return None
    pairs = [each.partition("=") for each in properties.strip().split(separator) if each]
    return Command(
        name=name.lower(),
        data=_unescaped(data, _DATA_ESCAPES),
        properties={key: _unescaped(value, _PROPERTY_ESCAPES) for key, _, value in pairs},
    )


def _unescaped(text: str, escapes: dict[str, str]) -> str:
    for escape, meant in escapes.items():
        text = text.replace(escape, meant)
    return text.replace("%25", "%")
