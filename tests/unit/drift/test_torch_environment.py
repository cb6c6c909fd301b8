"""An environment as it is written on the command line: what is understood, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from verifier.drift.torch_environment import (
    TorchEnvironment,
    parse_environment,
    parse_setting,
)
from verifier.errors import ExitCode, UsageError
from verifier.run.container import ContainerRunner
from verifier.run.sandbox import SandboxRunner

PYTHON = f"python:{sys.executable}"


@pytest.mark.parametrize("name", ["labcheck-runtime", "host:5000/a/b:tag", "sha256:" + "a" * 64])
def test_an_image_is_named_as_docker_names_it(name: str) -> None:
    """Colons of its own included."""
    assert parse_environment(f"image:{name}") == TorchEnvironment(kind="image", name=name)


def test_an_interpreter_stays_the_link_that_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place says which packages it has; and the server starts elsewhere, so it is absolute."""
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)

    assert parse_environment("python:python").name == str(tmp_path / "python")


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "image", "image:", "python", "python:", "conda:torch", "IMAGE:x", " image:x",
        "python:/no/such/python", "python:" + "a" * 5000, "python:/" + "a/" * 3000,
        "image:a\nb", "image:\x1b[2J", "image:\udcff", "python:\x00",
    ],
)  # fmt: skip
def test_what_names_no_environment_is_refused(text: str) -> None:
    """Exit 2, before anything is run."""
    with pytest.raises(UsageError) as caught:
        parse_environment(text)

    assert caught.value.exit_code == ExitCode.USAGE
    assert str(caught.value).isascii() or "→" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_folder_is_no_interpreter(tmp_path: Path) -> None:
    """Nor is the environment that it belongs to."""
    with pytest.raises(UsageError, match="there is no interpreter"):
        parse_environment(f"python:{tmp_path}")


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("ATEN_CPU_CAPABILITY=default", ("ATEN_CPU_CAPABILITY", "default")),
        ("A=", ("A", "")),
        ("A_1=b=c d", ("A_1", "b=c d")),
        ("A" * 64 + "=x", ("A" * 64, "x")),
        ("A=" + "x" * 1000, ("A", "x" * 1000)),
    ],
)
def test_a_variable_is_split_at_its_first_sign(text: str, setting: tuple[str, str]) -> None:
    """Its value may hold others."""
    assert parse_setting(text) == setting


@pytest.mark.parametrize(
    "text",
    [
        "", "A", "=x", "a=x", "A-B=x", "1A=x", "A B=x", " A=x", "Ä=x", "A" * 65 + "=x",
        "A=x\n", "A=\x00", "A=\udcff", "A=\u202e", "A=" + "x" * 1001,
    ],
)  # fmt: skip
def test_what_is_no_variable_is_refused(text: str) -> None:
    """It would stand in files and on pages, so what cannot be seen is refused as well."""
    with pytest.raises(UsageError, match="is no variable"):
        parse_setting(text)
    with pytest.raises(UsageError, match="is no variable"):
        parse_environment("image:x", ["B=1", text])


def test_more_variables_than_a_file_keeps_are_refused() -> None:
    """Before the runs, not when they are to be written down."""
    many = [f"A{number}=x" for number in range(101)]

    assert len(parse_environment("image:x", many[:100]).settings) == 100
    with pytest.raises(UsageError, match="more than 100 variables"):
        parse_environment("image:x", many)


def test_a_name_longer_than_a_file_keeps_is_refused() -> None:
    """The name that is kept holds the variables, too."""
    with pytest.raises(UsageError, match="longer than 4000 characters"):
        parse_environment("image:x", [f"A{number}=" + "x" * 1000 for number in range(4)])


def test_the_last_of_two_values_holds() -> None:
    """As in a shell."""
    assert parse_environment("image:x", ["A=1", "A=2"]).settings == {"A": "2"}


def test_it_says_how_it_was_written() -> None:
    """A reader of a report can ask for it again."""
    where = parse_environment("image:x", ["B=2", "A=1"])

    assert str(where) == "image:x B=2 A=1"
    assert str(where.under({"A": "3", "C": ""})) == "image:x B=2 A=3 C="
    assert str(where) == "image:x B=2 A=1"


@pytest.mark.parametrize(
    ("settings", "without"),
    [
        ([], set()),
        (["ATEN_CPU_CAPABILITY=default"], set()),
        (["OMP_NUM_THREADS=2"], {"--without=rlimits", "--without=seccomp"}),
        (["MKL_NUM_THREADS=2", "A=1"], {"--without=rlimits", "--without=seccomp"}),
    ],
)
def test_only_several_threads_take_walls_down(settings: list[str], without: set[str]) -> None:
    """Behind all of them a script has one."""
    image = parse_environment("image:labcheck-runtime", settings).runner(hide=[Path("/lab")])
    python = parse_environment(PYTHON, settings).runner(hide=[Path("/lab")])

    assert isinstance(image, ContainerRunner)
    assert isinstance(python, SandboxRunner)
    wanted = {f"--set={each}" for each in settings} | without
    assert set(image._arguments) == wanted
    assert set(python._arguments) == wanted | {"--hide=/lab"}
    assert python._python == sys.executable
