"""The one step that takes out what no two runs have in common: all that is hidden stands here.

Hidden are places of this machine, the id of the image that was just built, measured times and
memory, and addresses of objects. A lab's revision is not hidden, but written once in place of in
every report. Whole values of scripts that are listed as unrepeatable are left out elsewhere.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Progress on standard error comes every ten seconds, so how often depends on the machine.
    (re.compile(r"^labcheck: \d+ of \d+, [\d.]+ per second, \d+ s left\n", re.MULTILINE), ""),
    # How fast a batch was.
    (
        re.compile(r"took [\d.]+ s: [\d.]+ submissions per second"),
        "took <seconds> s: <rate> submissions per second",
    ),
    # What a script had computed when its time was up: on a busy machine, too little. Both texts
    # stand here in full, also as Markdown has them: if one of them changes, it is a difference.
    (
        re.compile(
            r"(?<=and was stopped; )(?:look for a loop that never ends|it computed for [\d.]+ s "
            r"only\\?: look for a sleep or a wait, or hand it in again if the machine was busy)"
        ),
        "<by how busy the machine was>",
    ),
    # Where objects lie in memory, as repr() prints it.
    (re.compile(r"\bat 0x[0-9a-f]+"), "at 0x<address>"),
    # Names that tempfile makes up.
    (re.compile(r"(<scratch>/tmp/|/tmp/)([a-z-]*)[a-z0-9_]{8}\b"), r"\1\2<random>"),
)

_MEASURED = {"wall_s": "<seconds>", "cpu_s": "<seconds>", "peak_bytes": "<bytes>"}
_STARTS = "start_s"
_SHORT_ID = len("sha256:") + 12
"""Characters of an image's id that a text shows."""


def normalised(text: str, *, places: Mapping[str, str], image: str | None) -> str:
    """Replace this machine's places, the image's id, and what the rules say."""
    for path, word in sorted(places.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(path, word)
    if image:
        text = text.replace(image, "<image>").replace(image[:_SHORT_ID], "<image>")
    for pattern, word in _RULES:
        text = pattern.sub(word, text)
    return text


def without_measures(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Replace measured times and memory in a document; what was not measured stays null."""
    if isinstance(document, list):
        return [without_measures(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {key: _without_measure(key, value) for key, value in document.items()}


def _without_measure(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if key in _MEASURED and isinstance(value, (int, float)):
        return _MEASURED[key]
    if key == _STARTS:
        return ["<seconds>" for _ in value]
    return without_measures(value)


def with_fixed_measures(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Give a batch's row made-up times, so that pages drawn from it are the same every time."""
    fixed = dict(row)
    for key, seconds in (("wall_s", 0.01), ("cpu_s", 0.005)):
        if isinstance(row.get(key), (int, float)):
            fixed[key] = round(seconds * number, 6)
    return fixed


def readable(document: Any) -> str:  # noqa: ANN401 - any JSON
    """Write JSON a value a line, in the order it has, so that a difference is a short one."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def broken_up(markup: str) -> str:
    """Write markup an element a line."""
    return markup.replace("><", ">\n<")


def in_short(row: dict[str, Any]) -> dict[str, Any]:
    """Keep of an unrepeatable script what should come out every time."""
    report = row["report"]
    return {
        "unrepeatable": True,
        "verdict": report["verdict"],
        "diagnoses": [each["id"] for each in report["diagnoses"]],
    }
