"""Every hostile case behind all walls, and each of its positive controls without some of them.

One warm container serves all attacks, as in production, so that what one of them leaves
behind would show in the next.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import pytest

from tests.fakes import LIMITS
from tests.hostile.canary import Canaries, find_canaries
from tests.hostile.case import Case, Control, limits_of, load_cases
from tests.hostile.confines import PATIENCE_S, Confines, drive, place_of
from tests.hostile.conftest import HIDDEN
from tests.hostile.invariants import Watch, assert_in_time, assert_secret_kept, stand
from tests.hostile.judgement import assert_shown_safely, judge
from tests.hostile.learner import grade_in_learner_image, run_bare_in_learner_image
from tests.hostile.sighting import (
    assert_as_expected,
    assert_judged_as_expected,
    of_ended,
    of_result,
)
from tests.hostile.warm import CONTROL_LABEL, Warm
from verifier.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from verifier.run.interface import RunResult
    from verifier.task import Task

pytestmark = pytest.mark.engine

SOAK_VARIABLE = "LABCHECK_SOAK"
CASES = load_cases()
_ALL = bool(os.environ.get(SOAK_VARIABLE))
_CHOSEN = [case for case in CASES if _ALL or not case.soak]
IN_CONTAINER = [case for case in _CHOSEN if case.where == "container"]
IN_LEARNER_IMAGE = [case for case in _CHOSEN if case.where == "learner_image"]
CONTROLS = [
    pytest.param(case, control, id=f"{case.id}-{number}-{control.how}")
    for case, number, control in sorted(
        (
            (case, number, control)
            for case in IN_CONTAINER
            for number, control in enumerate(case.controls, 1)
        ),
        # Those that share a server one after another, and last what it does not survive.
        key=lambda each: (each[2].how, place_of(each[2]), each[2].harms_its_place),
    )
]


@pytest.fixture(scope="module")
def warm(engine: DockerClient, hostile_image: str, task: Task) -> Iterator[Warm]:
    """Start the container that serves all attacks, one after another."""
    with Warm(engine, image=hostile_image) as found:
        stand(found, task)
        yield found


@pytest.fixture(scope="module")
def canaries(warm: Warm, task: Task) -> Canaries:
    """Collect the secrets; the warm server runs the reference for it, as in production."""
    return find_canaries(task, warm)


@pytest.fixture(scope="module")
def confines(engine: DockerClient, warm: Warm, hostile_image: str) -> Iterator[Confines]:
    """Give places with fewer walls, made after production's container."""
    production = warm.configuration()
    with Confines(engine, image=hostile_image, production=production) as found:
        yield found
    left = engine.api.containers(all=True, filters={"ancestor": hostile_image})
    assert [each["Id"] for each in left if CONTROL_LABEL in each["Labels"]] == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that a control may need."""

    warm: Warm
    confines: Confines
    canaries: Canaries
    task: Task
    image: str


@pytest.fixture(scope="module")
def scene(
    warm: Warm, confines: Confines, canaries: Canaries, task: Task, hostile_image: str
) -> Scene:
    """Put it together; no lesser server is started before one is asked for."""
    return Scene(warm=warm, confines=confines, canaries=canaries, task=task, image=hostile_image)


@pytest.fixture(scope="module")
def watch(warm: Warm, task: Task, canaries: Canaries) -> Watch:
    """See how the container stands before the first attack, the reference having been run."""
    return Watch(warm, task)


@pytest.mark.parametrize("case", IN_CONTAINER, ids=lambda case: case.id)
def test_attack_is_stopped(
    case: Case, warm: Warm, task: Task, canaries: Canaries, watch: Watch
) -> None:
    """It ends as the case says, tells nothing, shows nothing unescaped, and harms no later run."""
    with watch.unharmed():
        source = case.source_with(canaries.halves())
        if case.victim is not None:
            assert warm.run(case.victim, limits=LIMITS).stderr == b""
        seen = judge(source, runner=warm, task=task, limits=case.limits)
        trace = None if case.probe is None else warm.run(case.probe, limits=LIMITS)

    assert_judged_as_expected(seen, case.expect)
    assert_shown_safely(seen)
    assert_secret_kept(seen, canaries, case=case)
    assert_in_time(seen, case=case)
    if trace is not None:
        assert trace.stderr == b""
        assert trace.stdout.decode().splitlines() == list(case.probe_sees)


@pytest.mark.parametrize("case", IN_LEARNER_IMAGE, ids=lambda case: case.id)
def test_attack_is_stopped_in_the_learner_image(
    case: Case, learner_image: object, canaries: Canaries
) -> None:
    """Checker, lab and submission share a container there; what it prints is read in the report."""
    seen = grade_in_learner_image(case.source_with(canaries.halves()))

    assert_as_expected(seen.sighting, case.expect)
    assert seen.verdict == case.expect.verdict
    assert [each for each in canaries.forbidden if each in seen.shown] == []


@pytest.mark.parametrize(
    ("case", "control"),
    [(case, control) for case in IN_LEARNER_IMAGE for control in case.controls],
    ids=lambda value: value.id if isinstance(value, Case) else value.how,
)
def test_attack_works_in_the_learner_image_without_the_server(
    case: Case, control: Control, learner_image: object, canaries: Canaries
) -> None:
    """A positive control: the secrets are where the attack looks for them."""
    ended = run_bare_in_learner_image(case.source_with(canaries.halves()))

    assert_as_expected(of_ended(ended), control.expect)


@pytest.mark.parametrize(("case", "control"), CONTROLS)
def test_attack_works_without_what_stops_it(case: Case, control: Control, scene: Scene) -> None:
    """A positive control: else the attack may be stopped by its own mistake."""
    source = case.source_with(scene.canaries.halves())
    match control.how:
        case "without":
            _see_without_walls(case, control, source, scene)
        case "bare":
            _see_bare(control, source, scene)
        case "driver":
            _see_driven(case, control, source, scene)
        case "twin":
            _see_twin(case, control, source, scene)
        case "joined":
            _see_joined(case, control, source, scene)
        case "arrives":
            run = scene.warm.run(source, limits=case.limits)
            assert [text for text in control.arrives if text.encode() not in run.stdout] == []
        case _:
            assert_never(control.how)


def _see_without_walls(case: Case, control: Control, source: bytes, scene: Scene) -> None:
    limits = limits_of(case.limits, control.limits)
    server = scene.confines.server(control)
    with server.retired_unless_clean(harmed=control.harms_its_place):
        if control.expect.outcome == "silent":
            assert server.is_silent(source, limits=limits, for_s=control.silent_for_s)
            return
        if control.expect.outcome == "server_died":
            with pytest.raises(WorkerError):
                server.run(source, limits=limits)
            return
        started_at = time.monotonic()
        run = server.run(source, limits=limits)
        took_s = time.monotonic() - started_at

        assert_as_expected(of_result(run), control.expect)
        assert control.within_s is None or took_s <= control.within_s
        if control.wears_out:
            with pytest.raises(WorkerError, match="an earlier run left files"):
                server.run(b"", limits=limits)
        if control.leaves_file:
            assert case.probe is not None
            assert _lines(server.run(case.probe, limits=LIMITS)) != list(case.probe_sees)
        elif case.probe is not None and "server" in case.stopped_by:
            assert _lines(server.run(case.probe, limits=LIMITS)) == list(case.probe_sees)


def _see_bare(control: Control, source: bytes, scene: Scene) -> None:
    with scene.confines.bare(changes=control.host) as place:
        before = place.look()
        ended = place.run(source, within_s=control.silent_for_s or PATIENCE_S)
        after = place.look()

    assert (ended is None) is (control.expect.outcome == "silent")
    if ended is not None:
        assert_as_expected(of_ended(ended), control.expect)
        assert (len(after.processes) > len(before.processes)) is control.leaves_process


def _see_driven(case: Case, control: Control, source: bytes, scene: Scene) -> None:
    secret = {
        "nothing": None,
        "pipe": None,
        "victim": None if case.victim is None else case.victim.decode(),
        "descriptor": f"{HIDDEN}/forward-backward/golden/baseline.json",
        "reference": scene.task.exercise.script.read_text(encoding="utf-8"),
    }[control.holds]
    ended = drive(scene.image, source, holds=control.holds, secret=secret)

    assert_as_expected(of_ended(ended), control.expect)


def _see_twin(case: Case, control: Control, source: bytes, scene: Scene) -> None:
    text = source.decode()
    for old, new in control.edits:
        assert old in text
        text = text.replace(old, new)
    limits = limits_of(case.limits, control.limits)
    twin = judge(text.encode(), runner=scene.warm, task=scene.task, limits=limits)

    assert_judged_as_expected(twin, control.expect)


def _see_joined(case: Case, control: Control, source: bytes, scene: Scene) -> None:
    assert case.probe is not None
    run = scene.warm.run(source + b"\n" + case.probe, limits=case.limits)

    assert_as_expected(of_result(run), control.expect)
    assert _lines(run)[-len(case.probe_sees) :] != list(case.probe_sees)


def _lines(run: RunResult) -> list[str]:
    return run.stdout.decode(errors="replace").splitlines()
