"""Options that commands share: walls, isolation, which runner and which image they mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, FakeRunner, run_result
from verifier.cli import options
from verifier.errors import (
    EngineUnavailableError,
    UsageError,
)
from verifier.lab.load import load_labs
from verifier.run.container import ContainerRunner
from verifier.run.interface import WALLS
from verifier.run.required_walls import WalledRunner
from verifier.run.sandbox import STAMP_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunnerName

LAB = load_labs(LAB_ROOT)["forward-backward"]
AUTO = options.RunnerRequest(runner_name="auto")


class Entered(FakeRunner):
    """A runner of containers that knows its image."""

    image = "sha256:1"


def test_full_tier_is_every_wall() -> None:
    """Also one that a later version adds."""
    request = options.RunnerRequest(runner_name="sandbox", required=frozenset(WALLS))
    made = options.chosen_runner(request, lab=LAB, needs_walls=True)

    assert isinstance(made, WalledRunner)
    assert options._parse_tier(None, None, "full") == frozenset(WALLS)  # type: ignore[arg-type] # unused there
    assert options._parse_tier(None, None, "") == frozenset()  # type: ignore[arg-type] # unused there


def test_fresh_containers_are_for_the_container_runner() -> None:
    """The others have none to replace."""
    request = options.RunnerRequest(runner_name="container", isolation="fresh-container")
    made = options.chosen_runner(request, lab=LAB, needs_walls=True)
    assert isinstance(made, ContainerRunner)

    names: tuple[RunnerName, ...] = ("sandbox", "local")
    for name in names:
        with pytest.raises(UsageError, match="starts no containers"):
            options.chosen_runner(replace(request, runner_name=name), lab=LAB, needs_walls=True)


def test_image_is_known_before_the_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are only good for the image that they were made in."""
    monkeypatch.setattr(options, "ContainerRunner", lambda **_: Entered(run_result()))
    assert options.chosen_image("container") == "sha256:1"
    assert options.chosen_image("local") is None

    monkeypatch.delenv(STAMP_VARIABLE, raising=False)
    assert options.chosen_image("sandbox") is None
    (tmp_path / "stamp").write_text('{"runtime_image": "sha256:2", "pins_sha256": "3"}')
    monkeypatch.setenv(STAMP_VARIABLE, str(tmp_path / "stamp"))
    assert options.chosen_image("sandbox") == "sha256:2"


@pytest.mark.parametrize(
    ("given", "image"),
    [
        (None, "labcheck-runtime"),
        ("", "labcheck-runtime"),
        ("labcheck-runtime-course", "labcheck-runtime-course"),
        ("sha256:1", "sha256:1"),
    ],
)
def test_scripts_run_in_the_image_that_a_variable_names(
    given: str | None, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every command, those that ask for its id included; it must be of the same pins."""
    monkeypatch.delenv("LABCHECK_IMAGE", raising=False)
    if given is not None:
        monkeypatch.setenv("LABCHECK_IMAGE", given)
    made: list[dict[str, object]] = []

    def make(**arguments: object) -> Entered:
        made.append(arguments)
        return Entered(run_result())

    monkeypatch.setattr(options, "ContainerRunner", make)
    options.chosen_runner(options.RunnerRequest(runner_name="container"), lab=LAB, needs_walls=True)
    options.page_runner("container")
    options.chosen_image("container")

    assert [each["image"] for each in made] == [image] * 3
    assert None not in [each["pins_sha256"] for each in made]


def test_auto_runner_is_the_container_else_local_for_the_labs_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stranger's script never falls through to a runner without walls."""
    monkeypatch.setattr(options, "engine_trouble", lambda: "no socket")
    assert type(options.chosen_runner(AUTO, lab=LAB, needs_walls=False)).__name__ == "LocalRunner"
    with pytest.raises(EngineUnavailableError, match="no socket"):
        options.chosen_runner(AUTO, lab=LAB, needs_walls=True)

    monkeypatch.setattr(options, "engine_trouble", lambda: None)
    assert (
        type(options.chosen_runner(AUTO, lab=LAB, needs_walls=True)).__name__ == "ContainerRunner"
    )

    monkeypatch.setenv("LABCHECK_IN_IMAGE", "1")
    assert type(options.chosen_runner(AUTO, lab=LAB, needs_walls=True)).__name__ == "SandboxRunner"
