"""An environment whose torch is observed: an image or an interpreter, and chosen variables.

>>> str(parse_environment("image:labcheck-runtime", ["OMP_NUM_THREADS=2"]))
'image:labcheck-runtime OMP_NUM_THREADS=2'
>>> parse_environment("docker:labcheck-runtime")
Traceback (most recent call last):
verifier.errors.UsageError: 'docker:labcheck-runtime' is no environment
  → write image:NAME for a Docker image with the sandbox server in it, or python:PATH for an \
interpreter that has torch
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from verifier.errors import UsageError
from verifier.printable import printable
from verifier.run.container import ContainerRunner
from verifier.run.sandbox import SandboxRunner
from verifier.sandbox.variables import THREAD_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.run.interface import Runner

Kind = Literal["image", "python"]

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_MAX_VALUE_CHARACTERS = 1000
_MAX_VARIABLES = 100
_MAX_NAME_CHARACTERS = 4000
"""What `schemas/observation.schema.json` keeps."""
_AGAINST_THREADS = frozenset({"rlimits", "seccomp"})
"""Walls behind which a script has one thread; only a lab's own scripts are ever observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchEnvironment:
    """Where torch is, and what it is told by its environment."""

    kind: Kind
    name: str
    """Of the image, or the interpreter's path."""
    settings: Mapping[str, str] = field(default_factory=dict)
    wheel_sha256: str | None = None
    """Of the torch that was installed into it; None where nobody noted it."""

    def __str__(self) -> str:
        """How a person names it on the command line."""
        words = [f"{name}={value}" for name, value in self.settings.items()]
        return " ".join([f"{self.kind}:{self.name}", *words])

    def runner(self, *, hide: Sequence[Path]) -> Runner:
        """Make a runner that starts a server of its own in it.

        Args:
            hide: Folders that no script may read, where the scripts share this machine's files.
        """
        threaded = not self.settings.keys().isdisjoint(THREAD_VARIABLES)
        without = _AGAINST_THREADS if threaded else frozenset()
        if self.kind == "image":
            return ContainerRunner(image=self.name, settings=self.settings, without=without)
        return SandboxRunner(
            hide=hide, without=without, python=Path(self.name), settings=self.settings
        )

    def under(self, settings: Mapping[str, str]) -> TorchEnvironment:
        """Give the same torch under further variables."""
        return replace(self, settings={**self.settings, **settings})


def parse_environment(text: str, settings: Sequence[str] = ()) -> TorchEnvironment:
    """Read ``image:NAME`` or ``python:PATH``, and ``NAME=VALUE`` variables.

    Raises:
        UsageError: It is neither, there is no such interpreter, or it is more than can be kept.
    """
    kind, _, name = text.partition(":")
    if kind not in get_args(Kind) or not name or not name.isprintable():
        raise UsageError(
            f"{printable(text)!r} is no environment",
            remedy="write image:NAME for a Docker image with the sandbox server in it, or "
            "python:PATH for an interpreter that has torch",
        )
    variables = dict(map(parse_setting, settings))
    if len(variables) > _MAX_VARIABLES:
        raise UsageError(
            f"there are more than {_MAX_VARIABLES} variables", remedy="name fewer of them"
        )
    if kind == "python":
        name = _interpreter(name)
    found = TorchEnvironment(kind=cast("Kind", kind), name=name, settings=variables)
    if len(str(found)) > _MAX_NAME_CHARACTERS:
        raise UsageError(
            f"its name with its variables is longer than {_MAX_NAME_CHARACTERS} characters",
            remedy="name fewer of them",
        )
    return found


def _interpreter(name: str) -> str:
    """Make sure that it is a file, and give its absolute path.

    Not resolved: an environment's interpreter is a link, which says where its packages lie.
    """
    try:
        is_file = Path(name).is_file()
    except OSError:  # too long, or in a folder that may not be searched
        is_file = False
    if not is_file:
        raise UsageError(
            f"there is no interpreter {printable(name)}",
            remedy="name one, as in python:/venv/bin/python",
        )
    return str(Path(name).absolute())


def parse_setting(text: str) -> tuple[str, str]:
    """Read ``NAME=VALUE``.

    Raises:
        UsageError: It is not that.
    """
    name, equals, value = text.partition("=")
    fits = len(value) <= _MAX_VALUE_CHARACTERS and value.isprintable()
    if not equals or not _VARIABLE.fullmatch(name) or not fits:
        raise UsageError(
            f"{printable(text)!r} is no variable",
            remedy="write NAME=VALUE, as ATEN_CPU_CAPABILITY=default",
        )
    return name, value
