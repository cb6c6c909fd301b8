"""``docker run labcheck``: checker, lab and submission in one container."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.hostile.confines import Ended, docker_run
from tests.hostile.sighting import Sighting
from tests.integration.images import CHECKER


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What a learner gets to see."""

    sighting: Sighting
    """Its readings, as lines; how it ended is in the exit code alone."""
    verdict: str
    shown: bytes
    """Everything that was printed."""


def grade_in_learner_image(source: bytes) -> Graded:
    """Hand in ``source`` on standard input."""
    ended = docker_run(CHECKER, "grade", "--format", "json", "-", stdin=source)
    assert ended.stdout.startswith(b"{"), ended
    report = json.loads(ended.stdout)
    lines = [f"{each['key']}= {each['text']}" for each in report["record"]["readings"]]
    return Graded(
        sighting=Sighting(outcome=f"exited {ended.code}", stdout="\n".join(lines), stderr=""),
        verdict=report["verdict"],
        shown=ended.stdout + ended.stderr,
    )


def run_bare_in_learner_image(source: bytes) -> Ended:
    """Run ``source`` there as root, with nothing around it but the container."""
    return docker_run("--entrypoint", "/usr/bin/python3", CHECKER, "-I", "-", stdin=source)
