"""Labs, schemas and pins are found in a checkout, in a wheel, and where the user says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier import resources
from verifier.errors import BadDataError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABCHECK_LAB", raising=False)


def _make_labs(folder: Path) -> Path:
    (folder / "some-lab").mkdir(parents=True)
    (folder / "some-lab" / "lab.toml").touch()
    return folder


def test_folder_of_canaries_alone_holds_labs(tmp_path: Path) -> None:
    """A folder may be there for them only."""
    _make_labs(tmp_path / "canary")

    assert resources.lab_root(tmp_path) == tmp_path


def test_given_folder_wins_over_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands on the command line is the latest word."""
    given, named = _make_labs(tmp_path / "given"), _make_labs(tmp_path / "named")
    monkeypatch.setenv("LABCHECK_LAB", str(named))

    assert resources.lab_root(given) == given
    assert resources.lab_root(None) == named


def test_folder_above_the_working_directory_is_found(tmp_path: Path) -> None:
    """An author works somewhere inside the checkout."""
    labs = _make_labs(tmp_path / "lab")
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)

    assert resources.lab_root(None, working_directory=inside) == labs


def test_folder_called_lab_without_labs_is_passed_over(tmp_path: Path) -> None:
    """Many people have a folder of that name."""
    (tmp_path / "lab").mkdir()

    assert resources.lab_root(None, working_directory=tmp_path) == LAB_ROOT


def test_copy_in_the_wheel_is_found_before_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed wheel has no folder lab/ beside it."""
    built_in = _make_labs(tmp_path / "package" / "_lab")
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "package")

    assert resources.lab_root(None, working_directory=tmp_path) == built_in


def test_named_folder_without_labs_is_an_error(tmp_path: Path) -> None:
    """Falling back silently would judge against other goldens than the user named."""
    with pytest.raises(BadDataError, match="there is no lab under"):
        resources.lab_root(tmp_path)


def test_nothing_found_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to name one."""
    monkeypatch.setattr(resources, "PACKAGE", tmp_path)
    monkeypatch.setattr(resources, "CHECKOUT", tmp_path)

    with pytest.raises(BadDataError, match="no lab was found"):
        resources.lab_root(None, working_directory=tmp_path)
    with pytest.raises(BadDataError, match="has no schemas"):
        resources.schema_folder()


def test_unreadable_folder_above_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's lab/ above the working directory must not stop the command."""

    def deny(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "glob", deny)
    with pytest.raises(BadDataError, match="no lab was found"):
        resources.lab_root(None, working_directory=tmp_path)


def test_pins_digest_is_of_the_file() -> None:
    """Anybody can check it with sha256sum."""
    content = (CHECKOUT / "docker" / "pins.toml").read_bytes()

    assert resources.pins_sha256() == hashlib.sha256(content).hexdigest()
