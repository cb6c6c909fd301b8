"""Measure how fast submissions are run and graded, beside the slow ways and the floor.

Run ``make bench``; at most ten minutes on two quiet cores. Everything is measured in one go, in
rounds that visit every way, so that a machine that slows down slows all of them. Figures go to
``bench/results.json`` and, with the bounds they are held to, to standard output; exits 1 if a
bound is broken.
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import signal
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench import document
from bench.machine import say
from bench.speed import submissions
from bench.speed.containers import remove_session
from bench.speed.figures import TITLES, figures_of, show
from bench.speed.grading import Grading, grade_folder
from bench.speed.measure import Samples
from bench.speed.outputs import Outputs, WrongOutputError
from bench.speed.slow import DockerRun, Plain
from bench.speed.warm import Floor, Sandboxed, Walled, hot_seconds
from verifier.errors import ExitCode, LabcheckError
from verifier.lab.load import load_lab
from verifier.run.container import IMAGE
from verifier.run.engine import connect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from docker import DockerClient

    from bench.speed.submissions import Submission
    from verifier.run.interface import Limits

_T = TypeVar("_T")

ROOT = Path(__file__).resolve().parents[2]
CHECKER_IMAGE = "labcheck"
HOT_RUNS = 50
PAIR = 10
"""Walled runs and runs on the floor take turns in blocks of so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    clean: int
    slow: int
    """How many of them the slow ways run."""
    rounds: int
    gradings: int


@dataclass(slots=True, kw_only=True)
class Session:
    """All that is open while it measures."""

    client: DockerClient
    limits: Limits
    walled: Walled
    sandboxed: Sandboxed
    floor: Floor
    plain: Plain
    docker_labcheck: DockerRun
    docker_python: DockerRun
    samples: dict[str, Samples]


def main() -> int:
    """Measure, print, write JSON; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    parser.add_argument("--image", default=IMAGE, help="the runtime image (%(default)s)")
    parser.add_argument(
        "--checker", default=CHECKER_IMAGE, help="the learner's image (%(default)s)"
    )
    parser.add_argument("--clean", type=int, default=submissions.COUNT, help="clean submissions")
    parser.add_argument("--slow", type=int, default=20, help="how many the slow ways run")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--gradings", type=int, default=3, help="times the whole folder is graded")
    arguments = parser.parse_args()
    size = Size(
        clean=arguments.clean,
        slow=arguments.slow,
        rounds=arguments.rounds,
        gradings=arguments.gradings,
    )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        figures = measure(size, image=arguments.image, checker=arguments.checker)
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        return ExitCode.INTERRUPTED
    except WrongOutputError as error:
        say(f"error: {error}; nothing was written")
        return ExitCode.ENVIRONMENT
    except LabcheckError as error:
        say(f"error: {error.problem}; {error.remedy}")
        return error.exit_code
    show(figures)
    if arguments.output:
        document.update(arguments.output, figures)
    return 1 if figures["broken"] else 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def measure(size: Size, *, image: str, checker: str) -> dict[str, Any]:
    """Measure every way; give the document's keys."""
    clean = submissions.clean(size.clean)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="labcheck-bench-")))
        client = stack.enter_context(contextlib.closing(connect()))
        session_id = secrets.token_hex(8)
        stack.callback(remove_session, client, session_id)
        session = _open(
            stack, client, image=image, checker=checker, folder=folder, session_id=session_id
        )
        _write(clean, folder / "clean")
        session.plain.compile(clean[0])
        grading = Grading(count=size.clean)
        graded_after = _spread(size.gradings, size.rounds)
        for number in range(size.rounds):
            say(f"round {number + 1} of {size.rounds}")
            _round(session, clean, number=number, size=size)
            for each in range(graded_after.count(number)):
                say("grading the folder")
                _grade(client, grading, folder=folder, run=f"{number}-{each}")
        say("the mixture")
        _mixture(session, size.clean)
        say("one hot process")
        hot = hot_seconds(clean[0].source, image=image, session=session_id, count=HOT_RUNS)
        session.samples["hot"] = Samples(wall_s=hot, elapsed_s=sum(hot))
        return figures_of(
            session.samples,
            grading,
            engine=client.version()["Version"],
            cpu_source=session.walled.meters[0].source,
        )


def _open(
    stack: contextlib.ExitStack,
    client: DockerClient,
    *,
    image: str,
    checker: str,
    folder: Path,
    session_id: str,
) -> Session:
    say("starting the warm servers")
    limits = load_lab(ROOT / "lab" / "forward-backward" / "lab.toml").limits
    outputs = Outputs()
    walled = stack.enter_context(Walled(client, image=image, jobs=2, outputs=outputs))
    walled.start(limits=limits)
    floor = stack.enter_context(Floor(client, outputs=outputs))
    floor.start(like=walled.containers[0], limits=limits)
    sandboxed = stack.enter_context(Sandboxed(outputs=outputs)).start(limits=limits)

    def docker_run(entrypoint: str | None) -> DockerRun:
        return DockerRun(
            client,
            image=checker,
            folder=folder / "clean",
            session=session_id,
            entrypoint=entrypoint,
        )

    return Session(
        client=client,
        limits=limits,
        walled=walled,
        sandboxed=sandboxed,
        floor=floor,
        plain=Plain(Path(sys.executable), folder=folder / "clean", outputs=outputs),
        docker_labcheck=docker_run(None),
        docker_python=docker_run("python3"),
        samples={name: Samples(jobs=2 if name.endswith("_2") else 1) for name in TITLES},
    )


def _write(clean: Sequence[Submission], folder: Path) -> None:
    folder.mkdir()
    folder.parent.chmod(0o755)  # a container's root without capabilities must read them
    for submission in clean:
        (folder / submission.name).write_bytes(submission.source)


def _spread(count: int, rounds: int) -> list[int]:
    """After which rounds something is done that is done a few times only: evenly, last included."""
    return [(number + 1) * rounds // count - 1 for number in range(count)]


def _share(all_of_them: Sequence[_T], number: int, rounds: int) -> Sequence[_T]:
    """Give one round's part; all rounds together give everything once."""
    start, end = (len(all_of_them) * each // rounds for each in (number, number + 1))
    return all_of_them[start:end]


def _round(session: Session, clean: Sequence[Submission], *, number: int, size: Size) -> None:
    """Visit every way once, in another order each time."""
    mine = _share(clean, number, size.rounds)
    samples, limits = session.samples, session.limits

    def pairs() -> None:
        for start in range(0, len(mine), PAIR):
            block = mine[start : start + PAIR]
            two: list[tuple[Walled | Floor, Samples]] = [
                (session.walled, samples["walled_1"]),
                (session.floor, samples["floor_1"]),
            ]
            turn = (number + start // PAIR) % 2
            for way, kept in two[::-1] if turn else two:
                way.block(block, kept, limits=limits)

    def two_jobs() -> None:
        session.walled.block(mine, samples["walled_2"], limits=limits)

    def sandbox() -> None:
        session.sandboxed.block(mine, samples["sandbox_1"], limits=limits)

    def slow() -> None:
        step = max(1, len(clean) // size.slow)
        for submission in _share(clean[::step][: size.slow], number, size.rounds):
            session.plain.block([submission], samples["python"])
            session.docker_labcheck.block([submission], samples["docker_labcheck"])
            session.docker_python.block([submission], samples["docker_python"])

    parts = [pairs, two_jobs, sandbox, slow]
    turn = number % len(parts)
    for part in parts[turn:] + parts[:turn]:
        part()


def _grade(client: DockerClient, grading: Grading, *, folder: Path, run: str) -> None:
    labcheck = Path(sys.executable).with_name("labcheck")
    try:
        grade_folder(
            client,
            grading,
            labcheck=labcheck,
            folder=folder / "clean",
            results=folder / f"results-{run}",
        )
    except WrongOutputError as error:
        say(f"not measured: {error}")


def _mixture(session: Session, count: int) -> None:
    limits = replace(session.limits, time_limit_s=submissions.SHORT_TIME_LIMIT_S)
    session.walled.block(submissions.mixture(count), session.samples["mixture_2"], limits=limits)


if __name__ == "__main__":
    sys.exit(main())
