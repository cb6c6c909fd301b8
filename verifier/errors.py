"""Every error labcheck raises, each with its exit code and its remedy.

A learner's mistake is a value in the report, never one of these: these are the
tool's own troubles. One family a class, one exit code a family:

==  =========================================================
 0  passed
 1  failed: a check, or drift
 2  usage
 3  the submission is not gradable
 4  environment: engine, image, worker, a missing wall
 5  a bad lab, golden or schema
130 interrupted
141 who reads the output went away
==  =========================================================
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NOT_GRADABLE = 3
    ENVIRONMENT = 4
    BAD_DATA = 5
    INTERRUPTED = 130


class LabcheckError(Exception):
    """Something labcheck itself could not do.

    Args:
        problem: What happened, in one sentence without a final full stop.
        remedy: What the reader can do about it, as an imperative.
    """

    exit_code: ExitCode = ExitCode.ENVIRONMENT

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}\n  → {self.remedy}"


class UsageError(LabcheckError):
    """The command line asked for something that cannot be had."""

    exit_code = ExitCode.USAGE


class EnvironmentFailure(LabcheckError):
    """The machine, not the submission, is at fault."""

    exit_code = ExitCode.ENVIRONMENT


class BadDataError(LabcheckError):
    """A lab, golden or schema on disk is not what its schema says."""

    exit_code = ExitCode.BAD_DATA


class EngineUnavailableError(EnvironmentFailure):
    """No Docker engine answers."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"no Docker engine answers ({reason})",
            remedy="run `make engine`, or use `--runner local` for the lab's own scripts",
        )
        self.reason = reason


def how_to_make(image: str) -> str:
    """Say what makes the runtime image of that name; a variant stands behind its name."""
    _, _, variant = image.partition("-runtime-")
    return f"run `make image VARIANT={variant}`" if variant else "run `make image`"


class ImageMissingError(EnvironmentFailure):
    """The pinned lab image is not on this machine."""

    def __init__(self, *, image: str) -> None:
        super().__init__(f"the image {image} is not on this machine", remedy=how_to_make(image))


class StaleImageError(EnvironmentFailure):
    """The image on this machine was built from other pins than this labcheck's."""

    def __init__(self, *, image: str) -> None:
        super().__init__(
            f"the image {image} was built from other pins than docker/pins.toml",
            remedy=how_to_make(image),
        )


class OtherVersionError(EnvironmentFailure):
    """The sandbox server in an image is of another version of labcheck than this client."""

    def __init__(self, *, spoken: str, wanted: int) -> None:
        super().__init__(
            "the image is of another version of labcheck: its sandbox server speaks protocol "
            f"{spoken}, not {wanted}",
            remedy="run `make image`",
        )


class EngineError(EnvironmentFailure):
    """The engine answers, but could not do what it was asked."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"the Docker engine could not do it: {reason}",
            remedy="see `docker info` and the engine's log: disk space, permissions, its version",
        )


class WorkerError(EnvironmentFailure):
    """The sandbox server died, or sent something that is no answer."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            problem, remedy="run the command again; `labcheck doctor` shows what is wrong"
        )


class WallMissingError(EnvironmentFailure):
    """A wall is missing without which a submission could read solutions, or that was required."""

    def __init__(
        self,
        problem: str,
        *,
        remedy: str = "run the container with SETUID and SETGID, "
        "or on a kernel with Landlock (5.13 or newer)",
    ) -> None:
        super().__init__(problem, remedy=remedy)


class TorchMissingError(EnvironmentFailure):
    """The Python that would run the lab has no torch."""

    def __init__(self, *, python: str) -> None:
        super().__init__(
            f"{python} cannot import torch", remedy="run `make setup`, or use `--runner container`"
        )
